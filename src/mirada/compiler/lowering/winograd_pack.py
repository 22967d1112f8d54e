"""Filters transformed and laid out for the products of Winograd's convolution."""

from mirada.compiler.expression import (
    add,
    maximum,
    minimum,
    mul,
    number,
    rebuild,
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
from mirada.compiler.lowering.layout import loops
from mirada.compiler.lowering.winograd_tiling import Panels
from mirada.compiler.lowering.winograd_transform import Lines, both_sides, of_size
from mirada.compiler.target import Target

__all__ = ["Filters", "pack"]


def pack(
    name: str, weight: Buffer, packed: Buffer, turned: bool, size: int, target: Target
) -> Kernel:
    """U = G g G^T of every filter, by parts of the input channels.

    `weight` is (oc, 3, 3 * ic), `packed` has the shape `packed_shape`. `turned` packs
    for the gradient by the input: filters turned by 180 degrees, oc going in and ic
    coming out. A panel's empty lanes are zeros.
    """
    filters = Filters(weight, turned, size, target)
    place = (Var("panel"), filters.channel(Var("part")))
    made = filters.of_panel(Var("panel"), Var("part"), packed, place)
    body = loops(made, ("panel", filters.panels.count))
    arguments = (Argument("part", 0, filters.pieces - 1),)
    return Kernel(name, arguments, (weight, packed), body, (), filters.scratch)


class Filters:
    """The transforms of filters, a few input channels and a panel at a time.

    Turned, ic comes out, and lies along the vectors already; else blocks of oc x ic
    are turned in registers first.
    """

    def __init__(self, weight: Buffer, turned: bool, size: int, target: Target) -> None:
        self.weight, self.turned = weight, turned
        self.oc, self.ic = weight.shape[0], weight.shape[2] // 3
        self.inputs = self.oc if turned else self.ic
        self.panels = Panels.of(self.ic if turned else self.oc, target)
        self.transforms = of_size(size)
        lanes = self.panels.lanes
        self.piece = lanes
        """Input channels that are transformed at a time."""
        self.block = Buffer("block", (9, lanes, lanes))
        self.scratch = () if turned else (self.block,)

    @property
    def pieces(self) -> int:
        """Pieces of the input channels."""
        return -(-self.inputs // self.piece)

    def here(self, piece: Expr) -> Expr:
        """Input channels of a piece."""
        if self.inputs % self.piece == 0:
            return Const(self.piece)
        left = sub(self.inputs, mul(piece, self.piece))
        return minimum(Const(self.piece), left)

    def channel(self, piece: Expr) -> Expr:
        """The input channel that is channel "i" of a piece."""
        place = add(mul(piece, self.piece), "i")
        if self.inputs % self.piece == 0:
            return place
        return minimum(place, Const(self.inputs - 1))

    def of_panel(
        self, panel: Expr, piece: Expr, to: Buffer, at: tuple[Expr, Expr]
    ) -> tuple[Stmt, ...]:
        """The piece's filters of a panel: channel "i" to to[at[0], place, at[1]]."""
        panels = self.panels
        found: tuple[Stmt, ...] = ()
        if panels.whole:
            place = (mul("w", panels.lanes), panels.first(panel), 0)
            body = self.vector(piece, to, at, *place)
            found = (For("w", panels.full(panel), body),)
        last = panels.is_last(panel)
        if panels.tail:
            channel = Const(panels.whole * panels.lanes)
            place = (Const(panels.tail_column), channel, panels.tail)
            found += (For("tail", last, self.vector(piece, to, at, *place)),)
        if panels.empty:
            zero = number(0.0, panels.lanes)
            stores = tuple(
                Store(to, (at[0], Var("k"), at[1], Const(column)), zero)
                for column in panels.empty
            )
            nest = (("k", self.transforms.places), ("i", self.here(piece)))
            found += (For("empty", last, loops(stores, *nest)),)
        return found

    def vector(
        self,
        piece: Expr,
        to: Buffer,
        at: tuple[Expr, Expr],
        column: Expr,
        first: Expr,
        active: int,
    ) -> tuple[Stmt, ...]:
        """G g G^T of a vector of output channels, for the piece's input channels."""
        lines, lanes = Lines("w"), self.panels.lanes
        taps: list[list[Expr]] = [[], [], []]
        for ky in range(3):
            for kx in range(3):
                place: tuple[Expr, ...] = (Const(3 * ky + kx), Var("i"), Const(0))
                tap = Load(self.block, place, lanes)
                if self.turned:
                    run = add(first, (2 - kx) * self.ic)
                    place = (self.channel(piece), Const(2 - ky), run)
                    tap = Load(self.weight, place, lanes, active)
                taps[ky].append(lines.keep(tap))
        found = both_sides(lines, self.transforms.filters, taps)
        flat = [value for row in found for value in row]
        stores = [
            Store(to, (at[0], Const(k), at[1], column), value)
            for k, value in enumerate(flat)
        ]
        body = (*lines.statements, *stores)
        before = () if self.turned else self.turn(piece, first, active)
        return (*before, For("i", self.here(piece), body))

    def turn(self, piece: Expr, first: Expr, active: int) -> tuple[Stmt, ...]:
        """A block of filters into scratch, tap by tap, oc along the vectors."""
        lanes, rest = self.panels.lanes, self.ic % self.panels.lanes
        nest = (("ky", 3), ("kx", 3))
        whole = self.ic // lanes
        if not rest:
            return loops(self.tap(first, active, mul(piece, lanes), 0), *nest)
        found: tuple[Stmt, ...] = ()
        if whole:
            full = minimum(maximum(sub(whole, piece), Const(0)), Const(1))
            start = mul(minimum(piece, Const(whole - 1)), lanes)
            body = loops(self.tap(first, active, start, 0), *nest)
            found = (For("full", full, body),)
        some = maximum(sub(piece, whole - 1), Const(0))
        body = loops(self.tap(first, active, Const(whole * lanes), rest), *nest)
        return (*found, For("some", some, body))

    def tap(
        self, first: Expr, active: int, channel: Expr, rest: int
    ) -> tuple[Stmt, ...]:
        """One tap's block: rows of ic become rows of oc."""
        lanes, lines = self.panels.lanes, Lines("t")
        column = add(mul("kx", self.ic), channel)
        rows: list[Expr] = []
        for r in range(lanes):
            if active and r >= active:
                rows.append(number(0.0, lanes))
                continue
            place = (add(first, r), Var("ky"), column)
            rows.append(lines.keep(Load(self.weight, place, lanes, rest)))
        half = lanes // 2
        while half:
            rows = [
                lines.keep(rebuild(f"zip_{end}", (rows[r], rows[r + lanes // 2])))
                for r in range(lanes // 2)
                for end in ("low", "high")
            ]
            half //= 2
        tap = add(mul("ky", 3), "kx")
        stores = [
            Store(self.block, (tap, Const(r), Const(0)), row)
            for r, row in enumerate(rows)
        ]
        return (*lines.statements, *stores)
