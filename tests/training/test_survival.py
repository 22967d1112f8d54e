"""A run that is killed, interrupted or refused by the disk ends as if nothing happened.

The long form: MIRADA_KILLS=300 pytest tests/training/test_survival.py
"""

import errno
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirada.errors import Phrase, StorageError
from mirada.training import RunFolder, Watch, train
from mirada.training.checkpoint import checkpoint_paths, latest_checkpoint
from tests.refusal import refuses
from tests.training.example import COMPARED, engine, files, plan
from tests.training.faulty import CountingDisk, FailingDisk
from tests.training.nursery import Nursery, nursery

KILLS = int(os.environ.get("MIRADA_KILLS", "20"))
FAULTS = (errno.ENOSPC, errno.EIO, errno.EROFS)


@pytest.fixture(scope="module")
def children() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the run that nothing happened to."""
    folder = tmp_path_factory.mktemp("whole")
    names = trained(folder).done
    assert {"open", "write", "sync", "rename", "sync_folder", "remove"} <= set(names)
    return files(folder)


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the disk is asked to do in a whole run, in order."""
    return trained(tmp_path_factory.mktemp("counted")).done


def trained(folder: Path, disk: CountingDisk | None = None) -> CountingDisk:
    used = disk or CountingDisk()
    chosen = plan(checkpoint_steps=3)
    with RunFolder.existing(folder, used) as held:
        train(chosen, engine(chosen), held)
    return used


def spread(operations: list[str], count: int, seed: int) -> list[int]:
    """Places among the operations: the first of each kind, the last, and drawn ones."""
    firsts = [operations.index(name) + 1 for name in sorted(set(operations))]
    places = range(1, len(operations) + 1)
    drawn = random.Random(seed).sample(places, min(count, len(places)))
    return sorted({*firsts, len(operations), *drawn})


def test_killed_at_named_points(
    tmp_path: Path, children: Nursery, whole: dict[str, bytes], operations: list[str]
) -> None:
    for place in spread(operations, KILLS, seed=1):
        folder = tmp_path / str(place)
        assert children.run(folder, kill_at=place) == -signal.SIGKILL
        assert children.run(folder) == 0
        assert files(folder) == whole, f"killed before operation {place}"
        assert not list(folder.glob("*.part"))
        shutil.rmtree(folder)


def test_killed_again_and_again_at_random_moments(
    tmp_path: Path, children: Nursery, whole: dict[str, bytes]
) -> None:
    draw, killed = random.Random(2), 0
    while killed < KILLS:
        folder = tmp_path / f"after {killed}"
        for _ in range(4):
            delay = draw.uniform(0.005, 0.06)
            killed += children.run(folder, kill_after=delay) == -signal.SIGKILL
        assert children.run(folder) == 0
        assert files(folder) == whole
    assert killed >= 8


def test_the_native_engine_ends_in_the_same_bytes_on_any_threads(
    tmp_path: Path, children: Nursery
) -> None:
    names = [name for name in COMPARED if name != "configuration.json"]
    assert children.run(tmp_path / "whole", native_threads=1) == 0
    folder = tmp_path / "killed"
    for number, step in enumerate((2, 5, 7, 12, 20)):
        signals = [signal.SIGKILL]
        status = children.run(
            folder, native_threads=1 + number % 3, signal_at=step, signals=signals
        )
        assert status == -signal.SIGKILL
    assert children.run(folder, native_threads=2) == 0
    assert files(folder, names) == files(tmp_path / "whole", names)


def test_a_planted_bug_is_found(
    tmp_path: Path, children: Nursery, whole: dict[str, bytes]
) -> None:
    folder = tmp_path / "run"
    assert children.run(folder, signal_at=10, signals=[signal.SIGTERM]) == 143
    assert children.run(folder, bug="optimizer") == 0
    assert files(folder)["last.safetensors"] != whole["last.safetensors"]


@pytest.mark.parametrize(("number", "code"), [(2, 130), (15, 143)])
def test_a_signal_saves_and_ends(
    tmp_path: Path, children: Nursery, whole: dict[str, bytes], number: int, code: int
) -> None:
    folder = tmp_path / "run"
    for step in (1, 7, 10, 21):  # the first, the ends of epochs, between checkpoints
        began = time.monotonic()
        assert children.run(folder, signal_at=step, signals=[number]) == code
        assert time.monotonic() - began < 2
        found = latest_checkpoint(folder).checkpoint
        assert found is not None
        assert found.place.step == step
    assert children.run(folder) == 0
    assert files(folder) == whole


def test_a_second_signal_is_immediate(
    tmp_path: Path, children: Nursery, whole: dict[str, bytes]
) -> None:
    folder = tmp_path / "run"
    assert children.run(folder, signal_at=10, signals=[2, 2]) == 130
    found = latest_checkpoint(folder).checkpoint
    assert found is not None
    assert found.place.step == 9
    assert children.run(folder) == 0
    assert files(folder) == whole


def test_every_refusal_of_the_disk_can_be_gone_on_from(
    tmp_path: Path, whole: dict[str, bytes], operations: list[str]
) -> None:
    for place in spread(operations, KILLS // 2, seed=3):
        folder = tmp_path / str(place)
        folder.mkdir()
        disk = FailingDisk(place, FAULTS[place % 3])
        if operations[place - 1] != "remove":
            with refuses(StorageError, "cannot-write", str(folder), " bytes, and "):
                trained(folder, disk)
        trained(folder, None if disk.fired else disk)
        assert disk.fired
        assert files(folder) == whole, f"operation {place} failed"
        shutil.rmtree(folder)


def test_a_damaged_checkpoint_falls_back_and_says_so(
    tmp_path: Path, children: Nursery, whole: dict[str, bytes]
) -> None:
    told: list[str] = []
    folder = tmp_path / "run"
    assert children.run(folder, signal_at=10, signals=[2]) == 130
    newest, _ = checkpoint_paths(folder)
    content = bytearray(newest.read_bytes())
    content[-1] ^= 1
    newest.write_bytes(content)
    chosen = plan(checkpoint_steps=3)

    class Told(Watch):
        def note(self, text: Phrase) -> None:
            told.append(str(text))

    with RunFolder.existing(folder) as held:
        train(chosen, engine(chosen), held, Told())
    assert files(folder) == whole
    assert "ckpt-00000010.safetensors' is damaged" in told[0]
    assert told[0].endswith("It is left out.")
