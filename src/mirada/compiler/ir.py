"""The loop language that every layer is lowered to, on one page.

A kernel is a nest of counted loops over buffers of known shape. Registers hold a scalar
or a vector; vectors are explicit, so are masks, fused multiply-adds and the order of
every sum. Nothing else computes: what the printer shows, the verifier proves and the
interpreter runs is all there is.

Kinds are "f32", "i32", "i64", "u8", "u32", "u64" and "bool"; indices are "i64".
"""

from dataclasses import dataclass, field, replace
from math import prod

__all__ = [
    "Append",
    "Argument",
    "Bits",
    "Buffer",
    "Const",
    "Convert",
    "Count",
    "Counter",
    "Expr",
    "For",
    "Get",
    "Iota",
    "Kernel",
    "Let",
    "Load",
    "Op",
    "Register",
    "Reset",
    "Set",
    "Splat",
    "Stmt",
    "Store",
    "Total",
    "Var",
]


@dataclass(frozen=True)
class Buffer:
    """An array: rows of numbers of one kind, the last axis contiguous.

    `slack` more elements lie behind it, so that a vector may read past the end. A
    buffer of whole numbers says between which `low` and `high` they are; every store
    is proved to keep that. A view is the same name with another shape.
    """

    name: str
    shape: tuple[int, ...]
    kind: str = "f32"
    slack: int = 0
    low: int = 0
    high: int = -1

    @property
    def bounded(self) -> bool:
        """Whether it declares what its numbers lie between."""
        return self.high >= self.low

    @property
    def size(self) -> int:
        """Elements, slack included."""
        return prod(self.shape) + self.slack

    def view(self, *shape: int) -> "Buffer":
        """The same elements under another shape."""
        return replace(self, shape=shape, slack=self.size - prod(shape))

    def flat(self) -> "Buffer":
        """All elements on one axis, slack included."""
        return self.view(self.size)


@dataclass(frozen=True)
class Register:
    """A scalar or a vector that a kernel sets and reads.

    One of whole numbers may declare what they lie between, as a buffer does.
    """

    name: str
    kind: str = "f32"
    lanes: int = 1
    low: int = 0
    high: int = -1

    @property
    def bounded(self) -> bool:
        """Whether it declares what its numbers lie between."""
        return self.high >= self.low


@dataclass(frozen=True)
class Counter:
    """How many entries a list holds; it never passes `limit`."""

    name: str
    limit: int


@dataclass(frozen=True)
class Argument:
    """A whole number a kernel is called with, from `low` to `high`."""

    name: str
    low: int
    high: int


# Expressions -----------------------------------------------------------------------


@dataclass(frozen=True)
class Const:
    """A number, in every lane."""

    value: float | int | bool
    kind: str = "i64"
    lanes: int = 1


@dataclass(frozen=True)
class Var:
    """The index of a loop, or an argument."""

    name: str
    kind: str = field(default="i64", init=False)
    lanes: int = field(default=1, init=False)


@dataclass(frozen=True)
class Count:
    """The number of entries a counter has counted."""

    counter: Counter
    kind: str = field(default="i64", init=False)
    lanes: int = field(default=1, init=False)


@dataclass(frozen=True)
class Get:
    """The value of a register."""

    register: Register

    @property
    def kind(self) -> str:
        """The register's kind."""
        return self.register.kind

    @property
    def lanes(self) -> int:
        """The register's lanes."""
        return self.register.lanes


@dataclass(frozen=True)
class Load:
    """Elements of a buffer, `lanes` of them along its last axis.

    With `active`, only that many are read and the other lanes are 0.
    """

    buffer: Buffer
    index: "tuple[Expr, ...]"
    lanes: int = 1
    active: int = 0

    @property
    def kind(self) -> str:
        """The buffer's kind."""
        return self.buffer.kind


@dataclass(frozen=True)
class Op:
    """An operation of the table `verify.RULES`, lane by lane."""

    name: str
    args: "tuple[Expr, ...]"
    kind: str
    lanes: int


@dataclass(frozen=True)
class Splat:
    """A scalar in every lane."""

    value: "Expr"
    lanes: int

    @property
    def kind(self) -> str:
        """The scalar's kind."""
        return self.value.kind


@dataclass(frozen=True)
class Iota:
    """0, 1, 2, ... by lane."""

    lanes: int
    kind: str = "i32"


@dataclass(frozen=True)
class Convert:
    """The same number in another kind; to a whole kind it is cut towards zero."""

    value: "Expr"
    kind: str

    @property
    def lanes(self) -> int:
        """The value's lanes."""
        return self.value.lanes


@dataclass(frozen=True)
class Bits:
    """The same 32 bits read as another kind."""

    value: "Expr"
    kind: str

    @property
    def lanes(self) -> int:
        """The value's lanes."""
        return self.value.lanes


@dataclass(frozen=True)
class Total:
    """The sum of the lanes: the upper half added to the lower, until one is left."""

    value: "Expr"
    lanes: int = field(default=1, init=False)

    @property
    def kind(self) -> str:
        """The vector's kind."""
        return self.value.kind


Expr = Const | Var | Count | Get | Load | Op | Splat | Iota | Convert | Bits | Total

# Statements ------------------------------------------------------------------------


@dataclass(frozen=True)
class For:
    """The body for var = 0 .. extent - 1; an extent that varies is an expression."""

    var: str
    extent: "int | Expr"
    body: "tuple[Stmt, ...]"


@dataclass(frozen=True)
class Let:
    """Declares a register, which lives to the end of the surrounding body."""

    register: Register
    value: Expr


@dataclass(frozen=True)
class Set:
    """Gives a register another value."""

    register: Register
    value: Expr


@dataclass(frozen=True)
class Store:
    """Writes a value to a buffer; with `active`, only its first lanes."""

    buffer: Buffer
    index: tuple[Expr, ...]
    value: Expr
    active: int = 0


@dataclass(frozen=True)
class Reset:
    """Empties a list."""

    counter: Counter


@dataclass(frozen=True)
class Append:
    """Adds the lanes of `values` where `where` holds to lists, in order of lanes.

    Each value goes to its buffer, of one axis; all lists share the counter. Lanes that
    `where` leaves out may be written behind the end, so a list of vectors needs
    `lanes` elements more than its counter's limit.
    """

    counter: Counter
    where: Expr
    values: tuple[tuple[Buffer, Expr], ...]


Stmt = For | Let | Set | Store | Reset | Append


@dataclass(frozen=True)
class Kernel:
    """One function: its arguments, its buffers, its loops.

    Distinct buffers never overlap. `tables` are constant buffers with their numbers,
    `scratch` holds nothing between two calls.
    """

    name: str
    arguments: tuple[Argument, ...]
    buffers: tuple[Buffer, ...]
    body: tuple[Stmt, ...]
    tables: tuple[tuple[Buffer, tuple[float, ...]], ...] = ()
    scratch: tuple[Buffer, ...] = ()
