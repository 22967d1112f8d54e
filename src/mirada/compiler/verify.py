"""What must hold before a kernel becomes machine code, proved once for every run.

- every index of every access lies inside its buffer, by interval arithmetic over the
  loops; whole numbers read from a buffer lie between the bounds it declares, and every
  store into it is proved to keep them; no number on the way outgrows its kind;
- a list never outgrows its buffers: a counter is reset and then grows at most once for
  every turn of the loops around its append;
- operations are given kinds and lanes that `RULES` allows;
- registers are declared before they are used, inside the body that declares them.
"""

from collections.abc import Mapping

from mirada.compiler.expression import MIXED
from mirada.compiler.interval import BOUNDS, Interval, kind_bounds, one_turn
from mirada.compiler.ir import (
    Append,
    Bits,
    Buffer,
    Const,
    Convert,
    Count,
    Counter,
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
    Splat,
    Stmt,
    Store,
    Total,
    Var,
)
from mirada.compiler.passes.rewrite import walk
from mirada.compiler.printer import expression_text
from mirada.errors import InternalError

__all__ = ["RULES", "verify"]

_NUMBERS = ("f32", "i32", "i64", "u32", "u64")
_WHOLE = ("i32", "i64", "u32", "u64")
_LOGIC = (*_WHOLE, "bool")
_WORDS = ("f32", "i32", "u32")
_STORED = (*_NUMBERS, "u8")
_COMPARISONS = ("lt", "gt", "ge", "eq")

# Name: (number of arguments, kinds allowed). Comparisons give "bool"; the first
# argument of select is one.
RULES: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "add": (2, _NUMBERS),
    "sub": (2, _NUMBERS),
    "mul": (2, _NUMBERS),
    "div": (2, ("f32",)),
    "fma": (3, ("f32",)),
    "min": (2, _NUMBERS),
    "max": (2, _NUMBERS),
    "lt": (2, _NUMBERS),
    "gt": (2, _NUMBERS),
    "ge": (2, _NUMBERS),
    "eq": (2, _NUMBERS),
    "select": (3, (*_NUMBERS, "u8", "bool")),
    "and": (2, _LOGIC),
    "or": (2, _LOGIC),
    "xor": (2, _LOGIC),
    "shl": (2, _WHOLE),
    "shr": (2, _WHOLE),
    "sqrt": (1, ("f32",)),
    "floor": (1, ("f32",)),
    # The lower, or upper, halves of two vectors, their lanes in turns: a0 b0 a1 b1 ...
    "zip_low": (2, _WORDS),
    "zip_high": (2, _WORDS),
}


def verify(kernel: Kernel) -> None:
    """Raises `InternalError` when the kernel breaks a rule."""
    verifier = _Verifier(kernel)
    verifier.buffers()
    verifier.tables()
    verifier.body(kernel.body)


