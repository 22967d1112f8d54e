from mirada.compiler.expression import add, load, mul, number
from mirada.compiler.ir import (
    Append,
    Bits,
    Buffer,
    Const,
    Convert,
    Counter,
    Expr,
    For,
    Get,
    Iota,
    Kernel,
    Let,
    Register,
    Reset,
    Set,
    Splat,
    Stmt,
    Store,
    Total,
    Var,
)
from mirada.compiler.passes.rewrite import (
    declared,
    rename,
    replace_loop,
    rewrite,
    substitute,
    transform,
    walk,
)
from mirada.errors import InternalError
from tests.refusal import refuses

X, Y = Buffer("x", (9,)), Buffer("y", (9,))
A, OUTSIDE = Register("a"), Register("outside")
N = Counter("n", 9)


def test_constants_fold_where_a_variable_was() -> None:
    given = load(X, add(mul("i", 2), Var("j")))
    (store,) = substitute((Store(Y, (Var("j"),), given),), {"i": Const(3)})
    assert store == Store(Y, (Var("j"),), load(X, add(Const(6), Var("j"))))


def test_every_kind_of_expression_is_looked_into() -> None:
    """The variable is replaced inside all that holds another expression."""
    number_of = Convert(Var("i"), "f32")
    inside: list[Expr] = [
        number_of,
        load(X, "i"),
        add(number_of, number(1.0)),
        Splat(number_of, 4),
        Bits(number_of, "i32"),
        Total(Splat(number_of, 4)),
    ]
    for expr in inside:
        (changed,) = substitute((Let(A, expr),), {"i": Const(7)})
        (wanted,) = substitute((Let(A, expr),), {"i": Const(7)})
        assert changed == wanted and "'i'" not in repr(changed)


def test_what_holds_nothing_stays() -> None:
    for expr in (Const(1), Get(A), Iota(4), Var("j")):
        assert transform(expr, lambda e: None) is expr


def test_every_statement_is_rewritten() -> None:
    body: tuple[Stmt, ...] = (
        Reset(N),
        For(
            "i",
            Var("n"),
            (
                Let(A, load(X, "i")),
                Set(A, load(X, "i")),
                Store(Y, (Var("i"),), Get(A)),
                Append(N, Const(True, "bool"), ((Y, load(X, "i")),)),
            ),
        ),
    )

    def change(expr: Expr) -> Expr | None:
        return Var(expr.name + "'") if isinstance(expr, Var) else None

    text = repr(rewrite(body, change, loop=lambda name: name + "'"))
    assert text.count('"i\'"') == 5 and '"n\'"' in text and "'i'" not in text


def test_a_copy_has_registers_and_loops_of_its_own() -> None:
    inner = For("k", 3, (Set(OUTSIDE, add(Get(OUTSIDE), Get(A))),))
    body = (Let(A, load(X, "i")), inner, Store(Y, (Var("i"),), Get(A)))
    copy = rename(body, ".1")
    assert declared(copy) == {"a.1"}
    loops = [stmt for stmt in walk(copy) if isinstance(stmt, For)]
    assert [loop.var for loop in loops] == ["k.1"]
    assert loops[0].body == (Set(OUTSIDE, add(Get(OUTSIDE), Get(Register("a.1")))),)
    assert copy[2] == Store(Y, (Var("i"),), Get(Register("a.1")))


def test_a_loop_that_is_not_there_is_named() -> None:
    kernel = Kernel("tried", (), (X,), (For("i", 3, ()),))
    with refuses(InternalError, "pass-no-loop", "Kernel 'tried' has no loop 'z'"):
        replace_loop(kernel, "z", lambda loop: ())


def test_every_loop_of_a_name_is_replaced() -> None:
    loops = (For("i", 3, ()), For("j", 2, (For("i", 4, ()),)))
    kernel = Kernel("tried", (), (X,), loops)
    made = replace_loop(kernel, "i", lambda loop: (For("z", loop.extent, ()),))
    assert made.body == (For("z", 3, ()), For("j", 2, (For("z", 4, ()),)))
