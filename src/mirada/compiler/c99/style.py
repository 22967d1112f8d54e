"""The two ways in which kernels are printed: to check them, and to use them."""

from dataclasses import dataclass

__all__ = ["CHECKED", "PORTABLE", "Style"]


@dataclass(frozen=True)
class Style:
    """How kernels become C.

    `index` is the type of what counts turns. With `vectors`, lanes of float32 numbers
    are one value, which a compiler's own vectors hold where it has them; else they are
    arrays. With `fused`, `fmaf` multiplies and adds with one rounding; else the
    compiler may do so with one or two, and no library is asked.
    """

    index: str
    vectors: bool
    fused: bool


CHECKED = Style("int64_t", vectors=False, fused=True)
"""Bit by bit what machine code computes, and nothing but C."""
PORTABLE = Style("int", vectors=True, fused=False)
"""Fast where the compiler has vectors; no library, not even that of mathematics."""
