"""Operations of PyTorch on elements, vectors and several values."""

from math import prod

from mirada.errors import Phrase
from mirada.importing.aten_call import Call, Operation
from mirada.importing.building import MisfitError, Value
from mirada.network import (
    Add,
    BatchNorm2d,
    Concat,
    Flatten,
    Layer,
    Linear,
    Multiply,
    ReLU,
    ReLU6,
    Softmax,
)
from mirada.network.layer import shape_text

__all__ = [
    "add",
    "batch_norm",
    "clamp",
    "concat",
    "linear",
    "log_softmax",
    "multiply",
    "plain",
    "reshaped",
    "same",
    "softmax",
]


def linear(call: Call) -> Value:
    """A fully connected layer with its arrays."""
    weight, bias = call.array("weight"), call.array("bias")
    assert weight is not None
    return call.place(
        Linear(weight.shape[0], bias is not None), weight=weight, bias=bias
    )


def batch_norm(call: Call) -> Value:
    """Batch normalization with all four of its arrays."""
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


def reshaped(call: Call) -> Value:
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


def clamp(call: Call) -> Value:
    """ReLU or ReLU6, where the limits are those of one."""
    low = call.given.get("min", call.given.get("min_val"))
    high = call.given.get("max", call.given.get("max_val"))
    if low == 0 and high in (None, 6):
        return call.place(ReLU() if high is None else ReLU6())
    raise MisfitError(Phrase("its limits are {low} and {high}", low=low, high=high))


def softmax(call: Call) -> Value:
    """Softmax over the channels or the features."""
    axis = call.given["dim"] % (len(call.input.shape) + 1)
    if axis != 1:
        raise MisfitError(Phrase("it goes over other axes than the channels"))
    return call.place(Softmax())


def log_softmax(call: Call) -> Value:
    """Nothing: MisfitError says that scores are what a loss takes."""
    raise MisfitError(
        Phrase("leave it out: the loss of a recipe takes the scores before softmax")
    )


def add(call: Call) -> Value:
    """The sum of two values."""
    if call.given["alpha"] != 1:
        raise MisfitError(Phrase("it multiplies before it adds"))
    return call.place(Add(), call.input, call.value("other"))


def multiply(call: Call) -> Value:
    """The product of two values, one of which may be a number for each channel."""
    return call.place(Multiply(), call.input, call.value("other"))


def concat(call: Call) -> Value:
    """Several values one after another along the channels."""
    parts = call.given["tensors"]
    if not all(isinstance(part, Value) for part in parts):
        raise MisfitError(Phrase("it joins a parameter"))
    if call.given["dim"] % (len(call.shape) + 1) != 1:
        raise MisfitError(Phrase("it joins along another axis than the channels"))
    return parts[0] if len(parts) == 1 else call.place(Concat(), *parts)


def same(call: Call) -> Value:
    """The first argument itself."""
    return call.input


def plain(layer: Layer) -> Operation:
    """The operation that is always this layer, on its first argument."""
    return lambda call: call.place(layer)
