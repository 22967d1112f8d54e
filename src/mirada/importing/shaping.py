"""Axes: flattening in all its spellings, transposes that cancel, borders, shapes."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod

import numpy as np

from mirada.errors import Phrase
from mirada.importing.graph import Operation, UnfitError
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Cut, Feature, Formed, Padded, Pixels, Value
from mirada.network import Flatten
from mirada.network.layer import Shape, shape_text
from mirada.network.window import Sides

__all__ = ["BATCH", "HANDLERS"]

BATCH = -1
"""What stands for the number of images where a graph asks for shapes."""

_TO_LAST, _TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


def _in_graph(feature: Feature | Pixels) -> Shape:
    """The shape as the graph has it."""
    shape = feature.shape
    return (*shape[1:], shape[0]) if feature.last else shape


def _flattened(reader: Reader, feature: Feature) -> Feature:
    if len(feature.shape) == 1:
        return feature
    found = reader.add(Flatten(), replace(feature, last=False))
    c, h, w = feature.shape
    mixed = feature.last and c > 1 and h * w > 1
    return replace(found, order=(h, w, c) if mixed else None)


def _flatten(reader: Reader, operation: Operation) -> Value:
    feature = reader.feature(operation)
    axes = len(feature.shape) + 1
    if operation.whole("axis", 1) % axes != 1:
        raise UnfitError(operation, Phrase("it does not keep the images apart"))
    return _flattened(reader, feature)


def _reshape(reader: Reader, operation: Operation) -> Value:
    """To a vector, or to the shape that is there already."""
    feature = reader.feature(operation)
    target = reader.listed(operation, 1, "shape")
    there = _in_graph(feature)
    sizes = _completed(target, there)
    if sizes == (prod(there),):
        return _flattened(reader, feature)
    if sizes == there:
        return feature
    reason = Phrase(
        "it makes {target} of {there}",
        target=shape_text(target),
        there=shape_text(there),
    )
    raise UnfitError(operation, reason)


def _completed(target: tuple[int, ...], there: Shape) -> Shape:
    """The asked shape without the batch, 0 (as before) and -1 (the rest) filled in."""
    asked = list(target[1:])
    for place, size in enumerate(asked):
        if size == 0 and place < len(there):
            asked[place] = there[place]
    known = prod(size for size in asked if size != -1)
    if asked.count(-1) == 1 and known > 0:
        asked[asked.index(-1)] = prod(there) // known
    return tuple(asked)


def _squeeze(reader: Reader, operation: Operation) -> Value:
    """Height and width of 1 dropped."""
    feature = reader.feature(operation)
    axes = reader.listed(operation, 1, "axes")
    wanted = {1, 2} if feature.last else {2, 3}
    if (
        len(feature.shape) != 3
        or feature.shape[1:] != (1, 1)
        or ({axis % 4 for axis in axes} != wanted)
    ):
        raise UnfitError(operation, Phrase("it drops other axes than height and width"))
    return _flattened(reader, feature)


def _transpose(reader: Reader, operation: Operation) -> Value:
    value = reader.value(operation, 0)
    order = operation.wholes("perm", ())
    if isinstance(value, Formed):
        return replace(value, feature=_turned(operation, value.feature, order))
    if isinstance(value, Pixels):
        _require_turn(operation, order, value.last)
        return replace(value, last=not value.last)
    return _turned(operation, reader.feature(operation), order)


def _turned(operation: Operation, feature: Feature, order: tuple[int, ...]) -> Feature:
    if len(feature.shape) == 3:
        _require_turn(operation, order, feature.last)
        return replace(feature, last=not feature.last)
    if order != (0, 1):
        raise UnfitError(operation, Phrase("it exchanges images and features"))
    return feature


def _require_turn(operation: Operation, order: tuple[int, ...], last: bool) -> None:
    if order != (_TO_FIRST if last else _TO_LAST):
        raise UnfitError(operation, Phrase("it exchanges height and width, or more"))


def _shape(reader: Reader, operation: Operation) -> Value:
    value = reader.value(operation, 0)
    if isinstance(value, Padded | Cut):
        raise UnfitError(operation, Phrase("it asks for the shape of something cut"))
    feature = value.feature if isinstance(value, Formed) else value
    known = feature if isinstance(feature, Pixels) else reader.feature(operation)
    if isinstance(value, Formed):
        known = value.feature
    sizes = np.array([BATCH, *_in_graph(known)], np.int64)
    start, end = operation.whole("start", 0), operation.whole("end", len(sizes))
    return sizes[start:end]


def _pad(reader: Reader, operation: Operation) -> Value:
    """A border of height and width, for the window to come."""
    feature = reader.feature(operation)
    if operation.text("mode", "constant") != "constant" or reader.has(operation, 3):
        raise UnfitError(operation, Phrase("its border is not a constant around"))
    pads, value = reader.listed(operation, 1, "pads"), operation.real("value", 0.0)
    if reader.has(operation, 2):
        value = reader.number(operation, 2)
    sides = _sides(operation, pads, feature)
    if not any(sides):
        return feature
    return Padded(feature, sides, value, operation)


def _sides(operation: Operation, pads: tuple[int, ...], feature: Feature) -> Sides:
    if len(feature.shape) == 3 and len(pads) == 8 and min(pads) >= 0:
        first = 1 if feature.last else 2
        top, left = pads[first : first + 2]
        bottom, right = pads[first + 4 : first + 6]
        if top + left + bottom + right == sum(pads):
            return top, bottom, left, right
    raise UnfitError(operation, Phrase("its border is not one of height and width"))


HANDLERS: Mapping[str, Handler] = {
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Shape": _shape,
    "Pad": _pad,
}
"""What is made of each operator."""
