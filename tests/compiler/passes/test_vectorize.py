import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.expression import add, fma, load, mul, number
from mirada.compiler.ir import (
    Append,
    Argument,
    Buffer,
    Const,
    Convert,
    Counter,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Reset,
    Set,
    Stmt,
    Store,
    Total,
    Var,
)
from mirada.compiler.passes import vectorize
from mirada.compiler.passes.rewrite import expressions, parts, walk
from mirada.errors import InternalError
from tests.compiler.passes.kernels import DRAWN, keeps_meaning, product, sums
from tests.refusal import refuses

X, Y = Buffer("x", (4, 12), slack=4), Buffer("y", (4, 12), slack=4)
SUM, W = Register("sum"), Register("w", "i64")
VECTOR = Register("vector", lanes=4)
I = Var("i")


@settings(max_examples=60)
@given(DRAWN, st.sampled_from((2, 4, 8, 16)))
def test_the_meaning_is_kept(kernel: Kernel, lanes: int) -> None:
    keeps_meaning(kernel, vectorize(kernel, "j", lanes))


@pytest.mark.parametrize("columns", range(1, 18))
def test_every_remainder(columns: int) -> None:
    for made in (product(2, columns, 2), sums(2, columns, 2)):
        for lanes in (4, 16):
            keeps_meaning(made, vectorize(made, "j", lanes))


def test_only_the_remainder_is_masked() -> None:
    """11 = 4 + 4 + 3: no load of whole vectors has a mask."""
    made = vectorize(product(2, 11, 2), "j", 4)
    loads = [
        part
        for stmt in walk(made.body)
        for expr in expressions(stmt)
        for part in parts(expr)
        if isinstance(part, Load) and part.lanes > 1
    ]
    assert {load.active for load in loads} == {0, 3}
    stores = [s.active for s in walk(made.body) if isinstance(s, Store)]
    assert stores == [0, 3]


def kernel(*body: Stmt, extent: int = 8) -> Kernel:
    count = Argument("count", 0, 4)
    outside: tuple[Stmt, ...] = (
        Reset(Counter("n", 8)),
        Let(SUM, number(0.0)),
        For("i", extent, body),
        Store(Y, (Const(3), Const(0)), Get(SUM)),
    )
    return Kernel("tried", (count,), (X, Y), outside)


X_I, ONE = load(X, 0, "i"), number(1.0)
N = Counter("n", 8)

FAULTS: dict[str, tuple[str, tuple[Stmt, ...]]] = {
    "a load of every other element": (
        "a load that is not contiguous",
        (Store(Y, (Const(0), I), load(X, 0, mul("i", 1 + 1))),),
    ),
    "a load of rows": (
        "a load that is not contiguous",
        (Store(Y, (Const(0), I), load(X, "i", 0)),),
    ),
    "a load at an index twice": (
        "a load that is not contiguous",
        (Store(Y, (Const(0), I), load(X, 0, add("i", I))),),
    ),
    "a load at an index that was computed": (
        "a load that is not contiguous",
        (Let(W, mul("i", 2)), Store(Y, (Const(0), I), load(X, 0, Get(W)))),
    ),
    "a store of rows": (
        "a store that is not contiguous",
        (Store(Y, (I, Const(0)), X_I),),
    ),
    "a store in one place": (
        "a store that is not contiguous",
        (Store(Y, (Const(0), Const(0)), X_I),),
    ),
    "a sum across turns": (
        "a sum across its turns",
        (Set(SUM, add(Get(SUM), X_I)),),
    ),
    "turns that are counted": (
        "a sum across its turns",
        (Set(SUM, add(Get(SUM), ONE)),),
    ),
    "a value from the turn before": (
        "a value that another turn wrote",
        (Store(Y, (Const(0), add("i", 1)), load(Y, 0, "i")),),
    ),
    "a value of another turn's row": (
        "a value that another turn wrote",
        (Store(Y, (Const(0), I), fma(X_I, ONE, load(Y, 0, 3))),),
    ),
    "a view of what another turn wrote": (
        "a value that another turn wrote",
        (Store(Y, (Const(0), I), load(Y.flat(), add("i", 1))),),
    ),
    "sums that meet in another order": (
        "a value that another turn wrote",
        (
            For(
                "k",
                3,
                (
                    Store(
                        Y,
                        (Const(0), add("i", Var("k"))),
                        add(load(Y, 0, add("i", Var("k"))), X_I),
                    ),
                ),
            ),
        ),
    ),
    "an inner loop of another length": (
        "an inner loop's length varies",
        (For("k", I, (Store(Y, (Const(0), I), X_I),)),),
    ),
    "a list that grows": (
        "a list",
        (Append(N, Const(True, "bool"), ((Y.flat(), X_I),)),),
    ),
    "a list that is emptied": ("a list", (Reset(N),)),
    "a vector already": (
        "a vector inside",
        (Let(VECTOR, Load(X, (Const(0), I), 4)),),
    ),
    "a vector already, which does not vary": (
        "a vector inside",
        (Let(VECTOR, Load(X, (Const(0), Const(0)), 4)),),
    ),
    "vectors that overlap": (
        "a value that another turn wrote",
        (Store(Y, (Const(0), I), Load(X, (Const(0), I), 4)),),
    ),
    "a total": (
        "a vector inside",
        (Store(Y, (Const(0), I), Total(Load(X, (Const(0), I), 4))),),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_illegal_is_refused(name: str) -> None:
    why, body = FAULTS[name]
    words = f"Loop 'i' of kernel 'tried' cannot become vectors: {why}."
    with refuses(InternalError, "pass-vectorize", words):
        vectorize(kernel(*body), "i", 4)


def test_a_loop_of_varying_length_is_refused() -> None:
    made = Kernel("tried", (), (X, Y), (For("i", Var("count"), ()),))
    with refuses(InternalError, "pass-varying-loop", "'i'", "no fixed number of turns"):
        vectorize(made, "i", 4)


def test_a_loop_that_is_not_there_is_refused() -> None:
    with refuses(InternalError, "pass-no-loop", "Kernel 'tried' has no loop 'z'"):
        vectorize(kernel(), "z", 4)


def test_what_does_not_vary_stays_a_scalar() -> None:
    body = (
        Let(Register("a"), load(X, 1, 1)),
        Let(Register("b"), Convert(I, "f32")),
        Store(Y, (Const(0), I), mul(Get(Register("a")), Get(Register("b")))),
    )
    made = vectorize(kernel(*body), "i", 4)
    registers = [s.register for s in walk(made.body) if isinstance(s, Let)]
    lanes = {register.name: register.lanes for register in registers}
    assert lanes["a"] == 1 and lanes["b"] == 4
