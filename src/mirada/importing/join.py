"""Concat, and the cuts before it that make its inputs alike."""

from collections.abc import Mapping

from mirada.errors import Phrase
from mirada.importing.graph import Operation, UnfitError
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Cut, Feature, Value
from mirada.network import Concat
from mirada.network.join import centre

__all__ = ["HANDLERS"]


def _concat(reader: Reader, operation: Operation) -> Value:
    values = [reader.value(operation, n) for n in range(len(operation.inputs))]
    shapes = [one.shape for one in values if isinstance(one, Cut)]
    features = [
        one.feature if isinstance(one, Cut) else reader.feature(operation, n)
        for n, one in enumerate(values)
    ]
    if len(features) == 1 and not shapes:
        return features[0]
    _require_alike(operation, features)
    layer = Concat(crop=bool(shapes))
    if shapes:
        _require_middles(operation, values, features)
    return reader.add(layer, *features, last=features[0].last)


def _require_alike(operation: Operation, features: list[Feature]) -> None:
    first = features[0]
    axes = len(first.shape) + 1
    axis = operation.attributes.get("axis", 1)
    wanted = axes - 1 if first.last else 1
    if (
        type(axis) is not int
        or axis % axes != wanted
        or any(
            one.last != first.last or one.order or len(one.shape) + 1 != axes
            for one in features
        )
    ):
        raise UnfitError(operation, Phrase("it does not join along the channels"))


def _require_middles(
    operation: Operation, values: list[Value], features: list[Feature]
) -> None:
    """Refuses cuts that are not those of `Concat(crop=True)`."""
    smallest = tuple(min(one.shape[axis] for one in features) for axis in (1, 2))
    for value, feature in zip(values, features, strict=True):
        start, shape, last = (0, 0), feature.shape, feature.last
        if isinstance(value, Cut):
            start, shape, last = value.start, value.shape, False
        middle = tuple(first for first, _ in centre(feature.shape[1:], smallest))
        if start != middle or shape[1:] != smallest or last:
            raise UnfitError(operation, Phrase("its inputs are not cut to the middle"))


def _slice(reader: Reader, operation: Operation) -> Value:
    """A cut of height and width, for a concat to come."""
    image = reader.image(operation)
    starts, ends, axes, steps = _bounds(reader, operation)
    top, height = 0, image.shape[1]
    left, width = 0, image.shape[2]
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        length = (-1, *image.shape)[axis]
        low = max(start + length if start < 0 else start, 0)
        high = min(end + length if end < 0 else end, length)
        if axis not in (2, 3) or step != 1 or not low < high:
            raise UnfitError(operation, Phrase("it is no cut of height and width"))
        if axis == 2:
            top, height = low, high - low
        else:
            left, width = low, high - low
    shape = (image.shape[0], height, width)
    if shape == image.shape:
        return image
    return Cut(image, (top, left), shape, operation)


def _bounds(reader: Reader, operation: Operation) -> tuple[tuple[int, ...], ...]:
    """Starts, ends, axes and steps, as many each; attributes up to operator set 9."""
    if reader.opset < 10:
        starts, ends = operation.wholes("starts", ()), operation.wholes("ends", ())
        axes = operation.wholes("axes", ()) or tuple(range(len(starts)))
        steps: tuple[int, ...] = ()
    else:
        starts, ends = reader.wholes(operation, 1), reader.wholes(operation, 2)
        given = reader.has(operation, 3)
        axes = reader.wholes(operation, 3) if given else tuple(range(len(starts)))
        steps = reader.wholes(operation, 4) if reader.has(operation, 4) else ()
    steps = steps or (1,) * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps) or not all(
        -4 <= axis < 4 for axis in axes
    ):
        raise UnfitError(operation, Phrase("its bounds are not as many as its axes"))
    return starts, ends, tuple(axis % 4 for axis in axes), steps


HANDLERS: Mapping[str, Handler] = {"Concat": _concat, "Slice": _slice}
"""What is made of each operator."""
