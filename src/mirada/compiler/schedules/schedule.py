"""Schedules: sizes for the passes, from the shapes and the processor alone.

The same shapes on the same kind of processor always give the same schedule, and so
the same roundings.
"""

from mirada.compiler.ir import For, Kernel
from mirada.compiler.passes import jam, tile, vectorize
from mirada.compiler.passes.rewrite import walk
from mirada.compiler.target import Target

__all__ = ["pixels", "product", "vectors"]


def vectors(kernel: Kernel, var: str, extent: int, target: Target) -> Kernel:
    """The loop as vectors; a loop too short to gain from them stays."""
    lanes = target.vector(extent)
    return vectorize(kernel, var, lanes) if lanes > 1 else kernel


def pixels(
    kernel: Kernel, channels: int, width: int, pooled: int, target: Target
) -> Kernel:
    """A convolution, or a whole block: output channels in vectors, pixels side by side.

    `pooled` is how many positions of the convolution one output takes, each with an
    accumulator of its own; `width` the outputs in a row.
    """
    lanes = target.vector(channels)
    whole = channels // lanes
    together = 2 if whole > 1 and 2 * pooled <= target.accumulators else 1
    kernel = vectors(kernel, "oc", channels, target)
    if 1 < pooled <= target.accumulators:
        kernel = _jammed(_jammed(kernel, "kx"), "ky")
    elif pooled > 1:
        return kernel
    if lanes > 1 and whole > 1:
        kernel = _side_by_side(kernel, "oc.vec", whole, together)
    columns = target.accumulators // (pooled * together)
    return _side_by_side(kernel, "ox", width, columns)


def product(
    kernel: Kernel, var: str, rows: int, columns: int, target: Target
) -> Kernel:
    """A matrix product: columns "oc" in vectors, several of them and several rows."""
    lanes = target.vector(columns)
    whole = columns // lanes
    kernel = vectors(kernel, "oc", columns, target)
    high = min(rows, 8)
    wide = max(target.accumulators // high, 1)
    if lanes > 1 and whole > 1:
        kernel = _side_by_side(kernel, "oc.vec", whole, min(wide, 8))
    return _side_by_side(kernel, var, rows, high)


def _side_by_side(kernel: Kernel, var: str, extent: int, most: int) -> Kernel:
    """The loop's turns in groups of nearly equal size, each group jammed."""
    if most <= 1 or extent <= 1:
        return kernel
    size = _group(extent, most)
    if size >= extent:
        return _jammed(kernel, var)
    return _jammed(tile(kernel, var, size), f"{var}.in")


def _group(extent: int, most: int) -> int:
    """A divisor near the most, else the size that leaves the least uneven rest."""
    if extent <= most:
        return extent
    for size in range(most, most // 2, -1):
        if extent % size == 0:
            return size
    return -(-extent // -(-extent // most))


def _jammed(kernel: Kernel, var: str) -> Kernel:
    """The loop jammed, in the remainders that earlier passes left too."""
    names = [
        stmt.var
        for stmt in walk(kernel.body)
        if isinstance(stmt, For) and _origin(stmt.var) == var
    ]
    for name in dict.fromkeys(names):
        kernel = jam(kernel, name)
    return kernel


def _origin(var: str) -> str:
    """The loop's name before a remainder was cut off."""
    return var.removesuffix(".rest").removesuffix(".tail")
