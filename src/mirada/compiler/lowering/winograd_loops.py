"""The loops that Winograd's kernels share: tiles in, products, blocks of rows."""

from collections.abc import Callable

from mirada.compiler.expression import Term, add, fma, index, minimum, mul, splat
from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
    For,
    Get,
    Let,
    Load,
    Register,
    Set,
    Stmt,
    Store,
)
from mirada.compiler.lowering.layout import Image, loops
from mirada.compiler.lowering.winograd_tiling import (
    Tiling,
    rows_here,
    tile_number,
    tile_row,
)
from mirada.compiler.lowering.winograd_transform import Lines, Row, both_sides

__all__ = ["each_vector", "summed", "transformed"]


def each_vector(
    var: str,
    channels: int,
    lanes: int,
    make: Callable[[Expr, int], tuple[Stmt, ...]],
) -> tuple[Stmt, ...]:
    """What `make` gives for the first channel of every vector and its active lanes."""
    whole, tail = divmod(channels, lanes)
    found: tuple[Stmt, ...] = ()
    if whole:
        found = (For(var, whole, make(mul(var, lanes), 0)),)
    if tail:
        found += make(Const(whole * lanes), tail)
    return found


def transformed(
    tiling: Tiling,
    transform: Callable[[Lines, Row], Row],
    side: int,
    image: Image,
    start: tuple[int, int],
    channels: tuple[Expr, int, int],
    here: tuple[Term, Term, Expr],
    to: Buffer,
) -> tuple[Stmt, ...]:
    """Stores T X T^T of every tile of an item, X of `side` x `side` pixels.

    The first tile begins at row and column `start` of the buffer. `channels` are the
    first one, how many, and the lanes of a vector; `here` says the first image, how
    many there are, and the band. Tile t's channel c goes to `to[place, t * row + c]`,
    where a row holds whole vectors.
    """
    first, count, lanes = channels
    image_first, images, band = here
    m = add(image_first, "m")
    if image.images % tiling.images:
        m = minimum(m, Const(image.images - 1))
    row = -(-count // lanes) * lanes

    def tile(c: Expr, active: int) -> tuple[Stmt, ...]:
        lines = Lines("d")
        pixels: list[Row] = [[] for _ in range(side)]
        for j in range(side):
            for i in range(side):
                y = add(mul(tile_row(tiling, band, "ty"), tiling.size), start[0] + i)
                x = add(mul("tx", tiling.size), start[1] + j)
                place = (m, y, x, add(first, c))
                value = Load(image.buffer, place, lanes, active)
                pixels[i] = [*pixels[i], lines.keep(value)]
        found = both_sides(lines, transform, pixels)
        at = add(mul(tile_number(tiling, "m", "ty", "tx"), row), c)
        flat = [value for values in found for value in values]
        stores = [Store(to, (Const(k), at), value) for k, value in enumerate(flat)]
        return (*lines.statements, *stores)

    body = each_vector("c", count, lanes, tile)
    nest = (
        ("m", index(images)),
        ("ty", rows_here(tiling, band)),
        ("tx", tiling.columns),
    )
    return loops(body, *nest)


def summed(
    size: tuple[int, int, int],
    extent: Term,
    factors: tuple[Callable[[int], Expr], Callable[[int], Load]],
    begin: Callable[[int, int], Expr],
    place: Callable[[int, int], tuple[Buffer, tuple[Expr, ...]]],
) -> tuple[Stmt, ...]:
    """A micro-kernel: `size` rows x vectors of lanes, summed in registers over q.

    Row i, vector j: begin(i, j) + sum over q < extent of left(i) * right(j), stored at
    place(i, j).
    """
    rows, vectors, lanes = size
    left, right = factors
    sums = {
        (i, j): Register(f"s{i}.{j}", lanes=lanes)
        for i in range(rows)
        for j in range(vectors)
    }
    before = [Let(register, begin(i, j)) for (i, j), register in sums.items()]
    lines = Lines("f")
    beside = [lines.keep(right(j)) for j in range(vectors)]
    inside: list[Stmt] = []
    for i in range(rows):
        factor = Register(f"g{i}", lanes=lanes)
        inside.append(Let(factor, splat(left(i), lanes)))
        for j in range(vectors):
            total = sums[i, j]
            inside.append(Set(total, fma(Get(factor), beside[j], Get(total))))
    turns = extent if isinstance(extent, int) else index(extent)
    after = []
    for (i, j), register in sums.items():
        buffer, where = place(i, j)
        after.append(Store(buffer, where, Get(register)))
    return (*before, For("q", turns, (*lines.statements, *inside)), *after)
