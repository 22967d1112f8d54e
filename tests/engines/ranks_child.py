"""One of several processes that train together, and what it finds; for `test_ranks`.

What every rank finds is JSON on its standard output, one line a question.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.data import batches, epoch_order
from mirada.engines import Engine, StepResult, joined
from mirada.engines.group import ALONE, ElsewhereError, Group
from mirada.engines.torch.engine import TorchEngine
from mirada.errors import MiradaError
from mirada.mixing import Mixing
from mirada.network import SGD, CrossEntropy, Network, Recipe
from mirada.training import Plan, Wishes, answer, engine_for
from mirada.training.agreement import require_alike
from mirada.training.feed import batch_of
from tests.engines.drawn import MIXED
from tests.engines.law import assert_lawful
from tests.training.example import network, plan, rich_augmentation, rich_network

RATE = 0.05


class Shared(TorchEngine):
    """An engine that is given whole batches, of which it takes its share."""

    def __init__(self, network: Network, recipe: Recipe, group: Group) -> None:
        super().__init__(network, recipe, 1, "cpu", group=group)
        self.turned = 0

    def train_step(
        self,
        images: NDArray[np.float32],
        labels: NDArray[np.int64],
        *,
        step: int,
        learning_rate: float,
        mixing: Mixing | None = None,
    ) -> StepResult:
        share = self.group.share(len(labels))
        turned = np.roll(images, self.turned, axis=0)
        return super().train_step(
            turned[share],
            labels,
            step=step,
            learning_rate=learning_rate,
            mixing=mixing,
        )


def lawful(group: Group, turned: int = 0) -> str:
    """What a step of all ranks is off by, in words; nothing where it is lawful.

    Batches of 1, 2 and 3 images; `turned` is a bug: the wrong images for a share.
    """
    for seed, of in product((3, 4, 5), (MIXED, rich_network(5), network(5))):
        loss = CrossEntropy(0.1, (1.0, 2.0, 0.5, 3.0, 1.0))
        recipe = Recipe(loss=loss, optimizer=SGD(0.05), batch_size=3, seed=seed)
        engine = Shared(of, recipe, group)
        engine.turned = turned
        try:
            assert_lawful(engine, seed)
        except AssertionError as error:
            return str(error)
    return ""


def trained(group: Group, of: Plan) -> Engine:
    """An engine after two epochs."""
    engine = engine_for(of.configuration, group)
    recipe, step = of.configuration.recipe, 0
    for epoch in range(2):
        order = epoch_order(of.split.train[:45], recipe.seed, epoch)
        for samples in batches(order, recipe.batch_size):
            images, labels, mixing = batch_of(of, samples, epoch, group)
            result = engine.train_step(
                images, labels, step=step, learning_rate=RATE, mixing=mixing
            )
            assert np.isfinite(result.loss)
            step += 1
    return engine


def wanted() -> Plan:
    """Batch norm, dropout, mixed images; a last batch of one image."""
    wishes = Wishes(epochs=2, batch_size=11, threads=1, engine="torch", ema=0.9)
    return plan(wishes=wishes, of=rich_network(), augmentation=rich_augmentation())


def learning(group: Group) -> dict[str, Any]:
    """How far a training by all ranks is from one by this process alone."""
    of = wanted()
    shared, alone = trained(group, of), trained(ALONE, of)
    again = trained(group, of)
    loss, samples = of.configuration.recipe.loss, of.split.train[:200]
    given = of.data, samples, of.configuration.preprocessing, loss
    alone.load_parameters(shared.parameters())
    told, own = answer(shared, *given), answer(alone, *given)
    return {
        "off": _furthest(shared.parameters(), trained(ALONE, of).parameters()),
        "digest": _digest(shared.parameters() | shared.optimizer_state()),
        "again": _digest(again.parameters() | again.optimizer_state()),
        "answers": told.loss == own.loss
        and bool((told.probabilities == own.probabilities).all()),
    }


def differing(group: Group, change: Callable[[Plan], Plan]) -> str:
    """How it is told that the last rank would train something else."""
    of = wanted()
    if group.rank == group.size - 1:
        of = change(of)
    try:
        require_alike(group, of.configuration, engine_for(of.configuration, group))
    except ElsewhereError as error:
        return str(error)
    except MiradaError as error:
        return f"{error.code}: {error}"
    return "alike"


def _reseeded(of: Plan) -> Plan:
    recipe = replace(of.configuration.recipe, seed=1)
    return replace(of, configuration=replace(of.configuration, recipe=recipe))


def _of_other_images(of: Plan) -> Plan:
    facts = replace(of.configuration.data, fingerprint="0" * 64)
    return replace(of, configuration=replace(of.configuration, data=facts))


def _in_small_batches(of: Plan) -> Plan:
    recipe = replace(of.configuration.recipe, batch_size=2)
    return replace(of, configuration=replace(of.configuration, recipe=recipe))


def _furthest(
    one: Mapping[str, NDArray[np.float32]], two: Mapping[str, NDArray[np.float32]]
) -> float:
    return max(float(np.abs(one[name] - two[name]).max()) for name in one)


def _digest(values: Mapping[str, NDArray[np.float32]]) -> str:
    content = b"".join(values[name].tobytes() for name in sorted(values))
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    """Answers all questions, each with all ranks together."""
    group = joined()
    found = {
        "lawful": lawful(group),
        "turned": lawful(group, turned=1),
        "learning": learning(group),
        "alike": differing(group, lambda of: of),
        "reseeded": differing(group, _reseeded),
        "others": differing(group, _of_other_images),
        "small": differing(group, _in_small_batches),
    }
    print(json.dumps(found), flush=True)
    group.close()


if __name__ == "__main__":
    main()
