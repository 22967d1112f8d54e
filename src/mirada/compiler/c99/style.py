"""The two ways in which kernels are printed: to check them, and to use them."""

from dataclasses import dataclass

from mirada.compiler.c99.operations import TYPES
from mirada.compiler.ir import Register

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

    def holds(self, register: Register) -> bool:
        """Whether a register is one value, as scalars are, not an array of lanes."""
        one = self.vectors and register.kind == "f32"
        return one or register.lanes == 1

    def type(self, register: Register) -> str:
        """The type in C of a register, or of one of its lanes where it is an array."""
        if register.lanes > 1 and self.holds(register):
            return f"f32x{register.lanes}"
        return TYPES[register.kind]

    def lane(self, register: Register, name: str, lane: str = "lane") -> str:
        """One lane of a register that C knows by a name."""
        if register.lanes == 1:
            return name
        if self.holds(register):
            return f"LANE_f32x{register.lanes}({name}, {lane})"
        return f"{name}[{lane}]"


CHECKED = Style("int64_t", vectors=False, fused=True)
"""Bit by bit what machine code computes, and nothing but C."""
PORTABLE = Style("int32_t", vectors=True, fused=False)
"""Fast where the compiler has vectors; no library, not even that of mathematics."""
