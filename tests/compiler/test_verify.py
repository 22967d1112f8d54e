"""Every rule goes red on a planted fault; what is accepted stays in bounds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.expression import (
    add,
    equal,
    fma,
    greater,
    less,
    load,
    maximum,
    minimum,
    mul,
    number,
    rebuild,
    select,
    splat,
    sub,
)
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import (
    Append,
    Argument,
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
from mirada.compiler.verify import RULES, verify
from mirada.errors import InternalError
from tests.refusal import refuses

X, Y = Buffer("x", (4, 6)), Buffer("y", (4, 6), slack=3)
T = Buffer("t", (2,))
AT = Buffer("at", (6,), "i32", 0, 0, 3)
LIST = Buffer("list", (8,))
OWN = Buffer("own", (4,))
N = Counter("n", 8)
COUNT = Argument("count", 0, 4)
S, V, W = Register("s"), Register("v", lanes=4), Register("w", "i64")
B = Register("b", "i32", 1, 0, 3)
ONE, SOME = number(1.0), Const(True, "bool")


def kernel(*body: Stmt) -> Kernel:
    tables = ((T, (1.0, 2.0)),)
    return Kernel("tried", (COUNT,), (X, Y, AT, LIST), body, tables, (OWN,))


def put(*index: int | str | Expr, value: Expr = ONE, active: int = 0) -> Store:
    return Store(Y, load(Y, *index).index, value, active)


def vector(*index: int | str | Expr, lanes: int = 4, active: int = 0) -> Load:
    return Load(X, load(X, *index).index, lanes, active)


def append(value: Expr = ONE, where: Expr = SOME, to: Buffer = LIST) -> Append:
    return Append(N, where, ((to, value),))


def op(name: str, *args: Expr, kind: str = "f32", lanes: int = 1) -> Store:
    return put(0, 0, value=Op(name, args, kind, lanes))


def whole(value: int, kind: str = "i32") -> Const:
    return Const(value, kind)


FLAT = Y.flat()

FAULTS: dict[str, tuple[str, tuple[Stmt, ...]]] = {
    "behind the last element": ("inside 0..5", (put(0, 6),)),
    "before the first": ("inside 0..3", (put(sub("count", 1), 0),)),
    "an argument at its highest": ("inside 0..3", (put("count", 0),)),
    "the last turn of a loop": (
        "inside 0..5",
        (For("i", 6, (put(0, add("i", 1)),)),),
    ),
    "a product": ("inside 0..5", (For("i", 3, (put(0, mul("i", 3)),)),)),
    "a vector that reaches behind": ("inside 0..5", (put(0, 3, value=vector(0, 0)),)),
    "a vector read behind": ("inside 0..5", (Let(V, vector(0, 3)),)),
    "one active lane too many": ("inside 0..5", (Let(V, vector(0, 3, active=4)),)),
    "slack beyond slack": (
        "inside 0..26",
        (Store(FLAT, (Const(24),), vector(0, 0)),),
    ),
    "an index that was read": (
        "an index has known bounds",
        (put(0, Convert(load(X, 0, 0), "i64")),),
    ),
    "an index from a register that changes": (
        "an index has known bounds",
        (
            Let(W, Const(0)),
            For("i", 4, (put(0, Get(W)), Set(W, add(Get(W), Const(1))))),
        ),
    ),
    "a row that was read": (
        "inside 0..2",
        (
            Store(
                Buffer("y", (3, 9)),
                (Convert(load(AT, 5), "i64"), Const(0)),
                ONE,
            ),
        ),
    ),
    "too few indices": ("as many indices as axes", (Store(Y, (Const(0),), ONE),)),
    "a vector as an index": (
        "an index is one i64",
        (put(0, Const(0, "i64", 4)),),
    ),
    "an i32 as an index": ("an index is one i64", (put(0, whole(0)),)),
    "an i32 as a number of turns": (
        "an index is one i64",
        (For("i", load(AT, 0), ()),),
    ),
    "a buffer nobody declared": (
        "a buffer is declared",
        (Store(Buffer("z", (4,)), (Const(0),), ONE),),
    ),
    "a view larger than its buffer": (
        "a view inside it",
        (Store(Buffer("y", (4, 7)), (Const(0), Const(0)), ONE),),
    ),
    "a view of another kind": (
        "a view inside it",
        (Store(Buffer("y", (4, 6), "i32"), (Const(0), Const(0)), whole(0)),),
    ),
    "a store of another kind": ("a store fits its buffer", (put(0, 0, value=SOME),)),
    "more lanes than stored": (
        "a store fits its buffer",
        (put(0, 0, value=vector(0, 0), active=5),),
    ),
    "more lanes than loaded": (
        "a load has its active lanes",
        (Let(V, vector(0, 0, active=5)),),
    ),
    "a whole number too large": (
        "between 0 and 3",
        (Store(AT, (Const(0),), whole(4)),),
    ),
    "a whole number that may be too small": (
        "between 0 and 3",
        (For("i", 4, (Store(AT, (Var("i"),), Convert(sub("i", 1), "i32")),)),),
    ),
    "a masked whole number": (
        "between 1 and 3",
        (
            Let(
                Register("c", "i32", 4, 1, 3),
                Load(replace(AT, low=1), (Const(0),), 4, 2),
            ),
        ),
    ),
    "a register out of its bounds": ("between 0 and 3", (Let(B, whole(-1)),)),
    "a register set out of its bounds": (
        "between 0 and 3",
        (Let(B, whole(0)), Set(B, add(Get(B), whole(1)))),
    ),
    "a choice out of bounds": (
        "between 0 and 3",
        (Let(B, select(SOME, whole(0), whole(5))),),
    ),
    "a number that outgrows its kind": (
        "a number fits its kind",
        (Let(B, Convert(mul("count", 2**30), "i32")),),
    ),
    "unsigned below zero": (
        "a number fits its kind",
        (Let(Register("u", "u32", 1, 0, 9), sub(whole(0, "u32"), whole(1, "u32"))),),
    ),
    "a register set in a loop that is not declared": (
        "declared before it is set",
        (For("i", 4, (Set(S, ONE),)),),
    ),
    "a register read before it is declared": (
        "declared before it is read",
        (put(0, 0, value=Get(S)), Let(S, ONE)),
    ),
    "a register of a body that is over": (
        "declared before it is read",
        (For("i", 4, (Let(S, ONE),)), put(0, 0, value=Get(S))),
    ),
    "a register read under another kind": (
        "declared before it is read",
        (Let(S, ONE), put(0, 0, value=Get(Register("s", lanes=4)))),
    ),
    "a register declared twice": (
        "a register is declared once",
        (Let(S, ONE), Let(S, ONE)),
    ),
    "a register of another kind": ("a register keeps its kind", (Let(S, SOME),)),
    "a register of other lanes": (
        "a register keeps its kind",
        (Let(V, number(0.0, 4)), Set(V, ONE)),
    ),
    "a loop variable outside its loop": (
        "a loop variable is used inside its loop",
        (For("i", 4, ()), put(0, "i")),
    ),
    "a loop inside one of its name": (
        "a loop variable is new",
        (For("i", 4, (For("i", 4, ()),)),),
    ),
    "a loop with an argument's name": (
        "a loop variable is new",
        (For("count", 4, ()),),
    ),
    "a table written": ("a table is only read", (Store(T, (Const(0),), ONE),)),
    "an append to a table": (
        "a table is only read",
        (Reset(replace(N, limit=2)), Append(N, SOME, ((T, ONE),))),
    ),
    "a list that was never emptied": ("a list is emptied before it grows", (append(),)),
    "a list counted before it is emptied": (
        "a list is emptied before it is counted",
        (For("i", Count(N), ()),),
    ),
    "a list emptied in a loop that may not turn": (
        "a list is emptied before it grows",
        (For("i", Var("count"), (Reset(N),)), append()),
    ),
    "a condition that is a number": (
        "a list is emptied before it grows",
        (Reset(N), append(where=ONE)),
    ),
    "an append of another kind": (
        "an append fits its list",
        (Reset(N), append(whole(1))),
    ),
    "an append of other lanes": (
        "an append fits its list",
        (Reset(N), append(number(1.0, 4))),
    ),
    "an append to rows": ("a list has room", (Reset(N), append(to=X))),
    "a list without room for the last vector": (
        "a list has room",
        (
            Reset(N),
            append(),
            For("i", 2, (append(number(1.0, 4), Const(True, "bool", 4)),)),
        ),
    ),
    "a list longer than its counter": (
        "a counter stays within its limit",
        (
            Reset(Counter("n", 3)),
            For("i", 4, (Append(Counter("n", 3), SOME, ((LIST, ONE),)),)),
        ),
    ),
    "a list filled in nested loops": (
        "a list has room",
        (Reset(N), For("i", 3, (For("j", 3, (append(),)),))),
    ),
    "a list filled as often as another is long": (
        "a list has room",
        (Reset(N), append(), For("i", 2, (For("j", Count(N), (append(),)),))),
    ),
    "a list out of its bounds": (
        "between 0 and 3",
        (Reset(N), Append(N, SOME, ((AT, whole(4)),))),
    ),
    "an operation nobody knows": ("modulo takes 0", (op("modulo", ONE, ONE),)),
    "one argument too few": ("fma takes 3", (op("fma", ONE, ONE),)),
    "arguments of two kinds": ("add takes 2", (op("add", ONE, whole(1)),)),
    "arguments of two widths": ("add takes 2", (op("add", ONE, number(1.0, 4)),)),
    "an operation on the wrong kind": (
        "div takes 2 of f32",
        (Store(AT, (Const(0),), Op("div", (whole(1), whole(1)), "i32", 1)),),
    ),
    "a result of another kind": ("lt takes 2", (op("lt", ONE, ONE),)),
    "a choice by a number": ("select takes 3", (op("select", ONE, ONE, ONE),)),
    "a shift out of the word": (
        "a shift stays within the word",
        (Let(B, Op("shl", (whole(1), whole(32)), "i32", 1)),),
    ),
    "a shift by what varies": (
        "a shift stays within the word",
        (Let(B, Op("shr", (whole(1), load(AT, 0)), "i32", 1)),),
    ),
    "a vector spread": (
        "a change of form that there is",
        (put(0, 0, value=Splat(number(1.0, 2), 4)),),
    ),
    "a number made a condition": (
        "a change of form that there is",
        (Let(Register("c", "bool"), Convert(ONE, "bool")),),
    ),
    "bits of another size": (
        "a change of form that there is",
        (Let(W, Bits(ONE, "i64")),),
    ),
    "a total of whole numbers": (
        "a change of form that there is",
        (Let(B, Total(Iota(4))),),
    ),
    "a total of three": (
        "a change of form that there is",
        (put(0, 0, value=Total(number(1.0, 3))),),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name: str) -> None:
    rule, body = FAULTS[name]
    with refuses(InternalError, "ir-rule", "Kernel 'tried' breaks the rule", rule):
        verify(kernel(*body))


def test_a_table_that_lies_is_found() -> None:
    for table in (((T, (1.0,)),), ((replace(AT, name="t"), (0.0, 1, 2, 3, 4, 0)),)):
        with refuses(InternalError, "ir-rule", "a table holds what it declares"):
            verify(Kernel("tried", (), (), (), table))


def test_a_buffer_is_declared_once_and_of_a_kind() -> None:
    for twice in ((X, replace(X, shape=(24,))), (Buffer("c", (4,), "bool"),)):
        with refuses(InternalError, "ir-rule", "a buffer is declared once, of a kind"):
            verify(Kernel("tried", (), twice, ()))


SOUND: dict[str, tuple[Stmt, ...]] = {
    "every element": (For("i", 4, (For("j", 6, (put("i", "j"),)),)),),
    "the same name in two loops": (
        For("i", 4, (Let(S, ONE), put("i", 0, value=Get(S)))),
        For("i", 2, (Let(S, ONE), put("i", 1, value=Get(S)))),
    ),
    "an argument that bounds a loop": (For("i", Var("count"), (put("i", 0),)),),
    "a vector into the slack": (
        Store(FLAT, (Const(23),), vector(0, 0)),
        Let(V, Load(FLAT, (Const(23),), 4)),
    ),
    "a mask at the end": (put(0, 4, value=vector(0, 4, active=2), active=2),),
    "an index that was read": (put(Convert(load(AT, 0), "i64"), 0),),
    "an index held between": (
        put(0, maximum(Const(0), minimum(Const(5), sub("count", 3)))),
    ),
    "a list as long as its counter": (
        Reset(N),
        For("i", 4, (For("j", 2, (append(),)),)),
        For("k", Count(N), (put(0, 0, value=load(LIST, "k")),)),
    ),
    "a list that every turn empties": (
        For("i", 9, (Reset(N), For("j", 8, (append(),)))),
    ),
    "bits, lanes and totals": (
        Let(V, Bits(Iota(4), "f32")),
        put(0, 0, value=Total(fma(Get(V), splat(ONE, 4), Get(V)))),
        Let(Register("c", "bool"), less(ONE, ONE)),
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_passes(name: str) -> None:
    verify(kernel(*SOUND[name]))


def test_every_operation_is_refused_a_kind_that_it_does_not_take() -> None:
    for name, (count, kinds) in RULES.items():
        for kind in {"f32", "i32", "i64", "u8", "u32", "u64", "bool"} - {*kinds}:
            args = [Const(1, kind)] * count
            if name == "select":
                args[0] = SOME
            result = "bool" if name in ("lt", "gt", "ge", "eq") else kind
            made = Op(name, tuple(args), result, 1)
            with refuses(InternalError, "ir-rule", f"{name} takes {count}"):
                verify(kernel(Let(Register("r", result), made)))


# What is accepted stays in bounds ----------------------------------------------------


@st.composite
def indices(draw: st.DrawFn, depth: int) -> Expr:
    """Indices of loops i0, i1, ..., of an argument, and of numbers that were read."""
    if depth == 0 or draw(st.booleans()):
        leaf = draw(st.sampled_from(("const", "loop", "argument", "read")))
        if leaf == "const":
            return Const(draw(st.integers(-2, 6)))
        if leaf == "read":
            return Convert(load(AT, draw(st.integers(0, 5))), "i64")
        return Var("count" if leaf == "argument" else draw(st.sampled_from("ij")))
    name = draw(st.sampled_from(("add", "sub", "mul", "min", "max")))
    return rebuild(name, (draw(indices(depth - 1)), draw(indices(depth - 1))))


@settings(max_examples=300)
@given(indices(3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_an_index_that_passes_never_leaves(
    at: Expr, rows: int, columns: int, lanes: int
) -> None:
    """Each accepted index is computed for every turn and every argument."""
    z, found = Buffer("z", (9,)), Buffer("found", (9,), "i64", 0, -99, 99)
    access = Store(z, (at,), number(1.0, lanes))
    nest = (For("i", rows, (For("j", columns, (access,)),)),)
    try:
        verify(Kernel("k", (COUNT,), (AT, z), nest))
    except InternalError:
        return
    for count in range(5):
        for turn in range(rows * columns):
            tell = Store(found, (Const(0),), at)
            values = {"at": np.arange(6, dtype=np.int32) % 4, "found": np.zeros(9, int)}
            given = {"count": count, "i": turn // columns, "j": turn % columns}
            arguments = tuple(Argument(name, 0, 9) for name in given)
            interpret(Kernel("k", arguments, (AT, found), (tell,)), values, **given)
            assert 0 <= values["found"][0] <= 9 - lanes


@st.composite
def lists(draw: st.DrawFn, depth: int) -> tuple[Stmt, ...]:
    """Statements that empty a list, let it grow, and loop."""
    body: list[Stmt] = []
    for _ in range(draw(st.integers(1, 3))):
        what = draw(st.sampled_from(("empty", "grow", "loop", "maybe")))
        if what == "empty":
            body.append(Reset(N))
        elif what == "grow" or depth == 0:
            lanes = draw(st.sampled_from((1, 2)))
            body.append(append(number(1.0, lanes), Const(True, "bool", lanes)))
        else:
            turns = draw(st.integers(1, 3))
            extent = turns if what == "loop" else minimum(Var("count"), Const(turns))
            body.append(For(f"i{depth}", extent, draw(lists(depth - 1))))
    return tuple(body)


def longest(body: tuple[Stmt, ...], held: int, count: int) -> tuple[int, int]:
    """How long the list gets, and how long it is at the end, when all is kept."""
    most = held
    for stmt in body:
        match stmt:
            case Reset():
                held = 0
            case Append(_, where):
                held += where.lanes
            case For(_, extent, inner):
                turns = extent if isinstance(extent, int) else _turns(extent, count)
                for _ in range(turns):
                    peak, held = longest(inner, held, count)
                    most = max(most, peak)
        most = max(most, held)
    return most, held


def _turns(extent: Expr, count: int) -> int:
    assert isinstance(extent, Op) and isinstance(extent.args[1], Const)
    return min(count, int(extent.args[1].value))


@settings(max_examples=400)
@given(lists(2))
def test_a_list_that_passes_never_outgrows_its_counter(body: tuple[Stmt, ...]) -> None:
    try:
        verify(kernel(Reset(N), *body))
    except InternalError:
        return
    for count in range(5):
        assert longest(body, 0, count)[0] <= N.limit


def test_the_drawn_lists_are_accepted_and_refused() -> None:
    """The property above is not empty, and not all is accepted."""
    full = (Reset(N), For("i", 4, (append(), append())))
    verify(kernel(*full))
    assert longest(full, 0, 4)[0] == 8
    often = minimum(Var("count"), Const(4))
    faults: tuple[tuple[Stmt, ...], ...] = (
        (append(), For("i", 3, (append(), Reset(N), *[append()] * 8))),
        (For("i", often, (Reset(N), append())), *[append()] * 8),
        (*[append()] * 5, For("i", often, (Reset(N),)), *[append()] * 4),
    )
    for planted in faults:
        assert longest(planted, 0, 0)[0] > 8 or longest(planted, 0, 4)[0] > 8
        with refuses(InternalError, "ir-rule"):
            verify(kernel(Reset(N), *planted))


def test_equal_and_greater_are_conditions() -> None:
    for made in (equal(ONE, ONE), greater(ONE, ONE)):
        verify(kernel(Let(Register("c", "bool"), made)))
