"""The lecture's cell, number by number, and against NumPy."""

from typing import Any

import numpy as np
import pytest

from mirada.analysis.exercises.cell import Cell, explain_cell
from mirada.language import use_language

IMAGE = (
    (1, 1, 1, 0, 0),
    (0, 1, 1, 1, 0),
    (0, 0, 1, 1, 1),
    (0, 0, 1, 1, 0),
    (0, 1, 1, 0, 0),
)
TURNED = tuple(zip(*IMAGE, strict=True))
ONES = ((1,) * 5,) * 5
LECTURE = ((1, 0, 1), (0, 1, 0), (1, 0, 1))
SHARPEN = ((0, -1, 0), (-1, 5, -1), (0, -1, 0))
CENTRE = ((0, 0, 0), (0, 1, 0), (0, 0, 0))
SOBEL = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))


def outputs(
    kernel: tuple[tuple[int, ...], ...], size: int, **other: Any
) -> list[list[int]]:
    places = range(size)
    return [
        [Cell((IMAGE,), (kernel,), y, x, **other).value for x in places] for y in places
    ]


def test_the_lectures_filter() -> None:
    assert outputs(LECTURE, 3) == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    assert outputs(LECTURE, 2, stride=2) == [[4, 4], [2, 4]]
    padded = [[2, 3, 1], [1, 4, 3], [0, 2, 1]]
    assert outputs(LECTURE, 3, stride=2, padding=1) == padded
    assert outputs(SHARPEN, 3) == [[3, 1, 3], [-2, 2, 1], [-2, 2, 3]]


def test_true_convolution_turns_the_kernel() -> None:
    correlation = np.array(outputs(SOBEL, 3))
    assert correlation.tolist() == [[3, 0, -3], [4, 3, -2], [4, 2, -3]]
    assert outputs(SOBEL, 3, turned=True) == (-correlation).tolist()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_first_cell_is_explained(language: str) -> None:
    use_language(language)
    steps = list(map(str, explain_cell(Cell((IMAGE,), (LECTURE,), 0, 0))))
    word = {"en": "window", "es": "ventana"}[language]
    assert steps == [
        f"{word}: 1 1 1; 0 1 1; 0 0 1",
        "1*1 + 1*0 + 1*1 + 0*0 + 1*1 + 1*0 + 0*1 + 0*0 + 1*1 = 4",
    ]


def test_three_channels_and_a_bias() -> None:
    images, kernels = (IMAGE, TURNED, ONES), (LECTURE, SHARPEN, CENTRE)
    cell = Cell(images, kernels, 0, 0, bias=1)
    assert cell.value == 9
    assert explain_cell(cell)[-1] == "4 + 3 + 1 + 1 = 9"
    rows = [
        [Cell(images, kernels, y, x, bias=1).value for x in range(3)] for y in range(3)
    ]
    assert rows == [[9, 3, 4], [5, 8, 7], [7, 6, 9]]
