"""The gradient by the weights of Winograd's convolution."""

from collections.abc import Callable

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
from mirada.compiler.lowering.winograd_loops import each_vector, summed, transformed
from mirada.compiler.lowering.winograd_tiling import (
    GAP,
    Cut,
    Places,
    Tiling,
    blocks,
    looked_up,
    rows_here,
    table,
)
from mirada.compiler.lowering.winograd_transform import Lines, Row, both_sides, of_size
from mirada.compiler.target import Target

__all__ = ["weight_gradient"]

_Make = Callable[[Expr, int], tuple[Stmt, ...]]


def _blocked(var: str, cut: Cut, make: _Make) -> tuple[Stmt, ...]:
    """What `make` gives for the start and the size of every piece."""
    found: tuple[Stmt, ...] = (For(var, cut.whole, make(mul(var, cut.size), cut.size)),)
    if cut.rest:
        found += make(Const(cut.whole * cut.size), cut.rest)
    return found


def weight_gradient(
    name: str,
    tiling: Tiling,
    padding: tuple[int, int],
    x: Image,
    dy: Image,
    weight: Buffer,
    target: Target,
) -> Kernel:
    """Dw = G^T [sum over tiles of (A dy A^T) * (B^T x B)] G, stored as (oc, 3, 3 * ic).

    A part is a group of output channels with a group of input channels; every part
    goes over all images. Both x and dy have zeros beyond their pixels as far as whole
    tiles reach: `margins` for x, and for dy its own tiles'.
    """
    return _Gradient(tiling, padding, x, dy, weight, target).kernel(name)


