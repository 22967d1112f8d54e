"""How Winograd's convolution is cut: into tiles, items of tiles, panels of channels."""

from dataclasses import dataclass

from mirada.compiler.expression import (
    Term,
    add,
    index,
    load,
    maximum,
    minimum,
    mul,
    sub,
)
from mirada.compiler.ir import Buffer, Const, Convert, Expr, Get, Let, Register, Stmt
from mirada.compiler.lowering.winograd_transform import of_size
from mirada.compiler.target import Target

__all__ = [
    "GAP",
    "Cut",
    "Panels",
    "Places",
    "Tiling",
    "blocks",
    "looked_up",
    "margins",
    "packed_shape",
    "rows_here",
    "table",
    "tile_number",
    "tile_row",
]

GAP = 16
"""Numbers between the slabs of two places: else all would share one set of a cache."""


@dataclass(frozen=True)
class Tiling:
    """How the tiles of a batch are dealt out in items.

    An item takes the tiles of some images, or a band of tile rows of one image, and a
    group of the output channels. In the weight gradient an item takes a group of
    output and a group of input channels, and goes over all tiles, some at a time.

    >>> Tiling(4, images=1, rows=7, columns=7, band=4, groups=2).parts
    4
    """

    size: int
    """Output pixels along a side of a tile: 2 or 4."""
    images: int
    """Images whose tiles are taken together."""
    rows: int
    """Tile rows of an image."""
    columns: int
    """Tile columns of an image."""
    band: int
    """Tile rows that are taken together; the last band may have fewer."""
    groups: int = 1
    """Groups of output channels."""
    input_groups: int = 1
    """Groups of input channels; only in the weight gradient."""

    @property
    def bands(self) -> int:
        """Bands of an image."""
        return -(-self.rows // self.band)

    @property
    def tiles(self) -> int:
        """Tiles that are taken together, at most."""
        return self.images * self.band * self.columns

    def holds(self, images: int) -> bool:
        """Whether so many images are all taken together.

        Then every filter belongs to one item, and may be transformed there.
        """
        return self.bands == 1 and images <= self.images

    @property
    def parts(self) -> int:
        """Items that a block of images makes, in the forward pass."""
        return self.bands * self.groups

    @property
    def weight_parts(self) -> int:
        """Items that the weight gradient makes."""
        return self.groups * self.input_groups


def margins(
    tiling: Tiling, height: int, width: int, padding: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Rows and columns of zeros beyond an image's pixels: top, left, bottom, right.

    So many does `forward` need around its input of `height` x `width` pixels, with a
    padding of so many rows and columns before the first pixel.

    >>> margins(Tiling(4, 1, rows=4, columns=4, band=4), 14, 14, (1, 1))
    (1, 1, 3, 3)
    """
    top, left = padding
    bottom = tiling.rows * tiling.size + 2 - top - height
    right = tiling.columns * tiling.size + 2 - left - width
    return top, left, max(bottom, 0), max(right, 0)


@dataclass(frozen=True)
class Panels:
    """Channels in panels of a few vectors, which a micro-kernel sums side by side.

    >>> from mirada.compiler.target import host
    >>> from dataclasses import replace
    >>> panels = Panels.of(80, replace(host(), lanes=16, registers=32))
    >>> panels.vectors, panels.count, panels.width
    (3, 2, 48)
    """

    channels: int
    lanes: int
    vectors: int
    """Vectors of a panel."""

    @classmethod
    def of(cls, channels: int, target: Target) -> "Panels":
        """Panels that leave as few lanes empty as can be, then wide ones."""
        lanes = target.vector(channels)
        needed = -(-channels // lanes)
        widths = range(min(_widest(target), needed), 0, -1)
        if needed > 1:
            widths = range(min(_widest(target), needed), 1, -1)
        return cls(channels, lanes, min(widths, key=lambda w: -(-needed // w) * w))

    @property
    def width(self) -> int:
        """Channels of a panel."""
        return self.vectors * self.lanes

    @property
    def count(self) -> int:
        """Panels; the last one may be filled up with zeros."""
        return -(-self.channels // self.width)

    @property
    def whole(self) -> int:
        """Vectors full of channels."""
        return self.channels // self.lanes

    @property
    def tail(self) -> int:
        """Channels in a last vector that is not full; 0 when there is none."""
        return self.channels % self.lanes

    @property
    def empty(self) -> range:
        """Columns of the last panel's vectors that no channel fills."""
        filled = self.lanes * -(-self.channels // self.lanes)
        return range(filled - (self.count - 1) * self.width, self.width, self.lanes)

    def full(self, panel: Expr) -> Expr:
        """How many vectors of a panel are full of channels."""
        most = Const(self.vectors)
        if self.whole == self.count * self.vectors:
            return most
        here = sub(self.whole, mul(panel, self.vectors))
        return maximum(minimum(here, most), Const(0))

    def first(self, panel: Expr) -> Expr:
        """The first channel of a panel's full vector "w"."""
        channel = add(mul(panel, self.width), mul("w", self.lanes))
        if self.whole == self.count * self.vectors:
            return channel
        return minimum(channel, Const(max(self.whole - 1, 0) * self.lanes))

    def is_last(self, panel: Expr) -> Expr:
        """1 for the last panel, 0 for others."""
        return maximum(sub(panel, self.count - 2), Const(0))

    @property
    def tail_column(self) -> int:
        """Where in the last panel the vector lies that is not full."""
        return self.whole * self.lanes - (self.count - 1) * self.width


def _widest(target: Target) -> int:
    return 4 if target.accumulators >= 24 else 2


def packed_shape(
    size: int, inputs: int, outputs: int, target: Target
) -> tuple[int, int, int, int]:
    """Panels, places, input channels and a panel's width of transformed filters.

    For the input gradient, inputs are the channels of dy, and outputs those of dx.
    """
    panels = Panels.of(outputs, target)
    return panels.count, of_size(size).places, inputs, panels.width


@dataclass(frozen=True)
class Cut:
    """A length in pieces of one size, and a rest."""

    size: int
    whole: int
    rest: int


def blocks(extent: int, most: int) -> Cut:
    """The extent in as few pieces of at most `most` as can be, the rest not too small.

    >>> blocks(16, 6), blocks(49, 6)
    (Cut(size=6, whole=2, rest=4), Cut(size=6, whole=8, rest=1))
    """
    size = -(-extent // -(-extent // most))
    return Cut(size, extent // size, extent % size)


def table(name: str, values: list[int]) -> tuple[Buffer, tuple[float, ...]]:
    """Whole numbers that a kernel looks up."""
    low, high = min(values), max(values)
    return Buffer(name, (len(values),), "i32", 0, low, high), tuple(values)


def looked_up(buffer: Buffer, at: Term) -> Expr:
    """An entry of a table as an index."""
    return Convert(load(buffer, at), "i64")


class Places:
    """Registers for what an item's arguments mean, and the tables they come from."""

    def __init__(self) -> None:
        self.statements: list[Stmt] = []
        self.tables: list[tuple[Buffer, tuple[float, ...]]] = []

    def keep(self, name: str, value: Expr) -> Expr:
        """The value in a register; a constant stays one."""
        if isinstance(value, Const):
            return value
        register = Register(name, "i64")
        self.statements.append(Let(register, value))
        return Get(register)

    def look_up(self, name: str, values: list[int], at: Term) -> Expr:
        """The entry of a table of these values."""
        if len(set(values)) == 1:
            return Const(values[0])
        if values == [*range(len(values))]:
            return self.keep(name, index(at))
        made = table(f"{name}.of", values)
        self.tables.append(made)
        return self.keep(name, looked_up(made[0], at))

    def split(self, outer: tuple[str, int], inner: tuple[str, int]) -> list[Expr]:
        """`part` as two numbers, the second one running faster."""
        both = [divmod(p, inner[1]) for p in range(outer[1] * inner[1])]
        return [
            self.look_up(name, [pair[axis] for pair in both], "part")
            for axis, name in enumerate((outer[0], inner[0]))
        ]


def rows_here(tiling: Tiling, band: Expr) -> Expr:
    """Tile rows of a band: the last one may have fewer."""
    if tiling.rows % tiling.band == 0:
        return Const(tiling.band)
    return minimum(Const(tiling.band), sub(tiling.rows, mul(band, tiling.band)))


def tile_row(tiling: Tiling, band: Expr, ty: Term) -> Expr:
    """The tile row of an image that is row `ty` of a band."""
    row = add(mul(band, tiling.band), ty)
    if tiling.rows % tiling.band == 0:
        return row
    return minimum(row, Const(tiling.rows - 1))


def tile_number(tiling: Tiling, m: Term, ty: Term, tx: Term) -> Expr:
    """The number of a tile among those that are taken together."""
    return add(mul(add(mul(m, tiling.band), ty), tiling.columns), tx)
