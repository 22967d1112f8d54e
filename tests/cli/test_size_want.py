"""`mirada size I --want O`."""

import re

import pytest

from tests.cli.calling import Caller
from tests.cli.documented import INTERFACES

TRIED = (
    "Tried: kernel 1..11, stride 1..8, dilation 1, padding up to half the window at "
    "each end."
)


def rows(text: str) -> list[list[str]]:
    """The cells of the table's rows."""
    return [line.split() for line in text.splitlines() if re.match(r" *\d+  ", line)]


def test_28_to_14(call: Caller) -> None:
    called = call("size", "28", "--want", "14")
    lines = called.out.splitlines()
    assert lines[0] == "Windows that give 14 from 28, the simplest first:"
    assert lines[2] == "O = (I - F + P_start + P_end)/S + 1"
    found = rows(called.out)
    assert [row[:3] for row in found[:3]] == [
        ["2", "2", "0"],
        ["4", "2", "1"],
        ["3", "2", "1"],
    ]
    assert len(found) == 21
    assert lines[-2] == TRIED
    assert lines[-1].startswith("Order: every pixel read, symmetric padding")


@pytest.mark.parametrize(
    ("words", "tried", "first"),
    [
        ("--kernel 5", "kernel 5, stride 1..8", ["5", "2", "2"]),
        ("--kernel 4..5", "kernel 4..5, stride", ["4", "2", "1"]),
        ("--stride 2", "stride 2, dilation 1", ["2", "2", "0"]),
        ("--padding 1 2", "padding 1|2", ["5", "2", "1|2"]),
        ("--padding same", "padding same", ["2", "2", "0"]),
        ("--dilation 3 --kernel 3", "dilation 3", ["3", "2", "3", "3"]),
    ],
)
def test_what_is_fixed(call: Caller, words: str, tried: str, first: list[str]) -> None:
    called = call("size", "28", "--want", "14", *words.split())
    assert tried in called.out
    assert rows(called.out)[0][: len(first)] == first


def test_pixels_left_unread_are_told(call: Caller) -> None:
    found = call("size", "28", "--want", "9", "--pool", "--kernel", "3").out
    assert rows(found)[0][-3:] == ["at", "the", "end"]
    assert "1 at the end" in found
    skips = call("size", "5", "--want", "3", "--kernel", "1").out
    assert "pixels in between" in skips
    assert "only padding" in call("size", "224", "--want", "112", "--kernel", "7").out


def test_a_long_list_is_cut_and_says_so(call: Caller) -> None:
    found = call("size", "28", "--want", "9")
    assert len(rows(found.out)) == 24
    more = re.search(r"and (\d+) more: fix --kernel", found.out)
    every = call("size", "28", "--want", "9", "--json").json["solutions"]
    assert more and len(every) == 24 + int(more[1])


def test_an_enlargement(call: Caller) -> None:
    called = call("size", "14", "--want", "28", "--transposed")
    assert "2*(14 - 1) + 2 - 0 - 0 + 0 = 28   even" in called.out
    assert rows(called.out)[0][:4] == ["2", "2", "0", "0"]
    assert "uneven" in called.out and "holes" in called.out
    fixed = call("size", "14", "--want", "28", "--transposed", "--output-padding", "1")
    assert rows(fixed.out)[0][:4] == ["3", "2", "1", "1"]


def test_where_there_is_none(call: Caller) -> None:
    called = call("size", "100", "--want", "70")
    assert called.code == 0
    assert called.out.splitlines() == [
        "No window gives 70 from 100.",
        TRIED,
        "A kernel of 31 with stride 1 and no padding always does: 100 - 31 + 1 = 70.",
    ]
    assert call("size", "100", "--want", "70", "--kernel", "31").out.startswith(
        "Windows"
    )
    assert "--transposed enlarges" in call("size", "14", "--want", "50").out
    none = call("size", "14", "--want", "500", "--transposed").out.splitlines()
    assert none == ["No window gives 500 from 14.", TRIED]
    assert call("size", "100", "--want", "70", "--json").json["solutions"] == []


def test_the_interface(call: Caller) -> None:
    found = call("size", "28", "--want", "14", "--padding", "0,1", "--json").json
    documented = re.search(r"`(\{[^`]*\"solutions\"[^`]*\})`", INTERFACES.read_text())
    assert documented
    outer = re.sub(r"(\{[^{}]*\}|\[[^\[\]]*\])", "", documented[1][1:-1])
    assert set(re.findall(r'"(\w+)"', outer)) == found.keys()
    assert found["kind"] == "conv" and found["want"] == 14 and found["input"] == 28
    assert found["tried"] == {
        "kernel": [1, 11],
        "stride": [1, 8],
        "dilation": [1, 1],
        "padding": [0, 1],
    }
    assert all(size["padding"] == [0, 1] for size in found["solutions"])
    assert all(size["output"] == 14 for size in found["solutions"])
    assert found["solutions"][0]["sentences"] == ["exact: nothing is dropped"]
    free = call("size", "28", "--want", "14", "--json").json
    assert free["tried"]["padding"] is None
