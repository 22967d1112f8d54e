"""Walking and rebuilding kernels, which every pass does."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from operator import is_

from mirada.compiler.expression import rebuild, splat
from mirada.compiler.ir import (
    Append,
    Bits,
    Convert,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Op,
    Register,
    Reset,
    Set,
    Splat,
    Stmt,
    Store,
    Total,
    Var,
)
from mirada.errors import InternalError

__all__ = [
    "declared",
    "expressions",
    "parts",
    "rename",
    "replace_loop",
    "rewrite",
    "substitute",
    "transform",
    "walk",
]

Change = Callable[[Expr], Expr | None]
"""What stands in the place of an expression, or None to look inside it."""


def transform(expr: Expr, change: Change) -> Expr:
    """The expression with every part that `change` answers for replaced."""
    changed = change(expr)
    if changed is not None:
        return changed
    match expr:
        # What did not change is the same object: nothing is compared or made again.
        case Load(buffer, index, lanes, active):
            moved = tuple([transform(term, change) for term in index])
            same = all(map(is_, moved, index))
            return expr if same else Load(buffer, moved, lanes, active)
        case Op(name, args):
            given = tuple([transform(arg, change) for arg in args])
            return expr if all(map(is_, given, args)) else rebuild(name, given)
        case Splat(value, lanes):
            return splat(transform(value, change), lanes)
        case Convert(value, kind):
            return Convert(transform(value, change), kind)
        case Bits(value, kind):
            return Bits(transform(value, change), kind)
        case Total(value):
            return Total(transform(value, change))
        case _:
            return expr


def rewrite(
    body: Iterable[Stmt],
    change: Change,
    register: Callable[[Register], Register] = lambda r: r,
    loop: Callable[[str], str] = lambda name: name,
) -> tuple[Stmt, ...]:
    """The statements with expressions, registers and loop names replaced."""

    def expr(given: Expr) -> Expr:
        return transform(given, change)

    def one(stmt: Stmt) -> Stmt:
        match stmt:
            case For(var, extent, inner):
                turns = extent if isinstance(extent, int) else expr(extent)
                return For(loop(var), turns, tuple(map(one, inner)))
            case Let(target, value):
                return Let(register(target), expr(value))
            case Set(target, value):
                return Set(register(target), expr(value))
            case Store(buffer, index, value, active):
                return Store(buffer, tuple(map(expr, index)), expr(value), active)
            case Append(counter, where, values):
                items = tuple((buffer, expr(value)) for buffer, value in values)
                return Append(counter, expr(where), items)
            case Reset():
                return stmt

    return tuple(map(one, body))


def substitute(body: Iterable[Stmt], values: Mapping[str, Expr]) -> tuple[Stmt, ...]:
    """The statements with loop variables replaced by expressions."""

    def change(expr: Expr) -> Expr | None:
        return values.get(expr.name) if isinstance(expr, Var) else None

    return rewrite(body, change)


def rename(body: Iterable[Stmt], suffix: str) -> tuple[Stmt, ...]:
    """A copy whose own registers and loops have names of their own."""
    statements = tuple(body)
    own = declared(statements)
    loops = {stmt.var for stmt in walk(statements) if isinstance(stmt, For)}

    def register(given: Register) -> Register:
        if given.name not in own:
            return given
        return replace(given, name=given.name + suffix)

    def change(expr: Expr) -> Expr | None:
        if isinstance(expr, Get):
            return Get(register(expr.register))
        if isinstance(expr, Var) and expr.name in loops:
            return Var(expr.name + suffix)
        return None

    def loop(name: str) -> str:
        return name + suffix

    return rewrite(statements, change, register, loop)


def walk(body: Iterable[Stmt]) -> Iterator[Stmt]:
    """Every statement, outer ones first."""
    for stmt in body:
        yield stmt
        if isinstance(stmt, For):
            yield from walk(stmt.body)


def declared(body: Iterable[Stmt]) -> set[str]:
    """The names of the registers that the statements declare."""
    return {stmt.register.name for stmt in walk(body) if isinstance(stmt, Let)}


def expressions(stmt: Stmt) -> Iterator[Expr]:
    """The expressions of one statement, not of those inside it."""
    match stmt:
        case For(_, extent):
            if not isinstance(extent, int):
                yield extent
        case Let(_, value) | Set(_, value):
            yield value
        case Store(_, index, value):
            yield from (*index, value)
        case Append(_, where, values):
            yield where
            yield from (value for _, value in values)
        case Reset():
            return


def parts(expr: Expr) -> Iterator[Expr]:
    """The expression and everything inside it."""
    yield expr
    match expr:
        case Load(_, index):
            children: tuple[Expr, ...] = index
        case Op(_, args):
            children = args
        case Splat(value) | Convert(value) | Bits(value) | Total(value):
            children = (value,)
        case _:
            return
    for child in children:
        yield from parts(child)


def replace_loop(
    kernel: Kernel, var: str, change: Callable[[For], tuple[Stmt, ...]]
) -> Kernel:
    """The kernel with every loop over `var` replaced by what `change` makes of it."""
    found = False

    def one(stmt: Stmt) -> tuple[Stmt, ...]:
        nonlocal found
        if not isinstance(stmt, For):
            return (stmt,)
        if stmt.var == var:
            found = True
            return change(stmt)
        return (replace(stmt, body=several(stmt.body)),)

    def several(body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        return tuple(made for stmt in body for made in one(stmt))

    changed = replace(kernel, body=several(kernel.body))
    if not found:
        raise InternalError(
            "pass-no-loop",
            "Kernel {kernel!r} has no loop {var!r} for a pass to change. Report this.",
            kernel=kernel.name,
            var=var,
        )
    return changed
