"""Expressions as C: a vector is the text of one of its lanes.

What mixes lanes cannot be written lane by lane: totals, and what a zip is given, are
put into arrays of their own first (`Expressions.array`).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from mirada.compiler.c99.names import Names
from mirada.compiler.c99.operations import TYPES
from mirada.compiler.c99.style import CHECKED, Style
from mirada.compiler.expression import MIXED
from mirada.compiler.ir import (
    Bits,
    Buffer,
    Const,
    Convert,
    Count,
    Expr,
    Get,
    Iota,
    Load,
    Op,
    Register,
    Splat,
    Total,
    Var,
)

__all__ = ["Expressions", "constant_text", "loop"]

_SIGNS: Mapping[str, str] = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "lt": "<",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "and": "&",
    "or": "|",
    "xor": "^",
    "shl": "<<",
    "shr": ">>",
}
_FUNCTIONS = {"fma": "fmaf", "sqrt": "sqrtf", "floor": "floorf"}
_SIGNED = ("i32", "i64")
_UNSIGNED = ("u32", "u64")

# How tightly a text holds together: what stands in what without parentheses.
_ATOM, _PRODUCT, _SUM, _LOOSE = range(4)


class _Text(NamedTuple):
    text: str
    level: int = _ATOM

    def within(self, level: int) -> str:
        """The text, in parentheses when it is looser than the level."""
        return self.text if self.level <= level else f"({self.text})"


class Expressions:
    """Writes expressions; what must be computed before goes to `statement`."""

    def __init__(
        self,
        names: Names,
        views: Callable[[Buffer], str],
        statement: Callable[[str], None],
        style: Style = CHECKED,
    ) -> None:
        self.style = style
        self.names, self.views, self.statement = names, views, statement
        self.used: set[str] = set()
        """The operations of `operations.HELPERS` that were needed."""
        self.read: set[str] = set()
        """The names of the registers that were read."""

    def text(self, expr: Expr, lane: str = "", proven: bool = False) -> str:
        """One lane of the expression.

        `proven` says that the verifier has shown that no whole number on the way
        leaves its kind, so that they need not wrap.
        """
        return self._text(expr, lane, proven).text

    def array(self, expr: Expr) -> str:
        """The name of an array that holds the vector's lanes."""
        if isinstance(expr, Get) and not self.style.holds(expr.register):
            return self._register(expr.register)
        name = self.names.fresh("lanes")
        value = self.text(expr, "lane")
        self.statement(f"{TYPES[expr.kind]} {name}[{expr.lanes}];")
        self.statement(f"{loop(expr.lanes)}\n    {name}[lane] = {value};")
        return name

    def place(self, buffer: Buffer, index: tuple[Expr, ...], lane: str = "") -> str:
        """The element of a buffer, `lane` further along its last axis."""
        *outer, last = index if index else (Const(0),)
        texts = [self.text(term, proven=True) for term in outer]
        along = self._text(last, "", True)
        if not lane:
            texts.append(along.text)
        elif last == Const(0):
            texts.append(lane)
        else:
            texts.append(f"{along.within(_SUM)} + {lane}")
        return self.views(buffer) + "".join(f"[{text}]" for text in texts)

    def helper(self, name: str, *args: str) -> str:
        """A call of an operation that stands at the head of the file."""
        self.used.add(name)
        return f"{name}({', '.join(args)})"

    def _text(self, expr: Expr, lane: str, proven: bool) -> _Text:
        match expr:
            case Const():
                return _Text(constant_text(expr))
            case Var(name):
                return _Text(self.names("variable", name))
            case Count(counter):
                return _Text(self.names("counter", counter.name))
            case Get(register):
                name = self._register(register)
                return _Text(self.style.lane(register, name, lane))
            case Load():
                return _Text(self._load(expr, lane))
            case Op(name):
                if name.startswith("zip_"):
                    return _Text(self._zip(expr))
                return self._operation(expr, lane, proven)
            case Splat(value):
                return self._text(value, "", proven)
            case Iota(lanes, kind):
                return _Text(f"({TYPES[kind]}) {lane}" if lanes > 1 else "0")
            case Convert(value, kind):
                return _Text(self._convert(value, kind, lane, proven))
            case Bits(value, kind):
                text = self.text(value, lane)
                if kind == value.kind:
                    return _Text(f"({text})")
                return _Text(self.helper(f"{kind}_bits_{value.kind}", text))
            case Total(value):
                if value.lanes == 1:
                    return self._text(value, lane, proven)
                return _Text(self.helper(f"total_{value.lanes}", self.array(value)))

    def _register(self, register: Register) -> str:
        self.read.add(register.name)
        return self.names("register", register.name)

    def _load(self, expr: Load, lane: str) -> str:
        if expr.lanes == 1:
            return self.place(expr.buffer, expr.index)
        place = self.place(expr.buffer, expr.index, lane)
        if 0 < expr.active < expr.lanes:
            none = constant_text(Const(0, expr.kind))
            return f"({lane} < {expr.active} ? {place} : {none})"
        return place

    def _zip(self, expr: Op) -> str:
        half = expr.lanes // 2 if expr.name == "zip_high" else 0
        at = f"lane / 2 + {half}" if half else "lane / 2"
        even, odd = (f"{self.array(arg)}[{at}]" for arg in expr.args)
        return f"(lane % 2 == 0 ? {even} : {odd})"

    def _convert(self, value: Expr, kind: str, lane: str, proven: bool) -> str:
        inner = self._text(value, lane, proven and value.kind != "f32")
        if kind == value.kind:
            return inner.within(_ATOM)
        if value.kind == "f32":
            return self.helper(f"{kind}_from_f32", inner.text)
        return f"({TYPES[kind]}) {inner.within(_ATOM)}"

    def _operation(self, expr: Op, lane: str, proven: bool) -> _Text:
        name, kind = expr.name, expr.args[-1].kind
        # Only what an interval is made of was proven: see `Verifier.between`.
        kept = proven and name in ("add", "sub", "mul", "min", "max")
        wraps = kind in _SIGNED and not kept and name in _WRAPPING
        args = [self._text(arg, lane, kept) for arg in expr.args]
        if name in _FUNCTIONS and not self.style.fused:
            return _Text(self.helper(f"{name}_f32", *(a.text for a in args)))
        if name in _FUNCTIONS:
            return _Text(f"{_FUNCTIONS[name]}({', '.join(a.text for a in args)})")
        if name in ("shl", "shr"):
            by = expr.args[1]
            assert isinstance(by, Const)
            args[1] = _Text(str(int(by.value)))
        if wraps or name in _HELPED or _warned(expr):
            return _Text(self.helper(f"{name}_{kind}", *(a.text for a in args)))
        return _infix(name, kind, expr, args)


