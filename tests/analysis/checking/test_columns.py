"""The columns of a person's table, and tables with others."""

import pytest

from mirada.analysis.checking.columns import left_aside, rows_of
from mirada.analysis.checking.layer_names import Row
from mirada.errors import DataError
from tests.refusal import refuses


@pytest.mark.parametrize(
    "header",
    [
        ["layer", "size", "parameters"],
        ["capa", "tamaño", "parámetros"],
        ["Capa", "TAMAÑO", "Parametros"],
        ["Nombre", "Salida", "# parámetros"],
        ["layer", "Output Shape", "Param #"],
        ["Layer (type)", "Output Shape", "Param #"],
        ["capa", "tamaño de la salida", "Nº de parámetros"],
        ["Layer name", "Output volume", "Number of trainable params"],
    ],
    ids=" ".join,
)
def test_headings_in_both_languages(header: list[str]) -> None:
    lines = [(2, ["conv1", "28", "456"]), (3, ["", " ", ""])]
    assert rows_of(header, lines, "t.csv") == [Row("conv1", "28", "456", 2)]


def test_other_columns_are_left_aside() -> None:
    header = ["notes", "parameters", "layer", ""]
    assert left_aside(header) == ["notes"]
    rows = rows_of(header, [(5, ["why", "1", "conv1", ""])], "t.csv")
    assert rows == [Row("conv1", "", "1", 5)]


def test_a_table_with_other_columns() -> None:
    with refuses(DataError, "check-columns", "'layr', 'size'", "'layer' by 'layr'"):
        rows_of(["layr", "size"], [], "t.csv")
    with refuses(DataError, "check-columns", "size is missing"):
        rows_of(["layer", "kernel"], [], "t.csv")


def test_a_column_twice() -> None:
    with refuses(DataError, "check-column-twice", "'size' and 'Shape'"):
        rows_of(["layer", "size", "Shape"], [], "t.csv")


def test_numbers_without_a_layer() -> None:
    with refuses(DataError, "check-row-nameless", "line 4"):
        rows_of(["layer", "size"], [(4, ["", "28"])], "t.csv")


def test_the_rule_under_a_heading_is_no_row() -> None:
    lines = [(2, ["", "---", ":-:", "--:", ""]), (3, ["", "conv1", "28", "456", ""])]
    header = ["", "layer", "size", "parameters", ""]
    assert rows_of(header, lines, "t.md") == [Row("conv1", "28", "456", 3)]
