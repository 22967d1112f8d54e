"""Winograd's convolution straight from the weights, filters transformed on the way."""

from mirada.compiler.expression import add, minimum, mul, number, sub
from mirada.compiler.ir import Buffer, Const, Expr, For, Kernel, Load, Stmt, Store
from mirada.compiler.lowering.layout import Image, loops
from mirada.compiler.lowering.winograd_forward import Forward
from mirada.compiler.lowering.winograd_pack import Filters
from mirada.compiler.lowering.winograd_tiling import Tiling
from mirada.compiler.target import Target

__all__ = ["forward_from_weights"]


def forward_from_weights(
    name: str,
    tiling: Tiling,
    padding: tuple[int, int],
    x: Image,
    weight: Buffer,
    turned: bool,
    bias: Buffer | None,
    other: Image | None,
    relu: bool,
    to: Image,
    add: bool,
    target: Target,
) -> Kernel:
    """As `forward`, from weights (oc, 3, 3 * ic): each item transforms its filters.

    Where all images are taken together (`Tiling.holds`), no filter is transformed
    twice, and those of many channels never leave the cache, while `pack` would write
    them to memory.
    """
    made = _Fused(tiling, x, weight, bias, other, relu, to, add, target)
    made.prepare(turned, target)
    return made.kernel(name, padding)


class _Fused(Forward):
    """The same with a slice of the filters at a time, transformed into scratch."""

    def prepare(self, turned: bool, target: Target) -> None:
        """Chooses how many input channels are transformed together."""
        weight, places = self.filters, self.transforms.places
        self.made = Filters(weight, turned, self.tiling.size, target)
        row = 4 * places * self.panels.width * self.made.piece
        fits = max(5 * target.l2_bytes // (4 * row), 1)
        even = (d for d in range(1, fits + 1) if self.made.pieces % d == 0)
        self.pieces = max(even)
        self.slice = self.pieces * self.made.piece
        self.u = Buffer("u", (1, places, self.slice, self.panels.width))

    def more_scratch(self) -> tuple[Buffer, ...]:
        return (self.u, *self.made.scratch)

    def products(
        self, panel: Expr, present: Expr, turns: Expr, done: Expr
    ) -> tuple[Stmt, ...]:
        made, pieces, lanes = self.made, self.pieces, self.panels.lanes
        flat = self.m.view(self.m.size // lanes, lanes)
        zeros = Store(flat, (add("i", 0), Const(0)), number(0.0, lanes))
        piece = add(mul("slice", pieces), "piece")
        at = (Const(0), add(mul("piece", made.piece), "i"))
        transform = made.of_panel(panel, piece, self.u, at)
        rows = self.rows(self.u, Const(0), present, turns, done)
        inside = (
            For("piece", pieces, transform),
            For("k", self.transforms.places, rows),
        )
        slices = made.pieces // pieces
        cleared = loops((zeros,), ("i", self.m.size // lanes))
        return (*cleared, For("slice", slices, inside))

    def before(self, buffer: Buffer, place: tuple[Expr, ...]) -> Expr:
        return Load(buffer, place, self.panels.lanes)

    def first_input(self) -> Expr:
        return mul("slice", self.slice)

    def inputs_here(self) -> Expr:
        channels = self.x.channels
        if channels % self.slice == 0:
            return Const(self.slice)
        left = sub(channels, mul("slice", self.slice))
        return minimum(Const(self.slice), left)
