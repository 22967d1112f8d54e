"""Runs a kernel statement by statement on NumPy arrays.

Slow and plain: what a kernel means, apart from any machine. Sums are taken in the
order the kernel states, with the processor's roundings: results are the same bits.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.ir import (
    Append,
    Bits,
    Buffer,
    Const,
    Convert,
    Count,
    Expr,
    For,
    Get,
    Iota,
    Kernel,
    Let,
    Load,
    Op,
    Reset,
    Set,
    Splat,
    Stmt,
    Store,
    Total,
    Var,
)

__all__ = ["DTYPES", "interpret"]

DTYPES: Mapping[str, Any] = {
    "f32": np.float32,
    "i32": np.int32,
    "i64": np.int64,
    "u8": np.uint8,
    "u32": np.uint32,
    "u64": np.uint64,
    "bool": np.bool_,
}


def _fma(a: Any, b: Any, c: Any) -> Any:
    """A * b + c with one rounding."""
    return _fused(a, b, c).astype(np.float32)


def _fused(a: Any, b: Any, c: Any) -> Any:
    """A * b + c in float64, rounded to odd, from where float32 is rounded right.

    Source: Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums: proved
    algorithms using rounding to odd", 2008.
    """
    product, more = a.astype(np.float64) * b, c.astype(np.float64)
    total = product + more
    moved = total - product
    lost = (product - (total - moved)) + (more - moved)
    bits = total.view(np.int64)
    odd = np.where((lost > 0) == (total > 0), bits + 1, bits - 1)
    even = np.isfinite(total) & (lost != 0) & (bits & 1 == 0)
    return np.where(even, odd, bits).view(np.float64)


_LEAST = 2.0**-126 - 2.0**-151
"""What is smaller is rounded below the smallest normal float32."""


def _normal(x: Any) -> Any:
    """Numbers too small to be normal as zeros of their sign."""
    bits = x.view(np.uint32)
    small = bits & np.uint32(0x7F800000) == 0
    return np.where(small, bits & np.uint32(0x80000000), bits).view(np.float32)


def _dot2(total: Any, x: Any, y: Any) -> Any:
    upper, sixteen = np.uint32(0xFFFF0000), np.uint32(16)
    for a, b in ((x & upper, y & upper), (x << sixteen, y << sixteen)):
        one, two = (_normal(factor.view(np.float32)) for factor in (a, b))
        exact = _fused(one, two, _normal(total))
        small = np.abs(exact) < _LEAST
        total = np.where(small, np.copysign(0.0, exact), exact).astype(np.float32)
    return total


def _upper(x: Any) -> Any:
    """The number as bfloat16, in the lower half of a word."""
    bits = _normal(x).view(np.uint32)
    near = bits + np.uint32(0x7FFF) + (bits >> np.uint32(16) & np.uint32(1))
    kept = np.where(np.isnan(x), bits | np.uint32(0x400000), near)
    return kept >> np.uint32(16)


_OPS: Mapping[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "fma": _fma,
    "min": lambda a, b: np.where(a < b, a, b),
    "max": lambda a, b: np.where(a > b, a, b),
    "lt": np.less,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "select": np.where,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "shl": np.left_shift,
    "shr": np.right_shift,
    "dot2": _dot2,
    "pair": lambda a, b: _upper(a) | _upper(b) << np.uint32(16),
    "sqrt": np.sqrt,
    "floor": np.floor,
    "zip_low": lambda a, b: np.stack((a, b), 1).ravel()[: len(a)],
    "zip_high": lambda a, b: np.stack((a, b), 1).ravel()[len(a) :],
}


def interpret(
    kernel: Kernel, arrays: Mapping[str, NDArray[Any]], **arguments: int
) -> None:
    """Runs the kernel in place on one flat array for each of its buffers."""
    known = dict(arrays)
    for buffer in kernel.scratch:
        known[buffer.name] = np.zeros(buffer.size, DTYPES[buffer.kind])
    for buffer, values in kernel.tables:
        known[buffer.name] = np.array(values, DTYPES[buffer.kind])
    with np.errstate(all="ignore"):
        _Run(known, arguments).body(kernel.body)


class _Run:
    """The values of variables, registers and counters during one run."""

    def __init__(
        self, arrays: Mapping[str, NDArray[Any]], arguments: Mapping[str, int]
    ) -> None:
        self.arrays = arrays
        self.variables = dict(arguments)
        self.registers: dict[str, NDArray[Any]] = {}
        self.counters: dict[str, int] = {}

    def body(self, body: tuple[Stmt, ...]) -> None:
        for stmt in body:
            match stmt:
                case For(var, extent, inner):
                    turns = extent if isinstance(extent, int) else self.whole(extent)
                    for turn in range(turns):
                        self.variables[var] = turn
                        self.body(inner)
                case Let(register, value) | Set(register, value):
                    self.registers[register.name] = self.value(value)
                case Store(buffer, index, value, active):
                    lanes = active or value.lanes
                    start = self.place(buffer, index)
                    stored = self.value(value)[:lanes]
                    self.arrays[buffer.name][start : start + lanes] = stored
                case Reset(counter):
                    self.counters[counter.name] = 0
                case Append(counter, where, values):
                    kept = self.value(where)
                    start = self.counters[counter.name]
                    for buffer, item in values:
                        chosen = self.value(item)[kept]
                        self.arrays[buffer.name][start : start + len(chosen)] = chosen
                    self.counters[counter.name] += int(kept.sum())

    def whole(self, expr: Expr) -> int:
        return int(self.value(expr)[0])

    def place(self, buffer: Buffer, index: tuple[Expr, ...]) -> int:
        at = 0
        for axis, term in enumerate(index):
            at += self.whole(term) * prod(buffer.shape[axis + 1 :])
        return at

    def value(self, expr: Expr) -> NDArray[Any]:
        """The value as an array with one element a lane."""
        match expr:
            case Const(value, kind, lanes):
                return np.full(lanes, value, DTYPES[kind])
            case Var(name):
                return np.array([self.variables[name]], np.int64)
            case Count(counter):
                return np.array([self.counters[counter.name]], np.int64)
            case Get(register):
                return self.registers[register.name]
            case Load(buffer, index, lanes, active):
                read = active or lanes
                start = self.place(buffer, index)
                loaded = np.zeros(lanes, DTYPES[buffer.kind])
                loaded[:read] = self.arrays[buffer.name][start : start + read]
                return loaded
            case Op(name, args, kind):
                result = _OPS[name](*(self.value(arg) for arg in args))
                return np.asarray(result).astype(DTYPES[kind], copy=False)
            case Splat(inner, lanes):
                return np.repeat(self.value(inner), lanes)
            case Iota(lanes, kind):
                return np.arange(lanes, dtype=DTYPES[kind])
            case Convert(inner, kind):
                return self.value(inner).astype(DTYPES[kind])
            case Bits(inner, kind):
                return self.value(inner).view(DTYPES[kind])
            case Total(inner):
                lanes_left = self.value(inner)
                while len(lanes_left) > 1:
                    half = len(lanes_left) // 2
                    lanes_left = lanes_left[:half] + lanes_left[half:]
                return lanes_left
