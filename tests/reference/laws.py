"""Laws that hold for every layer, checked on drawn ones.

A drawn case is a network of very few layers: its gradients are the slopes of what it
computes, PyTorch computes the same, and what is linear has its backward as adjoint.
"""

from typing import Any

import numpy as np
from hypothesis import assume
from numpy.typing import NDArray

from mirada.network import INPUT, CrossEntropy, Layer, Loss, Network
from mirada.reference import RULES, Array, Moment, backward, forward, loss_and_gradients
from tests.bounds import network_bounds
from tests.peer import peer_knows, peer_step, tensors
from tests.strategies import batch, lively_parameters
from tests.tolerance import assert_within, gamma

__all__ = [
    "check_adjoint",
    "check_peer",
    "check_slopes",
    "computed",
    "slope",
    "spread",
]

STEP = 2e-4
"""The step of central differences; values of `spread` lie further apart."""


def computed(
    layer: Layer, *inputs: Any, moment: Moment | None = None, **parameters: Any
) -> Array:
    """The output of one layer; inputs and parameters as nested lists or arrays."""
    own = {name: np.asarray(value, float) for name, value in parameters.items()}
    given = tuple(np.asarray(value, float) for value in inputs)
    return RULES[type(layer)].forward(layer, given, own, moment or Moment())


def spread(shape: tuple[int, ...], seed: int) -> Array:
    """Different numbers from -2 to 2 in random order, none of them near 0."""
    count = int(np.prod(shape))
    numbers = 4.0 * (np.arange(count) + 0.5) / count - 2.0
    numbers[np.abs(numbers) < 4 * STEP] = 4 * STEP
    return np.random.default_rng(seed).permutation(numbers).reshape(shape)


def slope(function: Any, at: Array, along: Array) -> float:
    """The derivative of a number along a direction, to the fourth order of `STEP`."""

    def moved(steps: int) -> float:
        return float(function(at + steps * STEP * along))

    near, far = moved(1) - moved(-1), moved(2) - moved(-2)
    return (8 * near - far) / (12 * STEP)


def check_slopes(network: Network, count: int, seed: int, *, training: bool) -> None:
    """Every gradient is the slope of a weighted sum of the output."""
    noise = np.random.default_rng(seed)
    drawn = lively_parameters(network, seed)
    images = spread((count, *network.input), seed)
    values = {n: v.astype(np.float64) for n, v in drawn.items()} | {INPUT: images}
    weights = noise.normal(size=(count, *network.output))
    last = network.nodes[-1].name

    def outputs(changed: dict[str, Array]) -> dict[str, Array]:
        own = {name: changed[name] for name in drawn}
        return forward(network, own, changed[INPUT], training=training, seed=seed)

    found = backward(
        network, drawn, outputs(values), {last: weights}, training=training, seed=seed
    )
    gradients = {**found.parameters, INPUT: found.activations[INPUT]}
    for name, gradient in gradients.items():
        along = noise.uniform(-1, 1, gradient.shape)

        def total(at: Array, name: str = name) -> float:
            return float((outputs({**values, name: at})[last] * weights).sum())

        measured = slope(total, values[name], along)
        size = np.abs(outputs(values)[last] * weights).sum()
        allowed = 1e-9 * (1 + size + np.abs(gradient * along).sum())
        assert_within(measured, (gradient * along).sum(), allowed)


def check_peer(
    network: Network, count: int, seed: int, loss: Loss | None = None
) -> None:
    """PyTorch computes the same: loss, activations, gradients, within the bounds."""
    assume(peer_knows(network, count))
    loss = loss or CrossEntropy()
    parameters = lively_parameters(network, seed)
    images, labels = batch(network, count, seed)
    bounds = network_bounds(
        network, loss, parameters, images, labels, np.float64, seed=seed, step=5
    )
    peer = peer_step(
        network, loss, tensors(network, parameters), images, labels, seed=seed, step=5
    )
    ours = loss_and_gradients(
        network, loss, parameters, images, labels, seed=seed, step=5
    )
    for found in (peer, ours):
        assert_within(found.loss, bounds.loss.value, bounds.loss.bound)
        for name, known in bounds.activations.items():
            assert_within(found.activations[name], known.value, known.bound)
        for name, known in bounds.gradients.items():
            assert_within(found.gradients[name], known.value, known.bound)


def check_adjoint(network: Network, count: int, seed: int) -> None:
    """<A x, y> = <x, A' y> for a network A that is linear in its input."""
    noise = np.random.default_rng(seed)
    drawn = lively_parameters(network, seed)
    own = {n: v * 0 if n.endswith("bias") else v for n, v in drawn.items()}
    x = noise.normal(size=(count, *network.input))
    y = noise.normal(size=(count, *network.output))
    last = network.nodes[-1].name
    found = forward(network, own, x)
    passed = backward(network, own, found, {last: y}).activations[INPUT]
    many = x.size * y.size
    size = np.abs(x * passed).sum() + np.abs(found[last] * y).sum()
    left: NDArray[np.float64] = np.asarray((found[last] * y).sum())
    assert_within(left, (x * passed).sum(), gamma(many, np.float64) * (1 + size))
