"""Exercises on ReLU: what is below zero becomes zero."""

from fractions import Fraction
from typing import Any

from mirada.analysis.arithmetic import bracketed
from mirada.analysis.exercises.answer import Grid, Number
from mirada.analysis.exercises.cell import signed_sum
from mirada.analysis.exercises.draw import Draw, Rows
from mirada.analysis.exercises.exercise import Exercise, Matrix, Step, slips
from mirada.analysis.exercises.rectifier import Values, each, explain_relu, relu
from mirada.errors import Phrase

__all__ = ["KINDS", "TOPIC"]

TOPIC = "relu"
_HINT = Phrase("ReLU(x) = max(0, x)")
_VECTOR, _MATRIX = Phrase("Vector"), Phrase("Matrix")


def _mixed(draw: Draw, height: int, width: int) -> Rows | None:
    """A matrix with numbers on both sides of zero."""
    rows = draw.rows(height, width, range(-9, 10))
    flat = [value for row in rows for value in row]
    return rows if min(flat) < 0 < max(flat) else None


def _plain(kind: str, level: int, rows: Rows | None, name: Phrase) -> Exercise | None:
    if rows is None:
        return None
    answer = Grid.of(relu(rows))
    question = (
        Phrase("What does ReLU make of this vector?")
        if len(rows) == 1
        else Phrase("What does ReLU make of this matrix, row by row?")
    )
    return Exercise(
        TOPIC,
        kind,
        level,
        question,
        answer,
        explain_relu(rows),
        _HINT,
        slips(
            answer,
            ("sign-lost", each(rows, lambda value: max(value, -value))),
            ("relu-forgotten", rows),
        ),
        matrices=(Matrix(name, rows),),
        given={"matrix": [list(row) for row in rows]},
    )


def _vector(draw: Draw, level: int) -> Exercise | None:
    return _plain("vector", level, _mixed(draw, 1, 5), _VECTOR)


def _matrix(draw: Draw, level: int) -> Exercise | None:
    return _plain("matrix", level, _mixed(draw, 2, 3), _MATRIX)


def _bias(draw: Draw, level: int) -> Exercise | None:
    rows, bias = _mixed(draw, 3, 3), draw.one((-4, -3, -2, 2, 3, 4))
    if rows is None:
        return None
    answer = Grid.of(relu(each(rows, lambda value: value + bias)))
    return Exercise(
        TOPIC,
        "bias",
        level,
        Phrase(
            "These are the sums of one filter. Its bias of {bias} is added, then ReLU "
            "is applied. What is the result, row by row?",
            bias=bias,
        ),
        answer,
        explain_relu(rows, bias),
        _HINT,
        slips(
            answer,
            ("bias-forgotten", relu(rows)),
            ("bias-added-last", each(relu(rows), lambda value: value + bias)),
            ("relu-forgotten", each(rows, lambda value: value + bias)),
        ),
        matrices=(Matrix(Phrase("Sums"), rows),),
        given={"matrix": [list(row) for row in rows], "bias": bias},
    )


def _neuron(draw: Draw, level: int) -> Exercise:
    inputs = draw.rows(1, 3, range(-3, 4))
    weights = draw.rows(1, 3, (-3, -2, -1, 1, 2, 3))
    bias = draw.one((-4, -3, -2, -1, 1, 2, 3, 4))
    products = [a * b for a, b in zip(inputs[0], weights[0], strict=True)]
    total = sum(products) + bias
    answer = Number(Fraction(max(total, 0)))
    terms = (
        f"{bracketed(a)}*{bracketed(b)}"
        for a, b in zip(inputs[0], weights[0], strict=True)
    )
    return Exercise(
        TOPIC,
        "neuron",
        level,
        Phrase(
            "A neuron with these weights, a bias of {bias} and ReLU gets these inputs. "
            "What is its output?",
            bias=bias,
        ),
        answer,
        (
            "ReLU(w_1*x_1 + w_2*x_2 + w_3*x_3 + b)",
            f"{' + '.join(terms)} = {sum(products)}",
            f"{signed_sum([sum(products), bias])} = {total}",
            f"max(0, {total}) = {max(total, 0)}",
        ),
        Phrase("The weighted sum first, then the bias, then ReLU."),
        slips(
            answer,
            ("relu-forgotten", total),
            ("sign-lost", abs(total)),
            ("bias-forgotten", max(sum(products), 0)),
            ("bias-added-last", max(sum(products), 0) + bias),
        ),
        matrices=(Matrix(Phrase("Inputs"), inputs), Matrix(Phrase("Weights"), weights)),
        given={"inputs": list(inputs[0]), "weights": list(weights[0]), "bias": bias},
    )


