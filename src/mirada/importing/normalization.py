"""Batch normalization as it is after training."""

from collections.abc import Mapping

from mirada.errors import Phrase
from mirada.importing.convolution import layer_wish
from mirada.importing.graph import Operation, UnfitError
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Value
from mirada.network import BatchNorm2d

__all__ = ["HANDLERS"]

_NAMES = ("weight", "bias", "running_mean", "running_var")


def _batch_norm(reader: Reader, operation: Operation) -> Value:
    """ONNX's momentum is how much is kept, PyTorch's and ours how much is new."""
    image = reader.image(operation)
    given = {name: reader.constant(operation, n + 1) for n, name in enumerate(_NAMES)}
    shape = image.shape[:1]
    if operation.whole("training_mode", 0) or operation.whole("spatial", 1) != 1:
        raise UnfitError(operation, Phrase("it is that of training"))
    if any(one.shape != shape or one.dtype.kind != "f" for one in given.values()):
        raise UnfitError(operation, Phrase("it is not one of channels"))
    momentum = round(1.0 - operation.real("momentum", 0.9), 6)
    epsilon = float(f"{operation.real('epsilon', 1e-5):.7g}")
    layer = BatchNorm2d(epsilon, min(max(momentum, 0.0), 1.0))
    return reader.add(layer, image, wish=layer_wish(operation), parameters=given)


HANDLERS: Mapping[str, Handler] = {"BatchNormalization": _batch_norm}
"""What is made of each operator."""
