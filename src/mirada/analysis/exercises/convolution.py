"""Exercises on a number of a convolution: window, products, sum, bias."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from mirada.analysis.exercises.answer import Grid, Number
from mirada.analysis.exercises.cell import Cell, explain_cell, turned
from mirada.analysis.exercises.draw import Draw, Rows
from mirada.analysis.exercises.exercise import Exercise, Matrix, slips
from mirada.analysis.exercises.wording import padding_words
from mirada.errors import Phrase

__all__ = ["KINDS", "TOPIC"]

TOPIC = "convolution"
_LECTURE: Rows = ((1, 0, 1), (0, 1, 0), (1, 0, 1))
_SIGNED: tuple[Rows, ...] = (
    ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
)
_HINT = Phrase(
    "Lay the kernel over the window, multiply number by number, add everything up."
)


def _matrices(cell: Cell) -> tuple[Matrix, ...]:
    if len(cell.images) == 1:
        return (
            Matrix(Phrase("Image"), cell.images[0]),
            Matrix(Phrase("Kernel"), cell.kernels[0]),
        )
    colours = (Phrase("R"), Phrase("G"), Phrase("B"))
    images = zip(colours, cell.images, strict=True)
    kernels = zip(colours, cell.kernels, strict=True)
    return (
        *(Matrix(Phrase("Image, {channel}", channel=c), rows) for c, rows in images),
        *(Matrix(Phrase("Kernel, {channel}", channel=c), rows) for c, rows in kernels),
    )


def _given(cell: Cell) -> dict[str, Any]:
    return {
        "images": [[list(row) for row in image] for image in cell.images],
        "kernels": [[list(row) for row in kernel] for kernel in cell.kernels],
        "row": cell.row,
        "column": cell.column,
        "stride": cell.stride,
        "padding": cell.padding,
        "bias": cell.bias,
        "turned": cell.turned,
    }


def _other(cell: Cell, **changes: Any) -> int:
    return Cell(**{**vars(cell), **changes}).value


def _usual(cell: Cell) -> tuple[tuple[str, int], ...]:
    """What the usual mistakes make of a cell."""
    channels = len(cell.images)
    turned = "kernel-not-flipped" if cell.turned else "kernel-flipped"
    one = {"images": cell.images[:1], "kernels": cell.kernels[:1]}
    return (
        ("bias-forgotten", cell.value - cell.bias),
        ("bias-per-channel", cell.value + (channels - 1) * cell.bias),
        ("channels-forgotten", _other(cell, **one)),
        (turned, _other(cell, turned=not cell.turned)),
        ("stride-forgotten", _other(cell, stride=1)),
        ("padding-forgotten", _other(cell, padding=0)),
        ("corner-moved", _other(cell, row=cell.column, column=cell.row)),
        *_next(cell),
    )


def _next(cell: Cell) -> tuple[tuple[str, int], ...]:
    """The output that rows and columns counted from 0 would name."""
    length = len(cell.images[0]) + 2 * cell.padding - len(cell.kernels[0])
    if max(cell.row, cell.column) >= length // cell.stride:
        return ()
    return (("corner-moved", _other(cell, row=cell.row + 1, column=cell.column + 1)),)


def _fits(kernel: Rows, least: int) -> bool:
    """Whether a kernel has so many weights that are not zero."""
    return sum(weight != 0 for row in kernel for weight in row) >= least


def _asked(kind: str, level: int, cell: Cell, question: Phrase) -> Exercise:
    answer = Number(Fraction(cell.value))
    return Exercise(
        TOPIC,
        kind,
        level,
        question,
        answer,
        explain_cell(cell),
        _HINT,
        slips(answer, *_usual(cell)),
        matrices=_matrices(cell),
        given=_given(cell),
    )


def _plain_question(cell: Cell) -> Phrase:
    return Phrase(
        "The kernel slides over the image (as layers do it: without turning it), "
        "{padding} and with a stride of {stride}; the bias is {bias}. Which number "
        "stands in row {row}, column {column} of the output, counted from 1?",
        padding=padding_words(cell.padding, cell.padding),
        stride=cell.stride,
        bias=cell.bias,
        row=cell.row + 1,
        column=cell.column + 1,
    )


def _binary(draw: Draw, level: int) -> Exercise | None:
    image, row, column = draw.rows(5, 5, (0, 1)), draw.whole(0, 2), draw.whole(0, 2)
    kernel = _LECTURE if draw.whole(0, 1) else draw.rows(3, 3, (0, 1))
    cell = Cell((image,), (kernel,), row, column)
    if not _fits(kernel, 3) or not cell.value:
        return None
    return _asked("binary", level, cell, _plain_question(cell))


def _small(draw: Draw, level: int) -> Exercise | None:
    image, kernel = draw.rows(4, 4, range(5)), draw.rows(2, 2, (0, 1, 2))
    if not _fits(kernel, 2):
        return None
    cell = Cell((image,), (kernel,), draw.whole(0, 2), draw.whole(0, 2))
    return _asked("small", level, cell, _plain_question(cell))


def _bordered(draw: Draw, level: int) -> Exercise:
    image, kernel = draw.rows(4, 4, range(6)), draw.one(_SIGNED)
    row, column = draw.one(((0, 0), (0, 1), (0, 3), (1, 0), (3, 2), (2, 3), (3, 3)))
    cell = Cell((image,), (kernel,), row, column, padding=1)
    return _asked("padding", level, cell, _plain_question(cell))


def _strided(draw: Draw, level: int) -> Exercise | None:
    image, kernel = draw.rows(5, 5, range(4)), draw.rows(3, 3, (-1, 0, 1))
    row, column = draw.one(((0, 1), (1, 0), (1, 1)))
    bias = draw.one((-3, -2, -1, 1, 2, 3))
    if not _fits(kernel, 5):
        return None
    cell = Cell((image,), (kernel,), row, column, stride=2, bias=bias)
    return _asked("stride", level, cell, _plain_question(cell))


def _whole(draw: Draw, level: int) -> Exercise | None:
    image, kernel = draw.rows(3, 3, range(5)), draw.rows(2, 2, (-1, 0, 1, 2))
    if not _fits(kernel, 3):
        return None
    places = [(row, column) for row in range(2) for column in range(2)]
    cells = [Cell((image,), (kernel,), row, column) for row, column in places]
    answer = Grid.of(_square(cells, turned=False))
    steps = [
        Phrase(
            "row {row}, column {column}: {sum}",
            row=cell.row + 1,
            column=cell.column + 1,
            sum=explain_cell(cell)[-1],
        )
        for cell in cells
    ]
    return Exercise(
        TOPIC,
        "whole",
        level,
        Phrase(
            "The kernel slides over the image (as layers do it: without turning it), "
            "without padding and with a stride of 1. What is the whole output, row by "
            "row?"
        ),
        answer,
        tuple(steps),
        _HINT,
        slips(answer, ("kernel-flipped", _square(cells, turned=True))),
        matrices=_matrices(cells[0]),
        given=_given(cells[0]),
    )


def _square(cells: Sequence[Cell], *, turned: bool) -> Rows:
    a, b, c, d = (_other(cell, turned=turned) for cell in cells)
    return (a, b), (c, d)


def _colour(draw: Draw, level: int) -> Exercise | None:
    images = tuple(draw.rows(3, 3, range(4)) for _ in range(3))
    kernels = tuple(draw.rows(2, 2, (-1, 0, 1, 2)) for _ in range(3))
    row, column, bias = draw.whole(0, 1), draw.whole(0, 1), draw.one((-2, -1, 1, 2))
    if not all(_fits(kernel, 2) for kernel in kernels):
        return None
    cell = Cell(images, kernels, row, column, bias=bias)
    question = Phrase(
        "One filter slides over an image in colour, without padding and with a stride "
        "of 1; its bias is {bias}. Which number stands in row {row}, column {column} "
        "of the output, counted from 1?",
        bias=bias,
        row=row + 1,
        column=column + 1,
    )
    return _asked("colour", level, cell, question)


def _true(draw: Draw, level: int) -> Exercise | None:
    image, kernel = draw.rows(4, 4, range(4)), draw.rows(2, 2, range(-2, 3))
    row, column = draw.whole(0, 2), draw.whole(0, 2)
    cell = Cell((image,), (kernel,), row, column, turned=True)
    if not _fits(kernel, 3) or cell.value == _other(cell, turned=False):
        return None
    question = Phrase(
        "Which number stands in row {row}, column {column} of the true convolution of "
        "image and kernel (the one of mathematics, not the cross-correlation of "
        "layers), without padding and with a stride of 1? Rows and columns are "
        "counted from 1.",
        row=row + 1,
        column=column + 1,
    )
    return _asked("true-convolution", level, cell, question)


def _impulse(draw: Draw, level: int) -> Exercise | None:
    kernel = draw.rows(3, 3, range(10))
    image = tuple(tuple(int(y == x == 2) for x in range(5)) for y in range(5))
    is_true = draw.whole(0, 1) == 1
    both = kernel, turned(kernel)
    result, other = both if is_true else both[::-1]
    if result == other:
        return None
    answer = Grid.of(result)
    question = (
        Phrase(
            "The image is black but for one pixel. What is its true convolution (the "
            "one of mathematics) with the kernel, without padding and with a stride of "
            "1?"
        )
        if is_true
        else Phrase(
            "The image is black but for one pixel. What does a convolutional layer "
            "(cross-correlation) with this kernel make of it, without padding and with "
            "a stride of 1?"
        )
    )
    cell = Cell((image,), (kernel,), 0, 0, turned=is_true)
    step = (
        Phrase("true convolution copies the kernel to where the pixel is")
        if is_true
        else Phrase(
            "the pixel meets the last weight first: the kernel appears turned by 180 "
            "degrees"
        )
    )
    slip = "kernel-not-flipped" if is_true else "kernel-flipped"
    return Exercise(
        TOPIC,
        "impulse",
        level,
        question,
        answer,
        (step, answer.text),
        Phrase("Which weight meets the pixel when the window is in the first corner?"),
        slips(answer, (slip, other)),
        matrices=_matrices(cell),
        given=_given(cell),
    )


KINDS = {
    1: (_binary, _small),
    2: (_bordered, _strided, _whole),
    3: (_colour, _true, _impulse),
}
"""What makes the exercises of each level."""
