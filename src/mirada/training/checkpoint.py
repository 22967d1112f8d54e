"""Checkpoints: all that a run needs to go on, in one file written whole or not at all.

`ckpt-<step>.safetensors` holds the parameters, what the optimizer remembers, the best
parameters where they are not these, and the place in the run. The last two are kept.
Which is the latest is found by looking at the files: there is no pointer to go stale.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mirada.errors import DataError, FileError, MiradaError
from mirada.training.disk import Disk, remove_temporary
from mirada.training.place import Place
from mirada.training.tensors import Arrays, TensorFile, open_tensors, write_tensors
from mirada.version import __version__

__all__ = [
    "Checkpoint",
    "Found",
    "checkpoint_path",
    "checkpoint_paths",
    "latest_checkpoint",
    "read_checkpoint",
    "write_checkpoint",
]

SCHEMA = 1
KIND = "mirada checkpoint"
KEPT = 2

_PARAMETERS, _OPTIMIZER, _BEST = "parameters/", "optimizer/", "best/"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of a run after `place.step` steps.

    `run` is the fingerprint of the configuration it belongs to; `best` is empty where
    the parameters themselves are the best, or none is known yet.
    """

    run: str
    place: Place
    parameters: Arrays = field(repr=False)
    optimizer: Arrays = field(repr=False)
    best: Arrays = field(repr=False, default_factory=dict)


class Found(NamedTuple):
    """The latest checkpoint that can be read, and what was wrong with later ones."""

    checkpoint: Checkpoint | None
    damaged: tuple[MiradaError, ...]


def checkpoint_path(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / f"ckpt-{step:08d}.safetensors"


def checkpoint_paths(folder: Path) -> list[Path]:
    """The checkpoints of a folder, readable or not, the latest first."""
    found = [path for path in folder.glob("ckpt-*.safetensors") if _step(path) >= 0]
    return sorted(found, key=_step, reverse=True)


def write_checkpoint(
    folder: Path, checkpoint: Checkpoint, disk: Disk | None = None
) -> Path:
    """Writes a checkpoint and then removes all but the last two; the path.

    Raises StorageError (`cannot-write`); those of before are then still there. One that
    cannot be removed stays.
    """
    used, place = disk or Disk(), checkpoint.place
    arrays = {
        prefix + name: value
        for prefix, values in (
            (_PARAMETERS, checkpoint.parameters),
            (_OPTIMIZER, checkpoint.optimizer),
            (_BEST, checkpoint.best),
        )
        for name, value in values.items()
    }
    record = json.dumps(place.to_dict(), separators=(",", ":"), allow_nan=False)
    path = checkpoint_path(folder, place.step)
    write_tensors(path, arrays, _metadata(checkpoint.run, record), used)
    for old in checkpoint_paths(folder)[KEPT:]:
        with suppress(OSError):
            used.remove(old)
    return path


def latest_checkpoint(folder: Path, *runs: str) -> Found:
    """The latest checkpoint of a folder that is whole; of one of `runs` where given.

    Damaged ones that come before it are removed, and so are temporary files: they could
    only be in the way. Raises FileError (`checkpoint-other`) for one of another run.
    """
    remove_temporary(folder)
    damaged: list[MiradaError] = []
    for path in checkpoint_paths(folder):
        try:
            return Found(read_checkpoint(path, *runs), tuple(damaged))
        except (FileError, DataError) as error:
            if error.code == "checkpoint-other":
                raise
            damaged.append(error)
            with suppress(OSError):  # in the way it may stay: it is not taken
                path.unlink()
    return Found(None, tuple(damaged))


def read_checkpoint(path: Path, *runs: str) -> Checkpoint:
    """The checkpoint in a file.

    Raises FileError: those of `open_tensors`, `checkpoint-other`, `checkpoint-place`.
    """
    with open_tensors(path) as file:
        arrays = file.arrays()  # first: what it says is trusted when the digest holds
        _require_ours(file, runs)
        place = _place(file)
    if place.step != _step(path):
        raise _place_error(file, f"{place.step}")
    return Checkpoint(
        run=file.metadata["run"],
        place=place,
        parameters=_under(_PARAMETERS, arrays),
        optimizer=_under(_OPTIMIZER, arrays),
        best=_under(_BEST, arrays),
    )


def _metadata(run: str, record: str) -> Mapping[str, str]:
    return {
        "kind": KIND,
        "schema": str(SCHEMA),
        "version": __version__,
        "run": run,
        "place": record,
    }


def _under(prefix: str, arrays: Arrays) -> Arrays:
    names = [name for name in arrays if name.startswith(prefix)]
    return {name.removeprefix(prefix): arrays[name] for name in names}


def _step(path: Path) -> int:
    digits = path.name.removeprefix("ckpt-").removesuffix(".safetensors")
    return int(digits) if digits.isascii() and digits.isdigit() else -1


def _require_ours(file: TensorFile, runs: tuple[str, ...]) -> None:
    told = file.metadata
    is_ours = told.get("kind") == KIND and told.get("schema") == str(SCHEMA)
    if not is_ours or "run" not in told or (runs and told["run"] not in runs):
        raise FileError(
            "checkpoint-other",
            "'{file}' is not a checkpoint of this run that this version of mirada can "
            "read. Move it out of the folder, or choose another folder with --out.",
            file=file.name,
        )


def _place(file: TensorFile) -> Place:
    try:
        record: Any = json.loads(file.metadata.get("place", ""))
        return Place.from_dict(record)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _place_error(file, str(error)) from None


def _place_error(file: TensorFile, reason: str) -> FileError:
    return FileError(
        "checkpoint-place",
        "'{file}' does not say where in the run it was written ({reason}). It cannot "
        "be used; an earlier checkpoint is looked for.",
        file=file.name,
        reason=reason[:80],
    )
