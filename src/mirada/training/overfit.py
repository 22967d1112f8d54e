"""Can a network learn one batch by heart? If not, it will not learn the rest.

Nothing stands in its way: no augmentation, no dropout, no smoothing, no class weights,
and the same learning rate throughout.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mirada.data import assemble, epoch_order
from mirada.engines import Engine
from mirada.errors import DivergenceError, Phrase
from mirada.network import CrossEntropy, Dropout, Network, Recipe
from mirada.training.computing import engine_for
from mirada.training.plan import Plan

__all__ = ["OverfitTrial", "overfit_batch", "without_dropout"]

STEPS = 400
_ENOUGH = 0.02
"""The share of the loss of guessing below which a batch is known by heart."""
_SLOWER = (1.0, 0.1, 0.01)
_STILL_FALLING = 0.95


@dataclass(frozen=True)
class OverfitTrial:
    """How the trial ended: after so many steps, with which loss and right answers.

    `correct` counts the images answered right, of `images`; `rate` is the learning
    rate of the trial, `losses` has the loss of every step; `hints` say what may be
    wrong where the batch was not learned.
    """

    learned: bool
    steps: int
    loss: float
    correct: int
    images: int
    rate: float
    losses: tuple[float, ...]
    hints: tuple[Phrase, ...] = ()


def overfit_batch(plan: Plan, steps: int = STEPS) -> OverfitTrial:
    """Trains the plan's network on its first batch alone.

    Where that fails, and the loss is not still falling, a tenth of the learning rate
    is tried, and a tenth of that; the best of them counts.
    """
    samples = epoch_order(plan.split.train, plan.configuration.recipe.seed, 0)
    samples = np.sort(samples[: plan.configuration.recipe.batch_size])
    trials: list[OverfitTrial] = []
    for slower in _SLOWER:
        trials.append(_trial(plan, samples, slower, steps))
        if trials[-1].learned or _is_falling(trials[-1]):
            break
    best = min(trials, key=_rank)
    if best.learned:
        return best
    return replace(best, hints=tuple(_hints(plan, samples, best)))


def _rank(trial: OverfitTrial) -> float:
    return trial.loss if math.isfinite(trial.loss) else math.inf


def _is_falling(trial: OverfitTrial) -> bool:
    """Whether more steps would have helped."""
    return trial.loss < _STILL_FALLING * trial.losses[len(trial.losses) // 2]


def _trial(
    plan: Plan, samples: NDArray[np.int64], slower: float, steps: int
) -> OverfitTrial:
    chosen = plan.configuration
    optimizer = chosen.recipe.optimizer
    rate = optimizer.learning_rate * slower
    recipe = Recipe(CrossEntropy(), optimizer, batch_size=len(samples))
    recipe = replace(recipe, seed=chosen.recipe.seed)
    network = without_dropout(chosen.network)
    engine = engine_for(replace(chosen, network=network, recipe=recipe))
    batch = assemble(plan.data, samples, chosen.preprocessing)
    enough = _ENOUGH * math.log(len(plan.data.classes))
    losses: list[float] = []
    correct = 0
    for loss, correct in _steps(engine, batch.images, batch.labels, rate, steps):
        losses.append(loss)
        if loss < enough and correct == len(samples):
            break
    loss = losses[-1] if losses else math.nan
    learned = loss < enough and correct == len(samples)
    count = len(losses)
    return OverfitTrial(learned, count, loss, correct, len(samples), rate, (*losses,))


def _steps(
    engine: Engine,
    images: NDArray[np.float32],
    labels: NDArray[np.int64],
    rate: float,
    steps: int,
) -> Iterator[tuple[float, int]]:
    """The loss and the right answers before each step; NaN at the end of what fails."""
    for step in range(steps):
        try:
            found = engine.train_step(images, labels, step=step, learning_rate=rate)
        except DivergenceError:
            yield math.nan, 0
            return
        yield found.loss, found.correct


def without_dropout(network: Network) -> Network:
    """The network with every dropout set to 0, its names as they are."""
    nodes = [
        replace(node, layer=replace(node.layer, p=0.0))
        if isinstance(node.layer, Dropout)
        else node
        for node in network.nodes
    ]
    return Network(network.name, network.input, nodes)


def _hints(
    plan: Plan, samples: NDArray[np.int64], trial: OverfitTrial
) -> Iterator[Phrase]:
    """What may be wrong, the surest first."""
    twins = _twins(plan, samples)
    if twins:
        yield Phrase(
            "The images {one} and {two} are the same and have different classes: "
            "nobody can tell them apart.",
            one=twins[0],
            two=twins[1],
        )
    if len(np.unique(plan.data.images[samples].reshape(len(samples), -1), axis=0)) == 1:
        yield Phrase("All images of the batch are the same: look at the data.")
    if not math.isfinite(trial.loss):
        yield Phrase(
            "The loss runs away even at a learning rate of {rate:g}: try a smaller one "
            "(--lr), or batch normalization.",
            rate=trial.rate,
        )
        return
    if _is_falling(trial):
        yield Phrase(
            "The loss is still falling: a larger learning rate (--lr) would get there; "
            "--find-lr suggests one."
        )
    else:
        yield Phrase(
            "The loss stands still: the network may be too small, forget too much by "
            "pooling, or the learning rate {rate:g} be wrong; --find-lr suggests one.",
            rate=trial.rate,
        )


def _twins(plan: Plan, samples: NDArray[np.int64]) -> tuple[str, str] | None:
    """Two images of the batch with the same pixels and other classes, by name."""
    seen: dict[bytes, int] = {}
    for sample in samples.tolist():
        other = seen.setdefault(plan.data.images[sample].tobytes(), sample)
        if plan.data.labels[other] != plan.data.labels[sample]:
            return plan.data.names[other], plan.data.names[sample]
    return None
