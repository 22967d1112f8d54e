"""`mirada size`."""

import json

import pytest

from mirada.cli.size import command
from tests.cli.calling import Caller


@pytest.mark.parametrize("example", command.examples)
def test_every_example_runs(call: Caller, example: str) -> None:
    program, *words = example.split()
    called = call(*words)
    assert program == "mirada"
    assert called.code == 0 and called.out and called.err == ""


def test_the_lectures_formula(call: Caller) -> None:
    assert call("size", "32", "--kernel", "5", "--stride", "2").out.splitlines() == [
        "O = (I - F + P_start + P_end)/S + 1",
        "O = (32 - 5 + 0 + 0)/2 + 1 = 14.5",
        "14.5 is rounded down to 14: the last pixel is not read",
        "Output: 14",
    ]


def test_the_interface(call: Caller) -> None:
    called = call("size", "32", "--kernel", "5", "--stride", "2", "--json")
    assert called.out.count("\n") == 1
    found = json.loads(called.out)
    assert (found["exact"], found["output"], found["dropped"]) == (14.5, 14, 1)
    assert found["formula"] == "(32 - 5 + 0 + 0)/2 + 1 = 14.5"
    assert found["schema"] == 1


@pytest.mark.parametrize(
    ("words", "length", "padding"),
    [
        ("5 --kernel 3 --padding 1", 5, [1, 1]),
        ("5 --kernel 3 --padding 1 2", 5, [1, 2]),
        ("5 --kernel 3 --padding 1,2", 5, [1, 2]),
        ("5 kernel=3 padding=1,2", 5, [1, 2]),
        ("5 kernel=3 --padding 1 2", 5, [1, 2]),
        ("--padding 1 2 5 --kernel 3", 5, [1, 2]),
        ("--padding 1 2 --kernel 3", 2, [1, 1]),
        ("--padding 1 2 --kernel 3 5", 5, [1, 2]),
        ("--kernel 3 --padding 0 1 --stride 1 7 --json", 7, [0, 1]),
        ("9 --kernel 3 --padding=2", 9, [2, 2]),
    ],
)
def test_padding_takes_one_number_or_two(
    call: Caller, words: str, length: int, padding: list[int]
) -> None:
    found = call("size", *words.split(), "--json").json
    assert (found["input"], found["padding"]) == (length, padding)


def test_dilation_and_ceil(call: Caller) -> None:
    words = ("size", "10", "--kernel", "3", "--stride", "2")
    assert call(*words, "--ceil", "--json").json["output"] == 5
    called = call("size", "32", "--kernel", "3", "--dilation", "2")
    assert "O = (I - (D*(F - 1) + 1) + P_start + P_end)/S + 1" in called.out
    assert "O = (32 - (2*(3 - 1) + 1) + 0 + 0)/1 + 1 = 28" in called.out


def test_same_shows_its_three_meanings(call: Caller) -> None:
    words = ("size", "224", "--kernel", "7", "--stride", "2", "--padding", "same")
    lines = call(*words).out.splitlines()
    assert "Output: 112" in lines
    rows = [" ".join(line.split()) for line in lines[-3:]]
    assert rows[0].startswith("same TensorFlow, Keras, ONNX SAME_UPPER 2|3 112 max(")
    assert rows[1].startswith("same-lower ONNX SAME_LOWER 3|2 112")
    assert rows[2] == "same-torch PyTorch 3|3 stride 1 only 1*(7 - 1) = 6"
    same = call(*words, "--json").json["same"]
    assert [meaning["output"] for meaning in same] == [112, 112, None]


def test_a_negative_total_is_said(call: Caller) -> None:
    called = call("size", "4", "--kernel", "1", "--stride", "2", "--padding", "same")
    assert "formula sheets get -1" in called.out


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        ("3 --kernel 5", 4, "size-too-small"),
        ("5 --kernel 3 --stride 2 --padding same-torch", 4, "size-same-torch"),
        ("5 --kernel 0", 2, "whole-option"),
        ("0 --kernel 1", 2, "whole-option"),
        ("5 --kernel 3 --padding x", 2, "padding-option"),
        ("5 --kernel 3 --padding -1", 2, "padding-option"),
        ("5 --kernel 3 4", 2, "usage"),
        ("5", 2, "usage"),
        ("5 kernal=3", 2, "option-unknown"),
    ],
)
def test_refusals(call: Caller, words: str, exit_code: int, code: str) -> None:
    called = call("size", *words.split(), "--json")
    assert called.code == exit_code
    assert called.json["error"]["code"] == code


def test_the_padding_that_is_none_is_named(call: Caller) -> None:
    called = call("size", "5", "--kernel", "3", "--padding", "1,2,3")
    assert "Error [padding-option]" in called.err
    assert "--padding must be one whole number, two" in called.err
    assert "'1,2,3'" in called.err
