"""One step of an optimizer.

What an optimizer remembers is a dictionary: "momentum.<parameter>" for SGD,
"mean.<parameter>" and "square.<parameter>" for AdamW, all zero before the first step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mirada.network import SGD, AdamW, Optimizer
from mirada.reference.layer import Array, Arrays

__all__ = [
    "OPTIMIZERS",
    "OptimizerRule",
    "averaged",
    "clipped",
    "first_memory",
    "optimizer_step",
]

_EPSILON = 1e-6
"""Keeps the factor of a clipped gradient finite."""


@dataclass(frozen=True)
class OptimizerRule:
    """How a kind of optimizer moves one parameter.

    `memory` names what it remembers. `move` takes the parameter, its gradient, the
    memory by name, the learning rate and the step from 0, and gives parameter and
    memory after the step.
    """

    memory: Callable[[Any], tuple[str, ...]]
    move: Callable[[Any, Array, Array, Arrays, float, int], tuple[Array, Arrays]]


def first_memory(optimizer: Optimizer, parameters: Arrays) -> dict[str, Array]:
    """What the optimizer remembers before its first step: zeros."""
    return {
        f"{kind}.{name}": np.zeros_like(value)
        for kind in OPTIMIZERS[type(optimizer)].memory(optimizer)
        for name, value in parameters.items()
    }


def optimizer_step(
    optimizer: Optimizer,
    parameters: Arrays,
    gradients: Arrays,
    memory: Arrays,
    *,
    learning_rate: float,
    step: int,
    factors: Mapping[str, float] | None = None,
) -> tuple[dict[str, Array], dict[str, Array]]:
    """The parameters and the memory after one step, for every name in `parameters`.

    A parameter's own rate is `learning_rate` times its factor, where it has one: as a
    parameter group of PyTorch, decay and all.

    >>> weight, slope = {"w": np.array([1.0])}, {"w": np.array([0.5])}
    >>> sgd = SGD(momentum=0.0)
    >>> optimizer_step(sgd, weight, slope, {}, learning_rate=0.1, step=0)
    ({'w': array([0.95])}, {})
    """
    rule = OPTIMIZERS[type(optimizer)]
    kinds = rule.memory(optimizer)
    moved, remembered = dict[str, Array](), dict(memory)
    for name, value in parameters.items():
        before = {kind: memory[f"{kind}.{name}"] for kind in kinds}
        rate = learning_rate * (factors or {}).get(name, 1.0)
        moved[name], after = rule.move(
            optimizer, value, gradients[name], before, rate, step
        )
        remembered |= {f"{kind}.{name}": after[kind] for kind in kinds}
    return moved, remembered


def clipped(gradients: Arrays, most: float) -> dict[str, Array]:
    """The gradients, scaled together where their Euclidean norm is above `most`.

    All are multiplied by min(1, most / (norm + 1e-6)), as PyTorch's `clip_grad_norm_`
    does; a `most` of 0 leaves them as they are.

    >>> clipped({"a": np.array([3.0]), "b": np.array([4.0])}, 1.0)["b"].round(4)
    array([0.8])
    """
    if not most:
        return dict(gradients)
    squares = sum(float(np.square(gradient).sum()) for gradient in gradients.values())
    factor = np.minimum(1.0, most / (np.sqrt(squares) + _EPSILON))
    return {name: gradient * factor for name, gradient in gradients.items()}


def averaged(averages: Arrays, parameters: Arrays, decay: float) -> dict[str, Array]:
    """The exponential moving averages after a step: decay * a + (1 - decay) * w.

    As PyTorch's `swa_utils.get_ema_multi_avg_fn`, for every name in `averages`.

    >>> averaged({"w": np.array([1.0])}, {"w": np.array([3.0])}, 0.75)
    {'w': array([1.5])}
    """
    share = 1.0 - decay
    return {
        name: average + share * (parameters[name] - average)
        for name, average in averages.items()
    }


def _sgd_memory(optimizer: SGD) -> tuple[str, ...]:
    return ("momentum",) if optimizer.momentum else ()


def _sgd(
    optimizer: SGD, w: Array, g: Array, memory: Arrays, rate: float, step: int
) -> tuple[Array, Arrays]:
    """With g += decay w and v = momentum v + g: w -= rate * (g + momentum v, or v)."""
    g = g + optimizer.weight_decay * w
    if not optimizer.momentum:
        return w - rate * g, {}
    v = optimizer.momentum * memory["momentum"] + g
    change = g + optimizer.momentum * v if optimizer.nesterov else v
    return w - rate * change, {"momentum": v}


def _adamw_memory(optimizer: AdamW) -> tuple[str, ...]:
    return "mean", "square"


def _adamw(
    optimizer: AdamW, w: Array, g: Array, memory: Arrays, rate: float, step: int
) -> tuple[Array, Arrays]:
    """The decay first, then the mean over the root of the square, unbiased."""
    t = step + 1
    w = w - rate * optimizer.weight_decay * w
    m = optimizer.beta1 * memory["mean"] + (1.0 - optimizer.beta1) * g
    v = optimizer.beta2 * memory["square"] + (1.0 - optimizer.beta2) * g**2
    mean = m / (1.0 - optimizer.beta1**t)
    square = v / (1.0 - optimizer.beta2**t)
    w = w - rate * mean / (np.sqrt(square) + optimizer.epsilon)
    return w, {"mean": m, "square": v}


OPTIMIZERS: Mapping[type[Optimizer], OptimizerRule] = {
    SGD: OptimizerRule(_sgd_memory, _sgd),
    AdamW: OptimizerRule(_adamw_memory, _adamw),
}
