"""The reference as an engine: slow, plain, and what the others are compared with."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mirada.engines.engine import Arrays, Engine, Floats, StepResult
from mirada.engines.intake import (
    checked_arrays,
    checked_arriving,
    checked_images,
    checked_labels,
    checked_mixing,
    checked_names,
    chunks,
    classes,
    diverged,
    dominant,
    learned,
)
from mirada.mixing import Mixing
from mirada.network import INPUT, Network, Recipe
from mirada.network.rate import frozen_layers, rate_factors
from mirada.reference import (
    LossResult,
    averaged,
    backward,
    clipped,
    first_memory,
    first_not_finite,
    forward,
    initial_parameters,
    loss_and_gradients,
    optimizer_step,
    scored,
    statistics,
)

__all__ = ["ReferenceEngine"]

Doubles = dict[str, NDArray[np.float64]]

_AVERAGE = "average."


class ReferenceEngine(Engine):
    """A network computed by `mirada.reference`, in float64 within each call.

    Between calls parameters and optimizer state are float32, as every engine gives
    them, so that a run that is stored and resumed ends in the same bytes.

    >>> from mirada.network import Linear
    >>> engine = ReferenceEngine(Network("tiny", (3,), (Linear(2),)), Recipe())
    >>> engine.predict(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(self, network: Network, recipe: Recipe) -> None:
        self.network, self.recipe = network, recipe
        self._factors = rate_factors(network, recipe.rates)
        self._fixed = frozen_layers(network, recipe.rates)
        self._parameters = initial_parameters(network, recipe.seed)
        learned = self._learned()
        self._memory = _rounded(first_memory(recipe.optimizer, learned))
        if recipe.ema:
            self._memory |= _rounded({f"{_AVERAGE}{n}": v for n, v in learned.items()})

    def parameters(self) -> Arrays:
        return {name: value.copy() for name, value in self._parameters.items()}

    def load_parameters(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        shapes = {name: p.shape for name, p in self.network.parameters.items()}
        self._parameters = checked_arrays(values, shapes)

    def optimizer_state(self) -> Arrays:
        return {name: value.copy() for name, value in self._memory.items()}

    def load_optimizer_state(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        shapes = {name: value.shape for name, value in self._memory.items()}
        self._memory = checked_arrays(values, shapes)

    def train_step(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        *,
        step: int,
        learning_rate: float,
        mixing: Mixing | None = None,
    ) -> StepResult:
        result = self._result(images, labels, step, mixing)
        if not np.isfinite(result.loss):
            layer = first_not_finite(self.network, result.activations)
            raise diverged(step, result.loss, layer)
        learned = self._learned()
        slopes = {name: result.gradients[name] for name in learned}
        moved, memory = optimizer_step(
            self.recipe.optimizer,
            learned,
            clipped(slopes, self.recipe.gradient_clip),
            _doubles(self._memory),
            learning_rate=learning_rate,
            step=step,
            factors=self._factors,
        )
        memory |= self._averaged(memory, moved)
        running = statistics(
            self.network, self._parameters, result.activations, self._fixed
        )
        self._parameters |= _rounded(moved) | _rounded(running)
        self._memory = _rounded(memory)
        return StepResult(result.loss, self._correct(result, dominant(labels, mixing)))

    def predict(self, images: Floats) -> Floats:
        batch = checked_images(self.network, images)
        output = np.empty((len(batch), *self.network.output), np.float32)
        for piece in chunks(len(batch), self.recipe.batch_size):
            found = forward(self.network, self._parameters, batch[piece])
            output[piece] = found[self.network.nodes[-1].name]
        return output

    def gradients(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        *,
        step: int = 0,
        names: Collection[str] = (),
        mixing: Mixing | None = None,
    ) -> tuple[float, Arrays]:
        wanted = checked_names(self.network, names)
        result = self._result(images, labels, step, mixing)
        own = {INPUT, *learned(self.network, self.recipe)}
        found = _rounded({n: v for n, v in result.gradients.items() if n in own})
        for name in wanted - {INPUT}:
            found[name] = result.by_activations[name].astype(np.float32)
        return result.loss, found

    def activations(self, images: Floats, names: Collection[str]) -> Arrays:
        batch = checked_images(self.network, images)
        wanted = checked_names(self.network, names)
        found = forward(self.network, self._parameters, batch)
        return _rounded({name: found[name] for name in wanted})

    def output_gradients(
        self, images: Floats, arriving: Floats, names: Collection[str]
    ) -> Arrays:
        batch = checked_images(self.network, images)
        slopes = checked_arriving(self.network, arriving, len(batch))
        own = frozenset(names) & learned(self.network, self.recipe).keys()
        wanted = checked_names(self.network, frozenset(names) - own)
        given = forward(self.network, self._parameters, batch)
        last = self.network.nodes[-1].name
        by_outputs = {last: slopes.astype(np.float64)}
        found = backward(self.network, self._parameters, given, by_outputs)
        by_layers = {name: found.activations[name] for name in wanted}
        by_own = {name: found.parameters[name] for name in own}
        return _rounded({**by_layers, **by_own})

    def alike(self, network: Network) -> "ReferenceEngine":
        return ReferenceEngine(network, replace(self.recipe, rates=()))

    def _result(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        step: int,
        mixing: Mixing | None,
    ) -> LossResult:
        count = classes(self.network, self.recipe)
        batch = checked_images(self.network, images, self.recipe.batch_size)
        return loss_and_gradients(
            self.network,
            self.recipe.loss,
            self._parameters,
            batch,
            checked_labels(labels, len(batch), count),
            seed=self.recipe.seed,
            step=step,
            mixed=checked_mixing(mixing, len(batch), count),
            fixed=self._fixed,
        )

    def _averaged(self, memory: Doubles, moved: Doubles) -> Doubles:
        """The averages, where there are any, after the parameters have moved."""
        own = {
            name: memory[_AVERAGE + name] for name in moved if _AVERAGE + name in memory
        }
        found = averaged(own, moved, self.recipe.ema)
        return {_AVERAGE + name: value for name, value in found.items()}

    def _learned(self) -> Doubles:
        own = learned(self.network, self.recipe)
        return _doubles({name: self._parameters[name] for name in own})

    def _correct(self, result: LossResult, labels: NDArray[np.int64]) -> int:
        outputs = result.activations[scored(self.network, self.recipe.loss)]
        answers = outputs.reshape(len(labels), -1).argmax(axis=1)
        return int((answers == labels).sum())


def _doubles(values: Mapping[str, Floats]) -> Doubles:
    return {name: value.astype(np.float64) for name, value in values.items()}


def _rounded(values: Mapping[str, NDArray[np.float64]]) -> Arrays:
    """The values in float32; what is too large for it becomes infinite."""
    with np.errstate(over="ignore"):
        return {name: value.astype(np.float32) for name, value in values.items()}
