"""The window in JavaScript, held to Python: sizes, words, sums, poolings, functions."""

from typing import Any

import numpy as np
import pytest

from mirada.analysis import pool_size, window_size
from mirada.analysis.size import formula_text
from mirada.cli.matrix_text import parse_matrix
from mirada.errors import MiradaError
from mirada.inspection.sliding import ACTIVATIONS, slide_kernel, slide_pooling
from mirada.language import speaking
from mirada.views.modules import catalogue
from tests.node import run_module

RANDOM = np.random.default_rng(11)
CASES = 400

SIZE = """
speak(given.language, given.words);
return given.cases.map((each) => {
  const axis = it.windowSize(...each);
  return [it.formula(axis), it.sentences(axis), axis.output, axis.dropped,
          axis.droppedPixels, axis.needed, it.tooSmall(axis), it.positionsRead(axis)];
});
"""
SLIDE = """
return given.map((asked) => {
  const { maps, total, output, refusal, kernel } = it.slide(asked);
  return { maps, total, output, refusal, kernel };
});
"""


def size_cases(count: int) -> list[list[int]]:
    """Length, window, stride, padding at both ends, dilation; some are too small."""
    high = [40, 8, 6, 5, 5, 4]
    low = [1, 1, 1, 0, 0, 1]
    return RANDOM.integers(low, high, (count, 6)).tolist()  # type: ignore[no-any-return]


def read_positions(axis: list[int], count: int) -> list[bool]:
    """Whether each position is read, by counting taps."""
    length, size, stride, start, end, dilation = axis
    taps = {at * stride + tap * dilation for at in range(count) for tap in range(size)}
    return [place in taps for place in range(length + start + end)]


@pytest.mark.parametrize("language", ["en", "es"])
def test_sizes_are_those_of_python_to_the_letter(language: str) -> None:
    cases = size_cases(CASES)
    given = {"cases": cases, "language": language, "words": catalogue(language)}
    answers = run_module("views/window_size.js", SIZE, given)
    refused = 0
    with speaking(language):
        for case, answer in zip(cases, answers, strict=True):
            try:
                size = window_size(*case)
            except MiradaError as error:
                refused += 1
                assert answer[6] == str(error)
                continue
            told = [str(sentence) for sentence in size.sentences]
            wanted = [size.formula, told, size.output, size.dropped]
            wanted += [size.dropped_pixels, size.needed, ""]
            assert answer == [*wanted, read_positions(case, size.output)], case
    assert 0 < refused < CASES


def test_the_formula_in_letters() -> None:
    body = "return [it.letters(false), it.letters(true)];"
    found = run_module("views/window_size.js", body, None)
    assert found == [formula_text(), formula_text(dilated=True)]


def test_same_is_that_of_keras() -> None:
    cases = [[case[0], case[1], case[2], case[5]] for case in size_cases(CASES)]
    body = "return given.map((each) => it.samePadding(...each));"
    for case, found in zip(
        cases, run_module("views/window_size.js", body, cases), strict=True
    ):
        length, size, stride, dilation = case
        window = window_size(length, size, stride, "same", D=dilation).window
        assert found == [window.start, window.end], case


def drawn(whole: bool) -> dict[str, Any]:
    """A window that may or may not fit."""
    channels = int(RANDOM.integers(1, 4))
    slices = channels if RANDOM.random() < 0.6 else 1
    height, width, tall, wide = RANDOM.integers([3, 3, 1, 1], [9, 9, 5, 5])
    made = [
        RANDOM.integers(-9, 10, shape) if whole else RANDOM.normal(0, 3, shape).round(3)
        for shape in ((channels, height, width), (slices, tall, wide))
    ]
    stride, dilation = RANDOM.integers(1, 4, 2).tolist()
    four = RANDOM.integers(0, 3, 4).tolist()
    return {
        "image": made[0].tolist(),
        "kernel": made[1].tolist(),
        "mode": str(RANDOM.choice(["correlation", "convolution"])),
        "pool": [int(tall), int(wide)],
        "stride": stride,
        "padding": "same" if RANDOM.random() < 0.2 else four,
        "dilation": dilation,
        "bias": int(RANDOM.integers(-4, 5)),
        "activation": "",
    }


def python_padding(asked: dict[str, Any]) -> Any:
    four = asked["padding"]
    return four if four == "same" else ((four[0], four[1]), (four[2], four[3]))


