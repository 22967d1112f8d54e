"""Dropout."""

from typing import cast

from mirada.compiler.context import Context
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import activation, dropout
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Stage
from mirada.network import Dropout

__all__ = ["backward", "forward"]


def _kept(stage: Stage, y: Image) -> Buffer:
    shape = (y.images, y.height, y.width, y.channels)
    return Buffer(f"{stage.node.name}.kept", shape, "u8")


def forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    """Adds what computes y from x."""
    name, p = stage.node.name, cast(Dropout, stage.layer).p
    kept = _kept(stage, y)
    if context.training:
        context.buffer("workspace", kept)

    def make() -> Kernel:
        if not context.training:
            kernel = activation.copy(name, x, y)
        else:
            key, place = context.dropout_key(), stage.place
            kernel = dropout.forward(name, p, place, key, x, y, kept)
        return vectors(kernel, "oc", min(y.channels, 8), context.target)

    context.call("block", f"{name}.forward", make)


def backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    """Adds what computes the gradients, that by x where dx is wanted."""
    if dx is None:
        return
    name, p = f"{stage.node.name}.backward", cast(Dropout, stage.layer).p

    def make() -> Kernel:
        kernel = dropout.backward(name, p, _kept(stage, y), dy, dx)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", name, make)
