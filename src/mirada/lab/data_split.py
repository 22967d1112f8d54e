"""What a division of a source comes to, before anything is trained on it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.data.copies import part_name
from mirada.data.dataset import Dataset, Part
from mirada.data.groups import FIELD, PARENT, UNGROUPED, groups_of
from mirada.data.split import Split, divide
from mirada.data.survey import Survey
from mirada.errors import MiradaError

__all__ = ["divided", "ways"]


def _as_dataset(survey: Survey) -> Dataset:
    """The samples of a survey without their pixels: enough to be divided."""
    return Dataset(
        name=survey.name,
        images=np.zeros((len(survey), 1, 1, 1), np.uint8),
        labels=survey.labels.copy(),
        classes=survey.classes,
        names=survey.names,
        given=None if survey.parts is None else survey.parts.copy(),
        groups=survey.groups,
    )


def ways(survey: Survey) -> list[str]:
    """The ways to group that this source has, that which training takes first."""
    data = _as_dataset(survey)
    found = [UNGROUPED] if survey.groups is None else [FIELD, UNGROUPED]
    try:
        together = groups_of(data, PARENT)
    except MiradaError:
        return found
    return [*found, PARENT] if len(set(together)) > 1 else found


def divided(
    survey: Survey, validation: float, test: float, seed: int, by: str
) -> dict[str, Any]:
    """How many images of each class each part gets, as `data.divide` draws them.

    `copies` are the images to validate or test of which a copy trains, and `near`
    those of which something nearly the same does.
    """
    data = _as_dataset(survey)
    groups = None if by == UNGROUPED else groups_of(data, by)
    split = divide(data, validation=validation, test=test, seed=seed, groups=groups)
    counts = [
        np.bincount(data.labels[split.of(part)], minlength=len(data.classes))
        for part in Part
    ]
    names = [part_name(part) for part in Part]
    classes = [
        {"name": name, **dict(zip(names, map(int, row), strict=True))}
        for name, *row in zip(data.classes, *counts, strict=True)
    ]
    return {
        "classes": classes,
        "totals": {part_name(part): len(split.of(part)) for part in Part},
        "groups": None if groups is None else len(set(groups)),
        **_known(survey, split),
    }


def _known(survey: Survey, split: Split) -> dict[str, int]:
    parts = np.full(len(survey), -1, dtype=np.int64)
    for part in Part:
        parts[split.of(part)] = part
    return {
        "copies": _learned(survey.same_pixels, parts),
        "near": _across(survey.near, parts),
    }


def _learned(same: NDArray[np.int64], parts: NDArray[np.int64]) -> int:
    """How many images to validate or test show what an image to train shows."""
    trained = np.isin(same, same[parts == Part.TRAIN])
    return int((trained & (parts > Part.TRAIN)).sum())


def _across(pairs: NDArray[np.int64], parts: NDArray[np.int64]) -> int:
    """How many images to validate or test have a partner that trains."""
    both = np.concatenate((pairs, pairs[:, ::-1]))
    held, partner = both[:, 0], both[:, 1]
    torn = (parts[held] > Part.TRAIN) & (parts[partner] == Part.TRAIN)
    return len(np.unique(held[torn]))