class _Verifier:
    """One walk through a kernel, with what is known at each point."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        tables = tuple(buffer for buffer, _ in kernel.tables)
        self.owned = (*kernel.buffers, *kernel.scratch, *tables)
        self.sizes = {buffer.name: buffer for buffer in self.owned}
        changed = (stmt for stmt in walk(kernel.body) if isinstance(stmt, Set))
        self.changed = {stmt.register.name for stmt in changed}
        self.known: dict[str, Interval] = {}
        self.ranges = {a.name: Interval(a.low, a.high) for a in kernel.arguments}
        self.registers: dict[str, Register] = {}
        self.counts: dict[str, int] = {}

    def fail(self, rule: str, what: object) -> InternalError:
        return InternalError(
            "ir-rule",
            "Kernel {kernel!r} breaks the rule '{rule}' at {what}. Report this.",
            kernel=self.kernel.name,
            rule=rule,
            what=what if isinstance(what, str) else expression_text(what),  # type: ignore[arg-type]
        )

    def buffers(self) -> None:
        """Every buffer has a name of its own and a kind that memory holds."""
        for buffer in self.owned:
            if self.sizes[buffer.name] != buffer or buffer.kind not in _STORED:
                raise self.fail("a buffer is declared once, of a kind", buffer.name)

    def tables(self) -> None:
        """Every table has as many numbers as it says, in its bounds."""
        for buffer, values in self.kernel.tables:
            good = all(buffer.low <= v <= buffer.high for v in values)
            if len(values) != buffer.size or (buffer.bounded and not good):
                raise self.fail("a table holds what it declares", buffer.name)

    def body(self, body: tuple[Stmt, ...]) -> None:
        outside = dict(self.registers)
        for stmt in body:
            self.statement(stmt)
        self.registers = outside

    def statement(self, stmt: Stmt) -> None:
        match stmt:
            case For():
                self.loop(stmt)
            case Let(register, value):
                if register.name in self.registers:
                    raise self.fail("a register is declared once", register.name)
                self.same(register, value)
                self.registers[register.name] = register
                if register.kind == "i64" and register.name not in self.changed:
                    self.known[register.name] = self.interval(value)
            case Set(register, value):
                if self.registers.get(register.name) != register:
                    raise self.fail("declared before it is set", register.name)
                self.same(register, value)
            case Store(buffer, index, value, active):
                self.expression(value)
                if value.kind != buffer.kind or not 0 <= active <= value.lanes:
                    raise self.fail("a store fits its buffer", value)
                self.access(buffer, index, active or value.lanes)
                self.keeps(buffer, value)
            case Reset(counter):
                self.counts[counter.name] = 0
            case Append():
                self.append(stmt)

    def loop(self, stmt: For) -> None:
        if stmt.var in self.ranges:
            raise self.fail("a loop variable is new", stmt.var)
        turns, before = stmt.extent, dict(self.counts)
        if not isinstance(turns, int):
            self.scalar(turns)
            turns = self.interval(turns).high
        if turns <= 0:
            return
        self.ranges[stmt.var] = Interval(0, turns - 1)
        # What a counter may hold when a turn begins: all that earlier turns added, or,
        # where every turn empties it, what one turn leaves.
        for name, held in before.items():
            grows, emptied = one_turn(stmt.body, name)
            later = grows if emptied else held + grows * (turns - 1)
            self.counts[name] = max(held, later)
        self.body(stmt.body)
        if not isinstance(stmt.extent, int):
            # It may not turn at all.
            after = self.counts
            self.counts = {n: max(held, after[n]) for n, held in before.items()}
        del self.ranges[stmt.var]

    def append(self, stmt: Append) -> None:
        counter, lanes = stmt.counter, stmt.where.lanes
        self.expression(stmt.where)
        if stmt.where.kind != "bool" or counter.name not in self.counts:
            raise self.fail("a list is emptied before it grows", stmt.where)
        held = self.counts[counter.name]
        for buffer, value in stmt.values:
            self.expression(value)
            if value.lanes != lanes or value.kind != buffer.kind:
                raise self.fail("an append fits its list", value)
            if self.storage(buffer).size < held + lanes or len(buffer.shape) != 1:
                raise self.fail("a list has room", value)
            self.keeps(buffer, value)
        self.counts[counter.name] = held + lanes
        if held + lanes > counter.limit:
            raise self.fail("a counter stays within its limit", stmt.where)

    def same(self, register: Register, value: Expr) -> None:
        self.expression(value)
        if (register.kind, register.lanes) != (value.kind, value.lanes):
            raise self.fail("a register keeps its kind", value)
        if register.bounded:
            self.within(register, value)

    def storage(self, buffer: Buffer) -> Buffer:
        owner = self.sizes.get(buffer.name)
        if owner is None or owner.kind != buffer.kind or buffer.size > owner.size:
            raise self.fail("a buffer is declared, a view inside it", buffer.name)
        return owner

    def access(self, buffer: Buffer, index: tuple[Expr, ...], lanes: int) -> None:
        """Every element of the access is inside the buffer."""
        self.storage(buffer)
        if len(index) != len(buffer.shape):
            raise self.fail("as many indices as axes", buffer.name)
        for axis, (at, size) in enumerate(zip(index, buffer.shape, strict=True)):
            self.scalar(at)
            low, high = self.interval(at)
            reach = lanes - 1 if axis == len(index) - 1 else 0
            if low < 0 or high + reach >= size:
                place = f"{buffer.name}, {expression_text(at)} in {low}..{high}+{reach}"
                raise self.fail(f"inside 0..{size - 1}", place)

    def keeps(self, buffer: Buffer, value: Expr) -> None:
        """A store into a buffer of whole numbers keeps its declared range."""
        owner = self.storage(buffer)
        if buffer.name in {table.name for table, _ in self.kernel.tables}:
            raise self.fail("a table is only read", buffer.name)
        if owner.bounded:
            self.within(owner, value)

    def within(self, owner: Buffer | Register, value: Expr) -> None:
        low, high = self.interval(value)
        if low < owner.low or high > owner.high:
            raise self.fail(f"between {owner.low} and {owner.high}", value)

    def scalar(self, expr: Expr) -> None:
        """The expression is an index, or a number of turns."""
        self.expression(expr)
        if expr.kind != "i64" or expr.lanes != 1:
            raise self.fail("an index is one i64", expr)

    def expression(self, expr: Expr) -> None:
        match expr:
            case Load(buffer, index, lanes, active):
                if not 0 <= active <= lanes:
                    raise self.fail("a load has its active lanes", expr)
                self.access(buffer, index, active or lanes)
            case Get(register):
                if self.registers.get(register.name) != register:
                    raise self.fail("declared before it is read", expr)
            case Count(counter):
                self.count(counter)
            case Op():
                self.operation(expr)
            case Splat(value) | Convert(value) | Bits(value) | Total(value):
                self.expression(value)
                if not _changes(expr, value):
                    raise self.fail("a change of form that there is", expr)
            case Var(name):
                if name not in self.ranges:
                    raise self.fail("a loop variable is used inside its loop", expr)
            case Const() | Iota():
                pass

    def operation(self, expr: Op) -> None:
        if expr.name in MIXED:
            self.mixed(expr)
            return
        count, kinds = RULES.get(expr.name, (0, ()))
        given = [arg.kind for arg in expr.args]
        chosen = given.pop(0) if expr.name == "select" else "bool"
        result = "bool" if expr.name in _COMPARISONS else given[-1]
        good = len(expr.args) == count and given[-1] in kinds and chosen == "bool"
        good = good and set(given) == {given[-1]} and expr.kind == result
        if not good or any(arg.lanes != expr.lanes for arg in expr.args):
            raise self.fail(f"{expr.name} takes {count} of {', '.join(kinds)}", expr)
        if expr.name in ("zip_low", "zip_high") and expr.lanes % 2:
            raise self.fail("a zip halves its vectors", expr)
        if expr.name in ("shl", "shr") and not _shifts(expr.args[1]):
            raise self.fail("a shift stays within the word", expr)
        for arg in expr.args:
            self.expression(arg)

    def mixed(self, expr: Op) -> None:
        """An operation on different kinds."""
        kinds, result = MIXED[expr.name]
        given = tuple(arg.kind for arg in expr.args)
        alike = all(arg.lanes == expr.lanes for arg in expr.args)
        if (given, expr.kind, alike) != (kinds, result, True):
            raise self.fail(f"{expr.name} takes {', '.join(kinds)}", expr)
        for arg in expr.args:
            self.expression(arg)

    def count(self, counter: Counter) -> int:
        if counter.name not in self.counts:
            raise self.fail("a list is emptied before it is counted", counter.name)
        return self.counts[counter.name]

    def interval(self, expr: Expr) -> Interval:
        """Between what a whole number lies; it fits its kind there."""
        found, kind = self.between(expr), kind_bounds(expr.kind)
        if kind is None or found.low < kind.low or found.high > kind.high:
            raise self.fail("a number fits its kind", expr)
        return found

    def between(self, expr: Expr) -> Interval:
        match expr:
            case Const(value):
                return Interval(int(value), int(value))
            case Var(name):
                return self.ranges[name]
            case Count(counter):
                return Interval(0, self.count(counter))
            case Iota(lanes):
                return Interval(0, lanes - 1)
            case Load(buffer) if self.storage(buffer).bounded:
                owner, masked = self.storage(buffer), expr.active
                low = min(owner.low, 0) if masked else owner.low
                return Interval(low, max(owner.high, 0) if masked else owner.high)
            case Get(register) if register.bounded:
                return Interval(register.low, register.high)
            case Get(register) if register.name in self.known:
                return self.known[register.name]
            case Splat(value):
                return self.interval(value)
            case Convert(value) if value.kind != "f32":
                return self.interval(value)
            case Op(name, args) if name in BOUNDS:
                ends = [self.interval(arg) for arg in args]
                return BOUNDS[name](ends[0], ends[1])
            case Op("select", (_, yes, no)):
                one, two = self.interval(yes), self.interval(no)
                return Interval(min(one.low, two.low), max(one.high, two.high))
            case _:
                raise self.fail("an index has known bounds", expr)


def _changes(expr: Expr, value: Expr) -> bool:
    """Whether there is such a change of form."""
    match expr:
        case Splat(_, lanes):
            return value.lanes == 1 and lanes > 1
        case Convert(_, kind):
            return kind in _STORED
        case Bits(_, kind):
            return kind in _WORDS and value.kind in _WORDS
        case _:
            return value.kind == "f32" and value.lanes & (value.lanes - 1) == 0


def _shifts(by: Expr) -> bool:
    """Whether a shift is by a constant that is less than the bits of its kind."""
    bits = 64 if by.kind in ("i64", "u64") else 32
    return isinstance(by, Const) and 0 <= by.value < bits
