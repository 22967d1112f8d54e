"""Cross-validation: every sample is in the test part of exactly one fold."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset, Part
from mirada.data.grouped import deal_groups, require_learnable
from mirada.errors import ConfigurationError, DataError
from mirada.randomness import Purpose, permutation

__all__ = ["MOST_FOLDS", "deal", "fold_parts"]

MOST_FOLDS = 1000


def fold_parts(
    data: Dataset, seed: int, folds: int, fold: int, groups: Sequence[str] | None
) -> NDArray[np.uint8]:
    """The `Part` of every sample: test for those of one fold, training for the rest.

    Which fold a sample is of depends on seed, labels and groups alone.

    Raises ConfigurationError (`folds-range`, `fold-range`), DataError
    (`folds-of-given-parts`, `folds-too-many`, `groups-too-few`, `groups-entangled`).
    """
    _require_range(folds, fold)
    if data.given is not None and data.given.any():
        raise DataError(
            "folds-of-given-parts",
            "{source} comes divided: {count} of its images are for validation or test. "
            "Folds divide all images anew. Give a source without parts, its training "
            "folder for instance, or leave out the folds.",
            source=data.name,
            count=int((data.given != Part.TRAIN).sum()),
        )
    if groups is None:
        numbers = deal(data, seed, folds)
    else:
        numbers = deal_groups(data, seed, folds, groups)
    parts = np.where(numbers == fold, Part.TEST, Part.TRAIN).astype(np.uint8)
    if groups is not None:
        require_learnable(data, parts)
    return parts


def deal(data: Dataset, seed: int, folds: int) -> NDArray[np.int64]:
    """The fold of every sample, from 0: classes are shuffled and dealt like cards.

    Sizes of folds, and counts of a class in them, differ by one at most.

    Raises DataError (`folds-too-many`).
    """
    counts = data.counts()
    least = int(np.where(counts > 0, counts, counts.max(initial=0)).argmin())
    if 0 < counts[least] < folds:
        raise DataError(
            "folds-too-many",
            "Class '{label}' of {source} has {count} images, too few for {folds} "
            "folds: each fold tests one at least. Make at most {count} folds, or add "
            "images.",
            label=data.classes[least],
            source=data.name,
            count=int(counts[least]),
            folds=folds,
        )
    order = permutation(seed, Purpose.SPLIT, len(data))
    cards = order[np.argsort(data.labels[order], kind="stable")]
    numbers = np.empty(len(data), dtype=np.int64)
    numbers[cards] = np.arange(len(data)) % folds
    return numbers


def _require_range(folds: int, fold: int) -> None:
    if not 2 <= folds <= MOST_FOLDS:
        raise ConfigurationError(
            "folds-range",
            "The number of folds must be from 2 to {most}; got {folds}. Five or ten "
            "are usual.",
            most=MOST_FOLDS,
            folds=folds,
        )
    if not 0 <= fold < folds:
        raise ConfigurationError(
            "fold-range",
            "Of {folds} folds the number of one is from 0 to {last}; got {fold}.",
            folds=folds,
            last=folds - 1,
            fold=fold,
        )
