import os
from pathlib import Path

import numpy as np

from mirada.errors import FileError
from mirada.training import tensors
from mirada.training.checkpoint import (
    Checkpoint,
    checkpoint_path,
    checkpoint_paths,
    latest_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from mirada.training.history import EpochRow
from mirada.training.place import Place
from tests.refusal import refuses

ROW = EpochRow(1, 3, 0.1, 0.5, 0.75, None, None, best=True)


def checkpoint(step: int, run: str = "r") -> Checkpoint:
    values = np.full(5, step, dtype=np.float32)
    return Checkpoint(
        run=run,
        place=Place(step=step, loss_sum=0.1 + step, rows=(ROW,), ended="epochs"),
        parameters={"a.weight": values, "b": values[:1]},
        optimizer={"momentum.a.weight": values + 1},
        best={"a.weight": values + 2, "b": values[:1]},
    )


def same(one: Checkpoint, two: Checkpoint) -> bool:
    arrays = [(c.parameters, c.optimizer, c.best) for c in (one, two)]
    return (one.run, one.place) == (two.run, two.place) and all(
        left.keys() == right.keys()
        and all(np.array_equal(left[name], right[name]) for name in left)
        for left, right in zip(*arrays, strict=True)
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path, checkpoint(3))
    assert path == checkpoint_path(tmp_path, 3)
    assert same(read_checkpoint(path), checkpoint(3))
    assert same(read_checkpoint(path, "r"), checkpoint(3))


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    for step in (9, 10, 11, 100):
        write_checkpoint(tmp_path, checkpoint(step))
    assert [p.name for p in checkpoint_paths(tmp_path)] == [
        "ckpt-00000100.safetensors",
        "ckpt-00000011.safetensors",
    ]


def test_the_latest_whole_one_is_found(tmp_path: Path) -> None:
    assert latest_checkpoint(tmp_path) == (None, ())
    write_checkpoint(tmp_path, checkpoint(1))
    newest = write_checkpoint(tmp_path, checkpoint(2))
    newest.write_bytes(newest.read_bytes()[:-4])
    (tmp_path / "ckpt-00000003.safetensors.part").write_bytes(b"half")
    (tmp_path / "ckpt-other.safetensors").write_bytes(b"not ours")
    found = latest_checkpoint(tmp_path, "r")
    assert found.checkpoint is not None
    assert same(found.checkpoint, checkpoint(1))
    assert [error.code for error in found.damaged] == ["tensors-truncated"]
    assert sorted(os.listdir(tmp_path)) == [
        "ckpt-00000001.safetensors",
        "ckpt-other.safetensors",
    ]


def test_one_of_another_run_is_not_taken(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, checkpoint(1, run="other"))
    with refuses(FileError, "checkpoint-other", "not a checkpoint of this run"):
        latest_checkpoint(tmp_path, "r")
    assert checkpoint_paths(tmp_path)


def test_one_without_its_place_is_damaged(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path, checkpoint(1))
    moved = path.rename(checkpoint_path(tmp_path, 2))
    with refuses(FileError, "checkpoint-place", "(1)"):
        read_checkpoint(moved)
    with tensors.open_tensors(moved) as file:
        metadata = {**file.metadata, "place": '{"step":2}'}
    del metadata["digest"]
    tensors.write_tensors(moved, {}, metadata)
    with refuses(FileError, "checkpoint-place", "('rows')"):
        read_checkpoint(moved)
