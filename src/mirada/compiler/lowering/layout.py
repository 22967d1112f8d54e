"""How images lie in buffers, and the kernels that only move or clear numbers."""

from dataclasses import dataclass, replace
from math import prod

from mirada.compiler.expression import Term, add, index, load, mul, number, rebuild
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Convert,
    Expr,
    For,
    Kernel,
    Stmt,
    Store,
    Var,
)

__all__ = [
    "Image",
    "border",
    "clear",
    "clear_images",
    "count_of",
    "distinct",
    "each_pixel",
    "enter",
    "leave",
    "levelled",
    "loops",
    "put",
]


@dataclass(frozen=True)
class Image:
    """The images of one block: a buffer (images, rows, columns, channels).

    Rows and columns include a border; pixel (0, 0) lies at (top, left). A vector is an
    image of one pixel.
    """

    buffer: Buffer
    channels: int
    height: int = 1
    width: int = 1
    top: int = 0
    left: int = 0

    @property
    def images(self) -> int:
        """Images in a block."""
        return self.buffer.shape[0]

    @property
    def rows(self) -> int:
        """Rows, border included."""
        return self.buffer.shape[1]

    @property
    def columns(self) -> int:
        """Columns, border included."""
        return self.buffer.shape[2]

    @property
    def features(self) -> int:
        """Numbers in one image, border left out."""
        return self.height * self.width * self.channels

    @property
    def plain(self) -> bool:
        """Whether there is no border."""
        return (self.rows, self.columns) == (self.height, self.width)

    def place(self, m: Term, y: Term, x: Term, c: Term) -> tuple[Expr, ...]:
        """Where a pixel's channel lies in the buffer."""
        return index(m), add(self.top, y), add(self.left, x), index(c)

    def of(self, images: int) -> "Image":
        """The same form for another number of images."""
        shape = (images, *self.buffer.shape[1:])
        return replace(self, buffer=replace(self.buffer, shape=shape))

    def named(self, name: str) -> "Image":
        """Another buffer of the same form."""
        return replace(self, buffer=replace(self.buffer, name=name))

    @property
    def flattened(self) -> "Image":
        """The same numbers as images of one pixel; only without a border."""
        shape = (self.images, 1, 1, self.features)
        return Image(self.buffer.view(*shape), self.features)

    def vectors(self) -> Buffer:
        """The buffer as (images, features); only without a border."""
        return self.buffer.view(self.images, self.features)


def count_of(image: Image) -> Argument:
    """How many images of the block there are."""
    return Argument("count", 0, image.images)


def loops(body: tuple[Stmt, ...], *nest: tuple[str, int | Expr]) -> tuple[Stmt, ...]:
    """The body inside loops, the first one outermost."""
    for var, extent in reversed(nest):
        body = (For(var, extent, body),)
    return body


def each_pixel(image: Image, body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
    """The body for every image, row, column and channel: m, oy, ox, oc."""
    nest = (("oy", image.height), ("ox", image.width), ("oc", image.channels))
    return loops(body, ("m", Var("count")), *nest)


def put(to: Image, value: Expr, more: bool) -> Store:
    """Writes a value to pixel (m, oy, ox) and channel oc, or adds it to what is there.

    Adding is what the gradient of a value needs that several readers share.
    """
    place = to.place("m", "oy", "ox", "oc")
    return Store(
        to.buffer, place, add(load(to.buffer, *place), value) if more else value
    )


def enter(name: str, images: Buffer, to: Image, *, add: bool = False) -> Kernel:
    """Brings images (n, channels, height, width) into a block, or adds them to it."""
    value: Expr = load(images, "m", "oc", "oy", "ox")
    buffer, place = to.buffer, to.place("m", "oy", "ox", "oc")
    if to.channels == 1:
        # Both sides run along rows then, so that columns may become vectors.
        buffer, place = buffer.view(*buffer.shape[:3]), place[:3]
    if add:
        value = rebuild("add", (load(buffer, *place), value))
    store = Store(buffer, place, value)
    nest = (("oc", to.channels), ("oy", to.height), ("ox", to.width))
    body = loops((store,), ("m", Var("count")), *nest)
    return Kernel(name, (count_of(to),), (images, to.buffer), body)


def levelled(name: str, levels: tuple[tuple[float, ...], ...], to: Image) -> Kernel:
    """Brings pixels (n, height, width, channels) into a block, each as its level."""
    shape = (to.images, to.height, to.width, to.channels)
    pixels = Buffer("images", shape, "u8", high=255)
    table = Buffer("levels", (to.channels, 256))
    pixel = Convert(load(pixels, "m", "oy", "ox", "oc"), "i64")
    store = Store(to.buffer, to.place("m", "oy", "ox", "oc"), load(table, "oc", pixel))
    numbers = tuple(number for channel in levels for number in channel)
    buffers, tables = (pixels, to.buffer), ((table, numbers),)
    return Kernel(name, (count_of(to),), buffers, each_pixel(to, (store,)), tables)


def leave(name: str, image: Image, outputs: Buffer) -> Kernel:
    """Takes a block out as (n, channels, height, width)."""
    value = load(image.buffer, *image.place("m", "oy", "ox", "oc"))
    place = (index("m"), index("oc"), index("oy"), index("ox"))
    body = each_pixel(image, (Store(outputs, place, value),))
    return Kernel(name, (count_of(image),), (image.buffer, outputs), body)


def distinct(*buffers: Buffer) -> tuple[Buffer, ...]:
    """The buffers in order, each once: a kernel may write where it read."""
    return tuple({buffer.name: buffer for buffer in buffers}.values())


def border(name: str, image: Image, fill: float) -> Kernel:
    """Writes `fill` all around the pixels of every image; never between two images.

    Three runs of neighbours: all before the first pixel, from the end of each row to
    the start of the next, all behind the last pixel.
    """
    row, size = image.columns * image.channels, image.rows * image.columns
    flat = image.buffer.view(image.images, size * image.channels)
    start = image.top * row + image.left * image.channels
    pixels = image.width * image.channels
    last = start + (image.height - 1) * row + pixels
    gaps = add(mul("oy", row), start + pixels)

    def run(first: Term, extent: int) -> tuple[Stmt, ...]:
        store = Store(flat, (Var("m"), add(first, "oc")), number(fill))
        return loops((store,), ("oc", extent)) if extent else ()

    between = run(gaps, row - pixels)
    inside = loops(between, ("oy", image.height - 1)) if between else ()
    behind = run(last, size * image.channels - last)
    body = loops((*run(0, start), *inside, *behind), ("m", Var("count")))
    return Kernel(name, (count_of(image),), (image.buffer,), body)


def clear(name: str, buffer: Buffer) -> Kernel:
    """Writes zeros over a buffer, slack included."""
    flat = buffer.flat()
    body = loops((Store(flat, (Var("i"),), number(0.0)),), ("i", flat.size))
    return Kernel(name, (), (buffer,), body)


def clear_images(name: str, buffer: Buffer) -> Kernel:
    """Writes zeros over the images of a block that are there."""
    images = buffer.shape[0]
    flat = buffer.view(images, prod(buffer.shape[1:]))
    store = Store(flat, (Var("m"), Var("i")), number(0.0))
    body = loops((store,), ("m", Var("count")), ("i", flat.shape[1]))
    return Kernel(name, (Argument("count", 0, images),), (buffer,), body)
