"""`mirada size`."""

import json

import pytest

from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples


def test_every_example_runs(call: Caller) -> None:
    run_examples(call, "size")


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
    assert documented_fields("mirada size") <= found.keys()
    assert found["kind"] == "conv"
    assert found["sentences"] == [
        "14.5 is rounded down to 14: the last pixel is not read"
    ]


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


def test_a_whole_value_is_said_to_drop_nothing(call: Caller) -> None:
    lines = call("size", "32", "--kernel", "5").out.splitlines()
    assert lines[2:] == ["exact: nothing is dropped", "Output: 28"]


def test_same_is_shown_when_it_is_asked_for(call: Caller) -> None:
    called = call("size", "4", "--kernel", "1", "--stride", "2", "--same")
    assert "Output: 2\n" in called.out
    assert "formula sheets get -1" in called.out
    words = ("size", "4x6", "--kernel", "1", "--stride", "2", "--same")
    assert call(*words).out.count("'same' has three meanings:") == 2
    found = call(*words, "--json").json
    assert [same["unclamped"] for same in found["width"]["same"]] == [-1, -1, 0]


def test_two_axes_are_height_and_width(call: Caller) -> None:
    lines = call("size", "280x320", "--kernel", "1x2").out.splitlines()
    assert lines == [
        "O = (I - F + P_start + P_end)/S + 1",
        "Height: O = (280 - 1 + 0 + 0)/1 + 1 = 280",
        "  exact: nothing is dropped",
        "Width: O = (320 - 2 + 0 + 0)/1 + 1 = 319",
        "  exact: nothing is dropped",
        "Output: 280x319 (height x width)",
    ]
    found = call("size", "280x320", "--kernel", "1x2", "--json").json
    assert found["output_shape"] == [280, 319]
    assert found["height"]["output"] == 280 and found["width"]["input"] == 320
    assert "schema" in found and "schema" not in found["width"]


@pytest.mark.parametrize(
    ("words", "height", "width"),
    [
        ("9x11 --kernel 3", 7, 9),
        ("9 --kernel 3x5", 7, 5),
        ("9 --kernel 3 --stride 1x2", 7, 4),
        ("9 --kernel 3 --padding 1x0", 9, 7),
        ("9 --kernel 3 --padding 0,1,0,0", 8, 7),
        ("9 --kernel 3 --dilation 1x2", 7, 5),
        ("9x8 --kernel 3 --stride 2 --padding same", 5, 4),
        ("9x8 --kernel 3x2 --pool", 3, 4),
        ("9x8 --kernel 2 --stride 2 --transposed --output-padding 0x1", 18, 17),
    ],
)
def test_what_differs_between_axes(
    call: Caller, words: str, height: int, width: int
) -> None:
    called = call("size", *words.split(), "--json").json
    assert called["output_shape"] == [height, width]
    assert f"Output: {height}x{width}" in call("size", *words.split()).out


def test_pooling(call: Caller) -> None:
    lines = call("size", "28", "--kernel", "2", "--pool").out.splitlines()
    assert "O = (28 - 2 + 0 + 0)/2 + 1 = 14" in lines
    assert lines[-1].startswith("A pooling learns nothing: 0 parameters")
    called = call("size", "112", "--kernel", "3", "--stride", "2", "--pool", "--json")
    assert (called.json["kind"], called.json["stride"]) == ("pool", 2)


def test_a_transposed_convolution(call: Caller) -> None:
    words = "7 --transposed --kernel 3 --stride 2 --padding 1 --output-padding 1"
    lines = call("size", *words.split()).out.splitlines()
    assert lines[:2] == [
        "O = S*(I - 1) + F - P_start - P_end + output_padding",
        "O = 2*(7 - 1) + 3 - 1 - 1 + 1 = 14",
    ]
    assert lines[-1] == "Output: 14"
    found = call("size", *words.split(), "--json").json
    assert documented_fields("mirada size") <= found.keys()
    assert (found["kind"], found["output_padding"]) == ("transposed", 1)
    dilated = call("size", "7", "--transposed", "--kernel", "3", "--dilation", "2")
    assert "O = S*(I - 1) + (D*(F - 1) + 1) - P_start" in dilated.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("5 --kernel 3 --transposed --pool", "size-options", "does not enlarge"),
        ("5 --kernel 3 --transposed --ceil", "size-options", "nothing is rounded"),
        ("5 --kernel 3 --transposed --same", "size-options", "do not enlarge"),
        ("5 --kernel 3 --transposed --padding same", "size-options", "'same'"),
        ("5 --kernel 3 --output-padding 1", "output-padding-alone", "--transposed"),
        ("5 --kernel 3..5", "range-without-want", "--kernel takes a range"),
        ("5 --want 3 --kernel 5..3", "range-order", "'5..3'"),
        ("5x6 --want 3", "want-one-axis", "got I."),
        ("5 --want 3x3", "want-one-axis", "--want."),
        ("5 --want 3 --padding 1x1", "want-one-axis", "--padding."),
        ("5 --want 3 --same", "want-one-axis", "--same."),
        ("5 --want 3 --kernel 1..9999 --stride 1..9999", "solve-too-wide", "200000"),
    ],
)
def test_options_that_do_not_go_together(
    call: Caller, words: str, code: str, told: str
) -> None:
    refusal = refused(call, "size", *words.split(), code=code, exit_code=2)
    assert told in refusal.english


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("9 --kernel 3 --pool --padding 2", "size-pool-padding", "got 2"),
        ("2 --kernel 2 --pool --padding 1 --dilation 3", "size-pool-blind", "of 2"),
        ("1 --kernel 2 --transposed --padding 1", "size-nothing-left", "fits is"),
        (
            "5 --kernel 2 --transposed --output-padding 1",
            "size-output-padding",
            "got 1",
        ),
    ],
)
def test_sizes_that_cannot_be(call: Caller, words: str, code: str, told: str) -> None:
    refusal = refused(call, "size", *words.split(), code=code, exit_code=4)
    assert told in refusal.english


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        ("3 --kernel 5", 4, "size-too-small"),
        ("5 --kernel 3 --stride 2 --padding same-torch", 4, "size-same-torch"),
        ("5 --kernel 0", 2, "whole-option"),
        ("0 --kernel 1", 2, "whole-option"),
        ("5 --kernel 3 --padding x", 2, "padding-option"),
        ("5 --kernel 3 --padding -1", 2, "padding-option"),
        ("5x --kernel 3", 2, "whole-option"),
        ("5x5x5 --kernel 3", 2, "whole-option"),
        ("5 --kernel 3..x --want 3", 2, "whole-option"),
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
