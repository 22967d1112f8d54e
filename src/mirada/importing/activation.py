"""Functions of each element, however many nodes an export spells them in.

GELU may come as one node or as eight, SiLU as a sigmoid and a product, ReLU as a clip.
So each such node is carried out on a grid of numbers, and what comes out at the end is
compared with what the layers of mirada give there by the law itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import erf

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.importing.graph import Operation, UnfitError
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Feature, Formed, Value
from mirada.network import (
    GELU,
    Dropout,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from mirada.reference.layer import Moment
from mirada.reference.network import RULES

__all__ = ["GRID", "HANDLERS", "begun", "complete", "recognized"]

Floats = NDArray[np.float64]

_FAR = np.array([20.0, 100.0, 1e4, 1e8])
GRID: Floats = np.concatenate([-_FAR[::-1], np.linspace(-9.75, 10.0, 80), _FAR])
"""Where functions are compared; 0 and the bends of every known one are near a point."""

_NEAR = 2e-6
"""Constants stand in float32: sqrt(2) is off by 2e-8, a slope of ours by 6e-8."""
_KNOWN: tuple[Layer, ...] = (
    *(ReLU(), SiLU(), GELU(), GELU("tanh"), Sigmoid(), Tanh()),
    *(ReLU6(), Hardswish(), Hardsigmoid()),
)


def _of_law(layer: Layer, x: Floats = GRID) -> Floats:
    values: Floats = RULES[type(layer)].forward(layer, (x,), {}, Moment())
    return values


def _alike(one: Floats, other: Floats) -> bool:
    return bool(np.allclose(one, other, rtol=_NEAR, atol=_NEAR))


def _shortest(number: float) -> float:
    """The number that a person wrote, of the float32 that it became."""
    return float(str(np.float32(number)))


def _known(samples: Floats) -> Layer | None:
    """The layer that computes a function; None where none of mirada's does."""
    for layer in _KNOWN:
        if _alike(samples, _of_law(layer)):
            return layer
    slope = float(samples[GRID == -1.0][0]) / -1.0
    if not 0 <= slope < 1:
        return None
    leaky = LeakyReLU(_shortest(slope))
    return leaky if _alike(samples, _of_law(leaky)) else None


def complete(samples: Floats) -> bool:
    """Whether a function is that of a layer by itself, or of none at all."""
    return _alike(samples, GRID) or _known(samples) is not None


def recognized(reader: Reader, value: Formed) -> Feature:
    """The layer that computes a function, after its feature.

    Raises UnfitError where none of mirada's layers does.
    """
    samples, feature = value.samples, value.feature
    if _alike(samples, GRID):
        return feature
    known = _known(samples)
    if known is None:
        reason = Phrase("its formula is that of no activation of mirada's")
        raise UnfitError(value.operation, reason)
    found = reader.add(known, feature, last=feature.last)
    return replace(found, order=feature.order)


def begun(
    reader: Reader, operation: Operation, place: int, beside: Feature | None = None
) -> Formed:
    """An input as a function of a feature.

    What is an activation by itself ends there, and a new function begins; but not where
    the operator also takes its feature, `beside`: x sigmoid(x) goes on.
    """
    name = reader.name(operation, place)
    value = reader.values[name]
    if isinstance(value, Formed):
        going_on = value.feature == beside or _known(value.samples) is None
        if going_on:
            return value
    return Formed(reader.feature(operation, place), GRID, operation)


Function = Callable[[Reader, Operation, Floats], Floats]


def _single(function: Function) -> Handler:
    def handler(reader: Reader, operation: Operation) -> Value:
        before = begun(reader, operation, 0)
        samples = function(reader, operation, before.samples)
        return Formed(before.feature, np.asarray(samples, np.float64), operation)

    return handler


def _law(layer: Layer) -> Handler:
    return _single(lambda reader, operation, x: _of_law(layer, x))


def _erf(values: Floats) -> Floats:
    return np.array([erf(value) for value in values])


