"""One engine held to the law: prediction, gradients and a step, within their bounds."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from mirada.engines import Engine
from mirada.network import INPUT
from mirada.network.rate import frozen_layers, rate_factors
from mirada.reference import statistics
from tests.bounds import forward_bounds, network_bounds, step_bounds
from tests.strategies import batch, lively_parameters
from tests.tolerance import Bounded, assert_within

__all__ = ["assert_lawful"]

_NONE: Mapping[str, int] = MappingProxyType({})


def _within(found: ArrayLike, exact: Bounded) -> None:
    """Where nothing is known, since a deviation may be zero, nothing is asked."""
    known = np.nan_to_num(exact.bound, nan=np.inf, posinf=np.inf)
    assert_within(found, exact.value, known)


def assert_lawful(
    engine: Engine,
    seed: int,
    predicted: Mapping[str, int] = _NONE,
    trained: Mapping[str, int] = _NONE,
) -> None:
    """Predictions, gradients and one step are within their bounds.

    The recipe's batch is 3 and its seed `seed`; `predicted` and `trained` have the tile
    sizes of convolutions that are computed by tiles.
    """
    network, recipe = engine.network, engine.recipe
    factors = rate_factors(network, recipe.rates)
    fixed = frozen_layers(network, recipe.rates)
    parameters = lively_parameters(network, seed)
    engine.load_parameters(parameters)
    images, labels = batch(network, 1 + seed % 3, seed)
    known = forward_bounds(network, parameters, images, np.float32, winograd=predicted)
    _within(engine.predict(images), known[network.nodes[-1].name])
    given = network, recipe.loss, parameters, images, labels, np.float32
    with np.errstate(invalid="ignore"):
        bounds = network_bounds(
            *given, seed=seed, step=3, winograd=trained, fixed=fixed
        )
    found_loss, found = engine.gradients(images, labels, step=3)
    _within(found_loss, bounds.loss)
    assert found.keys() == {INPUT, *(n for n, factor in factors.items() if factor)}
    for name, gradient in found.items():
        _within(gradient, bounds.gradients[name])
    engine.train_step(images, labels, step=3, learning_rate=0.05)
    memory = {name: np.zeros_like(v) for name, v in engine.optimizer_state().items()}
    with np.errstate(invalid="ignore"):
        moved = step_bounds(
            recipe.optimizer,
            {name: parameters[name] for name, factor in factors.items() if factor},
            bounds.gradients,
            memory,
            learning_rate=0.05,
            step=3,
            factors=factors,
        )
    stepped = engine.parameters()
    for name, value in moved.items():
        _within(stepped[name], value)
    still = {n for n in parameters if n.rpartition(".")[0] in fixed}
    for name in still | (factors.keys() - moved.keys()):
        assert stepped[name].tobytes() == parameters[name].tobytes(), name
    told = {name: one.value for name, one in bounds.activations.items()}
    for name, moment in statistics(network, parameters, told, fixed).items():
        close = 1e-4 * max(float(np.abs(moment).max()), 1.0)
        assert np.abs(stepped[name] - moment).max() <= close, name
