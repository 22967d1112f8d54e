"""The products of Winograd's convolution: forward, and the gradient by the input."""

from mirada.compiler.expression import (
    Term,
    add,
    load,
    maximum,
    minimum,
    mul,
    number,
    sub,
)
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Const,
    Expr,
    For,
    Kernel,
    Load,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.lowering.winograd_loops import summed, transformed
from mirada.compiler.lowering.winograd_tiling import (
    GAP,
    Panels,
    Places,
    Tiling,
    blocks,
    looked_up,
    rows_here,
    table,
    tile_number,
    tile_row,
)
from mirada.compiler.lowering.winograd_transform import Lines, Row, both_sides, of_size
from mirada.compiler.target import Target

__all__ = ["Forward", "forward"]


def forward(
    name: str,
    tiling: Tiling,
    padding: tuple[int, int],
    x: Image,
    packed: Buffer,
    bias: Buffer | None,
    other: Image | None,
    relu: bool,
    to: Image,
    add: bool,
    target: Target,
) -> Kernel:
    """Y = A^T [sum over ic of U * (B^T x B)] A + b (+ other), by items of tiles.

    `padding` is that before the first row and column; x has zeros beyond its pixels as
    `margins` says. With `relu`, max(0, y), where NaN stays NaN; with `add`, y is added
    to what is there. For the gradient by the input, x is dy with padding 2 - padding,
    and the filters are packed turned.
    """
    made = Forward(tiling, x, packed, bias, other, relu, to, add, target)
    return made.kernel(name, padding)


