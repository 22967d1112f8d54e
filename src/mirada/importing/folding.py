"""Nodes that take constants only: weights in another shape, arithmetic with sizes."""

from collections.abc import Callable, Mapping

import numpy as np

from mirada.errors import Phrase
from mirada.importing.graph import Array, Operation, UnfitError
from mirada.importing.reader import Reader

__all__ = ["fold"]

_MOST_SMALL = 4096
"""How many numbers may come of arithmetic; weights are only put in another order."""

_TYPES: Mapping[int, type] = {
    1: np.float32,
    6: np.int32,
    7: np.int64,
    9: np.bool_,
    10: np.float16,
    11: np.float64,
}
_WORDS = ("value_float", "value_int", "value_floats", "value_ints")

Fold = Callable[[Operation, list[Array], int], Array]
"""Of an operation, its inputs and the operator set."""


def fold(reader: Reader, operation: Operation) -> Array:
    """What the node computes of its constants; UnfitError where that is not known."""
    found = _FOLDS.get(operation.kind)
    if operation.domain or found is None:
        raise UnfitError(operation, Phrase("mirada has no layer that computes it"))
    inputs = [reader.constant(operation, n) for n in range(len(operation.inputs))]
    try:
        value = np.asarray(found(operation, inputs, reader.opset))
    except (ValueError, IndexError, TypeError, OverflowError):
        reason = Phrase("its constants do not fit together")
        raise UnfitError(operation, reason) from None
    reader.spend(value.nbytes)
    return value


def _small(inputs: list[Array]) -> None:
    sizes = np.broadcast_shapes(*(one.shape for one in inputs))
    most = max(one.size for one in inputs)
    if int(np.prod(sizes, dtype=object)) > max(most, _MOST_SMALL):
        raise ValueError


def _constant(operation: Operation, inputs: list[Array], opset: int) -> Array:
    value = operation.attributes.get("value")
    if isinstance(value, np.ndarray):
        return value
    for word in _WORDS:
        if word in operation.attributes:
            kind = np.int64 if "int" in word else np.float32
            return np.array(operation.attributes[word], kind)
    raise ValueError


def _binary(function: Callable[[Array, Array], Array]) -> Fold:
    def folded(operation: Operation, inputs: list[Array], opset: int) -> Array:
        _small(inputs)
        one, other = inputs
        found = function(one, other)
        return np.asarray(found, np.result_type(one, other))

    return folded


def _divided(one: Array, other: Array) -> Array:
    if one.dtype.kind in "iu":
        if not np.all(other):
            raise ValueError
        return np.asarray(np.trunc(one / other))
    return np.asarray(one / other)


def _cast(operation: Operation, inputs: list[Array], opset: int) -> Array:
    kind = _TYPES.get(operation.whole("to", 1))
    if kind is None:
        raise ValueError
    return inputs[0].astype(kind)


def _axes(operation: Operation, inputs: list[Array]) -> tuple[int, ...]:
    if len(inputs) > 1:
        return tuple(int(n) for n in inputs[1].reshape(-1)[:16])
    return operation.wholes("axes", ())


def _transpose(operation: Operation, inputs: list[Array], opset: int) -> Array:
    order = operation.wholes("perm", ()) or tuple(range(inputs[0].ndim))[::-1]
    return inputs[0].transpose(order)


def _reshape(operation: Operation, inputs: list[Array], opset: int) -> Array:
    given = inputs[0]
    target = [int(n) for n in inputs[1].reshape(-1)[:16]]
    sizes = [given.shape[k] if n == 0 else n for k, n in enumerate(target)]
    return given.reshape(sizes)


def _unsqueeze(operation: Operation, inputs: list[Array], opset: int) -> Array:
    return np.expand_dims(inputs[0], _axes(operation, inputs))


def _squeeze(operation: Operation, inputs: list[Array], opset: int) -> Array:
    return np.squeeze(inputs[0], _axes(operation, inputs) or None)


def _concat(operation: Operation, inputs: list[Array], opset: int) -> Array:
    if sum(one.size for one in inputs) > _MOST_SMALL:
        raise ValueError
    return np.concatenate(inputs, operation.whole("axis", 0))


def _gather(operation: Operation, inputs: list[Array], opset: int) -> Array:
    if inputs[0].size > _MOST_SMALL or inputs[1].size > 16:
        raise ValueError
    return np.take(inputs[0], inputs[1].astype(np.int64), operation.whole("axis", 0))


def _slice(operation: Operation, inputs: list[Array], opset: int) -> Array:
    given, *bounds = inputs
    if opset < 10:
        names = ("starts", "ends", "axes")
        bounds = [np.array(operation.wholes(name, ())) for name in names]
    starts, ends, axes, steps = _four(bounds)
    cuts = [slice(None)] * given.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        # A backward cut that ends before the first one has no end in Python.
        last = None if step < 0 and end < -given.shape[axis] else end
        cuts[axis] = slice(start, last, step)
    return given[tuple(cuts)]


def _four(bounds: list[Array]) -> list[list[int]]:
    """Starts, ends, axes (all unless told) and steps (1 unless told)."""
    found = [[int(n) for n in one.reshape(-1)[:16]] for one in bounds if one.size]
    count = len(found[0])
    defaults = [list(range(count)), [1] * count]
    return [*found, *defaults[len(found) - 2 :]]


def _filled(operation: Operation, inputs: list[Array], opset: int) -> Array:
    sizes = [int(n) for n in inputs[0].reshape(-1)[:16]]
    if int(np.prod(np.array(sizes, object))) > _MOST_SMALL:
        raise ValueError
    value = operation.attributes.get("value")
    return np.full(
        sizes, value.reshape(-1)[0] if isinstance(value, np.ndarray) else np.float32(0)
    )


def _same(operation: Operation, inputs: list[Array], opset: int) -> Array:
    return inputs[0]


_FOLDS: Mapping[str, Fold] = {
    "Constant": _constant,
    "Identity": _same,
    "Add": _binary(np.add),
    "Sub": _binary(np.subtract),
    "Mul": _binary(np.multiply),
    "Div": _binary(_divided),
    "Cast": _cast,
    "Shape": lambda operation, inputs, opset: np.array(inputs[0].shape, np.int64),
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "ConstantOfShape": _filled,
    "Sqrt": lambda operation, inputs, opset: np.sqrt(inputs[0]),
    "Floor": lambda operation, inputs, opset: np.floor(inputs[0]),
}