class _Gradient:
    """The pieces of one kernel."""

    def __init__(
        self,
        tiling: Tiling,
        padding: tuple[int, int],
        x: Image,
        dy: Image,
        weight: Buffer,
        target: Target,
    ) -> None:
        self.tiling, self.x, self.dy, self.weight = tiling, x, dy, weight
        self.start = (x.top - padding[0], x.left - padding[1])
        self.transforms = of_size(tiling.size)
        self.oc = dy.channels // tiling.groups
        self.ic = x.channels // tiling.input_groups
        self.out_lanes, self.lanes = target.vector(self.oc), target.vector(self.ic)
        self.out_row = -(-self.oc // self.out_lanes) * self.out_lanes
        self.row = -(-self.ic // self.lanes) * self.lanes
        widest = 4 if target.accumulators >= 24 else 2
        self.columns = blocks(self.row // self.lanes, widest)
        high = min(target.accumulators // self.columns.size, 12)
        self.rows = blocks(self.oc, high)
        places = self.transforms.places
        self.v = Buffer("v", (places, tiling.tiles * self.row + GAP))
        self.y = Buffer("y", (places, tiling.tiles * self.out_row + GAP))
        self.du = Buffer("du", (places, self.oc * self.row + GAP))

    @property
    def once(self) -> bool:
        """Whether all tiles of the batch are taken together."""
        return self.tiling.holds(self.x.images)

    def kernel(self, name: str) -> Kernel:
        tiling = self.tiling
        places = Places()
        group, inner = places.split(
            ("group", tiling.groups), ("inner", tiling.input_groups)
        )
        corner = (mul(group, self.oc), mul(inner, self.ic))
        tables = [*places.tables]
        if self.once:
            steps = self.block(corner, 0, Var("count"), Const(0))
        else:
            counts = range(self.x.images + 1)
            turns, values = table("turns", [-(-n // tiling.images) for n in counts])
            tables.append((turns, values))
            first = mul("block", tiling.images)
            left = maximum(sub("count", first), Const(0))
            here = minimum(left, Const(tiling.images))
            steps = self.block(corner, first, here, Var("band"))
            nest = (("block", looked_up(turns, "count")), ("band", tiling.bands))
            steps = (*self.cleared(), *loops(steps, *nest))
        body = (*places.statements, *steps, *self.filters(corner))
        given = (self.x.buffer, self.dy.buffer, self.weight)
        arguments = (count_of(self.x), Argument("part", 0, tiling.weight_parts - 1))
        scratch = (self.v, self.y, self.du)
        return Kernel(name, arguments, given, body, tuple(tables), scratch)

    def cleared(self) -> tuple[Stmt, ...]:
        """Zeros in the sums."""
        flat = self.du.view(self.du.size // self.lanes, self.lanes)
        zero = number(0.0, self.lanes)
        return loops((Store(flat, (Var("i"), Const(0)), zero),), ("i", flat.shape[0]))

    def block(
        self, corner: tuple[Expr, Expr], first: Term, here: Expr, band: Expr
    ) -> tuple[Stmt, ...]:
        """Adds what the tiles of some images, or of a band of one, give."""
        tiling, transforms, places = self.tiling, self.transforms, Places()
        images = places.keep("here", here)
        tiles = mul(mul(images, rows_here(tiling, band)), tiling.columns)
        present = places.keep("present", tiles)
        where = (first, images, band)
        return (
            *places.statements,
            *transformed(
                tiling,
                transforms.inputs,
                transforms.side,
                self.x,
                self.start,
                (corner[1], self.ic, self.lanes),
                where,
                self.v,
            ),
            *transformed(
                tiling,
                transforms.gradients,
                transforms.size,
                self.dy,
                (self.dy.top, self.dy.left),
                (corner[0], self.oc, self.out_lanes),
                where,
                self.y,
            ),
            For("k", transforms.places, self.products(present)),
        )

    def products(self, present: Expr) -> tuple[Stmt, ...]:
        """du[k, oc, ic] += sum over tiles of Y[k, tile, oc] * V[k, tile, ic]."""
        return self.columns_of(
            lambda column, wide: self.rows_of(
                lambda row, high: self.product(present, row, high, column, wide)
            )
        )

    def columns_of(self, make: _Make) -> tuple[Stmt, ...]:
        """Blocks of vectors of input channels."""
        return _blocked("j", self.columns, make)

    def rows_of(self, make: _Make) -> tuple[Stmt, ...]:
        """Blocks of output channels."""
        return _blocked("i", self.rows, make)

    def product(
        self, present: Expr, row: Expr, high: int, column: Expr, wide: int
    ) -> tuple[Stmt, ...]:
        lanes = self.lanes

        def left(i: int) -> Expr:
            return load(self.y, "k", add(mul("q", self.out_row), row, i))

        def right(j: int) -> Load:
            at = add(mul("q", self.row), mul(add(column, j), lanes))
            return Load(self.v, (Var("k"), at), lanes)

        def place(i: int, j: int) -> tuple[Buffer, tuple[Expr, ...]]:
            at = add(mul(add(row, i), self.row), mul(add(column, j), lanes))
            return self.du, (Var("k"), at)

        def begin(i: int, j: int) -> Expr:
            return number(0.0, lanes) if self.once else Load(*place(i, j), lanes)

        return summed((high, wide, lanes), present, (left, right), begin, place)

    def filters(self, corner: tuple[Expr, Expr]) -> tuple[Stmt, ...]:
        """Dw = G^T dU G."""
        side = self.transforms.side

        def vector(c: Expr, active: int) -> tuple[Stmt, ...]:
            lines = Lines("u")
            at = add(mul("o", self.row), c)
            tile: list[Row] = [[] for _ in range(side)]
            for j in range(side):
                for i in range(side):
                    value = Load(self.du, (Const(i * side + j), at), self.lanes)
                    tile[i] = [*tile[i], lines.keep(value)]
            found = both_sides(lines, self.transforms.filter_gradients, tile)
            stores = [
                Store(self.weight, self.tap(corner, c, ky, kx), value, active)
                for ky, row in enumerate(found)
                for kx, value in enumerate(row)
            ]
            return (*lines.statements, *stores)

        body = each_vector("c", self.ic, self.lanes, vector)
        return (For("o", self.oc, body),)

    def tap(
        self, corner: tuple[Expr, Expr], c: Expr, ky: int, kx: int
    ) -> tuple[Expr, ...]:
        channel = add(corner[1], c, kx * self.x.channels)
        return add(corner[0], "o"), Const(ky), channel
