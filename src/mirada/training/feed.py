"""The batches that a training is made of, some of them made ahead of the engine."""

from collections.abc import Iterator
from itertools import count
from math import prod

import numpy as np
from numpy.typing import NDArray

from mirada.data import (
    Batch,
    Dataset,
    Preprocessing,
    assemble,
    batches,
    epoch_order,
)
from mirada.data.ahead import Ahead, threads_ahead
from mirada.data.augment_resampling import Ways
from mirada.engines.group import ALONE, Group
from mirada.training.configuration import Configuration
from mirada.training.plan import Plan

__all__ = ["batch_of", "endless_batches", "feeders", "resample"]


def feeders(configuration: Configuration, data: Dataset) -> int:
    """How many threads make batches while the engine computes."""
    values = configuration.recipe.batch_size * prod(data.images.shape[1:])
    heavy = configuration.augmentation.is_heavy
    return threads_ahead(configuration.threads, values, heavy=heavy)


def batch_of(
    plan: Plan, samples: NDArray[np.int64], epoch: int, group: Group = ALONE
) -> Batch:
    """A batch as an engine of the group takes it, the same whichever thread makes it.

    It has the images that this rank computes, and the labels of all.
    """
    chosen = plan.configuration
    return assemble(
        plan.data,
        samples,
        chosen.preprocessing,
        chosen.augmentation,
        epoch=epoch,
        seed=chosen.recipe.seed,
        resampler=resample,
        share=group.share(len(samples)),
    )


def resample(
    images: NDArray[np.uint8], ways: Ways, preprocessing: Preprocessing
) -> NDArray[np.float32]:
    """Images resampled along their axes and normalized, by compiled code.

    The bytes are those of `data` without it.
    """
    # LLVM is loaded only where it has something to do.
    from mirada.training.resampling import compiled_resampler

    run = compiled_resampler(preprocessing.size, preprocessing.channels)
    return run(images, ways, preprocessing)


def endless_batches(plan: Plan, group: Group = ALONE) -> Iterator[Batch]:
    """What a run by the plan would be trained on, epoch after epoch: for trials."""
    with Ahead(
        lambda piece: batch_of(plan, *piece, group),
        _pieces(plan),
        feeders(plan.configuration, plan.data),
    ) as ready:
        yield from ready


def _pieces(plan: Plan) -> Iterator[tuple[NDArray[np.int64], int]]:
    recipe = plan.configuration.recipe
    for epoch in count():
        order = epoch_order(plan.split.train, recipe.seed, epoch)
        for samples in batches(order, recipe.batch_size):
            yield samples, epoch
