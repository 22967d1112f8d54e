"""The split of a run as a file, `split.json`.

    {"schema": 1, "kind": "split", "seed": 0, "fingerprint": "5f...", "train": [0, 2],
     "validation": [3], "test": [1]}

Sample numbers count from 0 in the order of the dataset; every sample is in one part,
or, where a run uses a share of the images only, in "unused". There are no file names:
the fingerprint says that these are the same images in the same order, whatever their
names, so that one run's split can be given to another.
"""

import json
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset, Part
from mirada.data.gate import read_plain
from mirada.data.naming import shown_path
from mirada.data.split import Split
from mirada.errors import FileError, Phrase, StorageError

__all__ = ["SCHEMA", "read_split", "split_bytes", "write_split"]

SCHEMA = 1

_FIELDS = {"schema", "kind", "seed", "fingerprint", "train", "validation", "test"}
_UNUSED = "unused"
_MOST_BYTES = 2**30
_NOWHERE, _LEFT_OUT = 255, 254


def split_bytes(split: Split) -> bytes:
    """The content of the file of a split."""
    values: dict[str, object] = {
        "schema": SCHEMA,
        "kind": "split",
        "seed": split.seed,
        "fingerprint": split.fingerprint,
    }
    values |= {part.name.lower(): split.of(part).tolist() for part in Part}
    if len(split.unused):
        values[_UNUSED] = split.unused.tolist()
    lines = (
        f"{json.dumps(name)}: {json.dumps(value)}" for name, value in values.items()
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def write_split(path: str | os.PathLike[str], split: Split) -> None:
    """Writes a split, whole or not at all.

    Raises StorageError (`split-not-written`).
    """
    content = split_bytes(split)
    target = Path(path)
    draft = target.with_name(target.name + ".part")
    try:
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(target)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise StorageError(
            "split-not-written",
            "'{file}' ({size} bytes) cannot be written ({reason}). Free some space, or "
            "choose another folder.",
            file=shown_path(path),
            size=len(content),
            reason=error.strerror or str(error),
        ) from None


def read_split(path: str | os.PathLike[str], data: Dataset) -> Split:
    """The split that `write_split` wrote, for the data it was made of.

    Raises FileError (`split-file`) for what is no split, DataError
    (`split-of-other-data`) where the data has changed, and those of `gate.read_plain`.
    """
    content = read_plain(path, _MOST_BYTES)
    try:
        values = json.loads(content.decode(), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        reason = Phrase("it is no JSON ({reason})", reason=str(error)[:200])
        raise _refusal(path, reason) from None
    _require_fields(path, values)
    parts = np.full(len(data), _NOWHERE, dtype=np.uint8)
    split = Split.from_parts(parts, values["seed"], values["fingerprint"])
    split.require(data)
    for part in Part:
        _place(path, parts, part, part.name.lower(), values)
    if _UNUSED in values:
        _place(path, parts, _LEFT_OUT, _UNUSED, values)
    if (parts == _NOWHERE).any():
        number = int(np.argmax(parts == _NOWHERE))
        raise _refusal(path, Phrase("sample {number} is in no part", number=number))
    return Split.from_parts(parts, split.seed, split.fingerprint)


def _require_fields(path: str | os.PathLike[str], values: object) -> None:
    if not isinstance(values, dict) or set(values) - {_UNUSED} != _FIELDS:
        came = ", ".join(sorted(values)) if isinstance(values, dict) else "-"
        raise _refusal(path, Phrase("its fields are {came}", came=came[:200]))
    if (values["schema"], values["kind"]) != (SCHEMA, "split"):
        raise _refusal(
            path,
            Phrase(
                "its schema is {schema} of kind {kind}",
                schema=f"{values['schema']!r:.40}",
                kind=f"{values['kind']!r:.40}",
            ),
        )
    if type(values["seed"]) is not int or not isinstance(values["fingerprint"], str):
        raise _refusal(path, Phrase("its seed or its fingerprint is of another type"))


def _place(
    path: str | os.PathLike[str],
    parts: NDArray[np.uint8],
    part: int,
    name: str,
    values: dict[str, object],
) -> None:
    """Notes the samples of one part; each must exist and be in no other part."""
    numbers = values[name]
    known = isinstance(numbers, list) and all(
        type(number) is int and 0 <= number < len(parts) for number in numbers
    )
    where = np.array(numbers if known else [], dtype=np.int64)
    if not known or len(np.unique(where)) != len(where):
        raise _refusal(
            path,
            Phrase(
                "'{part}' must list different sample numbers below {count}",
                part=name,
                count=len(parts),
            ),
        )
    twice = where[parts[where] != _NOWHERE]
    if len(twice):
        number = int(twice[0])
        raise _refusal(path, Phrase("sample {number} is in two parts", number=number))
    parts[where] = part


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a field is there twice")
    return values


def _refusal(path: str | os.PathLike[str], reason: Phrase) -> FileError:
    return FileError(
        "split-file",
        "'{file}' is not a split as mirada writes it: {reason}. Make the split again, "
        "or take the file from its run.",
        file=shown_path(path),
        reason=reason,
    )
