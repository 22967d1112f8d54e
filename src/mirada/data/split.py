"""Which samples train, which choose the best epoch, and which are held out."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset, Part
from mirada.errors import DataError
from mirada.randomness import Purpose, permutation

__all__ = ["Split", "divide"]

_MOST_CARVED = 0.9


@dataclass(frozen=True, eq=False)
class Split:
    """The sample numbers of each part, ascending, for one content of a dataset.

    `fingerprint` is that of the dataset it was made for. The arrays are locked.
    """

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    seed: int
    fingerprint: str

    def __post_init__(self) -> None:
        for part in Part:
            self.of(part).flags.writeable = False

    @classmethod
    def from_parts(
        cls, parts: NDArray[np.integer], seed: int, fingerprint: str
    ) -> Self:
        """The split that says of every sample which `Part` it belongs to."""
        train, validation, test = (np.flatnonzero(parts == part) for part in Part)
        return cls(train, validation, test, seed, fingerprint)

    def of(self, part: Part) -> NDArray[np.int64]:
        """The sample numbers of one part."""
        return (self.train, self.validation, self.test)[part]

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
    data: Dataset, *, validation: float = 0.1, test: float = 0.2, seed: int = 0
) -> Split:
    """A split that gives every class the same share in each part, drawn by `seed`.

    A part that the source gives is kept as it is; the other parts are carved from what
    the source gives for training. Of the n samples of a class there, round(n * test)
    are held out and round(n * validation) validate, each at least 1 unless the
    fraction is 0; the others train.

    Raises DataError: `split-fractions`, `one-class`, `label-not-in-training`,
    `class-too-small`.

    >>> from mirada.data.sources import load
    >>> split = divide(load("digits"))
    >>> len(split.train), len(split.validation), len(split.test)
    (1259, 179, 359)
    """
    _require_fractions(validation, test)
    parts = _given(data)
    shares = {Part.TEST: test, Part.VALIDATION: validation}
    carved = {
        part: share for part, share in shares.items() if share and part not in parts
    }
    _require_classes(data, parts, 1 + len(carved))
    order = permutation(seed, Purpose.SPLIT, len(data))
    order = order[parts[order] == Part.TRAIN]
    for label in range(len(data.classes)):
        pool = order[data.labels[order] == label]
        start = 0
        for part, count in _take(len(pool), carved).items():
            parts[pool[start : start + count]] = part
            start += count
    return Split.from_parts(parts, seed, data.fingerprint)


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
