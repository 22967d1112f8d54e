"""A kernel as a function of C99, one statement a statement.

A vector is a small array and a loop over its lanes: no compiler's own vectors, no
intrinsics. Every number, rounding and access is the kernel's.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from textwrap import wrap

from mirada.compiler.c99.expressions import Expressions, constant_text, loop
from mirada.compiler.c99.names import Names
from mirada.compiler.c99.operations import HELPERS, TYPES
from mirada.compiler.c99.style import CHECKED, Style
from mirada.compiler.c99.vectors import whole
from mirada.compiler.ir import (
    Append,
    Buffer,
    Const,
    Count,
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
    Stmt,
    Store,
    Var,
)
from mirada.compiler.passes.rewrite import expressions, parts, walk
from mirada.compiler.printer import kernel_text

__all__ = ["Function", "comment", "function", "signature"]

_WIDTH = 84


@dataclass(frozen=True)
class Function:
    """A function of C: its name, its text, and the operations it needs."""

    name: str
    text: str
    used: frozenset[str]


def function(
    kernel: Kernel, name: str, static: bool = True, style: Style = CHECKED
) -> Function:
    """The kernel as a function.

    It takes pointers to its buffers, then to its scratch, then its arguments, as
    machine code does.
    """
    writer = _Writer(kernel, name, style)
    writer.body(kernel.body)
    head = signature(f"{'static ' if static else ''}void {name}", writer.parameters())
    shown = comment(kernel_text(kernel).split("\n", 1)[0])
    lines = [shown, head, "{", *writer.declarations(), *writer.lines, "}", ""]
    text = "\n".join(lines)
    return Function(name, text, frozenset(writer.expressions.used))


def signature(name: str, parameters: Sequence[str]) -> str:
    """The head of a function, broken between parameters where it is long."""
    lines = [f"{name}("]
    for place, parameter in enumerate(parameters or ("void",)):
        more = parameter + (")" if place + 1 >= len(parameters) else ",")
        if place and len(lines[-1]) + len(more) >= _WIDTH:
            lines.append("   ")
        lines[-1] += f"{' ' if place else ''}{more}"
    return "\n".join(lines)


def comment(text: str) -> str:
    """The text as a comment, which nothing in it can end."""
    plain = text.replace("*/", "* /").replace("/*", "/ *").replace("??/", "? ?/")
    # A backslash would join what follows to the line before it.
    plain = "".join(c if c.isprintable() and c != "\\" else "?" for c in plain)
    return "/* " + "\n   ".join(wrap(plain, _WIDTH - 6)) + " */"


class _Writer:
    """One kernel on its way into C."""

    def __init__(self, kernel: Kernel, name: str, style: Style) -> None:
        self.kernel, self.lines, self.depth = kernel, list[str](), 1
        self.style = style
        self.names = Names(frozenset((*HELPERS, name)))
        self.expressions = Expressions(self.names, self.view, self.line, style)
        self.tables = {buffer.name: (buffer, v) for buffer, v in kernel.tables}
        self.owned = {b.name: b for b in (*kernel.buffers, *kernel.scratch)}
        for buffer in self.owned.values():
            self.names("buffer", buffer.name)
        for argument in kernel.arguments:
            self.names("variable", argument.name)
        every = list(walk(kernel.body))
        inside = [part for s in every for e in expressions(s) for part in parts(e)]
        self.changed = {s.register.name for s in every if isinstance(s, Set)}
        self.variables = {e.name for e in inside if isinstance(e, Var)}
        self.written = set(_written(every))
        self.counters = {s.counter.name: None for s in every if isinstance(s, Reset)}
        self.shapes = _shapes(kernel, every, inside)

    # Declarations ------------------------------------------------------------------

    def parameters(self) -> list[str]:
        """Buffers, scratch and arguments."""
        shown = [self.parameter(buffer) for buffer in self.owned.values()]
        whole = (self.names("variable", a.name) for a in self.kernel.arguments)
        return [*shown, *(f"{self.style.index} {name}" for name in whole)]

    def parameter(self, buffer: Buffer) -> str:
        outer, *inner = self.main(buffer) or (1,)
        kind = self.kind(buffer)
        axes = "".join(f"[{size}]" for size in inner)
        return f"{kind} {self.names('buffer', buffer.name)}[restrict {outer}]{axes}"

    def kind(self, buffer: Buffer) -> str:
        """The type of its elements, which are constant where nothing is stored."""
        return ("" if buffer.name in self.written else "const ") + TYPES[buffer.kind]

    def main(self, buffer: Buffer) -> tuple[int, ...]:
        """The shape a buffer is declared with: the one it is used with, if it is one.

        Only the first axis may differ: C does not count it.
        """
        used = self.shapes[buffer.name]
        if len({shape[1:] for shape in used}) == 1:
            return next(iter(used))
        return buffer.shape

    def view(self, buffer: Buffer) -> str:
        """The name of a buffer, or of a pointer to it under this shape."""
        declared = self.tables.get(buffer.name) or (self.owned[buffer.name],)
        if _same(buffer.shape, self.main(declared[0])):
            return self.names("buffer", buffer.name)
        shape = "_".join(map(str, buffer.shape[1:])) or "flat"
        return self.names("buffer", f"{buffer.name} {shape}")

    def declarations(self) -> Iterator[str]:
        """Tables, other views of buffers, counters, and what is not used."""
        for buffer, values in self.tables.values():
            if self.shapes[buffer.name]:
                yield from self.table(buffer, values)
        for owner in (*self.owned.values(), *(b for b, _ in self.tables.values())):
            for shape in self.shapes[owner.name]:
                if not _same(shape, self.main(owner)):
                    yield self.pointer(owner, shape)
        for counter in self.counters:
            yield f"    int64_t {self.names('counter', counter)} = 0;"
        for name, buffer in self.owned.items():
            if not self.shapes[name]:
                yield f"    (void) {self.names('buffer', buffer.name)};"
        for argument in self.kernel.arguments:
            if argument.name not in self.variables:
                yield f"    (void) {self.names('variable', argument.name)};"

    def table(self, buffer: Buffer, values: tuple[float, ...]) -> Iterator[str]:
        name, shape = self.names("buffer", buffer.name), self.main(buffer)
        shape = shape if prod(shape) == len(values) else (len(values),)
        axes = "".join(f"[{size}]" for size in shape)
        numbers = [constant_text(Const(value, buffer.kind)) for value in values]
        yield f"    static const {TYPES[buffer.kind]} {name}{axes} ="
        yield f"        {_braced(numbers, shape)};"

    def pointer(self, owner: Buffer, shape: tuple[int, ...]) -> str:
        name = self.view(owner.view(*shape))
        kind, own = self.kind(owner), self.names("buffer", owner.name)
        axes = "".join(f"[{size}]" for size in shape[1:])
        if axes:
            return f"    {kind} (*{name}){axes} = ({kind} (*){axes}) {own};"
        return f"    {kind} *{name} = ({kind} *) {own};"

    # Statements --------------------------------------------------------------------

    def line(self, text: str) -> None:
        """Adds lines at the depth of the surrounding loops."""
        indent = "    " * self.depth
        self.lines.extend(indent + part for part in text.split("\n"))

    def body(self, body: tuple[Stmt, ...]) -> None:
        for stmt in body:
            match stmt:
                case For():
                    self.loop(stmt)
                case Let(register, value):
                    self.let(register, value)
                case Set(register, value):
                    self.set(register, value)
                case Store():
                    self.store(stmt)
                case Reset(counter):
                    self.line(f"{self.names('counter', counter.name)} = 0;")
                case Append():
                    self.append(stmt)

        for stmt in body:
            if (
                isinstance(stmt, Let)
                and stmt.register.name not in self.expressions.read
            ):
                self.line(f"(void) {self.names('register', stmt.register.name)};")

    def loop(self, stmt: For) -> None:
        var, turns = self.names("variable", stmt.var), self.extent(stmt)
        index = self.style.index
        self.line(f"for ({index} {var} = 0; {var} < {turns}; {var}++) {{")
        self.depth += 1
        self.body(stmt.body)
        self.depth -= 1
        self.line("}")

    def extent(self, stmt: For) -> str:
        """The number of turns, which is counted once, before the first."""
        if isinstance(stmt.extent, int):
            return str(stmt.extent)
        text = self.expressions.text(stmt.extent, proven=True)
        if not _varies(stmt.extent, stmt.body):
            return text
        name = self.names.fresh(f"{stmt.var}.turns")
        self.line(f"const int64_t {name} = {text};")
        return name

    def one(self, value: Expr, proven: bool) -> str | None:
        """The value as one expression of C; None where it is made lane by lane."""
        if value.lanes == 1:
            return self.expressions.text(value, proven=proven)
        vector = self.style.vectors and value.kind == "f32"
        return whole(value, self.expressions) if vector else None

    def let(self, register: Register, value: Expr) -> None:
        name, lanes = self.names("register", register.name), register.lanes
        proven, kind = self.proven(register), self.style.type(register)
        text = self.one(value, proven)
        fixed = text is not None and register.name not in self.changed
        if text is not None:
            self.line(f"{'const ' if fixed else ''}{kind} {name} = {text};")
        else:
            begin = f"{name}[{lanes}]"
            if self.style.holds(register):
                zeros = self.expressions.helper(f"splat_{kind}", "0.0f")
                begin = f"{name} = {zeros}"
            self.line(f"{kind} {begin};")
            self.lanes(self.style.lane(register, name), value, lanes, proven)
        self.expressions.read.discard(register.name)

    def proven(self, register: Register) -> bool:
        """Whether the verifier bounds what the register is given."""
        unchanged = register.kind == "i64" and register.name not in self.changed
        return register.bounded or unchanged

    def set(self, register: Register, value: Expr) -> None:
        name, proven = self.names("register", register.name), self.proven(register)
        text = self.one(value, proven)
        if text is not None:
            self.line(f"{name} = {text};")
            return
        crossed = any(
            Get(register) in part.args
            for part in parts(value)
            if isinstance(part, Op) and part.name.startswith("zip_")
        )
        lane = self.style.lane(register, name)
        self.lanes(lane, value, register.lanes, proven, crossed)

    def lanes(
        self, target: str, value: Expr, count: int, proven: bool, apart: bool = False
    ) -> None:
        """Gives lanes of the target their values.

        With `apart` all values are known before the first is written.
        """
        if apart:
            text = f"{self.expressions.array(value)}[lane]"
        else:
            text = self.expressions.text(value, "lane", proven)
        self.line(f"{loop(count)}\n    {target} = {text};")

    def store(self, stmt: Store) -> None:
        proven, lanes = stmt.buffer.bounded, stmt.value.lanes
        text = self.one(stmt.value, proven)
        if text is not None:
            self.put(stmt, text)
            return
        same = Load(stmt.buffer, stmt.index, lanes)
        loads = [e for e in parts(stmt.value) if isinstance(e, Load) and e != same]
        apart = any(e.buffer.name == stmt.buffer.name for e in loads)
        index = tuple(self.once(term, stmt.buffer) for term in stmt.index)
        place = self.expressions.place(stmt.buffer, index, "lane")
        self.lanes(place, stmt.value, stmt.active or lanes, proven, apart)

    def put(self, stmt: Store, text: str) -> None:
        """Stores what is one value, or its first lanes."""
        lanes, place = stmt.value.lanes, self.expressions.place(stmt.buffer, stmt.index)
        if lanes == 1:
            self.line(f"{place} = {text};")
            return
        name = self.names.fresh("stored")
        self.line(f"const f32x{lanes} {name} = {text};")
        self.line(f"memcpy(&{place}, &{name}, {4 * (stmt.active or lanes)});")

    def once(self, term: Expr, buffer: Buffer) -> Expr:
        """An index, read before the first lane is stored where that may change it."""
        if not any(
            isinstance(e, Load) and e.buffer.name == buffer.name for e in parts(term)
        ):
            return term
        register = Register(self.names.fresh("at"), "i64")
        self.let(register, term)
        return Get(register)

    def append(self, stmt: Append) -> None:
        count, lanes = self.names("counter", stmt.counter.name), stmt.where.lanes
        lane = "lane" if lanes > 1 else ""
        # Values are those of before the list grew.
        lists = {buffer.name for buffer, _ in stmt.values}
        given = [(stmt.where, False), *((v, b.bounded) for b, v in stmt.values)]
        reads = [part for expr, _ in given for part in parts(expr)]
        apart = any(isinstance(e, Load) and e.buffer.name in lists for e in reads)
        apart |= Count(stmt.counter) in reads
        if apart:
            values = [self.kept(expr, lane) for expr, _ in given]
        else:
            values = [self.expressions.text(e, lane, proven) for e, proven in given]
        if lanes > 1:
            self.line(f"{loop(lanes)} {{")
            self.depth += 1
        self.line(f"if ({values[0]}) {{")
        for (buffer, _), text in zip(stmt.values, values[1:], strict=True):
            self.line(f"    {self.view(buffer)}[{count}] = {text};")
        self.line(f"    {count}++;\n}}")
        if lanes > 1:
            self.depth -= 1
            self.line("}")

    def kept(self, expr: Expr, lane: str) -> str:
        """The name of a value that is computed here."""
        if lane:
            return f"{self.expressions.array(expr)}[lane]"
        name = self.names.fresh("value")
        self.line(f"const {TYPES[expr.kind]} {name} = {self.expressions.text(expr)};")
        return name


def _written(every: Iterable[Stmt]) -> Iterator[str]:
    """The names of the buffers that statements write to."""
    for stmt in every:
        if isinstance(stmt, Store):
            yield stmt.buffer.name
        elif isinstance(stmt, Append):
            yield from (buffer.name for buffer, _ in stmt.values)


def _shapes(
    kernel: Kernel, every: Iterable[Stmt], inside: Iterable[Expr]
) -> dict[str, dict[tuple[int, ...], None]]:
    """The shapes under which each buffer is used, those that C tells apart."""
    owned = (*kernel.buffers, *kernel.scratch, *(b for b, _ in kernel.tables))
    found: dict[str, dict[tuple[int, ...], None]] = {b.name: {} for b in owned}
    used = [e.buffer for e in inside if isinstance(e, Load)]
    for stmt in every:
        if isinstance(stmt, Store):
            used.append(stmt.buffer)
        elif isinstance(stmt, Append):
            used.extend(buffer for buffer, _ in stmt.values)
    for buffer in used:
        shapes = found[buffer.name]
        if not any(_same(buffer.shape, shape) for shape in shapes):
            shapes[buffer.shape] = None
    return found


def _same(one: tuple[int, ...], two: tuple[int, ...]) -> bool:
    """Whether C takes the shapes for one: the first axis is not counted."""
    return one[1:] == two[1:]


def _varies(extent: Expr, body: tuple[Stmt, ...]) -> bool:
    """Whether the body may change what the extent is made of."""
    every = list(walk(body))
    changed = {stmt.register.name for stmt in every if isinstance(stmt, Set)}
    grown = {s.counter.name for s in every if isinstance(s, Append | Reset)}
    for part in parts(extent):
        match part:
            case Load():
                return True
            case Get(register) if register.name in changed:
                return True
            case Count(counter) if counter.name in grown:
                return True
    return False


def _braced(values: Sequence[str], shape: tuple[int, ...]) -> str:
    """An initializer, a pair of braces an axis."""
    if len(shape) <= 1:
        rows = (", ".join(values[at : at + 8]) for at in range(0, len(values), 8))
        return "{" + ",\n        ".join(rows) + "}"
    inner = len(values) // shape[0]
    cut = (values[at : at + inner] for at in range(0, len(values), inner))
    return "{" + ",\n        ".join(_braced(part, shape[1:]) for part in cut) + "}"
