"""Sums and products: normalized pixels, biases, formulas of activations, joins."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.importing.activation import begun, complete
from mirada.importing.graph import Array, Operation, UnfitError
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Feature, Formed, Pixels, Value
from mirada.network import Add, Conv2d, ConvTranspose2d, Layer, Linear, Multiply

__all__ = ["HANDLERS", "each_channel"]

Floats = NDArray[np.float64]
Function = Callable[[Floats, Floats], Floats]

_FUNCTIONS: Mapping[str, Function] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Pow": np.power,
    "Max": np.maximum,
    "Min": np.minimum,
}

_JOINS: Mapping[str, Layer] = {"Add": Add(), "Sum": Add(), "Mul": Multiply()}


def each_channel(
    constant: Array, channels: int, axes: int, last: bool
) -> Floats | None:
    """A constant as one number a channel; None where it has more than those.

    `axes` are those of what it meets, the batch's included.
    """
    if constant.dtype.kind not in "fiu" or constant.ndim > axes:
        return None
    shape = (1,) * (axes - constant.ndim) + constant.shape
    place = axes - 1 if last else 1
    if any(n != 1 for axis, n in enumerate(shape) if axis != place):
        return None
    if shape[place] not in (1, channels):
        return None
    return np.broadcast_to(constant.reshape(-1).astype(np.float64), (channels,))


def _binary(reader: Reader, operation: Operation) -> Value:
    if len(operation.inputs) != 2:
        raise UnfitError(operation, Phrase("it does not take two inputs"))
    one, other = reader.value(operation, 0), reader.value(operation, 1)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return _with_constant(reader, operation, int(isinstance(one, np.ndarray)))
    return _of_two(reader, operation)


def _with_constant(reader: Reader, operation: Operation, place: int) -> Value:
    """The input at `place` is not the constant."""
    value, constant = (
        reader.value(operation, place),
        reader.constant(operation, 1 - place),
    )
    # What several nodes take is no step on the way to what the first layer sees.
    alone = reader.readers[reader.name(operation, place)] == 1
    if isinstance(value, Pixels) and alone:
        found = _normalized(operation, value, constant, place)
        if found is not None:
            return found
    biased = _biased(reader, operation, place, constant)
    if biased is not None:
        return biased
    if constant.size != 1 or constant.dtype.kind not in "fiu":
        reason = Phrase("its constant has a number for each element, or channel")
        raise UnfitError(operation, reason)
    before = begun(reader, operation, place)
    number = np.full(before.samples.shape, float(constant.reshape(-1)[0]))
    given = (before.samples, number) if place == 0 else (number, before.samples)
    samples = _FUNCTIONS[operation.kind](*given)
    return Formed(before.feature, samples, operation)


def _normalized(
    operation: Operation, pixels: Pixels, constant: Array, place: int
) -> Pixels | None:
    """Pixels after one more step of their normalization."""
    by = each_channel(constant, pixels.shape[0], 4, pixels.last)
    if by is None:
        return None
    scale, offset = pixels.scale, pixels.offset
    match operation.kind, place:
        case "Add", _:
            return replace(pixels, offset=offset + by)
        case "Sub", 0:
            return replace(pixels, offset=offset - by)
        case "Mul", _:
            return replace(pixels, scale=scale * by, offset=offset * by)
        case "Div", 0 if by.all():
            return replace(pixels, scale=scale / by, offset=offset / by)
    return None


def _biased(
    reader: Reader, operation: Operation, place: int, constant: Array
) -> Feature | None:
    """The feature of a layer without a bias, which this is; the layer is changed."""
    name = reader.name(operation, place)
    made, feature = reader.only(name), reader.values[name]
    if operation.kind != "Add" or made is None or not isinstance(feature, Feature):
        return None
    layer = made.layer
    if not isinstance(layer, Conv2d | ConvTranspose2d | Linear) or layer.bias:
        return None
    axes = len(feature.shape) + 1
    bias = each_channel(constant, feature.shape[0], axes, feature.last)
    if bias is None or "bias" in made.parameters:
        return None
    made.layer = replace(layer, bias=True)
    made.parameters["bias"] = bias
    return feature


def _of_two(reader: Reader, operation: Operation) -> Value:
    """Two functions of one feature are a function of it; other features are joined.

    So are two that are layers by themselves, unless they make another one together.
    """
    plain = [reader.value(operation, place) for place in (0, 1)]
    one, other = (
        begun(reader, operation, place, _feature(plain[1 - place])) for place in (0, 1)
    )
    if one.feature != other.feature:
        return _joined(reader, operation)
    samples = _FUNCTIONS[operation.kind](one.samples, other.samples)
    if complete(one.samples) and complete(other.samples) and not complete(samples):
        return _joined(reader, operation)
    return Formed(one.feature, samples, operation)


def _feature(value: Value) -> Feature | None:
    return value if isinstance(value, Feature) else None


def _joined(reader: Reader, operation: Operation) -> Feature:
    places = range(len(operation.inputs))
    features = [reader.feature(operation, place) for place in places]
    join = _JOINS.get(operation.kind)
    if join is None:
        raise UnfitError(operation, Phrase("no layer of mirada's joins so"))
    if len(features) == 1:
        return features[0]
    first = features[0]
    if any(one.last != first.last or one.order != first.order for one in features):
        raise UnfitError(operation, Phrase("its inputs have their channels apart"))
    found = reader.add(join, *features, last=first.last)
    return replace(found, order=first.order)


def _sum(reader: Reader, operation: Operation) -> Value:
    return _joined(reader, operation)


def _root(reader: Reader, operation: Operation) -> Value:
    before = begun(reader, operation, 0)
    return Formed(before.feature, np.sqrt(before.samples), operation)


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(_FUNCTIONS, _binary),
    "Sum": _sum,
    "Sqrt": _root,
}
"""What is made of each operator."""