class Forward:
    """The pieces of the kernel."""

    def __init__(
        self,
        tiling: Tiling,
        x: Image,
        filters: Buffer,
        bias: Buffer | None,
        other: Image | None,
        relu: bool,
        to: Image,
        add: bool,
        target: Target,
    ) -> None:
        self.tiling, self.x, self.filters, self.to = tiling, x, filters, to
        self.bias, self.other, self.relu, self.add = bias, other, relu, add
        self.transforms = of_size(tiling.size)
        self.panels = Panels.of(to.channels, target)
        self.lanes = target.vector(x.channels)
        self.row = -(-x.channels // self.lanes) * self.lanes
        self.cut = blocks(tiling.tiles, target.accumulators // self.panels.vectors)
        places = self.transforms.places
        self.v = Buffer("v", (places, tiling.tiles * self.row + GAP))
        self.m = Buffer("m", (places, tiling.tiles * self.panels.width + GAP))

    def kernel(self, name: str, padding: tuple[int, int]) -> Kernel:
        """The kernel for an input padded by so many rows and columns before it."""
        tiling, x = self.tiling, self.x
        places = Places()
        band, group = places.split(("band", tiling.bands), ("group", tiling.groups))
        tiles = mul(mul(Var("count"), rows_here(tiling, band)), tiling.columns)
        present = places.keep("present", tiles)
        blocks_of, done_of = self.counted()
        start = (x.top - padding[0], x.left - padding[1])
        body = (
            *places.statements,
            *transformed(
                tiling,
                self.transforms.inputs,
                self.transforms.side,
                x,
                start,
                (Const(0), x.channels, self.lanes),
                (0, "count", band),
                self.v,
            ),
            *self.each_panel(group, band, present, (blocks_of[0], done_of[0])),
        )
        more = tuple(b for b in (self.bias,) if b is not None)
        if self.other is not None:
            more += (self.other.buffer,)
        given = (x.buffer, self.filters, *more, self.to.buffer)
        arguments = (count_of(x), Argument("part", 0, tiling.parts - 1))
        tables = (*places.tables, blocks_of, done_of)
        scratch = (self.v, self.m, *self.more_scratch())
        return Kernel(name, arguments, given, body, tables, scratch)

    def more_scratch(self) -> tuple[Buffer, ...]:
        """Scratch besides the transformed inputs and the products."""
        return ()

    def counted(self) -> list[tuple[Buffer, tuple[float, ...]]]:
        """By the number of tiles: whole blocks of rows, and the rows in them.

        A rest that fits the smaller micro-kernel is left to it.
        """
        size, rest = self.cut.size, self.cut.rest
        turns = [n // size + (n % size > rest) for n in range(self.tiling.tiles + 1)]
        return [
            table("blocks.of", turns),
            table("done.of", [turn * size for turn in turns]),
        ]

    def each_panel(
        self, group: Expr, band: Expr, present: Expr, tables: tuple[Buffer, Buffer]
    ) -> tuple[Stmt, ...]:
        """Products and outputs of the panels of a group, one after another."""
        places, each = Places(), self.panels.count // self.tiling.groups
        panel = add(mul(group, each), "panel")
        turns = places.keep("blocks", looked_up(tables[0], present))
        done = places.keep("done", looked_up(tables[1], present))
        body = (
            *self.products(panel, present, turns, done),
            *self.outputs(panel, band),
        )
        return (*places.statements, For("panel", each, body))

    def products(
        self, panel: Expr, present: Expr, turns: Expr, done: Expr
    ) -> tuple[Stmt, ...]:
        """All products of a panel, for all tiles of the item."""
        inside = self.rows(self.filters, panel, present, turns, done)
        return (For("k", self.transforms.places, inside),)

    def rows(
        self, filters: Buffer, panel: Expr, present: Expr, turns: Expr, done: Expr
    ) -> tuple[Stmt, ...]:
        """Blocks of tiles, then the rest, for place "k"."""
        size, rest = self.cut.size, self.cut.rest
        whole = self.product(filters, panel, size, mul("block", size))
        found: tuple[Stmt, ...] = (For("block", turns, whole),)
        if rest:
            some = minimum(maximum(sub(present, done), Const(0)), Const(1))
            tile = minimum(done, Const(self.cut.whole * size))
            last = self.product(filters, panel, rest, tile)
            found += (For("rest", some, last),)
        return found

    def product(
        self, filters: Buffer, panel: Expr, rows: int, tile: Expr
    ) -> tuple[Stmt, ...]:
        """M[k, tile] = sum over ic of V[k, tile, ic] * U[panel, k, ic]."""
        panels = self.panels
        lanes, vectors = panels.lanes, panels.vectors

        def left(i: int) -> Expr:
            at = add(mul(add(tile, i), self.row), self.first_input(), "q")
            return load(self.v, "k", at)

        def right(j: int) -> Load:
            place = (panel, Var("k"), Var("q"), Const(j * lanes))
            return Load(filters, place, lanes)

        def place(i: int, j: int) -> tuple[Buffer, tuple[Expr, ...]]:
            at = add(mul(add(tile, i), panels.width), j * lanes)
            return self.m, (Var("k"), at)

        def begin(i: int, j: int) -> Expr:
            return self.before(*place(i, j))

        size = (rows, vectors, lanes)
        return summed(size, self.inputs_here(), (left, right), begin, place)

    def before(self, buffer: Buffer, place: tuple[Expr, ...]) -> Expr:
        """What a sum begins with."""
        return number(0.0, self.panels.lanes)

    def first_input(self) -> Expr:
        """The first channel that is summed over."""
        return Const(0)

    def inputs_here(self) -> Expr:
        """Channels that are summed over."""
        return Const(self.x.channels)

    def outputs(self, panel: Expr, band: Expr) -> tuple[Stmt, ...]:
        """Every vector of the panel for every tile; the last column may be cut."""
        tiling, rest = self.tiling, self.to.width % self.tiling.size
        whole = tiling.columns - (rest > 0)
        nest = (("m", Var("count")), ("ty", rows_here(tiling, band)))
        body: tuple[Stmt, ...] = ()
        if whole:
            full = self.vectors(panel, band, Var("tx"), tiling.size)
            body = (For("tx", whole, full),)
        if rest:
            body += self.vectors(panel, band, Const(whole), rest)
        return loops(body, *nest)

    def vectors(
        self, panel: Expr, band: Expr, tx: Expr, columns: int
    ) -> tuple[Stmt, ...]:
        """The outputs of a tile, vector by vector of a panel."""
        panels = self.panels
        found: tuple[Stmt, ...] = ()
        if panels.whole:
            place = (mul("w", panels.lanes), panels.first(panel), 0)
            inner = self.output(band, tx, columns, *place)
            found = (For("w", panels.full(panel), inner),)
        if panels.tail:
            channel = Const(panels.whole * panels.lanes)
            last = (Const(panels.tail_column), channel, panels.tail)
            inner = self.output(band, tx, columns, *last)
            found += (For("tail", panels.is_last(panel), inner),)
        return found

    def output(
        self,
        band: Expr,
        tx: Expr,
        columns: int,
        column: Expr,
        channel: Expr,
        active: int,
    ) -> tuple[Stmt, ...]:
        """A^T M A of one tile and vector, and what is done to it, stored."""
        tiling, lanes, lines = self.tiling, self.panels.lanes, Lines("y")
        side = self.transforms.side
        at = add(mul(tile_number(tiling, "m", "ty", tx), self.panels.width), column)
        tile: list[Row] = [[] for _ in range(side)]
        for j in range(side):
            for i in range(side):
                value = Load(self.m, (Const(i * side + j), at), lanes)
                tile[i] = [*tile[i], lines.keep(value)]
        bias = None
        if self.bias is not None:
            bias = lines.keep(Load(self.bias, (channel,), lanes, active))
        found = both_sides(lines, self.transforms.outputs, tile)
        y0 = mul(tile_row(tiling, band, "ty"), tiling.size)
        stores: list[Stmt] = []
        for i, values in enumerate(found):
            row = self.row_of(
                (y0, mul(tx, tiling.size)), i, values[:columns], bias, channel, active
            )
            stores += row
        return (*lines.statements, *stores)

    def row_of(
        self,
        corner: tuple[Expr, Expr],
        i: int,
        values: Row,
        bias: Expr | None,
        channel: Expr,
        active: int,
    ) -> tuple[Stmt, ...]:
        """Row i of a tile's outputs; only where the image has it."""
        height, size = self.to.height, self.tiling.size
        sure = i < (height % size or size)
        y = add(corner[0], i)
        row = y if sure else minimum(y, Const(height - 1))
        stores = tuple(
            self.store(row, add(corner[1], j), value, bias, channel, active)
            for j, value in enumerate(values)
        )
        if sure:
            return stores
        there = minimum(maximum(sub(height, y), Const(0)), Const(1))
        return (For(f"row{i}", there, stores),)

    def store(
        self,
        y: Expr,
        x: Expr,
        value: Expr,
        bias: Expr | None,
        channel: Expr,
        active: int,
    ) -> Stmt:
        """Stores an output with its bias, what is added to it, and the ReLU."""
        lanes = value.lanes
        if bias is not None:
            value = add(value, bias)
        if self.other is not None:
            value = add(value, _at(self.other, y, x, channel, lanes, active))
        if self.relu:
            value = maximum(number(0.0, lanes), value)
        if self.add:
            value = add(_at(self.to, y, x, channel, lanes, active), value)
        return Store(self.to.buffer, self.to.place("m", y, x, channel), value, active)


def _at(image: Image, y: Term, x: Term, channel: Term, lanes: int, active: int) -> Load:
    return Load(image.buffer, image.place("m", y, x, channel), lanes, active)
