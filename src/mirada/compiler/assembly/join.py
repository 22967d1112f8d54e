"""Sums and products of images, images one after another, and images as vectors."""

from collections.abc import Callable
from functools import partial

from mirada.compiler.assembly.door import Door
from mirada.compiler.context import Context, Into, Work
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import join, layout
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import channels
from mirada.compiler.stages import Stage

__all__ = ["AddDoor", "ConcatDoor", "FlattenDoor", "MultiplyDoor"]


class AddDoor(Door):
    """The sum of several values, with the ReLU behind it."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        def make() -> Kernel:
            kernel = join.add_forward(stage.node.name, xs, stage.relu, y)
            return channels(kernel, y.channels, context.target)

        context.work(f"{stage.node.name}.forward", make, Work(rows=y.height))

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        mask = y if stage.relu else None

        def make(place: int, name: str, to: Into) -> Kernel:
            kernel = join.add_backward(name, mask, dy, to.image, add=to.add)
            return channels(kernel, y.channels, context.target)

        _backward(context, stage, into, make)


class MultiplyDoor(Door):
    """The product of several values; gates go over all pixels of their channel."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        def make() -> Kernel:
            kernel = join.multiply_forward(stage.node.name, xs, y)
            return channels(kernel, y.channels, context.target)

        context.work(f"{stage.node.name}.forward", make, Work(rows=y.height))

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        def make(place: int, name: str, to: Into) -> Kernel:
            others = (*xs[:place], *xs[place + 1 :])
            kernel = join.multiply_backward(name, others, dy, to.image, add=to.add)
            return channels(kernel, y.channels, context.target)

        _backward(context, stage, into, make)


class ConcatDoor(Door):
    """Several values along the channels; the larger ones may be cut."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        widest = max(x.channels for x in xs)

        def make() -> Kernel:
            kernel = join.concat_forward(stage.node.name, xs, y)
            return channels(kernel, widest, context.target)

        context.work(f"{stage.node.name}.forward", make, Work(rows=y.height))

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        def make(place: int, name: str, to: Into) -> Kernel:
            start = sum(x.channels for x in xs[:place])
            kernel = join.concat_backward(name, dy, start, to.image, add=to.add)
            return channels(kernel, to.image.channels, context.target)

        _backward(context, stage, into, make)


def _backward(
    context: Context,
    stage: Stage,
    into: tuple[Into | None, ...],
    make: Callable[[int, str, Into], Kernel],
) -> None:
    """A kernel for each input that wants its gradient: its place, name and room."""
    for place, to in enumerate(into):
        if to is not None:
            name = f"{stage.node.name}.backward{place}"
            context.work(name, partial(make, place, name, to))


class FlattenDoor(Door):
    """An image as a vector, where the order of its numbers matters to who reads it."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        (x,), name = xs, stage.node.name
        shape = (x.images, x.channels, x.height, x.width)

        def make() -> Kernel:
            kernel = layout.leave(name, x, y.buffer.view(*shape))
            return kernel

        context.work(f"{name}.forward", make)

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        (to,), name = into, f"{stage.node.name}.backward"
        if to is None:
            return
        image = to.image
        shape = (image.images, image.channels, image.height, image.width)
        given: Buffer = dy.buffer.view(*shape)
        add = to.add
        context.work(name, lambda: layout.enter(name, given, image, add=add))
