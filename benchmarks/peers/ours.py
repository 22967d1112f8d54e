"""mirada itself, asked as any peer is."""

from dataclasses import dataclass
from inspect import signature
from itertools import count
from typing import Any

import numpy as np

from benchmarks.peers.peer import NotOfferedError, Peer, Work
from benchmarks.works import recipe, sample
from mirada.engines import Engine, create
from mirada.network import INPUT, SGD, Network, Recipe

__all__ = ["peers"]


def peers(threads: int) -> list[Peer]:
    """The native engine in both precisions."""
    return [Native("mirada", threads, "fp32"), Native("mirada-bf16", threads, "bf16")]


@dataclass(frozen=True)
class Native(Peer):
    """The native engine, from the arrays that its callers hold."""

    name: str
    threads: int
    precision: str

    def predict(self, network: Network, batch: int) -> Work:
        images, _ = sample(network, batch)
        engine = self._engine(network, recipe(max(batch, 1)))
        return lambda: engine.predict(images)

    def train(self, network: Network, recipe: Recipe, batch: int) -> Work:
        images, labels = sample(network, batch)
        engine, steps, rule = self._engine(network, recipe), count(), recipe.optimizer
        assert isinstance(rule, SGD)
        rate = rule.learning_rate

        def step() -> float:
            at = next(steps)
            return engine.train_step(images, labels, step=at, learning_rate=rate).loss

        return step

    def backward(self, network: Network, batch: int) -> Work:
        images, _ = sample(network, batch)
        engine = self._engine(network, recipe(batch))
        ones = np.ones((batch, *network.output), np.float32)
        named = [INPUT, *engine.parameters()]
        return lambda: engine.output_gradients(images, ones, named)

    def _engine(self, network: Network, recipe: Recipe) -> Engine:
        if self.precision == "fp32":
            return create("native", network, recipe, self.threads)
        if "precision" not in signature(create).parameters:
            raise NotOfferedError("the engine computes in float32 only")
        make: Any = create
        engine: Engine = make(
            "native", network, recipe, self.threads, precision=self.precision
        )
        return engine
