"""Images between the two orders: channel by channel outside, pixel by pixel inside.

Blocks of as many channels as pixels are turned in registers, so that both sides are
read and written as vectors.
"""

from collections.abc import Callable, Iterable

from mirada.compiler.expression import add, index, mul
from mirada.compiler.ir import Buffer, Const, Expr, For, Kernel, Load, Stmt, Store, Var
from mirada.compiler.lowering.dense_pack import turned
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.target import Target

__all__ = ["enter", "leave", "suits"]

_LEAST_CHANNELS = 4

Block = Callable[[Expr, Expr, int, int, str], list[Stmt]]
"""First channel, first pixel, how many of each, a mark for the names: statements."""
Piece = Callable[[Expr, int, str], Iterable[Stmt]]


def suits(image: Image) -> bool:
    """Whether turning blocks is faster than moving number by number."""
    return image.channels >= _LEAST_CHANNELS and image.width >= _LEAST_CHANNELS


def enter(
    name: str, images: Buffer, to: Image, target: Target, *, more: bool = False
) -> Kernel:
    """Images (n, channels, height, width) into a block; with `more`, added to it."""

    def block(c: Expr, x: Expr, channels: int, pixels: int, mark: str) -> list[Stmt]:
        lanes = _lanes(to, target)

        def row(lane: int) -> Load:
            place = (index("m"), add(c, lane), index("oy"), x)
            return Load(images, place, lanes, pixels % lanes)

        def put(lane: int, value: Expr) -> Stmt:
            place = to.place("m", "oy", add(x, lane), c)
            if more:
                value = add(Load(to.buffer, place, lanes, channels % lanes), value)
            return Store(to.buffer, place, value, channels % lanes)

        return turned(row, put, lanes, channels, pixels, mark)

    body = _blocks(to, target, block)
    return Kernel(name, (count_of(to),), (images, to.buffer), body)


def leave(name: str, image: Image, outputs: Buffer, target: Target) -> Kernel:
    """A block as (n, channels, height, width)."""

    def block(c: Expr, x: Expr, channels: int, pixels: int, mark: str) -> list[Stmt]:
        lanes = _lanes(image, target)

        def row(lane: int) -> Load:
            place = image.place("m", "oy", add(x, lane), c)
            return Load(image.buffer, place, lanes, channels % lanes)

        def put(lane: int, value: Expr) -> Stmt:
            place = (index("m"), add(c, lane), index("oy"), x)
            return Store(outputs, place, value, pixels % lanes)

        return turned(row, put, lanes, pixels, channels, mark)

    body = _blocks(image, target, block)
    return Kernel(name, (count_of(image),), (image.buffer, outputs), body)


def _lanes(image: Image, target: Target) -> int:
    return target.vector(min(image.channels, image.width))


def _blocks(image: Image, target: Target, block: Block) -> tuple[Stmt, ...]:
    """Every block of channels and pixels of a row, those at the ends cut."""
    lanes = _lanes(image, target)

    def along(var: str, length: int, make: Piece, mark: str) -> tuple[Stmt, ...]:
        whole, rest = divmod(length, lanes)
        found: tuple[Stmt, ...] = ()
        if whole:
            inside = make(mul(Var(var), lanes), lanes, f"{mark}w")
            found += (For(var, whole, tuple(inside)),)
        if rest:
            found += tuple(make(Const(whole * lanes), rest, f"{mark}r"))
        return found

    def pixels(x: Expr, count: int, mark: str) -> tuple[Stmt, ...]:
        def channels(c: Expr, many: int, own: str) -> list[Stmt]:
            return block(c, x, many, count, own)

        return along(f"c{mark}", image.channels, channels, mark)

    body = along("x", image.width, pixels, "")
    return loops(body, ("m", Var("count")), ("oy", image.height))
