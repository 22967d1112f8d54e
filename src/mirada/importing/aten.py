"""PyTorch's operations on images (ATen), as layers.

Each function takes a `Call`, the arguments by the names of ATen's own schema, and gives
the value or raises MisfitError. Nothing here imports PyTorch: an operation is known by
its name, such as "conv2d", which `OPERATIONS` looks up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from mirada.errors import Phrase
from mirada.importing.building import Array, Builder, MisfitError, Value
from mirada.network import (
    GELU,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Shape,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)
from mirada.network.layer import shape_text

__all__ = ["OPERATIONS", "Call", "Held"]


class Held(NamedTuple):
    """A parameter or a buffer of the module, by its name there."""

    name: str
    array: Array


@dataclass(frozen=True)
class Call:
    """One operation of the graph.

    `given` are its arguments: values, `Held` arrays, numbers. `shape` is what PyTorch
    says of its result, without the batch. `name` is the module that does nothing else,
    `within` the one around it.
    """

    builder: Builder
    given: Mapping[str, Any]
    shape: Shape
    name: str = ""
    within: str = ""

    def value(self, key: str) -> Value:
        """An argument that the network computes."""
        found = self.given[key]
        if not isinstance(found, Value):
            raise MisfitError(Phrase("it takes {what}", what=_told(found)))
        return found

    @property
    def input(self) -> Value:
        """The first argument."""
        return self.value(next(iter(self.given)))

    def array(self, key: str) -> Array | None:
        """A parameter of the module, or None where it has none."""
        found = self.given[key]
        if found is None:
            return None
        if not isinstance(found, Held):
            raise MisfitError(Phrase("its {key} is computed, not a parameter", key=key))
        return found.array

    def place(self, layer: Layer, *inputs: Value, **arrays: Array | None) -> Value:
        """The layer with its arrays, on the inputs, or on the first argument."""
        own = {key: array for key, array in arrays.items() if array is not None}
        return self.builder.place(
            layer,
            inputs or [self.input],
            name=self.name,
            within=self.within,
            arrays=own,
        )


Operation = Callable[[Call], Value]


def _told(found: object) -> Phrase:
    if isinstance(found, Held):
        return Phrase("the parameter {name!r}", name=found.name)
    return Phrase("the number {number}", number=str(found)[:40])


def _pair(value: Any) -> tuple[int, int]:
    """Both numbers of what ATen writes as two, as one or, for a stride, as none."""
    rows, columns = (*value, value[-1]) if len(value) == 1 else value
    return rows, columns


def _convolution(call: Call) -> Value:
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


def _transposed_convolution(call: Call) -> Value:
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


def _linear(call: Call) -> Value:
    weight, bias = call.array("weight"), call.array("bias")
    assert weight is not None
    return call.place(
        Linear(weight.shape[0], bias is not None), weight=weight, bias=bias
    )


def _batch_norm(call: Call) -> Value:
    arrays = {
        key: call.array(key)
        for key in ("weight", "bias", "running_mean", "running_var")
    }
    if any(array is None for array in arrays.values()):
        raise MisfitError(
            Phrase("it has not all of weight, bias, running mean and running variance")
        )
    layer = BatchNorm2d(call.given["eps"], call.given["momentum"])
    return call.place(layer, **arrays)


def _max_pool(call: Call) -> Value:
    given, size = call.given, _pair(call.given["kernel_size"])
    stride = _pair(given["stride"] or size)
    padding, dilation = _pair(given["padding"]), _pair(given["dilation"])
    return call.place(MaxPool2d(size, stride, padding, dilation, given["ceil_mode"]))


def _avg_pool(call: Call) -> Value:
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


def _adaptive_avg_pool(call: Call) -> Value:
    size = _even_windows(call)
    if size is None:
        return call.input
    if call.shape[1:] == (1, 1):
        return call.place(GlobalAvgPool2d())
    return call.place(AvgPool2d(size))


def _adaptive_max_pool(call: Call) -> Value:
    size = _even_windows(call)
    return call.input if size is None else call.place(MaxPool2d(size))


def _over_the_image(pool: Callable[[Shape], Layer]) -> Operation:
    """A reduction over height and width, which may leave a vector."""

    def reduced(call: Call) -> Value:
        value, shape = _whole(call)
        if {axis % 4 for axis in call.given.get("dim") or ()} != {2, 3}:
            raise MisfitError(Phrase("it goes over other axes than height and width"))
        found = call.place(pool(shape), value)
        return found if call.given["keepdim"] else call.place(Flatten(), found)

    return reduced


def _reshaped(call: Call) -> Value:
    """The same numbers in the same order: nothing, or a flatten."""
    value = call.input
    if call.shape == value.padded:
        return value
    if call.shape != (prod(value.padded),):
        raise MisfitError(
            Phrase(
                "it gives {old} the shape {shape}; only an image becomes a vector",
                old=shape_text(value.padded),
                shape=shape_text(call.shape),
            )
        )
    return call.place(Flatten())


def _pad(call: Call) -> Value:
    given, value = call.given, call.input
    mode, fill = given.get("mode", "constant"), given.get("value")
    left, right, top, bottom = (*given["pad"], 0, 0, 0, 0)[:4]
    sides = (top, bottom, left, right)
    if mode != "constant" or fill or len(value.shape) != 3 or min(sides) < 0:
        raise MisfitError(Phrase("it puts anything but zeros around an image"))
    if len(given["pad"]) > 4 and any(given["pad"][4:]):
        raise MisfitError(Phrase("it adds channels"))
    before, own = value.pad, (top, bottom, left, right)
    total = tuple(a + b for a, b in zip(before, own, strict=True))
    return Value(value.name, value.shape, total)


def _clamp(call: Call) -> Value:
    low = call.given.get("min", call.given.get("min_val"))
    high = call.given.get("max", call.given.get("max_val"))
    if low == 0 and high is None:
        return call.place(ReLU())
    raise MisfitError(Phrase("its limits are {low} and {high}", low=low, high=high))


def _softmax(call: Call) -> Value:
    axis = call.given["dim"] % (len(call.input.shape) + 1)
    if axis != 1:
        raise MisfitError(Phrase("it goes over other axes than the channels"))
    return call.place(Softmax())


def _log_softmax(call: Call) -> Value:
    raise MisfitError(
        Phrase("leave it out: the loss of a recipe takes the scores before softmax")
    )


def _add(call: Call) -> Value:
    if call.given["alpha"] != 1:
        raise MisfitError(Phrase("it multiplies before it adds"))
    return call.place(Add(), call.input, call.value("other"))


def _concat(call: Call) -> Value:
    parts = call.given["tensors"]
    if not all(isinstance(part, Value) for part in parts):
        raise MisfitError(Phrase("it joins a parameter"))
    if call.given["dim"] % (len(call.shape) + 1) != 1:
        raise MisfitError(Phrase("it joins along another axis than the channels"))
    return parts[0] if len(parts) == 1 else call.place(Concat(), *parts)


def _upsample(mode: str) -> Operation:
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


def _same(call: Call) -> Value:
    return call.input


def _plain(layer: Layer) -> Operation:
    return lambda call: call.place(layer)


OPERATIONS: Mapping[str, Operation] = {
    "conv2d": _convolution,
    "conv_transpose2d": _transposed_convolution,
    "linear": _linear,
    "batch_norm": _batch_norm,
    "max_pool2d": _max_pool,
    "max_pool2d_with_indices": _max_pool,
    "avg_pool2d": _avg_pool,
    "adaptive_avg_pool2d": _adaptive_avg_pool,
    "adaptive_max_pool2d": _adaptive_max_pool,
    "mean": _over_the_image(lambda shape: GlobalAvgPool2d()),
    "amax": _over_the_image(lambda shape: MaxPool2d(shape[1:])),
    "relu": _plain(ReLU()),
    "hardtanh": _clamp,
    "clamp": _clamp,
    "clamp_min": _clamp,
    "leaky_relu": lambda call: call.place(LeakyReLU(call.given["negative_slope"])),
    "sigmoid": _plain(Sigmoid()),
    "tanh": _plain(Tanh()),
    "gelu": lambda call: call.place(GELU(call.given["approximate"])),
    "silu": _plain(SiLU()),
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "dropout": lambda call: call.place(Dropout(call.given["p"])),
    "add": _add,
    "cat": _concat,
    "pad": _pad,
    "constant_pad_nd": _pad,
    "upsample_nearest2d": _upsample("nearest"),
    "upsample_bilinear2d": _upsample("bilinear"),
    **dict.fromkeys(
        ("flatten", "view", "reshape", "_unsafe_view", "squeeze", "unsqueeze"),
        _reshaped,
    ),
    **dict.fromkeys(("clone", "contiguous", "alias", "detach", "to"), _same),
}
"""What a layer stands for, by ATen's name without its overload."""
