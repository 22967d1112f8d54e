"""A matrix of numbers as cells: where they stand, and how they are shaded."""

from xml.etree import ElementTree

import numpy as np

from mirada.views.grid import Grid, grid_panel, number_label
from mirada.views.svg import figure
from tests.views.geometry import parsed, texts, with_class


def drawn(grid: Grid) -> ElementTree.Element:
    """A figure of the grid alone."""
    return parsed(figure("grid", (200, 200), "title", "about", grid_panel(grid)))


def test_every_number_and_the_padding() -> None:
    grid = Grid(np.array([[1, -2]]), 10, 20, "image", padding=(1, 0, 0, 2))
    root = drawn(grid)
    assert texts(root) == ["image", *["0"] * 6, "1", "-2"]
    soft = [x.text for x in with_class(root, "soft") if "number" in x.attrib["class"]]
    assert soft == ["0"] * 6
    assert len(with_class(root, "negative")) == len(with_class(root, "positive")) == 1


def test_where_a_window_lies() -> None:
    grid = Grid(np.zeros((4, 5)), 10, 20, padding=(1, 1, 2, 2))
    assert grid.counts == (6, 9)
    assert (grid.width, grid.height) == (9 * 30, 6 * 30)
    assert grid.box(0, 0) == (10 + 60, 20 + 30, 30, 30)
    assert grid.box(-1, -2, 3, 2) == (10, 20, 60, 90)


def test_cells_have_room_for_their_numbers() -> None:
    assert Grid(np.array([[1]]), 0, 0).cell == 30
    wide = Grid(np.array([[123456, 1]]), 0, 0)
    assert wide.cell > 6 * 7 and wide.labels == [["123456", "1"]]
    assert Grid(np.array([[1]]), 0, 0, least=50).cell == 50


def test_shades_follow_the_size_of_the_number() -> None:
    root = drawn(Grid(np.array([[0, 1, 4]]), 0, 0))
    shades = [float(x.attrib["fill-opacity"]) for x in with_class(root, "positive")]
    assert shades == [0.2, 0.5]
    bright = drawn(Grid(np.array([[4]]), 0, 0, largest=8.0))
    assert with_class(bright, "positive")[0].attrib["fill-opacity"] == "0.3"


def test_what_is_not_finite_has_no_shade() -> None:
    root = drawn(Grid(np.array([[np.nan, np.inf, 0.0]]), 0, 0))
    assert texts(root) == ["nan", "inf", "0"]
    assert not with_class(root, "positive")


def test_labels() -> None:
    assert [number_label(x) for x in (2.0, 0.1234567, -1e9)] == [
        "2",
        "0.1235",
        "-1e+09",
    ]