def _zeros(draw: Draw, level: int) -> Exercise | None:
    rows, bias = _mixed(draw, 4, 4), draw.one((-3, -2, -1, 1, 2, 3))
    if rows is None:
        return None
    moved = [value + bias for row in rows for value in row]
    answer = Number(Fraction(sum(value <= 0 for value in moved)))
    return Exercise(
        TOPIC,
        "zeros",
        level,
        Phrase(
            "These are the sums of one filter; its bias is {bias}. How many zeros does "
            "the map have after ReLU?",
            bias=bias,
        ),
        answer,
        explain_relu(rows, bias),
        Phrase("Which sums are, with the bias, not above zero?"),
        slips(
            answer,
            ("bias-forgotten", sum(value <= 0 for row in rows for value in row)),
            ("zero-left-out", sum(value < 0 for value in moved)),
        ),
        matrices=(Matrix(Phrase("Sums"), rows),),
        given={"matrix": [list(row) for row in rows], "bias": bias},
    )


def _leaky(draw: Draw, level: int) -> Exercise | None:
    rows, slope = _mixed(draw, 1, 5), Fraction(1, draw.one((10, 100)))
    if rows is None:
        return None
    answer = Grid.of(each(rows, lambda v: v if v > 0 else v * slope))
    return Exercise(
        TOPIC,
        "leaky",
        level,
        Phrase(
            "What does leaky ReLU with a slope of {slope} make of this vector?",
            slope=Number(slope).text,
        ),
        answer,
        (
            Phrase(
                "what is above zero stays, the rest is multiplied by {slope}",
                slope=Number(slope).text,
            ),
            answer.text,
        ),
        Phrase("Below zero it does not give 0, but x times the slope."),
        slips(
            answer,
            ("slope-forgotten", relu(rows)),
            ("relu-forgotten", rows),
            ("slope-everywhere", each(rows, lambda v: v * slope)),
        ),
        matrices=(Matrix(_VECTOR, rows),),
        given={"matrix": [list(row) for row in rows], "slope": float(slope)},
    )


def _order(draw: Draw, level: int) -> Exercise | None:
    rows = _mixed(draw, 2, 2)
    if rows is None:
        return None
    first, last = _positive_mean(rows), max(_mean(rows), Fraction(0))
    before = draw.whole(0, 1) == 1
    answer = Number(first if before else last)
    question = (
        Phrase("ReLU first, then mean pooling over all four numbers: what comes out?")
        if before
        else Phrase("Mean pooling over all four numbers, then ReLU: what comes out?")
    )
    flat = [value for row in rows for value in row]
    kept = [max(value, 0) for value in flat]
    steps: tuple[Step, ...] = (
        (f"ReLU: {Grid.of(relu(rows)).text}", f"({signed_sum(kept)})/4 = {answer.text}")
        if before
        else (
            f"({signed_sum(flat)})/4 = {Number(_mean(rows)).text}",
            f"max(0, {Number(_mean(rows)).text}) = {answer.text}",
        )
    )
    return Exercise(
        TOPIC,
        "order",
        level,
        question,
        answer,
        steps,
        Phrase("With the mean the order matters; with the maximum it would not."),
        slips(
            answer,
            ("order-swapped", last if before else first),
            ("relu-forgotten", _mean(rows)),
        ),
        matrices=(Matrix(_MATRIX, rows),),
        given={"matrix": [list(row) for row in rows], "relu_first": before},
    )


def _mean(rows: Values) -> Fraction:
    flat = [value for row in rows for value in row]
    return Fraction(sum(flat)) / len(flat)


def _positive_mean(rows: Values) -> Fraction:
    return _mean(relu(rows))


def _gradient(draw: Draw, level: int) -> Exercise | None:
    rows = _mixed(draw, 1, 5)
    arriving = draw.rows(1, 5, (-4, -3, -2, -1, 1, 2, 3, 4))
    if rows is None or 0 in rows[0]:
        return None
    passed = [[g if x > 0 else 0 for x, g in zip(rows[0], arriving[0], strict=True)]]
    answer = Grid.of(passed)
    wrong: list[tuple[str, Any]] = [
        ("gradient-unblocked", arriving),
        ("sign-of-gradient", relu(arriving)),
    ]
    return Exercise(
        TOPIC,
        "gradient",
        level,
        Phrase(
            "In training, these gradients arrive at the output of ReLU; its inputs "
            "were these. Which gradients does it pass on to its inputs?"
        ),
        answer,
        (
            Phrase("where the input was above zero the gradient passes, else it is 0"),
            answer.text,
        ),
        Phrase("The slope of ReLU is 1 above zero and 0 below."),
        slips(answer, *wrong),
        matrices=(
            Matrix(Phrase("Inputs"), rows),
            Matrix(Phrase("Gradients"), arriving),
        ),
        given={"matrix": [list(rows[0])], "arriving": list(arriving[0])},
    )


KINDS = {
    1: (_vector, _matrix),
    2: (_bias, _neuron, _zeros),
    3: (_order, _leaky, _gradient),
}
"""What makes the exercises of each level."""
