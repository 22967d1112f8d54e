"""What a network answers for images of known classes: the one pass over them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.data import Dataset, Preprocessing, assemble
from mirada.engines import Engine
from mirada.engines.memory import ANSWERED
from mirada.errors import DivergenceError
from mirada.network import Loss
from mirada.training.scores import (
    LossSum,
    class_count,
    mean_outputs,
    mirror_images,
    probabilities,
)

__all__ = ["CHUNK", "Answers", "answer"]

CHUNK = ANSWERED
"""How many images are answered at a time."""


@dataclass(frozen=True, eq=False)
class Answers:
    """The probability of every class, (n, classes), for n samples; their mean loss.

    With `flips` an answer is the mean of the probabilities of the image and its mirror
    image.
    """

    samples: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    loss: float
    flips: bool = False


def answer(
    engine: Engine,
    data: Dataset,
    samples: NDArray[np.int64],
    preprocessing: Preprocessing,
    loss: Loss,
    pause: Callable[[], None] = lambda: None,
    *,
    flips: bool = False,
) -> Answers:
    """What the engine's network answers for some samples of a data set.

    `pause` is called before each chunk; `flips` is as in `Answers`. Raises
    DivergenceError (`answer-not-finite`).
    """
    network = engine.network
    ends_in_softmax = network.nodes[-1].layer.kind == "softmax"
    total = LossSum(loss, ends_in_softmax=ends_in_softmax)
    rows = [np.empty((0, class_count(network)))]
    most = CHUNK * engine.group.size
    for start in range(0, len(samples), most):
        pause()
        piece = samples[start : start + most]
        found = _answered(engine, data, piece, preprocessing, flips=flips)
        for place, outputs in enumerate(found):
            own = piece[place * CHUNK : (place + 1) * CHUNK]
            total.add(outputs, data.labels[own])
            rows.append(probabilities(network, outputs))
    return Answers(samples, np.concatenate(rows), total.mean, flips)


def _answered(
    engine: Engine,
    data: Dataset,
    samples: NDArray[np.int64],
    preprocessing: Preprocessing,
    *,
    flips: bool,
) -> Iterator[NDArray[np.floating]]:
    """The outputs for a chunk of samples a rank, each answered by one of them."""
    group = engine.group
    own = samples[group.rank * CHUNK : (group.rank + 1) * CHUNK]
    images, _, _ = assemble(data, own, preprocessing)
    with np.errstate(over="ignore", invalid="ignore"):  # told in our own words
        straight = group.rows(engine.predict(images))
        turned = group.rows(engine.predict(mirror_images(images))) if flips else []
    for outputs in (*straight, *turned):
        _require_finite(engine, outputs)
    if not flips:
        yield from straight
    for one, two in zip(straight, turned, strict=flips):
        yield mean_outputs(engine.network, one, two)


def _require_finite(engine: Engine, outputs: NDArray[np.floating]) -> None:
    if not np.isfinite(outputs).all():
        raise DivergenceError(
            "answer-not-finite",
            "The network {network!r} answers NaN or infinity (layer {layer!r}). Its "
            "parameters have grown without bound; train with a smaller learning rate.",
            network=engine.network.name,
            layer=engine.network.nodes[-1].name,
        )