@pytest.mark.parametrize("whole", [True, False])
def test_sums_are_those_of_python(whole: bool) -> None:
    cases = [drawn(whole) for _ in range(CASES)]
    answers = run_module("views/window_arithmetic.js", SLIDE, cases)
    refused = 0
    for asked, answer in zip(cases, answers, strict=True):
        try:
            found = slide_kernel(
                np.array(asked["image"]),
                np.array(asked["kernel"]),
                stride=asked["stride"],
                padding=python_padding(asked),
                dilation=asked["dilation"],
                bias=asked["bias"],
                flipped=asked["mode"] == "convolution",
            )
        except MiradaError as error:
            refused += 1
            with speaking("en"):
                assert answer["refusal"] == str(error)
            assert answer["output"] == []
            continue
        assert answer["refusal"] == ""
        assert found.kernel is not None and found.total is not None
        pairs = [
            (answer["kernel"], found.kernel),
            (answer["maps"], found.per_channel),
            (answer["total"], found.total),
            (answer["output"][0], found.output),
        ]
        for ours, theirs in pairs:
            if whole:
                assert ours == theirs.tolist()
            else:
                np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-11)
    assert 0 < refused < CASES / 2


def test_pooling_is_that_of_python() -> None:
    cases = [drawn(whole=True) | {"mode": mode} for mode in ("max", "mean") * 200]
    answers = run_module("views/window_arithmetic.js", SLIDE, cases)
    checked, codes = 0, set()
    for asked, answer in zip(cases, answers, strict=True):
        try:
            if asked["padding"] == "same":
                padding: Any = "same"
            else:
                padding = python_padding(asked)
                for at, length in enumerate(np.shape(asked["image"])[1:]):
                    pool_size(length, asked["pool"][at], asked["stride"], *padding[at])
            found = slide_pooling(
                np.array(asked["image"]),
                asked["mode"],
                tuple(asked["pool"]),
                stride=asked["stride"],
                padding=padding,
            )
        except MiradaError as error:
            codes.add(error.code)
            assert answer["refusal"], asked
            if "spans" not in answer["refusal"] and error.code.startswith("size"):
                with speaking("en"):
                    assert answer["refusal"] == str(error)
            continue
        checked += 1
        assert answer["refusal"] == ""
        np.testing.assert_allclose(answer["output"], found.output, rtol=1e-14)
        if asked["mode"] == "max":
            assert answer["output"] == found.output.tolist()
    assert checked > 100
    assert {"size-too-small", "size-pool-padding"} <= codes


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_those_of_the_reference(name: str) -> None:
    values = np.concatenate([RANDOM.normal(0, 3, 300), [0.0, -40, 40, -800, 800, 2.5]])
    body = "return given.values.map((x) => it.activated(given.name, x));"
    ours = run_module(
        "views/activations.js", body, {"values": values.tolist(), "name": name}
    )
    kernel = np.ones((1, 1, 1))
    found = slide_kernel(values[None, None], kernel, activation=name)
    np.testing.assert_allclose(ours, found.output[0], rtol=1e-13, atol=1e-15)


def test_every_activation_is_offered() -> None:
    found = run_module("views/activations.js", "return it.ACTIVATIONS;", None)
    assert tuple(found) == ACTIVATIONS


TEXTS = [
    *("1 0 1; 0 1 0", "110|011", "11100\n01110", "1;2;3\n4;5;6", "0,5;2\n1;1"),
    *("1, 2, 3", "1/9 1/9; -1/3 2", "", " ; ", "1 2; 3", "1 a", "1e300", "1 2\n\n3 4"),
    *(
        "1,5\t2\n3\t4,25",
        "1,5\t2,5",
        "-1\t0\n\t2",
        "-1 1",
        "12 30; 4 5",
        "1e2 .5",
        "1|2 3",
        "0/0",
        "007",
        "5",
        "10\n20\n",
    ),
]


@pytest.mark.parametrize("text", TEXTS)
def test_matrices_are_read_as_on_the_command_line(text: str) -> None:
    body = """
    try { return it.readMatrix(given); } catch (error) { return error.message; }"""
    ours = run_module("views/matrix_text.js", body, text)
    try:
        assert ours == parse_matrix(text).tolist()
    except MiradaError as error:
        with speaking("en"):
            assert ours == str(error)


def test_numbers_in_cells() -> None:
    words = ["-1", " 0,5 ", "1/9", "−2", "1e3", "x", "", "1e200", "1/0", "--1"]
    body = "return given.map((word) => it.readNumber(word));"
    found = run_module("views/matrix_text.js", body, words)
    assert found == [-1, 0.5, 1 / 9, -2, 1000, None, None, None, None, None]
    values = [4, -0.333333, 1234567.25, 0.00012345, -12, 0.1 + 0.2]
    body = "return given.map((value) => [it.cellText(value), it.shortText(value)]);"
    assert run_module("views/matrix_text.js", body, values) == [
        *(["4", "4"], ["−0.333", "−0.333333"], ["1230000", "1234570"]),
        *(["0.000123", "0.00012345"], ["−12", "−12"], ["0.3", "0.3"]),
    ]