_HELPED = ("min", "max", "select", *MIXED)
_WRAPPING = ("add", "sub", "mul", "shl", "shr")


def _infix(name: str, kind: str, expr: Op, args: list[_Text]) -> _Text:
    sign, (left, right) = _SIGNS[name], args
    if kind == "i64" and all(isinstance(arg, Const) for arg in expr.args):
        # Two plain numbers would be multiplied as int.
        left = _Text(f"(int64_t) {left.text}")
    if name in ("add", "sub"):
        return _Text(f"{left.within(_SUM)} {sign} {right.within(_PRODUCT)}", _SUM)
    if name in ("mul", "div"):
        return _Text(f"{left.within(_PRODUCT)} {sign} {right.within(_ATOM)}", _PRODUCT)
    if name in ("lt", "gt", "ge", "eq"):
        return _Text(f"{left.within(_SUM)} {sign} {right.within(_SUM)}", _LOOSE)
    return _Text(f"{left.within(_ATOM)} {sign} {right.within(_ATOM)}", _LOOSE)


def _warned(expr: Op) -> bool:
    """Whether a compiler would warn that the comparison can have one answer only."""
    ends = (expr.args[0], expr.args[-1])
    compares = expr.name in ("ge", "lt", "gt") and ends[0].kind in _UNSIGNED
    return compares and any(isinstance(e, Const) and e.value == 0 for e in ends)


def loop(lanes: int) -> str:
    """The head of a loop over lanes."""
    return f"for (int lane = 0; lane < {lanes}; lane++)"


def constant_text(const: Const) -> str:
    """A number as C writes it; floats in as few digits as give them back.

    >>> constant_text(Const(0.1, "f32")), constant_text(Const(7)), constant_text(
    ...     Const(7, "u64"))
    ('0.1f', '7', 'UINT64_C(7)')
    """
    if const.kind == "f32":
        return _float_text(np.float32(const.value))
    value = int(const.value)
    if const.kind == "bool":
        return "true" if value else "false"
    if const.kind == "u32":
        return f"{value}u"
    if const.kind == "u64":
        return f"UINT64_C({value})"
    if value in (-(2**31), -(2**63)) and const.kind in _SIGNED:
        bits = 32 if value == -(2**31) else 64
        return f"INT{bits}_MIN"
    return str(value) if abs(value) < 2**31 else f"INT64_C({value})"


def _float_text(value: np.float32) -> str:
    if np.isnan(value):
        return "NAN"
    if np.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return f"{value!s}f"
