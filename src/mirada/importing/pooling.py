"""Pooling: windows with pads of any kind, and means over the whole image."""

from collections.abc import Mapping
from dataclasses import replace

from mirada.errors import Phrase
from mirada.importing.convolution import Frame, are_zeros, frame_of, image_within
from mirada.importing.graph import Operation, UnfitError
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Padded, Value
from mirada.network import (
    AvgPool2d,
    Flatten,
    GlobalAvgPool2d,
    MaxPool2d,
    ReLU,
    Sigmoid,
)
from mirada.network.layer import Shape
from mirada.network.window import Sides, Window, added

__all__ = ["HANDLERS"]

_LOWEST = -1e30
"""What is below it never is the largest number of a window."""
_NOT_NEGATIVE = (ReLU, Sigmoid)


def _ceiled(frame: Frame, shape: Shape, sides: Sides) -> tuple[Sides, bool] | None:
    """The sides and ceil mode of the same windows, the last of which go beyond.

    What some programs write as ceil mode others write as more padding at the end, which
    may be more than half of a window: none of mirada's pools takes that. None where
    nothing has the windows.
    """
    top, bottom, left, right = sides
    ends = []
    for axis, (start, end) in enumerate(((top, bottom), (left, right))):
        size, length = frame.kernel[axis], shape[1 + axis]
        window = Window(size, frame.stride[axis], start, end, frame.dilation[axis])
        fits = range(min(end, size // 2), -1, -1)
        same = (
            e
            for e in fits
            if replace(window, end=e, ceil=True).output(length) == window.output(length)
        )
        ends.append(next(same, None))
    if ends[0] is None or ends[1] is None:
        return None
    return (top, ends[0], left, ends[1]), True


def _ceil(operation: Operation) -> bool:
    return bool(operation.whole("ceil_mode", 0))


def _max_pool(reader: Reader, operation: Operation) -> Value:
    image, outer = image_within(reader, operation, _harmless)
    frame = frame_of(operation, image.shape)
    sides, ceil = added(frame.sides, outer), _ceil(operation)
    if not ceil and _too_wide(frame, sides):
        sides, ceil = _ceiled(frame, image.shape, sides) or (sides, ceil)
    stride = None if frame.stride == frame.kernel else frame.stride
    layer = MaxPool2d(frame.kernel, stride, sides, frame.dilation, ceil)
    return reader.add(layer, image)


def _too_wide(frame: Frame, sides: Sides) -> bool:
    height, width = frame.kernel
    return max(sides[:2]) > height // 2 or max(sides[2:]) > width // 2


def _harmless(value: Padded) -> bool:
    """Whether a border is never the largest: far below, or 0 where nothing is less."""
    made = value.feature.made
    positive = made is not None and isinstance(made.layer, _NOT_NEGATIVE)
    return value.value <= _LOWEST or (are_zeros(value) and positive)


def _avg_pool(reader: Reader, operation: Operation) -> Value:
    """Zeros that were put around are counted, and so no longer are padding."""
    image, outer = image_within(reader, operation)
    frame = frame_of(operation, image.shape)
    if frame.dilation != (1, 1):
        raise UnfitError(operation, Phrase("its windows are dilated"))
    counted, ceil = bool(operation.whole("count_include_pad", 0)), _ceil(operation)
    sides = frame.sides
    if any(outer):
        sides, ceil = _counted(operation, frame, image.shape, outer)
        counted = True
    elif not ceil and not counted and _too_wide(frame, sides):
        sides, ceil = _ceiled(frame, image.shape, sides) or (sides, ceil)
    stride = None if frame.stride == frame.kernel else frame.stride
    return reader.add(AvgPool2d(frame.kernel, stride, sides, ceil, counted), image)


def _counted(
    operation: Operation, frame: Frame, shape: Shape, outer: Sides
) -> tuple[Sides, bool]:
    """Zeros around, then a window that counts them and may go beyond at the end."""
    if operation.whole("count_include_pad", 0) and any(frame.sides):
        raise UnfitError(operation, Phrase("it is padded twice"))
    if not any(frame.sides):
        return outer, _ceil(operation)
    whole = added(outer, frame.sides)
    beyond = any(frame.sides[::2]) or _ceil(operation)
    for axis in range(2):
        start, end = outer[2 * axis : 2 * axis + 2]
        window = Window(frame.kernel[axis], frame.stride[axis], start, end, ceil=True)
        wide = replace(window, end=whole[2 * axis + 1], ceil=False)
        length = shape[1 + axis]
        beyond = beyond or window.output(length) != wide.output(length)
    if beyond:
        raise UnfitError(operation, Phrase("it is padded twice"))
    return outer, True


def _global_average(reader: Reader, operation: Operation) -> Value:
    return reader.add(GlobalAvgPool2d(), reader.image(operation))


def _global_max(reader: Reader, operation: Operation) -> Value:
    image = reader.image(operation)
    return reader.add(MaxPool2d((image.shape[1], image.shape[2])), image)


def _reduced(reader: Reader, operation: Operation) -> Value:
    """The mean or maximum over height and width; it may drop the two axes."""
    feature = reader.feature(operation)
    axes = reader.listed(operation, 1, "axes")
    wanted = {1, 2} if feature.last else {2, 3}
    if len(feature.shape) != 3 or {axis % 4 for axis in axes} != wanted:
        raise UnfitError(operation, Phrase("it is not taken over height and width"))
    height, width = feature.shape[1:]
    mean = operation.kind == "ReduceMean"
    layer = GlobalAvgPool2d() if mean else MaxPool2d((height, width))
    found = reader.add(layer, feature, last=feature.last)
    if operation.whole("keepdims", 1):
        return found
    return reader.add(Flatten(), found)


HANDLERS: Mapping[str, Handler] = {
    "MaxPool": _max_pool,
    "AveragePool": _avg_pool,
    "GlobalAveragePool": _global_average,
    "GlobalMaxPool": _global_max,
    "ReduceMean": _reduced,
    "ReduceMax": _reduced,
}
"""What is made of each operator."""
