"""Fused multiply-adds taken apart: what is rounded, and that none is left."""

import numpy as np

from mirada.compiler.expression import fma, load, rebuild
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, For, Kernel, Op, Store, Var
from mirada.compiler.passes.rewrite import expressions, parts, walk
from mirada.compiler.passes.unfused import unfused
from mirada.compiler.verify import verify

X, Y, Z = Buffer("x", (8,)), Buffer("y", (8,)), Buffer("z", (8,))


def nested() -> Kernel:
    """Z = x y + (x x + y), both fused, within another operation."""
    x, y = load(X, "i"), load(Y, "i")
    value = rebuild("sub", (fma(x, y, fma(x, x, y)), x))
    return Kernel(
        "nested", (), (X, Y, Z), (For("i", 8, (Store(Z, (Var("i"),), value),)),)
    )


def names(kernel: Kernel) -> set[str]:
    return {
        part.name
        for stmt in walk(kernel.body)
        for expr in expressions(stmt)
        for part in parts(expr)
        if isinstance(part, Op)
    }


def test_products_are_rounded_before_they_are_added() -> None:
    made = unfused(nested())
    verify(made)
    assert names(nested()) >= {"fma"} and names(made) == {"add", "mul", "sub"}
    noise = np.random.default_rng(0)
    x, y = noise.normal(size=(2, 8)).astype(np.float32)
    z, fused = np.zeros(8, np.float32), np.zeros(8, np.float32)
    interpret(made, {"x": x, "y": y, "z": z})
    interpret(nested(), {"x": x, "y": y, "z": fused})
    np.testing.assert_array_equal(z, x * y + (x * x + y) - x)
    assert (z != fused).any()
