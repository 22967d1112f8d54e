"""Splits that keep groups whole: no person is both trained on and tested."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mirada.data.allotment import allot
from mirada.data.dataset import Dataset, Part
from mirada.errors import DataError
from mirada.randomness import Purpose, permutation

__all__ = ["carve_groups", "deal_groups", "require_learnable"]

_LISTED = 3


def carve_groups(
    data: Dataset,
    parts: NDArray[np.uint8],
    carved: Mapping[Part, float],
    seed: int,
    groups: Sequence[str],
) -> None:
    """Moves whole groups of training samples to other parts, their shares of them.

    Raises DataError (`group-in-parts`, `groups-too-few`, `groups-entangled`).
    """
    numbers, names = _numbered(data, groups)
    _require_apart(parts, numbers, names, data)
    pool = np.flatnonzero(parts == Part.TRAIN)
    if not carved:
        return
    members, counts = _counted(data, numbers, pool)
    _require_enough(data, counts, 1 + len(carved))
    targets = [Part.TRAIN, *carved]
    shares = np.array([1.0 - sum(carved.values()), *carved.values()])
    order = permutation(seed, Purpose.SPLIT, len(counts), epoch=1)
    found = np.empty(len(counts), dtype=np.int64)
    found[order] = allot(counts[order], shares)
    parts[pool] = np.array(targets, dtype=np.uint8)[found[members]]
    require_learnable(data, parts)


def deal_groups(
    data: Dataset, seed: int, folds: int, groups: Sequence[str]
) -> NDArray[np.int64]:
    """The fold of every sample, from 0, each group in one and classes nearly even.

    Raises DataError (`groups-too-few`).
    """
    numbers, names = _numbered(data, groups)
    members, counts = _counted(data, numbers, np.arange(len(data)))
    if len(names) < folds:
        raise DataError(
            "groups-too-few",
            "{source} has {count} groups; {needed} are needed, so that each part gets "
            "one. Ask for fewer parts or folds, or group by something finer.",
            source=data.name,
            count=len(names),
            needed=folds,
        )
    _require_enough(data, counts, 2)
    order = permutation(seed, Purpose.SPLIT, len(counts), epoch=1)
    found = np.empty(len(counts), dtype=np.int64)
    found[order] = allot(counts[order], np.full(folds, 1.0 / folds), equals=True)
    return found[members]


def _numbered(
    data: Dataset, groups: Sequence[str]
) -> tuple[NDArray[np.int64], list[str]]:
    """Every sample's group as a number, and the names by number."""
    if len(groups) != len(data):
        raise DataError(
            "groups-count",
            "{source} has {count} samples, but {given} groups were given. Give one for "
            "every sample.",
            source=data.name,
            count=len(data),
            given=len(groups),
        )
    names = sorted(set(groups))
    places = {name: number for number, name in enumerate(names)}
    return np.array([places[name] for name in groups], dtype=np.int64), names


def _counted(
    data: Dataset, numbers: NDArray[np.int64], pool: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For the samples of a pool their group, and (groups, classes) counts."""
    used, members = np.unique(numbers[pool], return_inverse=True)
    counts = np.zeros((len(used), len(data.classes)), dtype=np.int64)
    np.add.at(counts, (members, data.labels[pool]), 1)
    return members.astype(np.int64), counts


def _require_apart(
    parts: NDArray[np.uint8],
    numbers: NDArray[np.int64],
    names: list[str],
    data: Dataset,
) -> None:
    """Refuses a source whose own parts share a group."""
    if data.given is None:
        return
    held = np.zeros((len(names), len(Part)), dtype=bool)
    held[numbers, parts] = True
    shared = np.flatnonzero(held.sum(axis=1) > 1)
    if len(shared):
        raise DataError(
            "group-in-parts",
            "The parts of {source} share {count} groups ({names}): what is tested "
            "would be known from training. Put each group in one part, or do not "
            "group.",
            source=data.name,
            count=len(shared),
            names=", ".join(f"'{names[place]}'" for place in shared[:_LISTED]),
        )


def _require_enough(data: Dataset, counts: NDArray[np.int64], needed: int) -> None:
    spread = (counts > 0).sum(axis=0)
    for name, groups, images in zip(
        data.classes, spread, counts.sum(axis=0), strict=True
    ):
        if images and groups < needed:
            raise DataError(
                "class-groups-too-few",
                "The images of class '{label}' of {source} are of {count} groups; "
                "{needed} are needed, one for each part. Add images of other groups, "
                "or ask for fewer parts.",
                label=name,
                source=data.name,
                count=int(groups),
                needed=needed,
            )


def require_learnable(data: Dataset, parts: NDArray[np.uint8]) -> None:
    """Refuses a division in which a class never trains (`groups-entangled`)."""
    counts = np.bincount(data.labels[parts == Part.TRAIN], minlength=len(data.classes))
    absent = np.flatnonzero((counts == 0) & (data.counts() > 0))
    if len(absent):
        raise DataError(
            "groups-entangled",
            "{source} cannot be divided by these groups: nothing of class '{label}' "
            "would be left to train. Ask for other parts or folds, or group by "
            "something finer.",
            source=data.name,
            label=data.classes[absent[0]],
        )
