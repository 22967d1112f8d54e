"""Exercises on pooling: the largest or the mean value of each window."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from mirada.analysis.arithmetic import number
from mirada.analysis.exercises.answer import Grid, Number
from mirada.analysis.exercises.cell import signed_sum
from mirada.analysis.exercises.draw import Draw, Rows
from mirada.analysis.exercises.exercise import Exercise, Matrix, Step, slips
from mirada.errors import Phrase

__all__ = ["KINDS", "TOPIC", "explain_pooling", "pooled"]

TOPIC = "pooling"
_HINT = Phrase("Cut the matrix into its windows; each gives one number.")
Values = tuple[tuple[Fraction, ...], ...]


def pooled(rows: Rows, size: int, stride: int, kind: str) -> Values:
    """The output of pooling with "max" or "mean", without padding, rounded down.

    >>> rows = ((1, 1, 2, 4), (5, 6, 7, 8), (3, 2, 1, 0), (1, 2, 3, 4))
    >>> Grid(pooled(rows, 2, 2, "max")).text, Grid(pooled(rows, 2, 2, "mean")).text
    ('6 8; 3 4', '3.25 5.25; 2 2')
    """
    take = _TAKEN[kind]
    return tuple(
        tuple(take(_window(rows, top, left, size)) for left in lefts)
        for top, lefts in _places(rows, size, stride)
    )


def _largest(values: Sequence[int]) -> Fraction:
    return Fraction(max(values))


def _mean(values: Sequence[int]) -> Fraction:
    return Fraction(sum(values), len(values))


_TAKEN: dict[str, Callable[[Sequence[int]], Fraction]] = {
    "max": _largest,
    "mean": _mean,
}


def _places(rows: Rows, size: int, stride: int) -> list[tuple[int, range]]:
    lefts = range(0, len(rows[0]) - size + 1, stride)
    return [(top, lefts) for top in range(0, len(rows) - size + 1, stride)]


def _window(rows: Rows, top: int, left: int, size: int) -> tuple[int, ...]:
    return tuple(
        value for row in rows[top : top + size] for value in row[left : left + size]
    )


def explain_pooling(rows: Rows, size: int, stride: int, kind: str) -> tuple[Step, ...]:
    """Every window with its number.

    >>> print(*explain_pooling(((1, 1), (5, 6)), 2, 2, "mean"))
    row 1, column 1: (1 + 1 + 5 + 6)/4 = 3.25
    """
    return tuple(
        _explained(_window(rows, top, left, size), kind, y, x)
        for y, (top, lefts) in enumerate(_places(rows, size, stride), 1)
        for x, left in enumerate(lefts, 1)
    )


def _explained(values: Sequence[int], kind: str, row: int, column: int) -> Phrase:
    result = number(_TAKEN[kind](values))
    formula = f"max({', '.join(map(str, values))}) = {result}"
    if kind == "mean":
        formula = f"({signed_sum(values)})/{len(values)} = {result}"
    return Phrase(
        "row {row}, column {column}: {sum}", row=row, column=column, sum=formula
    )


def _name(kind: str) -> Phrase:
    return Phrase("max pooling") if kind == "max" else Phrase("mean pooling")


def _given(rows: Rows, size: int, stride: int, kind: str) -> dict[str, Any]:
    return {
        "matrix": [list(row) for row in rows],
        "kernel": size,
        "stride": stride,
        "padding": 0,
        "pooling": kind,
    }


def _other(kind: str) -> tuple[str, str]:
    """The other pooling, and the mistake of taking it."""
    return ("mean", "mean-for-max") if kind == "max" else ("max", "max-for-mean")


def _whole(
    kind: str, level: int, rows: Rows, size: int, stride: int, take: str
) -> Exercise:
    answer = Grid(pooled(rows, size, stride, take))
    other, mistake = _other(take)
    apart = Grid(pooled(rows, size, size, take))
    fits = (len(rows) - size) % stride == 0
    wrong: list[tuple[str, Any]] = [(mistake, pooled(rows, size, stride, other))]
    if stride != size:
        wrong.append(("stride-forgotten", apart.rows))
    if not fits:
        wrong.append(("last-pixel-read", _ceiled(rows, size, stride, take)))
    if take == "mean":
        sums = [[v * size * size for v in row] for row in answer.rows]
        wrong.append(("mean-not-divided", sums))
    last = Phrase("the last row and column are not read: no whole window fits there")
    return Exercise(
        TOPIC,
        kind,
        level,
        Phrase(
            "This matrix goes through {pooling} with windows of {kernel} and a stride "
            "of {stride}, without padding. What is the output, row by row?",
            pooling=_name(take),
            kernel=f"{size}x{size}",
            stride=stride,
        ),
        answer,
        (*explain_pooling(rows, size, stride, take), *(() if fits else (last,))),
        _HINT,
        slips(answer, *wrong),
        matrices=(Matrix(Phrase("Matrix"), rows),),
        given=_given(rows, size, stride, take),
    )


def _ceiled(rows: Rows, size: int, stride: int, kind: str) -> Values:
    """The output where the windows at the end may be cut off."""
    take = _TAKEN[kind]
    tops = range(0, len(rows), stride)
    return tuple(
        tuple(take(_window(rows, top, left, size)) for left in tops) for top in tops
    )


def _cell(
    kind: str, level: int, rows: Rows, window: tuple[int, int, int], take: str
) -> Exercise:
    """One number; `window` is its size, row and column in the output, from 0."""
    size, row, column = window
    values = _window(rows, row * size, column * size, size)
    answer = Number(_TAKEN[take](values))
    other, mistake = _other(take)
    swapped = _window(rows, column * size, row * size, size)
    return Exercise(
        TOPIC,
        kind,
        level,
        Phrase(
            "This matrix goes through {pooling} with windows of {kernel} and a stride "
            "of {stride}. Which number stands in row {row}, column {column} of the "
            "output, counted from 1?",
            pooling=_name(take),
            kernel=f"{size}x{size}",
            stride=size,
            row=row + 1,
            column=column + 1,
        ),
        answer,
        (_explained(values, take, row + 1, column + 1),),
        _HINT,
        slips(
            answer,
            (mistake, _TAKEN[other](values)),
            ("mean-not-divided", sum(values)),
            ("corner-moved", _TAKEN[take](swapped)),
        ),
        matrices=(Matrix(Phrase("Matrix"), rows),),
        given={**_given(rows, size, size, take), "row": row, "column": column},
    )


def _max(draw: Draw, level: int) -> Exercise:
    return _whole("max", level, draw.rows(4, 4, range(10)), 2, 2, "max")


def _mean_cell(draw: Draw, level: int) -> Exercise:
    place = draw.whole(0, 1), draw.whole(0, 1)
    return _cell("mean-cell", level, draw.rows(4, 4, range(9)), (2, *place), "mean")


def _mean_whole(draw: Draw, level: int) -> Exercise:
    return _whole("mean", level, draw.rows(4, 4, range(10)), 2, 2, "mean")


def _overlapping(draw: Draw, level: int) -> Exercise:
    return _whole("overlapping", level, draw.rows(4, 4, range(10)), 2, 1, "max")


def _floored(draw: Draw, level: int) -> Exercise:
    rows = draw.rows(5, 5, range(-9, 10))
    return _whole("floor", level, rows, 2, 2, draw.one(("max", "mean")))


def _wide(draw: Draw, level: int) -> Exercise:
    return _whole("wide", level, draw.rows(5, 5, range(-9, 10)), 3, 2, "max")


def _global(draw: Draw, level: int) -> Exercise:
    rows = draw.rows(4, 4, range(-3, 10))
    values = [value for row in rows for value in row]
    answer = Number(_mean(values))
    return Exercise(
        TOPIC,
        "global",
        level,
        Phrase("What does global mean pooling make of this map?"),
        answer,
        (f"({signed_sum(values)})/{len(values)} = {answer.text}",),
        Phrase("The whole map is one window."),
        slips(
            answer,
            ("max-for-mean", max(values)),
            ("mean-not-divided", sum(values)),
        ),
        matrices=(Matrix(Phrase("Matrix"), rows),),
        given=_given(rows, 4, 4, "mean"),
    )


def _padded(draw: Draw, level: int) -> Exercise:
    rows = draw.rows(4, 4, range(-9, 0))
    row, column = draw.one(((0, 0), (0, 1), (1, 0)))
    values = [
        rows[y][x]
        for y in range(2 * row - 1, 2 * row + 2)
        for x in range(2 * column - 1, 2 * column + 2)
        if y >= 0 and x >= 0
    ]
    answer = Number(_largest(values))
    return Exercise(
        TOPIC,
        "padding",
        level,
        Phrase(
            "Max pooling with windows of {kernel}, a stride of {stride} and a padding "
            "of {padding} is applied to this matrix. Which number stands in row {row}, "
            "column {column} of the output, counted from 1?",
            kernel="3x3",
            stride=2,
            padding=1,
            row=row + 1,
            column=column + 1,
        ),
        answer,
        (
            Phrase("only the pixels of the matrix count, not the padding"),
            _explained(values, "max", row + 1, column + 1),
        ),
        Phrase("Could the padding be the largest value of a window?"),
        slips(answer, ("padding-as-zero", 0)),
        matrices=(Matrix(Phrase("Matrix"), rows),),
        given={
            **_given(rows, 3, 2, "max"),
            "padding": 1,
            "row": row,
            "column": column,
        },
    )


KINDS = {
    1: (_max, _mean_cell),
    2: (_mean_whole, _overlapping, _global),
    3: (_floored, _padded, _wide),
}
"""What makes the exercises of each level."""
