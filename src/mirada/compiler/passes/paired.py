"""A sum of products over numbers becomes one over pairs of numbers of half the bits.

Whatever a kernel does with the buffers named - moves them, spreads them, multiplies
their numbers - it does with words then, each of which holds a pair: see
`expression.MIXED`. Where it added a product, it adds two.
"""

from dataclasses import replace

from mirada.compiler.expression import dot2, rebuild
from mirada.compiler.ir import (
    Bits,
    Buffer,
    Const,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Op,
    Register,
    Set,
    Splat,
    Stmt,
    Store,
)
from mirada.compiler.passes.rewrite import rewrite, transform, walk
from mirada.compiler.trace import recorded
from mirada.errors import InternalError

__all__ = ["paired"]

_MOVES = ("select", "zip_low", "zip_high")


@recorded
def paired(kernel: Kernel, *names: str) -> Kernel:
    """The kernel with words in the buffers of these names, and in what they go to."""
    return _Pairing(kernel, set(names)).kernel()


class _Pairing:
    """What of a kernel holds words: buffers and registers."""

    def __init__(self, kernel: Kernel, names: set[str]) -> None:
        self.given, self.buffers = kernel, names
        self.registers: set[str] = set()
        known = -1
        while known < len(self.buffers) + len(self.registers):
            known = len(self.buffers) + len(self.registers)
            for stmt in walk(kernel.body):
                self.follow(stmt)

    def follow(self, stmt: Stmt) -> None:
        """Where the words of a statement go to."""
        match stmt:
            case Let(register, value) | Set(register, value):
                if self.words(value):
                    self.registers.add(register.name)
            case Store(buffer, _, value):
                if self.words(value):
                    self.buffers.add(buffer.name)
            case _:
                return

    def words(self, expr: Expr) -> bool:
        """Whether an expression is words."""
        match expr:
            case Load(buffer):
                return buffer.name in self.buffers
            case Get(register):
                return register.name in self.registers
            case Splat(value):
                return self.words(value)
            case Op(name, args):
                return name in _MOVES and any(map(self.words, args[-2:]))
            case _:
                return False

    def kernel(self) -> Kernel:
        given = self.given
        return replace(
            given,
            buffers=tuple(map(self.buffer, given.buffers)),
            scratch=tuple(map(self.buffer, given.scratch)),
            body=tuple(self.stored(rewrite(given.body, self.change, self.register))),
        )

    def stored(self, body: tuple[Stmt, ...]) -> list[Stmt]:
        """The statements with their stores to buffers of words."""
        made: list[Stmt] = []
        for stmt in body:
            if isinstance(stmt, Store):
                made.append(replace(stmt, buffer=self.buffer(stmt.buffer)))
            elif isinstance(stmt, For):
                made.append(replace(stmt, body=tuple(self.stored(stmt.body))))
            else:
                made.append(stmt)
        return made

    def buffer(self, buffer: Buffer) -> Buffer:
        return replace(buffer, kind="u32") if buffer.name in self.buffers else buffer

    def register(self, register: Register) -> Register:
        found = register.name in self.registers
        return replace(register, kind="u32") if found else register

    def change(self, expr: Expr) -> Expr | None:
        match expr:
            case Load(buffer, index) if buffer.name in self.buffers:
                moved = tuple(transform(term, self.change) for term in index)
                return replace(expr, buffer=self.buffer(buffer), index=moved)
            case Get(register):
                return Get(self.register(register))
            case Op("fma", (one, two, total)) if self.words(one) or self.words(two):
                if not (self.words(one) and self.words(two)):
                    raise self.refuse()
                x, y, acc = (transform(arg, self.change) for arg in (one, two, total))
                return dot2(acc, x, y)
            case Op(name, args) if self.words(expr):
                where = [transform(arg, self.change) for arg in args[:-2]]
                return rebuild(name, (*where, *map(self.moved, args[-2:])))
            case _:
                return None

    def moved(self, arg: Expr) -> Expr:
        """What is moved with words: zeros among them, which are the same bits."""
        if self.words(arg):
            return transform(arg, self.change)
        if isinstance(arg, Const) and arg.value == 0.0:
            return Const(0, "u32", arg.lanes)
        return Bits(transform(arg, self.change), "u32")

    def refuse(self) -> InternalError:
        return InternalError(
            "pass-paired",
            "Kernel {kernel!r} multiplies pairs of numbers with single ones. Report "
            "this.",
            kernel=self.given.name,
        )
