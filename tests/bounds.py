"""How far a network computed in float32 or float64 may be from the exact one.

The bounds follow the reference through the network, forward and backward, and count
the roundings of both: those of the computation in `dtype`, and the reference's own.

    bounds = network_bounds(network, loss, parameters, images, labels, np.float32)
    for name, bound in bounds.gradients.items():
        assert_within(found[name], bound.value, bound.bound)
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mirada.network import (
    INPUT,
    SGD,
    AdamW,
    CrossEntropy,
    Loss,
    Network,
    Node,
    Optimizer,
)
from mirada.reference import Moment, bounds, scored
from mirada.reference.network import own_parameters
from tests.layer_bounds import LayerBound, bound_of
from tests.tolerance import Bounded
from tests.winograd_bounds import winograd_bound

__all__ = ["NetworkBounds", "forward_bounds", "network_bounds", "step_bounds"]

Array = NDArray[np.float64]
Numbers = NDArray[np.floating]
_NONE: Mapping[str, int] = MappingProxyType({})
_ALIKE: Mapping[str, float] = MappingProxyType({})


class NetworkBounds(NamedTuple):
    """Exact values with their bounds."""

    loss: Bounded
    gradients: dict[str, Bounded]
    """By every learned parameter and by "input"."""
    activations: dict[str, Bounded]
    """The input and every layer's output."""


def forward_bounds(
    network: Network,
    parameters: Mapping[str, Numbers],
    images: Numbers,
    dtype: DTypeLike,
    *,
    training: bool = False,
    seed: int = 0,
    step: int = 0,
    winograd: Mapping[str, int] = _NONE,
    fixed: Collection[str] = (),
) -> dict[str, Bounded]:
    """The exact output of every layer, by name, with its bound in `dtype`.

    `winograd` has the tile size of every convolution that is computed by tiles.
    """
    tiled = {name: winograd_bound(size).forward for name, size in winograd.items()}
    return bounds.forward_bounds(
        network,
        parameters,
        images,
        dtype,
        training=training,
        seed=seed,
        step=step,
        others=tiled,
        fixed=fixed,
    )


def network_bounds(
    network: Network,
    loss: Loss,
    parameters: Mapping[str, Numbers],
    images: Numbers,
    labels: NDArray[np.int64],
    dtype: DTypeLike,
    *,
    seed: int = 0,
    step: int = 0,
    winograd: Mapping[str, int] = _NONE,
    fixed: Collection[str] = (),
) -> NetworkBounds:
    """Loss, gradients and activations of one training batch, with their bounds."""
    activations = forward_bounds(
        network,
        parameters,
        images,
        dtype,
        training=True,
        seed=seed,
        step=step,
        winograd=winograd,
        fixed=fixed,
    )
    name = scored(network, loss)
    value, by_output = _loss(loss, activations[name], labels)
    arriving, by_parameter = {name: by_output}, dict[str, Bounded]()
    for place, node in reversed([*enumerate(network.nodes)]):
        if node.name not in arriving:
            zero = np.zeros_like(activations[node.name].value)
            arriving[node.name] = Bounded.exact(zero, by_output.u)
        by_inputs, by_own = _bound(node, winograd).backward(
            node.layer,
            tuple(activations[source] for source in node.inputs),
            own_parameters(node, parameters),
            Moment(node.name not in fixed, seed, step, place),
            arriving[node.name],
        )
        by_parameter |= {f"{node.name}.{n}": g for n, g in by_own.items()}
        for source, passed in zip(node.inputs, by_inputs, strict=True):
            known = arriving.get(source)
            arriving[source] = passed if known is None else known + passed
    return NetworkBounds(value, {**by_parameter, INPUT: arriving[INPUT]}, activations)


def _bound(node: Node, winograd: Mapping[str, int]) -> LayerBound:
    size = winograd.get(node.name)
    return bound_of(node.layer) if size is None else winograd_bound(size)


