"""Schedules for what each channel does by itself: sums over pixels, pooling, joins."""

from mirada.compiler.ir import For, Kernel
from mirada.compiler.passes import jam, tile, unroll, vectorize
from mirada.compiler.passes.rewrite import walk
from mirada.compiler.target import Target

__all__ = ["channels", "windowed"]

_UNROLLED = 16
"""Elements of a pooling window that are written out."""


def channels(
    kernel: Kernel, extent: int, target: Target, together: int = 4, var: str = "oc"
) -> Kernel:
    """Channels in vectors, `together` of them side by side.

    So sums over pixels hide their latency, and a turn of the innermost loop moves
    several cache lines. A kernel without the loop, or too few channels, stays.
    """
    if target.vector(extent) == 1 or var not in _loops(kernel):
        return kernel
    kernel = vectorize(kernel, var, target.vector(extent))
    whole, vectors = f"{var}.vec", _loops(kernel)
    longest = vectors.get(whole, 0)
    if longest <= 1 or together <= 1:
        return kernel
    if longest <= together:
        return jam(kernel, whole)
    kernel = tile(kernel, whole, together)
    for name in _called(kernel, f"{whole}.in"):
        kernel = jam(kernel, name)
    return kernel


def windowed(kernel: Kernel, extent: int, area: int, target: Target) -> Kernel:
    """Pooling forward: channels in vectors, small windows written out.

    A window with many elements is a sum over pixels: vectors go side by side instead.
    """
    if area > _UNROLLED:
        return channels(kernel, extent, target)
    kernel = channels(kernel, extent, target, 1)
    for name in (*_called(kernel, "kx"), *_called(kernel, "ky")):
        kernel = unroll(kernel, name)
    return kernel


def _called(kernel: Kernel, var: str) -> list[str]:
    """The loop, and those of the remainders that passes cut off."""
    ends = ("", ".tail", ".rest")
    return [name for name in _loops(kernel) if name in {var + end for end in ends}]


def _loops(kernel: Kernel) -> dict[str, int]:
    """The longest extent of the loops of each name; 0 where it varies."""
    found: dict[str, int] = {}
    for stmt in walk(kernel.body):
        if isinstance(stmt, For):
            extent = stmt.extent if isinstance(stmt.extent, int) else 0
            found[stmt.var] = max(found.get(stmt.var, 0), extent)
    return found
