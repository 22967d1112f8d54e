"""The fully connected layer, and the flattening before it."""

from torch.nn import functional

from mirada.engines.torch.layer import Compute
from mirada.network import Flatten, Linear
from mirada.network.layer import Shape

__all__ = ["flatten", "linear"]


def flatten(layer: Flatten, shapes: tuple[Shape, ...]) -> Compute:
    """An image as one vector, channel by channel."""
    if len(shapes[0]) == 1:
        # A tensor of its own, by which a gradient of its own is asked.
        return lambda inputs, own, moment: inputs[0].view_as(inputs[0])
    return lambda inputs, own, moment: inputs[0].flatten(1)


def linear(layer: Linear, shapes: tuple[Shape, ...]) -> Compute:
    """The sum y = W x + b for every vector x."""
    return lambda inputs, own, moment: functional.linear(
        inputs[0], own["weight"], own.get("bias")
    )
