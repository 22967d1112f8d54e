"""The straight lines compute the matrices, which make a convolution, exactly."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from mirada.compiler.ir import Const, Expr, Get, Let, Op, Register
from mirada.compiler.lowering.winograd_bound import MATRICES
from mirada.compiler.lowering.winograd_transform import (
    Lines,
    Row,
    Transforms,
    of_size,
)

Matrix = list[list[Fraction]]

LINES: dict[str, tuple[Callable[[Transforms], Callable[[Lines, Row], Row]], int]] = {
    "B^T": (lambda t: t.inputs, 0),
    "G": (lambda t: t.filters, 1),
    "A^T": (lambda t: t.outputs, 2),
    "A": (lambda t: t.gradients, 3),
    "G^T": (lambda t: t.filter_gradients, 4),
}


def rational(value: float) -> Fraction:
    return Fraction(value).limit_denominator(24)


def matrix(size: int, name: str) -> Matrix:
    b, g, a = (
        [[rational(value) for value in row] for row in rows]
        for rows in MATRICES[size][:3]
    )
    back = {"A": a, "G^T": g}
    if name in back:
        return [list(column) for column in zip(*back[name], strict=True)]
    return {"B^T": b, "G": g, "A^T": a}[name]


class Path:
    """A value as a sum over the row's elements, and the roundings on the way there."""

    def __init__(
        self, factors: list[Fraction], sizes: list[Fraction], rounded: int
    ) -> None:
        self.factors, self.sizes, self.rounded = factors, sizes, rounded


def followed(size: int, name: str) -> list[Path]:
    """What the lines compute, in exact arithmetic."""
    of, _ = LINES[name]
    length = len(matrix(size, name)[0])
    given = [Register(f"x{i}") for i in range(length)]
    unit = [[Fraction(int(i == j)) for j in range(length)] for i in range(length)]
    known = {r.name: Path(unit[i], unit[i], 0) for i, r in enumerate(given)}
    lines = Lines("t")
    found = of(of_size(size))(lines, [Get(register) for register in given])
    for stmt in lines.statements:
        assert isinstance(stmt, Let)
        known[stmt.register.name] = computed(stmt.value, known)
    return [computed(expr, known) for expr in found]


def computed(expr: Expr, known: dict[str, Path]) -> Path:
    if isinstance(expr, Get):
        return known[expr.register.name]
    assert isinstance(expr, Op)
    if expr.name in ("add", "sub"):
        left, right = (computed(arg, known) for arg in expr.args)
        return total(left, right, Fraction(1 if expr.name == "add" else -1), 0)
    value, factor = expr.args[:2]
    assert isinstance(factor, Const) and expr.name in ("mul", "fma")
    inexact = int(np.float32(factor.value) != rational(float(factor.value)))
    scaled = computed(value, known)
    if expr.name == "mul":
        more = Path([Fraction(0)] * len(scaled.factors), scaled.factors[:0], 0)
        more.sizes = more.factors
    else:
        more = computed(expr.args[2], known)
    return total(more, scaled, rational(float(factor.value)), inexact)


def total(left: Path, right: Path, factor: Fraction, inexact: int) -> Path:
    factors = [a + factor * b for a, b in zip(left.factors, right.factors, strict=True)]
    sizes = [a + abs(factor) * b for a, b in zip(left.sizes, right.sizes, strict=True)]
    return Path(factors, sizes, max(left.rounded, right.rounded + inexact) + 1)


@pytest.mark.parametrize("size", MATRICES)
@pytest.mark.parametrize("name", LINES)
def test_lines_compute_their_matrix(size: int, name: str) -> None:
    found = followed(size, name)
    wanted = matrix(size, name)
    assert [path.factors for path in found] == wanted
    # Nothing cancels on the way, so |T| |x| bounds all that is added up.
    sizes = [[abs(value) for value in row] for row in wanted]
    assert [path.sizes for path in found] == sizes


@pytest.mark.parametrize("size", MATRICES)
@pytest.mark.parametrize("name", LINES)
def test_roundings_are_those_of_the_longest_line(size: int, name: str) -> None:
    longest = max(path.rounded for path in followed(size, name))
    assert MATRICES[size].roundings[LINES[name][1]] == longest


@pytest.mark.parametrize("size", MATRICES)
def test_matrices_make_a_convolution(size: int) -> None:
    b, g, a = (matrix(size, name) for name in ("B^T", "G", "A^T"))
    for output in range(size):
        for tap in range(3):
            for pixel in range(size + 2):
                product = sum(
                    a[output][k] * g[k][tap] * b[k][pixel] for k in range(size + 2)
                )
                assert product == int(pixel == output + tap)
