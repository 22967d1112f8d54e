"""Fully connected layers: a product with a matrix, and what is added to it."""

from collections.abc import Mapping

import numpy as np

from mirada.errors import Phrase
from mirada.importing.convolution import layer_wish
from mirada.importing.graph import Array, Operation, UnfitError
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Feature, Value
from mirada.network import Linear

__all__ = ["HANDLERS"]


def _vector(reader: Reader, operation: Operation) -> Feature:
    feature = reader.feature(operation)
    if len(feature.shape) != 1:
        raise UnfitError(operation, Phrase("it takes no vector"))
    return feature


def _matrix(reader: Reader, operation: Operation, *, turned: bool) -> Array:
    """The weights (outputs, inputs); `turned` where they stand so."""
    weight = reader.constant(operation, 1)
    if weight.ndim != 2 or weight.dtype.kind != "f":
        raise UnfitError(operation, Phrase("its weights are no matrix of numbers"))
    return weight if turned else weight.T


def _made(
    reader: Reader, operation: Operation, weight: Array, bias: Array | None
) -> Feature:
    vector = _vector(reader, operation)
    (size,) = vector.shape
    if weight.shape[1] != size:
        reason = Phrase("its weights do not fit {shape}", shape=size)
        raise UnfitError(operation, reason)
    if vector.order is not None:
        # Row by row, channels innermost, as the graph flattened; ours are outermost.
        h, w, c = vector.order
        weight = weight.reshape(-1, h, w, c).transpose(0, 3, 1, 2).reshape(-1, size)
    layer = Linear(weight.shape[0], bias is not None)
    given = {"weight": weight} if bias is None else {"weight": weight, "bias": bias}
    return reader.add(layer, vector, wish=layer_wish(operation), parameters=given)


def _gemm(reader: Reader, operation: Operation) -> Value:
    if operation.whole("transA", 0):
        raise UnfitError(operation, Phrase("its input is transposed"))
    weight = _matrix(reader, operation, turned=bool(operation.whole("transB", 0)))
    alpha, beta = operation.real("alpha", 1.0), operation.real("beta", 1.0)
    weight = weight if alpha == 1.0 else weight * alpha
    bias = reader.constant(operation, 2) if reader.has(operation, 2) else None
    if bias is not None:
        outputs = weight.shape[0]
        flat = bias.reshape(-1)
        if flat.size not in (1, outputs) or bias.shape[:-1] not in ((), (1,)):
            raise UnfitError(operation, Phrase("its bias is not a number an output"))
        bias = np.broadcast_to(flat if beta == 1.0 else flat * beta, (outputs,))
    return _made(reader, operation, weight, bias)


def _product(reader: Reader, operation: Operation) -> Value:
    return _made(reader, operation, _matrix(reader, operation, turned=False), None)


HANDLERS: Mapping[str, Handler] = {"Gemm": _gemm, "MatMul": _product}
"""What is made of each operator."""
