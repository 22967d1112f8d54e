import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.expression import add, load, mul, number
from mirada.compiler.ir import (
    Append,
    Buffer,
    Const,
    Count,
    Counter,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Register,
    Reset,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.passes import jam, tile, vectorize
from mirada.compiler.passes.rewrite import walk
from mirada.compiler.printer import kernel_text
from mirada.errors import InternalError
from tests.compiler.passes.kernels import (
    DRAWN,
    Maker,
    copied,
    image,
    keeps_meaning,
    product,
)
from tests.refusal import refuses

X, Y, Z = Buffer("x", (6, 6)), Buffer("y", (6, 6)), Buffer("z", (6, 6))
SHARED, OWN = Register("shared"), Register("own")
N = Counter("n", 36)
LIST = Buffer("list", (40,))
I, K = Var("i"), Var("k")


@settings(max_examples=60)
@given(DRAWN, st.sampled_from(("i", "j")), st.integers(1, 4))
def test_the_meaning_is_kept(kernel: Kernel, var: str, size: int) -> None:
    """Or the pass refuses: never anything else."""
    try:
        made = jam(tile(kernel, var, size), f"{var}.in")
    except InternalError as error:
        assert error.code == "pass-jam" and kernel.name in ("sums", "copied")
        return
    keeps_meaning(kernel, made)


@settings(max_examples=40)
@given(
    st.sampled_from((product, image)),
    st.integers(1, 9),
    st.integers(1, 19),
    st.integers(1, 3),
    st.integers(1, 5),
)
def test_vectors_side_by_side_keep_the_meaning(
    maker: Maker, rows: int, columns: int, depth: int, size: int
) -> None:
    """What schedules do: vectors, then several of them and several rows at once."""
    before = maker(rows, columns, depth)
    after = tile(vectorize(before, "j", 4), "i", size)
    loops = [s.var for s in walk(after.body) if isinstance(s, For)]
    for var in reversed(loops):
        if var.removesuffix(".rest") in ("j.vec", "i.in"):
            after = jam(after, var)
    keeps_meaning(before, after)


def test_accumulators_lie_side_by_side() -> None:
    made = jam(product(2, 1, 3), "i")
    assert kernel_text(made).splitlines()[1:] == [
        "  for j.0 < 1",
        "    let acc.0: f32 = b[j.0]",
        "    let acc.1: f32 = b[j.0]",
        "    for k.0 < 3",
        "      acc.0 = fma(x[0, k.0], w[k.0, j.0], acc.0)",
        "      acc.1 = fma(x[1, k.0], w[k.0, j.0], acc.1)",
        "    c[0, j.0] = acc.0",
        "    c[1, j.0] = acc.1",
    ]


def test_rows_that_lie_apart_may_be_jammed() -> None:
    keeps_meaning(copied(3, 5, 2), jam(copied(3, 5, 2), "i"))


def inner(*body: Stmt) -> For:
    return For("k", 3, body)


def kernel(*body: Stmt) -> Kernel:
    outside: tuple[Stmt, ...] = (
        Reset(N),
        Let(SHARED, number(0.0)),
        For("i", 3, body),
        Store(Z, (Const(5), Const(5)), Get(SHARED)),
    )
    return Kernel("tried", (), (X, Y, Z), outside, (), (LIST,))


def put(buffer: Buffer, *index: Expr, value: Expr) -> Store:
    return Store(buffer, index, value)


X_IK = load(X, "i", "k")
X_I0 = load(X, "i", 0)
FAULTS: dict[str, tuple[str, tuple[Stmt, ...]]] = {
    "a sum that all turns share": (
        "shared",
        (inner(Set(SHARED, add(Get(SHARED), X_IK))),),
    ),
    "a sum that the next part reads": (
        "shared",
        (
            Set(SHARED, load(X, "i", 0)),
            inner(put(Y, I, K, value=mul(Get(SHARED), X_IK))),
        ),
    ),
    "a sum read before it is set": (
        "shared",
        (
            inner(put(Y, I, K, value=Get(SHARED))),
            Set(SHARED, load(X, "i", 0)),
        ),
    ),
    "a row that the next turn reads": (
        "y",
        (
            inner(put(Y, add(I, Const(1)), K, value=X_IK)),
            inner(put(Z, I, K, value=load(Y, "i", "k"))),
        ),
    ),
    "one row for all turns": ("y", (inner(put(Y, Const(0), K, value=X_IK)),)),
    "elements that an inner loop moves to": (
        "y",
        (inner(put(Y, Const(0), add(I, K), value=X_IK)),),
    ),
    "elements at an index of the turn's own": (
        "y",
        (
            inner(
                Let(Register("at", "i64"), K),
                put(Y, Const(0), add(I, Get(Register("at", "i64"))), value=X_IK),
            ),
        ),
    ),
    "a view of the same rows": (
        "y",
        (
            inner(put(Y, I, K, value=X_IK)),
            inner(put(Z, I, K, value=load(Y.flat(), add(K, Const(6))))),
        ),
    ),
    "a list": ("list, n", (inner(Append(N, Const(True, "bool"), ((LIST, X_IK),))),)),
    "as many turns as a list has": (
        "n",
        (
            Reset(N),
            Append(N, Const(True, "bool"), ((LIST, X_I0),)),
            For("k", Count(N), (put(Y, I, Const(0), value=X_I0),)),
        ),
    ),
    "a list that is emptied and filled": (
        "n",
        (Reset(N), inner(Append(N, Const(True, "bool"), ((LIST, X_IK),)))),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_shared_is_refused(name: str) -> None:
    shared, body = FAULTS[name]
    words = f"Loop 'i' of kernel 'tried' cannot be jammed: its turns share {shared}"
    with refuses(InternalError, "pass-jam", words):
        jam(kernel(*body), "i")


def test_turns_of_other_lengths_are_refused() -> None:
    triangle = For("k", I, (put(Y, I, K, value=X_IK),))
    words = "its inner loop 'k.0' turns more often in one turn than in another"
    with refuses(InternalError, "pass-jam-length", "Loop 'i' of kernel 'tried'", words):
        jam(kernel(triangle), "i")


LEGAL: dict[str, tuple[Stmt, ...]] = {
    "a sum in order": (Set(SHARED, add(Get(SHARED), load(X, "i", 0))),),
    "a sum behind an inner loop": (
        Let(OWN, number(0.0)),
        inner(Set(OWN, add(Get(OWN), X_IK))),
        Set(SHARED, add(Get(SHARED), Get(OWN))),
    ),
    "rows of their own": (
        inner(put(Y, I, K, value=X_IK)),
        inner(put(Z, I, K, value=load(Y, "i", "k"))),
    ),
    "a shared row that is read": (inner(put(Y, I, K, value=load(X, 0, "k"))),),
}


@pytest.mark.parametrize("name", LEGAL)
def test_what_is_apart_is_jammed(name: str) -> None:
    before = kernel(*LEGAL[name])
    keeps_meaning(before, jam(before, "i"))
