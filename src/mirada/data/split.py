"""Which samples train, which choose the best epoch, and which are held out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset, Part
from mirada.data.folds import fold_parts
from mirada.data.grouped import carve_groups
from mirada.data.groups import groups_of
from mirada.errors import DataError
from mirada.randomness import Purpose, permutation

__all__ = ["Split", "divide", "groups_of", "reduced", "without_test"]

_MOST_CARVED = 0.9


def _nothing() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Split:
    """The sample numbers of each part, ascending, for one content of a dataset.

    `fingerprint` is that of the dataset it was made for; `unused` are samples that a
    reduced split has in no part. The arrays are locked.
    """

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    seed: int
    fingerprint: str
    unused: NDArray[np.int64] = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        for array in (*map(self.of, Part), self.unused):
            array.flags.writeable = False

    @classmethod
    def from_parts(
        cls, parts: NDArray[np.integer], seed: int, fingerprint: str
    ) -> Self:
        """The split that says of every sample which `Part` it belongs to.

        Another number than that of a part leaves a sample unused.
        """
        train, validation, test = (np.flatnonzero(parts == part) for part in Part)
        unused = np.flatnonzero(~np.isin(parts, [int(part) for part in Part]))
        return cls(train, validation, test, seed, fingerprint, unused)

    def of(self, part: Part) -> NDArray[np.int64]:
        """The sample numbers of one part."""
        return (self.train, self.validation, self.test)[part]

    @property
    def digest(self) -> str:
        """SHA-256 of which samples each part has, in hexadecimal."""
        found = hashlib.sha256()
        for part in Part:
            numbers = self.of(part).astype("<i8")
            found.update(len(numbers).to_bytes(8, "little"))
            found.update(numbers.tobytes())
        return found.hexdigest()

    def require(self, data: Dataset) -> None:
        """Refuses a dataset whose content is not the one that was split.

        Raises DataError (`split-of-other-data`).
        """
        if self.fingerprint != data.fingerprint:
            raise DataError(
                "split-of-other-data",
                "The split was made for images with fingerprint {wanted}, but "
                "{source} now has {came}: images, labels, size or channels differ. Use "
                "the same data and options, or make a new split.",
                wanted=self.fingerprint[:12],
                source=data.name,
                came=data.fingerprint[:12],
            )


def divide(
    data: Dataset,
    *,
    validation: float = 0.1,
    test: float = 0.2,
    seed: int = 0,
    groups: Sequence[str] | None = None,
    folds: int = 0,
    fold: int = 0,
) -> Split:
    """A split that gives every class the same share in each part, drawn by `seed`.

    A part that the source gives is kept as it is; the other parts are carved from what
    the source gives for training. Of the n samples of a class there, round(n * test)
    are held out and round(n * validation) validate, each at least 1 unless the
    fraction is 0; the others train.

    With `groups`, one a sample, no group is in two parts, and classes are as even as
    whole groups allow. With `folds` the test part is fold number `fold`, from 0: over
    all of them every sample is tested once; `test` then says nothing.

    Raises DataError: `split-fractions`, `one-class`, `label-not-in-training`,
    `class-too-small`, and those of `fold_parts` and `carve_groups`.

    >>> from mirada.data.sources import load
    >>> split = divide(load("digits"))
    >>> len(split.train), len(split.validation), len(split.test)
    (1259, 179, 359)
    >>> [len(divide(load("digits"), folds=3, fold=fold).test) for fold in range(3)]
    [599, 599, 599]
    """
    parts = _given(data)
    shares = {Part.TEST: test, Part.VALIDATION: validation}
    if folds:
        _require_classes(data, parts, 1)
        parts = fold_parts(data, seed, folds, fold, groups)
        shares = {Part.TEST: 1 / folds, Part.VALIDATION: validation}
    _require_fractions(shares[Part.VALIDATION], shares[Part.TEST])
    carved = {
        part: share for part, share in shares.items() if share and part not in parts
    }
    _require_classes(data, parts, 1 + len(carved) if groups is None else 1)
    if folds:
        carved = {part: share / (1 - 1 / folds) for part, share in carved.items()}
    if groups is None:
        _carve(data, parts, carved, seed)
    else:
        carve_groups(data, parts, carved, seed, groups)
    return Split.from_parts(parts, seed, data.fingerprint)


def reduced(split: Split, data: Dataset, share: float, seed: int = 0) -> Split:
    """The split with so much of every class's training samples, one at least.

    The others are in no part. A smaller share of the same seed is a subset of a larger.

    >>> from mirada.data.sources import load
    >>> whole = divide(load("digits"))
    >>> half = reduced(whole, load("digits"), 0.5)
    >>> len(half.train), len(half.test) == len(whole.test)
    (631, True)
    """
    order = permutation(seed, Purpose.SPLIT, len(data), epoch=2)
    order = order[np.isin(order, split.train)]
    kept = []
    for label in range(len(data.classes)):
        pool = order[data.labels[order] == label]
        kept.append(pool[: max(1, int(np.floor(len(pool) * share + 0.5)))])
    train = np.sort(np.concatenate(kept))
    unused = np.union1d(split.unused, np.setdiff1d(split.train, train))
    return replace(split, train=train, unused=unused)


def without_test(split: Split) -> Split:
    """The split with its test samples in no part: nothing can look at them."""
    unused = np.union1d(split.unused, split.test)
    return replace(split, test=_nothing(), unused=unused)


def _carve(
    data: Dataset, parts: NDArray[np.uint8], carved: dict[Part, float], seed: int
) -> None:
    """Moves training samples to other parts, of every class the same share."""
    order = permutation(seed, Purpose.SPLIT, len(data))
    order = order[parts[order] == Part.TRAIN]
    for label in range(len(data.classes)):
        pool = order[data.labels[order] == label]
        start = 0
        for part, count in _take(len(pool), carved).items():
            parts[pool[start : start + count]] = part
            start += count


def _given(data: Dataset) -> NDArray[np.uint8]:
    if data.given is None:
        return np.full(len(data), Part.TRAIN, dtype=np.uint8)
    return data.given.copy()


def _take(count: int, carved: dict[Part, float]) -> dict[Part, int]:
    """How many of `count` samples each part gets; one at least is left to train."""
    taken = {
        part: max(1, int(np.floor(count * share + 0.5)))
        for part, share in carved.items()
    }
    while sum(taken.values()) >= count:
        largest = max(taken, key=lambda part: taken[part])
        taken[largest] -= 1
    return taken


def _require_fractions(validation: float, test: float) -> None:
    if not (validation >= 0 and test >= 0 and validation + test <= _MOST_CARVED):
        raise DataError(
            "split-fractions",
            "The fractions are {validation:g} for validation and {test:g} for test; "
            "each must be 0 or more, and both together at most {most:g}. Take for "
            "instance 0.1 and 0.2.",
            validation=validation,
            test=test,
            most=_MOST_CARVED,
        )


def _require_classes(data: Dataset, parts: NDArray[np.uint8], needed: int) -> None:
    if len(data.classes) < 2:
        raise DataError(
            "one-class",
            "{source} has only one class, {label}; to tell apart, at least two are "
            "needed. Add a subfolder with images of another class.",
            source=data.name,
            label=", ".join(f"'{name}'" for name in data.classes),
        )
    total = data.counts()
    training = np.bincount(data.labels[parts == Part.TRAIN], minlength=len(total))
    for name, everywhere, count in zip(data.classes, total, training, strict=True):
        if everywhere and not count:
            raise DataError(
                "label-not-in-training",
                "Class '{label}' of {source} has {count} images for validation or "
                "test, but none for training. Put some in the training part, or remove "
                "the class.",
                label=name,
                source=data.name,
                count=int(everywhere),
            )
        if count < needed:
            raise DataError(
                "class-too-small",
                "Class '{label}' of {source} has {count} images to divide; {needed} "
                "are needed, one for each part. Add images, or remove the class.",
                label=name,
                source=data.name,
                count=int(count),
                needed=needed,
            )
