"""ReLU of numbers in rows, step by step."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from mirada.analysis.exercises.answer import Grid
from mirada.analysis.exercises.exercise import Step

__all__ = ["Values", "each", "explain_relu", "relu"]

Values = Sequence[Sequence[int | Fraction]]


def relu(rows: Values) -> Values:
    """The larger of 0 and each number.

    >>> relu([[-2, 0, 3]])
    [[0, 0, 3]]
    """
    return each(rows, lambda value: max(value, 0))


def each(
    rows: Values, change: Callable[[int | Fraction], int | Fraction]
) -> list[list[int | Fraction]]:
    """Every number changed.

    >>> each([[1, 2]], lambda value: 10 * value)
    [[10, 20]]
    """
    return [[change(value) for value in row] for row in rows]


def explain_relu(rows: Values, bias: int = 0) -> tuple[Step, ...]:
    """The sum with the bias, where there is one, and the larger of 0 and each number.

    >>> print(*explain_relu([[-2, 3]], bias=1), sep=", then ")
    ReLU(x + b) = max(0, x + b), then x + b: -1 4, then max(0, x + b): 0 4
    """
    if not bias:
        return "ReLU(x) = max(0, x)", Grid.of(relu(rows)).text
    moved = each(rows, lambda value: value + bias)
    return (
        "ReLU(x + b) = max(0, x + b)",
        f"x + b: {Grid.of(moved).text}",
        f"max(0, x + b): {Grid.of(relu(moved)).text}",
    )