def step_bounds(
    optimizer: Optimizer,
    parameters: Mapping[str, Numbers],
    gradients: Mapping[str, Bounded],
    memory: Mapping[str, Numbers],
    *,
    learning_rate: float,
    step: int,
    factors: Mapping[str, float] = _ALIKE,
) -> dict[str, Bounded]:
    """The parameters after one step, with their bounds."""
    move: Any = {SGD: _sgd, AdamW: _adamw}[type(optimizer)]
    found = {}
    for name, value in parameters.items():
        if name in gradients:
            slope = gradients[name]
            own = {
                kind: Bounded.exact(memory[f"{kind}.{name}"], slope.u)
                for kind in ("momentum", "mean", "square")
                if f"{kind}.{name}" in memory
            }
            weight = Bounded.exact(value, slope.u)
            rate = learning_rate * factors.get(name, 1.0)
            found[name] = move(optimizer, weight, slope, own, rate, step)
    return found


def _sgd(
    optimizer: SGD,
    w: Bounded,
    g: Bounded,
    memory: Mapping[str, Bounded],
    rate: float,
    step: int,
) -> Bounded:
    g = g + w * optimizer.weight_decay
    if not optimizer.momentum:
        return w - g * rate
    v = memory["momentum"] * optimizer.momentum + g
    return w - (g + v * optimizer.momentum if optimizer.nesterov else v) * rate


def _adamw(
    optimizer: AdamW,
    w: Bounded,
    g: Bounded,
    memory: Mapping[str, Bounded],
    rate: float,
    step: int,
) -> Bounded:
    w = w - w * (rate * optimizer.weight_decay)
    m = memory["mean"] * optimizer.beta1 + g * (1 - optimizer.beta1)
    v = memory["square"] * optimizer.beta2 + g * g * (1 - optimizer.beta2)
    mean = m / (1 - optimizer.beta1 ** (step + 1))
    square = v / (1 - optimizer.beta2 ** (step + 1))
    return w - mean / (square.sqrt() + optimizer.epsilon) * rate


def _loss(
    loss: Loss, outputs: Bounded, labels: NDArray[np.int64]
) -> tuple[Bounded, Bounded]:
    """The mean loss and its gradient by the outputs."""
    shape = outputs.value.shape
    n, classes = shape[0], int(np.prod(shape[1:]))
    flat = Bounded(
        outputs.value.reshape(n, classes), outputs.bound.reshape(n, classes), outputs.u
    )
    compute = _cross_entropy if isinstance(loss, CrossEntropy) else _squared
    value, gradient = compute(loss, flat, np.eye(classes)[labels])
    total = value.sum((0, 1))
    return (
        Bounded(total.value.reshape(()), total.bound.reshape(()), outputs.u),
        Bounded(
            gradient.value.reshape(shape), gradient.bound.reshape(shape), outputs.u
        ),
    )


def _cross_entropy(
    loss: Any, scores: Bounded, targets: Array
) -> tuple[Bounded, Bounded]:
    classes = targets.shape[1]
    weights = np.asarray(loss.class_weights or np.ones(classes))
    smooth = (1 - loss.label_smoothing) * targets + loss.label_smoothing / classes
    total = (weights * targets).sum()
    counts = weights * smooth / total if total else np.zeros_like(targets)
    top = scores.value.max(axis=1, keepdims=True), scores.bound.max(1, keepdims=True)
    shifted = scores - Bounded(*top, scores.u)
    raised = shifted.exp()
    # What a class counts is itself rounded a few times.
    known = Bounded(counts, 8 * scores.u * counts, scores.u)
    value = known * (raised.sum(1).log() - shifted)
    return value, raised / raised.sum(1) * known.sum(1) - known


def _squared(loss: Any, outputs: Bounded, targets: Array) -> tuple[Bounded, Bounded]:
    away = outputs - targets
    return away * away / targets.size, away * (2.0 / targets.size)
