"""The gradient by the weights where an image has few channels, as a picture has three.

A tap row of few numbers would leave lanes of a vector empty. Output channels fill them
here, and taps are broadcast: dw[t, oc] is summed in scratch and turned at the end.
"""

from mirada.compiler.expression import add, fma, load, mul, number, select, splat
from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.dense_gradient import Gradient
from mirada.compiler.lowering.dense_parts import deal
from mirada.compiler.lowering.layout import count_of, loops
from mirada.compiler.schedules.dense import shares
from mirada.compiler.target import Target

__all__ = ["ThinGradient", "thin"]

_MOST_TAPS = 160
"""Taps up to which each tile is written out."""

Made = tuple[Stmt, ...]


def thin(run: int, rows: int, channels: int, target: Target) -> bool:
    """Whether output channels fill vectors much better than tap rows do."""

    def filled(numbers: int) -> float:
        lanes = target.vector(numbers)
        return numbers / (-(-numbers // lanes) * max(lanes, min(8, target.lanes)))

    return run * rows <= _MOST_TAPS and filled(run) < 0.8 * filled(channels)


class ThinGradient(Gradient):
    """The loops of a weight gradient whose vectors run along output channels."""

    def kernel(self, name: str, wanted: int) -> Kernel:
        lanes = self.target.vector(self.channels)
        dealt = deal(self.channels, lanes, wanted)
        self.block(self.pixel + -(-self.channels // dealt.parts))
        taps = [
            far for start in self.taps.rows for far in range(start, start + self.run)
        ]
        sums = Buffer("sums", (len(taps), lanes))
        bands = -(-self.height // self.rows)
        groups = -(-self.dy.images // self.images)
        most = self.target.accumulators

        def unit(oc: Expr, size: int, mark: str) -> Made:
            body: list[Stmt] = []
            for first, many in shares(len(taps), -(-len(taps) // most)):
                offsets = taps[first : first + many]
                body += self.tap_tile(oc, size, offsets, sums, first, mark)
            nest = loops(tuple(body), ("g", groups), ("b", bands))
            flat = self.weight.flat()
            t, lane = f"t{mark}", f"lane{mark}"
            place = add(mul(add(oc, Var(lane)), len(taps)), Var(t))
            store = Store(flat, (place,), load(sums, t, lane))
            return (*nest, *loops((store,), (lane, size), (t, len(taps))))

        buffers = (self.taps.image.buffer, self.dy.buffer, self.weight)
        given = (count_of(self.dy), dealt.argument)
        body = dealt.each(unit)
        return Kernel(name, given, buffers, body, tuple(dealt.tables), (sums,))

    def tap_tile(
        self,
        oc: Expr,
        size: int,
        offsets: list[int],
        sums: Buffer,
        first: int,
        mark: str,
    ) -> Made:
        """Sums a block of pixels into some taps of a vector of output channels."""
        lanes, mark = sums.shape[1], f"{mark}.{first}"
        fresh = splat(self.fresh(), lanes)
        accs = [Register(f"a{mark}.{tap}", lanes=lanes) for tap in range(len(offsets))]
        begin: list[Stmt] = []
        end: list[Stmt] = []
        for tap, acc in enumerate(accs):
            place = (Const(first + tap), Const(0))
            before = select(fresh, number(0.0, lanes), Load(sums, place, lanes))
            begin.append(Let(acc, before))
            end.append(Store(sums, place, Get(acc)))
        flat, gradient = self.taps.image.buffer.flat(), self.dy.buffer.flat()

        def inside(window: Expr, pixel: Expr) -> Made:
            g = Register(f"g{mark}", lanes=lanes)
            body: list[Stmt] = [Let(g, Load(gradient, (pixel,), lanes, size % lanes))]
            for acc, far in zip(accs, offsets, strict=True):
                x = splat(load(flat, add(window, far)), lanes)
                body.append(Set(acc, fma(x, Get(g), Get(acc))))
            return tuple(body)

        return (*begin, self.pixels(oc, Const(0), mark, inside), *end)
