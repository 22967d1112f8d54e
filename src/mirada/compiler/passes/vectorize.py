"""One turn of a loop a lane.

Loads whose last index is the loop variable become vectors, everything that does not
depend on it stays a scalar and is spread where the two meet. The turns that do not fill
a vector are a piece of their own, with masks only where a whole vector would leave the
buffer.
"""

from collections.abc import Iterator
from dataclasses import replace

from mirada.compiler.expression import add, mul, rebuild, splat
from mirada.compiler.ir import (
    Append,
    Bits,
    Buffer,
    Const,
    Convert,
    Expr,
    For,
    Get,
    Iota,
    Kernel,
    Let,
    Load,
    Op,
    Register,
    Reset,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.passes.access import apart
from mirada.compiler.passes.rewrite import (
    declared,
    parts,
    rename,
    replace_loop,
    walk,
)
from mirada.compiler.passes.tile import fixed
from mirada.compiler.trace import recorded
from mirada.errors import InternalError

__all__ = ["vectorize"]


@recorded
def vectorize(kernel: Kernel, var: str, lanes: int) -> Kernel:
    """`for v < n` becomes `for v.vec < n/lanes` over vectors, then the rest."""

    def widen(loop: For) -> tuple[Stmt, ...]:
        whole, rest = divmod(fixed(kernel, loop), lanes)
        outer = f"{var}.vec"
        pieces: list[Stmt] = []
        if whole:
            start = mul(Var(outer), lanes) if whole > 1 else Const(0)
            body = _Widening(kernel, loop, start, whole * lanes, lanes, 0).body()
            pieces += [For(outer, whole, body)] if whole > 1 else body
        if rest:
            start = Const(whole * lanes)
            end = whole * lanes + lanes
            body = _Widening(kernel, loop, start, end, lanes, rest).body()
            pieces += rename(body, ".tail") if whole else body
        return tuple(pieces)

    return replace_loop(kernel, var, widen)


class _Widening:
    """One loop on its way to vectors: its first turn, and how many lanes count."""

    def __init__(
        self, kernel: Kernel, loop: For, start: Expr, end: int, lanes: int, active: int
    ) -> None:
        self.kernel, self.loop, self.start = kernel, loop, start
        self.end, self.lanes, self.active = end, lanes, active
        self.wide = set(self._depending())
        self._check()

    def _check(self) -> None:
        """No turn reads or overwrites what another one wrote."""
        body = self.loop.body
        changed = {s.register.name for s in walk(body) if isinstance(s, Set)}
        if changed - declared(body):
            raise self.refuse("a sum across its turns")
        for stmt in walk(body):
            if isinstance(stmt, Store) and self.unit(stmt.buffer, stmt.index) is None:
                raise self.refuse("a store that is not contiguous")
            if isinstance(stmt, Store) and not apart(self.loop, stmt.buffer.name):
                raise self.refuse("a value that another turn wrote")

    def body(self) -> tuple[Stmt, ...]:
        return tuple(self.statement(stmt) for stmt in self.loop.body)

    def _depending(self) -> Iterator[str]:
        """Registers whose value differs from turn to turn."""
        found: set[str] = set()
        while True:
            before = len(found)
            for stmt in walk(self.loop.body):
                if isinstance(stmt, Let | Set) and self._varies(stmt.value, found):
                    found.add(stmt.register.name)
            if len(found) == before:
                return iter(found)

    def _varies(self, expr: Expr, wide: set[str]) -> bool:
        return any(
            part == Var(self.loop.var)
            or (isinstance(part, Get) and part.register.name in wide)
            for part in parts(expr)
        )

    def statement(self, stmt: Stmt) -> Stmt:
        match stmt:
            case For(var, extent, inner):
                if not isinstance(extent, int) and self._varies(extent, self.wide):
                    raise self.refuse("an inner loop's length varies")
                return For(var, extent, tuple(map(self.statement, inner)))
            case Let(register, value):
                return Let(self.register(register), self.fitted(register, value))
            case Set(register, value):
                return Set(self.register(register), self.fitted(register, value))
            case Store(buffer, index, value):
                place = self.unit(buffer, index)
                assert place is not None
                wide = splat(self.expression(value), self.lanes)
                return Store(buffer, place, wide, self.active)
            case Append() | Reset():
                raise self.refuse("a list")

    def register(self, register: Register) -> Register:
        if register.name not in self.wide:
            return register
        return replace(register, lanes=self.lanes)

    def fitted(self, register: Register, value: Expr) -> Expr:
        wide = self.expression(value)
        return splat(wide, self.lanes) if register.name in self.wide else wide

    def expression(self, expr: Expr) -> Expr:
        """The expression with a lane a turn, or itself where it does not vary."""
        if expr.lanes > 1:
            raise self.refuse("a vector inside")
        if not self._varies(expr, self.wide):
            return expr
        match expr:
            case Get(register):
                return Get(self.register(register))
            case Load(buffer, index):
                place = self.unit(buffer, index)
                if place is None:
                    raise self.refuse("a load that is not contiguous")
                inside = self.end <= buffer.shape[-1] and index[-1] == Var(
                    self.loop.var
                )
                active = 0 if inside else self.active
                return Load(buffer, place, self.lanes, active)
            case Op(name, args):
                return rebuild(name, tuple(map(self.expression, args)))
            case Convert(value, kind):
                return Convert(self.expression(value), kind)
            case Bits(value, kind):
                return Bits(self.expression(value), kind)
            case Var():
                return add(splat(self.start, self.lanes), Iota(self.lanes, "i64"))
            case _:
                raise self.refuse("a vector inside")

    def unit(self, buffer: Buffer, index: tuple[Expr, ...]) -> tuple[Expr, ...] | None:
        """Where the first lane reads, when lanes are neighbours on the last axis."""
        var = Var(self.loop.var)
        if any(self._varies(term, self.wide) for term in index[:-1]):
            return None
        terms = list(_terms(index[-1]))
        if terms.count(var) != 1:
            return None
        terms.remove(var)
        if any(self._varies(term, self.wide) for term in terms):
            return None
        return (*index[:-1], add(self.start, *terms))

    def refuse(self, why: str) -> InternalError:
        return InternalError(
            "pass-vectorize",
            "Loop {var!r} of kernel {kernel!r} cannot become vectors: {why}. Report "
            "this.",
            var=self.loop.var,
            kernel=self.kernel.name,
            why=why,
        )


def _terms(expr: Expr) -> Iterator[Expr]:
    """What a sum adds up."""
    if isinstance(expr, Op) and expr.name == "add":
        for arg in expr.args:
            yield from _terms(arg)
    else:
        yield expr
