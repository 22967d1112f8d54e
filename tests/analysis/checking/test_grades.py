"""The grades of a class as one table, and its common mistakes."""

from mirada.analysis.checking import Graded, check, common_mistakes, grades_table
from mirada.errors import DataError
from mirada.network import Conv2d, MaxPool2d, Network

NET = Network("small", (3, 32, 32), [Conv2d(8, 5), MaxPool2d(2)])


def a_class() -> list[Graded]:
    good = check(NET, [("conv1", "28x28x8", "608"), ("pool1", "14", "")])
    bad = check(
        NET, [("conv1", "26", "208"), ("pool1", "13", "16"), ("total", "", "9")]
    )
    error = DataError("check-nothing", "-1 is\nnothing")
    return [
        Graded("ana.csv", good),
        Graded("=x.csv", bad),
        Graded("c.csv", error=error),
    ]


def test_a_row_a_table_and_a_column_a_cell() -> None:
    heads, *cells = grades_table(NET, a_class())
    assert heads == [
        *("file", "correct", "wrong", "share", "conv1 size", "conv1 parameters"),
        *("maxpool1 size", "maxpool1 parameters", "total parameters"),
        *("mistakes", "problem"),
    ]
    rows = [dict(zip(heads, row, strict=True)) for row in cells]
    assert rows[0]["share"] == "1.0000" and rows[0]["maxpool1 size"] == "right"
    assert rows[1]["conv1 size"] == "unknown"
    assert rows[1]["maxpool1 size"] == "follows conv1"
    assert rows[1]["maxpool1 parameters"] == "pooling-has-parameters"
    assert rows[1]["mistakes"] == "unknown channels-forgotten pooling-has-parameters"
    assert rows[2]["problem"] == "check-nothing: -1 is nothing"
    assert rows[2]["correct"] == ""


def test_the_most_common_mistakes_come_first() -> None:
    found = common_mistakes([*a_class(), a_class()[1]])
    assert [(c.mistake, c.cells, c.tables) for c in found] == [
        ("unknown", 4, 2),
        ("channels-forgotten", 2, 2),
        ("pooling-has-parameters", 2, 2),
    ]


def test_a_table_of_nothing_has_no_share() -> None:
    assert Graded("a.csv", check(NET, [])).share is None
