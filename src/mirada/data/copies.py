"""Images that are there more than once: in one part, across parts, across classes."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Part
from mirada.data.warning import DataWarning
from mirada.errors import Phrase

__all__ = [
    "Samples",
    "copy_warnings",
    "group_warnings",
    "groups",
    "named",
    "near_warnings",
    "part_name",
]

_SHOWN = 4


class Samples(NamedTuple):
    """Of each image its name, its class and what it is for (None: no parts)."""

    names: Sequence[str]
    labels: NDArray[np.int64]
    classes: Sequence[str]
    parts: NDArray[np.integer] | None


def groups(numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The places that hold the same number, for each that is there more than once.

    >>> [group.tolist() for group in groups(np.array([7, 2, 7, 2, 5]))]
    [[0, 2], [1, 3]]
    """
    order = np.argsort(numbers, kind="stable")
    ends = np.flatnonzero(np.diff(numbers[order])) + 1
    starts, stops = np.append(0, ends), np.append(ends, len(order))
    many = np.flatnonzero(stops - starts > 1)
    found = [order[starts[place] : stops[place]] for place in many]
    return sorted(found, key=lambda group: int(group[0]))


def copy_warnings(
    samples: Samples,
    pixels: NDArray[np.int64],
    contents: NDArray[np.int64] | None = None,
) -> Iterator[DataWarning]:
    """One warning for each image that is there more than once, two where it is worse.

    Equal numbers in `pixels` (and `contents`) are equal pixels (and bytes of files).
    """
    for group in groups(pixels):
        same = contents is not None and len(set(contents[group].tolist())) == 1
        what = Phrase("bytes") if same else Phrase("pixels")
        files, facts = _facts(samples, group)
        facts["same"] = "bytes" if same else "pixels"
        shown = named(files)
        torn, disputed = len(facts["parts"]) > 1, len(facts["classes"]) > 1
        if torn:
            text = Phrase(
                "The same {what} in parts {parts}: {files}. What is learned is tested "
                "on itself: keep it in one part.",
                what=what,
                parts=_joined(facts["parts"]),
                files=shown,
            )
            yield DataWarning("leakage", text, files, facts)
        if disputed:
            text = Phrase(
                "The same {what} in classes {classes}: {files}. Keep the right one.",
                what=what,
                classes=_joined(facts["classes"]),
                files=shown,
            )
            yield DataWarning("conflicting-labels", text, files, facts)
        if not (torn or disputed):
            text = Phrase("The same {what}: {files}.", what=what, files=shown)
            yield DataWarning("duplicates", text, files, facts)


def group_warnings(samples: Samples, names: Sequence[str]) -> Iterator[DataWarning]:
    """One warning for each group, given by name a sample, that is in several parts."""
    levels, numbers = np.unique(np.array(names, dtype=object), return_inverse=True)
    for group in groups(numbers.reshape(-1)):
        files, facts = _facts(samples, group)
        if len(facts["parts"]) > 1:
            name = str(levels[numbers[group[0]]])
            text = Phrase(
                "Group '{name}' is in parts {parts}: {files}. What is learned of it is "
                "tested on itself: keep it in one part.",
                name=name,
                parts=_joined(facts["parts"]),
                files=named(files),
            )
            yield DataWarning("torn-group", text, files, {**facts, "group": name})


def near_warnings(samples: Samples, pairs: NDArray[np.int64]) -> Iterator[DataWarning]:
    """One warning for each set of images that show nearly the same."""
    for group in _connected(pairs, len(samples.names)):
        files, facts = _facts(samples, group)
        shown = named(files)
        torn, disputed = len(facts["parts"]) > 1, len(facts["classes"]) > 1
        if torn:
            text = Phrase(
                "Nearly the same in parts {parts}: {files}.",
                parts=_joined(facts["parts"]),
                files=shown,
            )
            yield DataWarning("near-leakage", text, files, facts)
        if disputed:
            text = Phrase(
                "Nearly the same in classes {classes}: {files}.",
                classes=_joined(facts["classes"]),
                files=shown,
            )
            yield DataWarning("near-conflicts", text, files, facts)
        if not (torn or disputed):
            text = Phrase("Nearly the same: {files}.", files=shown)
            yield DataWarning("near-duplicates", text, files, facts)


def named(names: Sequence[str]) -> Phrase | str:
    """A few of many names, in quotes.

    >>> str(named(["a", "b"])), str(named("abcdef"))
    ("'a', 'b'", "'a', 'b', 'c', 'd' and 2 more")
    """
    some = _joined(names[:_SHOWN])
    if len(names) <= _SHOWN:
        return some
    return Phrase("{names} and {count} more", names=some, count=len(names) - _SHOWN)


def part_name(part: int) -> str:
    """The stable name of a part: train, validation, test.

    >>> part_name(Part.TEST)
    'test'
    """
    return Part(part).name.lower()


def _facts(
    samples: Samples, group: NDArray[np.int64]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    files = tuple(samples.names[place] for place in group)
    parts = [] if samples.parts is None else np.unique(samples.parts[group]).tolist()
    labels = np.unique(samples.labels[group]).tolist()
    return files, {
        "classes": [samples.classes[label] for label in labels],
        "parts": [part_name(part) for part in parts],
    }


def _joined(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _connected(pairs: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The places that hang together by pairs, directly or by others."""
    root = np.arange(count)

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = int(root[place])
        return place

    for first, second in pairs.tolist():
        one, other = sorted((find(first), find(second)))
        root[other] = one
    touched = np.unique(pairs)
    roots = np.array([find(place) for place in touched.tolist()], dtype=np.int64)
    return [touched[group] for group in groups(roots)]
