"""Operations of PyTorch that slide or enlarge: convolutions, poolings, zeros around."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mirada.errors import Phrase
from mirada.importing.aten_call import Call, Operation
from mirada.importing.building import MisfitError, Value
from mirada.network import (
    AvgPool2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    MaxPool2d,
    Shape,
    Upsample,
)
from mirada.network.layer import shape_text
from mirada.network.window import added

__all__ = [
    "adaptive_avg_pool",
    "adaptive_max_pool",
    "avg_pool",
    "convolution",
    "max_pool",
    "over_the_image",
    "pad",
    "transposed_convolution",
    "upsample",
]


def _pair(value: Any) -> tuple[int, int]:
    """Both numbers of what ATen writes as two, as one or, for a stride, as none."""
    rows, columns = (*value, value[-1]) if len(value) == 1 else value
    return rows, columns


def convolution(call: Call) -> Value:
    """A convolution with its arrays; padding in numbers or as PyTorch's "same"."""
    given, weight, bias = call.given, call.array("weight"), call.array("bias")
    padding = given["padding"]
    if isinstance(padding, str):
        padding = {"same": "same-torch", "valid": 0}[padding]
    assert weight is not None
    layer = Conv2d(
        weight.shape[0],
        weight.shape[2:],
        _pair(given["stride"]),
        padding if isinstance(padding, str | int) else _pair(padding),
        _pair(given["dilation"]),
        given["groups"],
        bias is not None,
    )
    return call.place(layer, weight=weight, bias=bias)


def transposed_convolution(call: Call) -> Value:
    """A transposed convolution with its arrays."""
    given, weight, bias = call.given, call.array("weight"), call.array("bias")
    assert weight is not None
    layer = ConvTranspose2d(
        weight.shape[1] * given["groups"],
        weight.shape[2:],
        _pair(given["stride"]),
        _pair(given["padding"]),
        _pair(given["output_padding"]),
        _pair(given["dilation"]),
        given["groups"],
        bias is not None,
    )
    return call.place(layer, weight=weight, bias=bias)


def max_pool(call: Call) -> Value:
    """Max pooling; no stride is that of the window."""
    given, size = call.given, _pair(call.given["kernel_size"])
    stride = _pair(given["stride"] or size)
    padding, dilation = _pair(given["padding"]), _pair(given["dilation"])
    return call.place(MaxPool2d(size, stride, padding, dilation, given["ceil_mode"]))


def avg_pool(call: Call) -> Value:
    """Mean pooling, the zeros counted or not."""
    given, size = call.given, _pair(call.given["kernel_size"])
    if given["divisor_override"] is not None:
        raise MisfitError(Phrase("it divides by a number of its own"))
    stride, padding = _pair(given["stride"] or size), _pair(given["padding"])
    counts = given["count_include_pad"]
    return call.place(AvgPool2d(size, stride, padding, given["ceil_mode"], counts))


def _whole(call: Call) -> tuple[Value, Shape]:
    """An image that is to be pooled, zeros around it included."""
    value = call.input
    if len(value.shape) != 3:
        raise MisfitError(Phrase("it pools {shape}", shape=shape_text(value.shape)))
    return value, value.padded


def _even_windows(call: Call) -> tuple[int, int] | None:
    """The windows that an adaptive pooling has where they are all of one size."""
    (_, *lengths), wanted = _whole(call)[1], _pair(call.given["output_size"])
    if any(length % count for length, count in zip(lengths, wanted, strict=True)):
        raise MisfitError(
            Phrase(
                "its windows differ in size: {lengths} is no multiple of {wanted}",
                lengths=shape_text(tuple(lengths)),
                wanted=shape_text(wanted),
            )
        )
    rows, columns = (a // b for a, b in zip(lengths, wanted, strict=True))
    return None if (rows, columns) == (1, 1) else (rows, columns)


def adaptive_avg_pool(call: Call) -> Value:
    """The mean of even windows, or of the whole image."""
    size = _even_windows(call)
    if size is None:
        return call.input
    if call.shape[1:] == (1, 1):
        return call.place(GlobalAvgPool2d())
    return call.place(AvgPool2d(size))


def adaptive_max_pool(call: Call) -> Value:
    """The largest value of even windows."""
    size = _even_windows(call)
    return call.input if size is None else call.place(MaxPool2d(size))


def over_the_image(pool: Callable[[Shape], Layer]) -> Operation:
    """A reduction over height and width, which may leave a vector."""

    def reduced(call: Call) -> Value:
        value, shape = _whole(call)
        if {axis % 4 for axis in call.given.get("dim") or ()} != {2, 3}:
            raise MisfitError(Phrase("it goes over other axes than height and width"))
        found = call.place(pool(shape), value)
        return found if call.given["keepdim"] else call.place(Flatten(), found)

    return reduced


def pad(call: Call) -> Value:
    """The same value with zeros around it, which a window has to take over."""
    given, value = call.given, call.input
    mode, fill = given.get("mode", "constant"), given.get("value")
    left, right, top, bottom = (*given["pad"], 0, 0, 0, 0)[:4]
    sides = (top, bottom, left, right)
    if mode != "constant" or fill or len(value.shape) != 3 or min(sides) < 0:
        raise MisfitError(Phrase("it puts anything but zeros around an image"))
    if len(given["pad"]) > 4 and any(given["pad"][4:]):
        raise MisfitError(Phrase("it adds channels"))
    return replace(value, pad=added(value.pad, sides))


def upsample(mode: str) -> Operation:
    """Enlarging by whole numbers, by the nearest pixel or bilinear."""

    def enlarged(call: Call) -> Value:
        lengths, wanted = call.input.shape[1:], call.shape[1:]
        if call.given.get("align_corners"):
            raise MisfitError(Phrase("it aligns corners"))
        if any(b % a for a, b in zip(lengths, wanted, strict=True)):
            raise MisfitError(
                Phrase(
                    "{wanted} is no multiple of {lengths}",
                    wanted=shape_text(wanted),
                    lengths=shape_text(lengths),
                )
            )
        rows, columns = (b // a for a, b in zip(lengths, wanted, strict=True))
        return call.place(Upsample((rows, columns), mode))

    return enlarged
