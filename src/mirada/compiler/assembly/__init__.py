"""Which kernels a stage becomes: its forward, its backward, one entry a kind.

`forward(context, stage, x, y)` adds what computes the value y from x.
`backward(context, stage, x, y, dy, dx)` adds what computes the gradients of the stage's
parameters and, where dx is wanted, the gradient by x.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mirada.compiler.assembly import activation, convolution, dropout, linear, pooling
from mirada.compiler.context import Context
from mirada.compiler.lowering.layout import Image
from mirada.compiler.stages import Stage
from mirada.network import (
    AvgPool2d,
    Conv2d,
    Dropout,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)

__all__ = ["STAGES", "Door"]

Forward = Callable[[Context, Stage, Image, Image], None]
Backward = Callable[[Context, Stage, Image, Image, Image, Image | None], None]


class Door(NamedTuple):
    """Forward and backward of one kind of stage."""

    forward: Forward
    backward: Backward


_AVERAGE = Door(pooling.average_forward, pooling.average_backward)

STAGES: Mapping[type[Layer], Door] = {
    Conv2d: Door(convolution.forward, convolution.backward),
    MaxPool2d: Door(pooling.max_forward, pooling.max_backward),
    AvgPool2d: _AVERAGE,
    GlobalAvgPool2d: _AVERAGE,
    ReLU: Door(activation.relu_forward, activation.relu_backward),
    Softmax: Door(activation.softmax_forward, activation.softmax_backward),
    Dropout: Door(dropout.forward, dropout.backward),
    Linear: Door(linear.forward, linear.backward),
}