def _gelu(reader: Reader, operation: Operation, x: Floats) -> Floats:
    tanh = operation.text("approximate", "none") == "tanh"
    return _of_law(GELU("tanh" if tanh else "none"), x)


def _leaky(reader: Reader, operation: Operation, x: Floats) -> Floats:
    return np.where(x < 0, operation.real("alpha", 0.01) * x, x)


def _prelu(reader: Reader, operation: Operation, x: Floats) -> Floats:
    return np.where(x < 0, reader.number(operation, 1) * x, x)


def _hard_sigmoid(reader: Reader, operation: Operation, x: Floats) -> Floats:
    alpha, beta = operation.real("alpha", 0.2), operation.real("beta", 0.5)
    return np.clip(alpha * x + beta, 0, 1)


def _clip(reader: Reader, operation: Operation, x: Floats) -> Floats:
    """The limits are attributes up to operator set 10, inputs after it."""
    low, high = operation.real("min", -np.inf), operation.real("max", np.inf)
    limits = [low, high]
    for place in (1, 2):
        if reader.has(operation, place):
            limits[place - 1] = reader.number(operation, place)
    return np.minimum(np.maximum(x, limits[0]), limits[1])


def _identity(reader: Reader, operation: Operation) -> Value:
    return reader.value(operation, 0)


def _cast(reader: Reader, operation: Operation) -> Value:
    """To floating-point numbers of any length: mirada computes in its own."""
    if operation.whole("to", 1) not in (1, 10, 11, 16):
        raise UnfitError(operation, Phrase("it rounds to whole numbers"))
    return reader.value(operation, 0)


def _dropout(reader: Reader, operation: Operation) -> Value:
    ratio = operation.real("ratio", 0.5)
    if reader.has(operation, 1):
        ratio = reader.number(operation, 1)
    if not 0 < ratio < 1:
        return reader.value(operation, 0)
    feature = reader.feature(operation)
    found = reader.add(Dropout(_shortest(ratio)), feature, last=feature.last)
    return replace(found, order=feature.order)


def _softmax(reader: Reader, operation: Operation) -> Value:
    feature = reader.feature(operation)
    last = len(feature.shape)
    axis = operation.whole("axis", -1 if reader.opset >= 13 else 1) % (last + 1)
    over_all = reader.opset < 13 and feature.shape[1:] != (1,) * (last - 1)
    if axis != (last if feature.last else 1) or over_all or feature.order:
        raise UnfitError(operation, Phrase("it is not taken over the channels"))
    return reader.add(Softmax(), feature, last=feature.last)


def _log_softmax(reader: Reader, operation: Operation) -> Value:
    """Its softmax is that of its input, which is what mirada takes of scores."""
    if operation.outputs[0] not in reader.graph.outputs:
        raise UnfitError(operation, Phrase("it is not the last node"))
    reader.notes.append(
        Phrase(
            "The logarithm of softmax at its end is left out: of scores mirada "
            "computes the probabilities itself."
        )
    )
    return reader.value(operation, 0)


HANDLERS: Mapping[str, Handler] = {
    "Relu": _law(ReLU()),
    "LeakyRelu": _single(_leaky),
    "PRelu": _single(_prelu),
    "Sigmoid": _law(Sigmoid()),
    "Tanh": _law(Tanh()),
    "Erf": _single(lambda reader, operation, x: _erf(x)),
    "Exp": _single(lambda reader, operation, x: np.exp(x)),
    "Softplus": _single(lambda reader, operation, x: np.logaddexp(x, 0)),
    "Neg": _single(lambda reader, operation, x: -x),
    "Abs": _single(lambda reader, operation, x: np.abs(x)),
    "Gelu": _single(_gelu),
    "HardSigmoid": _single(_hard_sigmoid),
    "HardSwish": _single(lambda reader, operation, x: x * np.clip(x / 6 + 0.5, 0, 1)),
    "Clip": _single(_clip),
    "Identity": _identity,
    "Cast": _cast,
    "Dropout": _dropout,
    "Softmax": _softmax,
    "LogSoftmax": _log_softmax,
}
"""What is made of each operator."""
