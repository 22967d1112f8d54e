"""The terms of layers that read one place of each input, or one of all channels."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mirada.inspection.terms import Array, Place, Terms, factor_text, number_text
from mirada.network import (
    GELU,
    Add,
    BatchNorm2d,
    Concat,
    Dropout,
    Flatten,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    Multiply,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from mirada.reference import RULES, Arrays, Moment

__all__ = [
    "FUNCTIONS",
    "add_terms",
    "batch_norm_terms",
    "concat_terms",
    "copy_terms",
    "flatten_terms",
    "function_terms",
    "multiply_terms",
    "softmax_terms",
]

Inputs = tuple[Array, ...]


def _one(
    image: Array, place: Place, value: float, formula: str, **rest: object
) -> Terms:
    """The terms of an output that reads the one value at a place."""
    shape = (1,) * len(place)
    window = np.full(shape, image[place])
    axes = tuple((at,) for at in place)
    inside = np.ones(shape, np.bool_)
    return Terms(window, axes, value, formula, inside, **rest)  # type: ignore[arg-type]


def copy_terms(layer: Dropout, inputs: Inputs, own: Arrays, place: Place) -> Terms:
    """The value itself: dropout does nothing outside of training."""
    value = float(inputs[0][place])
    return _one(inputs[0], place, value, number_text(value))


def flatten_terms(layer: Flatten, inputs: Inputs, own: Arrays, place: Place) -> Terms:
    """The value itself, and where it stands in the image that is laid out."""
    image = inputs[0]
    found = tuple(map(int, np.unravel_index(place[0], image.shape)))
    value = float(image[found])
    return _one(image, found, value, number_text(value))


def batch_norm_terms(
    layer: BatchNorm2d, inputs: Inputs, own: Arrays, place: Place
) -> Terms:
    """The running mean and variance of the channel, its scale and its shift."""
    x, channel = float(inputs[0][place]), place[0]
    names = ("running_mean", "running_var", "weight", "bias")
    mean, variance, scale, shift = (float(own[name][channel]) for name in names)
    deviation = float(np.sqrt(variance + layer.epsilon))
    normalized = (x - mean) / deviation
    value = normalized * scale + shift
    shown = [factor_text(number) for number in (mean, scale, shift)]
    formula = (
        f"({number_text(x)} - {shown[0]})/sqrt({number_text(variance)} + "
        f"{number_text(layer.epsilon)})*{shown[1]} + {shown[2]} = {number_text(value)}"
    )
    facts = (
        ("running_mean", mean),
        ("running_var", variance),
        ("epsilon", layer.epsilon),
        ("normalized", normalized),
        ("scale", scale),
    )
    total = normalized * scale
    return _one(inputs[0], place, value, formula, sum=total, bias=shift, facts=facts)


def _relu(layer: ReLU, x: str) -> str:
    return f"max(0, {x})"


def _relu6(layer: ReLU6, x: str) -> str:
    return f"min(max({x}, 0), 6)"


def _leaky_relu(layer: LeakyReLU, x: str) -> str:
    return f"{number_text(layer.slope)}*{x}" if x.startswith("(-") else x


def _sigmoid(layer: Sigmoid, x: str) -> str:
    return f"1/(1 + exp(-{x}))"


def _tanh(layer: Tanh, x: str) -> str:
    return f"tanh({x.strip('()')})"


def _silu(layer: SiLU, x: str) -> str:
    return f"{x}/(1 + exp(-{x}))"


def _hardsigmoid(layer: Hardsigmoid, x: str) -> str:
    return f"min(max({x} + 3, 0), 6)/6"


def _hardswish(layer: Hardswish, x: str) -> str:
    return f"{x}*min(max({x} + 3, 0), 6)/6"


def _gelu(layer: GELU, x: str) -> str:
    if layer.approximate == "none":
        return f"{x}*(1 + erf({x}/sqrt(2)))/2"
    return f"{x}*(1 + tanh(sqrt(2/pi)*({x} + 0.044715*{x}^3)))/2"


FUNCTIONS: Mapping[type[Layer], Callable[..., str]] = {
    ReLU: _relu,
    ReLU6: _relu6,
    LeakyReLU: _leaky_relu,
    Sigmoid: _sigmoid,
    Tanh: _tanh,
    SiLU: _silu,
    GELU: _gelu,
    Hardsigmoid: _hardsigmoid,
    Hardswish: _hardswish,
}
"""How a function of each element is written for the number it is given."""


def function_terms(layer: Layer, inputs: Inputs, own: Arrays, place: Place) -> Terms:
    """The value and the function of it."""
    x = inputs[0][place]
    rule = RULES[type(layer)]
    value = float(rule.forward(layer, (np.array([[x]]),), {}, Moment())[0, 0])
    shown = number_text(x) if isinstance(layer, ReLU) else factor_text(x)
    formula = FUNCTIONS[type(layer)](layer, shown)
    return _one(inputs[0], place, value, f"{formula} = {number_text(value)}")


def softmax_terms(layer: Softmax, inputs: Inputs, own: Arrays, place: Place) -> Terms:
    """The scores of all channels at the place, their exponentials and their sum.

    The largest score is taken off before, which changes no share and lets nothing
    overflow: exp(x - m) / sum of exp(x[j] - m).
    """
    at: Any = (slice(None), *place[1:])
    scores = inputs[0][at]
    raised = np.exp(scores - scores.max())
    total, own_part = float(raised.sum()), float(raised[place[0]])
    value = own_part / total
    formula = f"{number_text(own_part)}/{number_text(total)} = {number_text(value)}"
    shape = (len(scores),) + (1,) * (len(place) - 1)
    return Terms(
        scores.reshape(shape),
        (tuple(range(len(scores))), *((at,) for at in place[1:])),
        value,
        formula,
        np.ones(shape, np.bool_),
        sum=total,
        facts=(("largest", float(scores.max())),),
        exponentials=raised,
    )


def add_terms(layer: Add, inputs: Inputs, own: Arrays, place: Place) -> Terms:
    """The value of each input at the place."""
    values = np.array([image[place] for image in inputs])
    value = float(values.sum())
    first, *rest = values
    written = " + ".join([number_text(first), *map(factor_text, rest)])
    formula = f"{written} = {number_text(value)}"
    axes = tuple((at,) for at in place)
    inside = np.ones(values.shape, np.bool_)
    return Terms(values, axes, value, formula, inside, sum=value, source=None)


def multiply_terms(layer: Multiply, inputs: Inputs, own: Arrays, place: Place) -> Terms:
    """The value of each input at the place, of a gate at its only pixel."""
    shape = layer.output(*(image.shape for image in inputs))
    gates = tuple(at for at, image in enumerate(inputs) if image.shape != shape)
    values = np.array(
        [
            image[(place[0], 0, 0) if at in gates else place]
            for at, image in enumerate(inputs)
        ]
    )
    value = float(values.prod())
    first, *rest = values
    written = "*".join([number_text(first), *map(factor_text, rest)])
    formula = f"{written} = {number_text(value)}"
    axes = tuple((at,) for at in place)
    inside = np.ones(values.shape, np.bool_)
    return Terms(values, axes, value, formula, inside, source=None, gates=gates)


def concat_terms(layer: Concat, inputs: Inputs, own: Arrays, place: Place) -> Terms:
    """The value of the input that the channel comes from, cropped around its centre."""
    channel, source = place[0], 0
    while channel >= len(inputs[source]):
        channel -= len(inputs[source])
        source += 1
    image = inputs[source]
    smallest = np.min([one.shape[1:] for one in inputs], axis=0)
    shifts = (np.array(image.shape[1:]) - smallest) // 2
    moved = (int(at + shift) for at, shift in zip(place[1:], shifts, strict=True))
    found = (channel, *moved)
    value = float(image[found])
    return _one(image, found, value, number_text(value), source=source)
