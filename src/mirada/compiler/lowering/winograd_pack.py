"""Filters transformed and laid out for the products of Winograd's convolution."""

from mirada.compiler.expression import (
    Term,
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
from mirada.compiler.lowering.winograd_transform import (
    Lines,
    Transforms,
    both_sides,
    of_size,
)
from mirada.compiler.target import Target

__all__ = ["pack"]


def pack(
    name: str, weight: Buffer, packed: Buffer, turned: bool, size: int, target: Target
) -> Kernel:
    """U = G g G^T of every filter, by parts of the input channels.

    `weight` is (oc, 3, 3 * ic), `packed` has the shape `packed_shape`. `turned` packs
    for the gradient by the input: filters turned by 180 degrees, oc going in and ic
    coming out. A panel's empty lanes are zeros.
    """
    made = (_Turned if turned else _Straight)(weight, packed, size, target)
    arguments = (Argument("part", 0, made.parts - 1),)
    body = (*made.body(), *made.empty())
    return Kernel(name, arguments, (weight, packed), body, (), made.scratch)


class _Pack:
    """What both ways share."""

    def __init__(
        self, weight: Buffer, packed: Buffer, size: int, target: Target
    ) -> None:
        self.weight, self.packed = weight, packed
        self.oc, self.ic = weight.shape[0], weight.shape[2] // 3
        self.transforms: Transforms = of_size(size)
        self.target = target
        self.panels = self.panels_of()
        self.inputs = packed.shape[2]
        self.chunk = self.chunk_of()
        self.scratch: tuple[Buffer, ...] = ()

    def panels_of(self) -> Panels:
        raise NotImplementedError

    def chunk_of(self) -> int:
        raise NotImplementedError

    @property
    def parts(self) -> int:
        """Parts of the input channels."""
        return -(-self.inputs // self.chunk)

    def here(self) -> int | Expr:
        """Input channels of this part."""
        if self.inputs % self.chunk == 0:
            return self.chunk
        left = sub(self.inputs, mul("part", self.chunk))
        return minimum(Const(self.chunk), left)

    def channel(self) -> Expr:
        """The input channel that is channel "i" of this part."""
        place = add(mul("part", self.chunk), "i")
        if self.inputs % self.chunk == 0:
            return place
        return minimum(place, Const(self.inputs - 1))

    def filtered(
        self, taps: list[list[Expr]], panel: Term, channel: Term, column: Term
    ) -> tuple[Stmt, ...]:
        """G g G^T of one vector of filters, stored at every place."""
        lines = Lines("w")
        kept = [[lines.keep(tap) for tap in row] for row in taps]
        found = both_sides(lines, self.transforms.filters, kept)
        flat = [value for row in found for value in row]
        stores = [
            self.stored(panel, k, channel, column, value)
            for k, value in enumerate(flat)
        ]
        return (*lines.statements, *stores)

    def stored(
        self, panel: Term, k: Term, channel: Term, column: Term, value: Expr
    ) -> Store:
        place = tuple(add(0, term) for term in (panel, k, channel, column))
        return Store(self.packed, place, value)

    def empty(self) -> tuple[Stmt, ...]:
        """Zeros in the vectors of the last panel that no channel fills."""
        panels = self.panels
        needed = -(-panels.channels // panels.lanes)
        first = needed - (panels.count - 1) * panels.vectors
        zero = number(0.0, panels.lanes)
        columns = [j * panels.lanes for j in range(first, panels.vectors)]
        if not columns:
            return ()
        stores = tuple(
            self.stored(panels.count - 1, "k", self.channel(), column, zero)
            for column in columns
        )
        return loops(stores, ("k", self.transforms.places), ("i", self.here()))

    def each_panel(self, last: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        """The vectors full of channels, "w" of "panel", then the one that is not."""
        panels = self.panels
        found: tuple[Stmt, ...] = ()
        if panels.whole:
            full: Expr = Const(panels.vectors)
            if panels.whole < panels.count * panels.vectors:
                here = sub(panels.whole, mul("panel", panels.vectors))
                full = maximum(minimum(here, full), Const(0))
            body = self.vector(Var("panel"), mul("w", panels.lanes), self.first(), 0)
            found = loops(body, ("panel", panels.count), ("w", full))
        return found + last

    def first(self) -> Expr:
        """The first channel of vector "w" of "panel"."""
        panels = self.panels
        place = add(mul("panel", panels.width), mul("w", panels.lanes))
        if panels.whole == panels.count * panels.vectors:
            return place
        return minimum(place, Const(max(panels.whole - 1, 0) * panels.lanes))

    def body(self) -> tuple[Stmt, ...]:
        panels = self.panels
        last: tuple[Stmt, ...] = ()
        if panels.tail:
            panel = panels.count - 1
            column = (panels.whole - panel * panels.vectors) * panels.lanes
            first = Const(panels.whole * panels.lanes)
            last = self.vector(Const(panel), Const(column), first, panels.tail)
        return self.each_panel(last)

    def vector(
        self, panel: Expr, column: Expr, first: Expr, active: int
    ) -> tuple[Stmt, ...]:
        """A vector of output channels, for all input channels of the part."""
        raise NotImplementedError


class _Turned(_Pack):
    """Filters turned: ic comes out, and lies along the vectors already."""

    def panels_of(self) -> Panels:
        return Panels.of(self.ic, self.target)

    def chunk_of(self) -> int:
        return min(self.oc, 16)

    def vector(
        self, panel: Expr, column: Expr, first: Expr, active: int
    ) -> tuple[Stmt, ...]:
        lanes, channel = self.panels.lanes, self.channel()
        taps: list[list[Expr]] = [
            [
                Load(
                    self.weight,
                    (channel, Const(2 - ky), add(first, (2 - kx) * self.ic)),
                    lanes,
                    active,
                )
                for kx in range(3)
            ]
            for ky in range(3)
        ]
        body = self.filtered(taps, panel, channel, column)
        return (For("i", self.here(), body),)


class _Straight(_Pack):
    """Filters as they are: blocks of oc x ic are turned in registers first."""

    def __init__(
        self, weight: Buffer, packed: Buffer, size: int, target: Target
    ) -> None:
        super().__init__(weight, packed, size, target)
        lanes = self.panels.lanes
        self.block = Buffer("block", (9, lanes, lanes))
        self.scratch = (self.block,)

    def panels_of(self) -> Panels:
        return Panels.of(self.oc, self.target)

    def chunk_of(self) -> int:
        return Panels.of(self.oc, self.target).lanes

    def vector(
        self, panel: Expr, column: Expr, first: Expr, active: int
    ) -> tuple[Stmt, ...]:
        lanes = self.panels.lanes
        taps: list[list[Expr]] = [
            [
                Load(self.block, (Const(3 * ky + kx), Var("i"), Const(0)), lanes)
                for kx in range(3)
            ]
            for ky in range(3)
        ]
        body = self.filtered(taps, panel, self.channel(), column)
        return (*self.turned(first, active), For("i", self.here(), body))

    def turned(self, first: Expr, active: int) -> tuple[Stmt, ...]:
        """A block of filters into scratch, tap by tap, oc along the vectors."""
        lanes, rest = self.panels.lanes, self.ic % self.panels.lanes
        nest = (("ky", 3), ("kx", 3))
        whole = self.ic // lanes
        if not rest:
            return loops(self.tap(first, active, mul("part", lanes), 0), *nest)
        found: tuple[Stmt, ...] = ()
        if whole:
            full = minimum(maximum(sub(whole, "part"), Const(0)), Const(1))
            start = mul(minimum(Var("part"), Const(whole - 1)), lanes)
            body = loops(self.tap(first, active, start, 0), *nest)
            found = (For("full", full, body),)
        some = maximum(sub("part", whole - 1), Const(0))
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
