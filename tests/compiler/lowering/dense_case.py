"""Dense convolutions to test: their buffers, and what their kernels should compute."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import dense
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image
from mirada.compiler.target import Target
from mirada.compiler.verify import verify
from mirada.network.window import Window
from tests.compiled import Compiled

__all__ = ["Case", "Doubles", "Floats", "parts", "run"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A convolution of `images` images: sizes, and its windows down and across."""

    images: int
    inputs: int
    height: int
    width: int
    outputs: int
    vertical: Window
    horizontal: Window
    slack: int = 64
    spare: int = 0
    """Rows and columns of border more than anybody needs."""

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the output."""
        return (
            self.vertical.output(self.height),
            self.horizontal.output(self.width),
        )

    @property
    def x(self) -> Image:
        """The input with its padding."""
        v, h, more = self.vertical, self.horizontal, self.spare
        rows = self.height + v.start + v.end + more
        columns = self.width + h.start + h.end + 2 * more
        shape = (self.images, rows, columns, self.inputs)
        buffer = Buffer("x", shape, slack=self.slack)
        place = (self.height, self.width, v.start, h.start + more)
        return Image(buffer, self.inputs, *place)

    @property
    def taps(self) -> Taps:
        """The taps over the input."""
        return Taps(self.vertical, self.horizontal, self.x)

    @property
    def y(self) -> Image:
        """The output, with a border when there is some to spare."""
        shape = self.size[0] + self.spare, self.size[1] + self.spare
        buffer = Buffer("y", (self.images, *shape, self.outputs))
        return Image(buffer, self.outputs, *self.size, self.spare, 0)

    @property
    def dy(self) -> Image:
        """The output's gradient, with the zeros around it that are needed."""
        sides = dense.margins(self.taps, *self.size)
        top, bottom, left, right = (side + self.spare for side in sides)
        rows, columns = self.size[0] + top + bottom, self.size[1] + left + right
        buffer = Buffer("dy", (self.images, rows, columns, self.outputs))
        return Image(buffer, self.outputs, *self.size, top, left)

    @property
    def dx(self) -> Image:
        """The input's gradient."""
        rows, columns = self.height + self.spare, self.width + self.spare
        buffer = Buffer("dx", (self.images, rows, columns, self.inputs))
        return Image(buffer, self.inputs, self.height, self.width, 0, self.spare)

    @property
    def weight(self) -> Buffer:
        """The weights as the layer has them."""
        return Buffer("w", (self.outputs, len(self.taps.rows), self.taps.length))

    def packed(self, target: Target) -> Buffer:
        """The weights for the forward pass."""
        return Buffer("p", dense.packed_shape(self.taps, self.outputs, target))

    def turned(self, target: Target) -> Buffer:
        """The weights for the gradient by the input."""
        return Buffer("t", dense.turned_shape(self.taps, self.outputs, target))

    def kernels(self, target: Target, wanted: int, ending: bool) -> dict[str, Kernel]:
        """Every kernel of the convolution."""
        weight, packed, turned = self.weight, self.packed(target), self.turned(target)
        bias, db = Buffer("b", (self.outputs,)), Buffer("db", (self.outputs,))
        other = self.y.named("other") if ending else None
        dw = Buffer("dw", weight.shape)
        return {
            "pack": dense.pack("pack", weight, packed, target),
            "pack_turned": dense.pack_turned(
                "pack_turned", self.taps, weight, turned, target
            ),
            "forward": dense.forward(
                "forward",
                self.taps,
                packed,
                bias if ending else None,
                other,
                ending,
                self.y,
                target,
                wanted,
            ),
            "dx": dense.input_gradient(
                "dx", self.taps, self.dy, turned, self.dx, ending, target, wanted
            ),
            "dw": dense.weight_gradient("dw", self.taps, self.dy, dw, target, wanted),
            "db": dense.bias_gradient("db", self.dy, db, target, wanted),
        }

    def arrays(self, target: Target, noise: np.random.Generator) -> dict[str, Floats]:
        """Numbers for every buffer: borders zero, results not a number yet."""

        def pixels(image: Image) -> Floats:
            array = np.zeros(image.buffer.size, np.float32)
            shape = (self.images, image.height, image.width, image.channels)
            inner(image, array)[...] = noise.normal(size=shape)
            return array

        def garbage(size: int) -> Floats:
            return np.full(size, np.nan, np.float32)

        weights, outputs = self.weight.size, self.outputs
        return {
            "x": pixels(self.x),
            "dy": pixels(self.dy),
            "other": pixels(self.y),
            "dx": pixels(self.dx),
            "w": noise.normal(size=weights).astype(np.float32),
            "b": noise.normal(size=outputs).astype(np.float32),
            "y": garbage(self.y.buffer.size),
            "p": garbage(self.packed(target).size),
            "t": garbage(self.turned(target).size),
            "dw": garbage(weights),
            "db": garbage(outputs),
        }

    def kernel_of(self, weight: Any) -> Doubles:
        """Weights as (oc, kh, kw, ic)."""
        shape = (self.outputs, self.vertical.size, self.horizontal.size, self.inputs)
        return np.asarray(weight, np.float64).reshape(shape)

    def patches(self, x: Any) -> Doubles:
        """What windows read: (images, oh, ow, kh, kw, ic)."""
        image, (oh, ow) = self.x, self.size
        flat = np.asarray(x, np.float64)[: int(np.prod(image.buffer.shape))]
        canvas = flat.reshape(image.buffer.shape)
        v, h = self.vertical, self.horizontal
        rows = [
            image.top - v.start + ky * v.dilation + np.arange(oh) * v.stride
            for ky in range(v.size)
        ]
        columns = [
            image.left - h.start + kx * h.dilation + np.arange(ow) * h.stride
            for kx in range(h.size)
        ]
        seen = [
            np.stack([canvas[:, row][:, :, column] for column in columns], 3)
            for row in rows
        ]
        return np.stack(seen, 3)

    def forward(self, x: Any, weight: Any) -> Doubles:
        """The exact sums of products."""
        kernel = self.kernel_of(weight)
        total = np.einsum("nyxhwi,ohwi->nyxo", self.patches(x), kernel)
        return np.asarray(total, np.float64)

    def weight_gradient(self, x: Any, dy: Any) -> Doubles:
        """The exact gradient by the weights."""
        gradient = np.asarray(dy, np.float64)
        total = np.einsum("nyxhwi,nyxo->ohwi", self.patches(x), gradient)
        return np.asarray(total, np.float64)

    def input_gradient(self, weight: Any, dy: Any) -> Doubles:
        """The exact gradient by the input."""
        image, (oh, ow) = self.x, self.size
        kernel, total = self.kernel_of(weight), np.zeros(image.buffer.shape)
        v, h = self.vertical, self.horizontal
        for ky in range(v.size):
            for kx in range(h.size):
                row, column = (
                    image.top - v.start + ky * v.dilation,
                    image.left - h.start + kx * h.dilation,
                )
                rows = slice(row, row + (oh - 1) * v.stride + 1, v.stride)
                columns = slice(column, column + (ow - 1) * h.stride + 1, h.stride)
                part = np.einsum(
                    "nyxo,oi->nyxi", np.asarray(dy, float), kernel[:, ky, kx]
                )
                total[:, rows, columns] += part
        top, left = image.top, image.left
        return total[:, top : top + self.height, left : left + self.width]


def inner(image: Image, array: Floats) -> Floats:
    """The pixels of an image as a view."""
    shaped = array[: int(np.prod(image.buffer.shape))].reshape(image.buffer.shape)
    bottom, right = image.top + image.height, image.left + image.width
    return shaped[:, image.top : bottom, image.left : right]


def parts(kernel: Kernel) -> int:
    """How many parts a kernel has."""
    return next((a.high + 1 for a in kernel.arguments if a.name == "part"), 1)


def run(
    kernels: dict[str, Kernel],
    arrays: dict[str, Floats],
    count: int,
    compiled: Compiled | None = None,
) -> None:
    """Verifies and runs every part of every kernel, in order, on the arrays."""
    for name, kernel in kernels.items():
        verify(kernel)
        own = {buffer.name: arrays[buffer.name] for buffer in kernel.buffers}
        given = {"count": count} if kernel.arguments[0].name == "count" else {}
        for part in range(parts(kernel)):
            if compiled is None:
                interpret(kernel, own, **given, part=part)
            else:
                compiled(name, own, **given, part=part)
