"""The kinds of value that options take."""

import pytest

from mirada.cli.kinds import Duration, InputShape, RealNumber, WholeNumber
from mirada.errors import UsageError
from mirada.network import Shape
from tests.refusal import refuses


@pytest.mark.parametrize(
    ("text", "shape"),
    [("3x32x64", (3, 32, 64)), ("28x28", (1, 28, 28)), ("784", (784,))],
)
def test_shapes(text: str, shape: Shape) -> None:
    assert InputShape()(text) == shape
    assert InputShape()(shape) == shape


@pytest.mark.parametrize("text", ["", "3x", "3x3x3x3", "-1x2", "a", "٣x3", "1 x 2"])
def test_what_is_no_shape_is_refused(text: str) -> None:
    with refuses(UsageError, "input-option", "channels x height x width"):
        InputShape()(text)


def test_whole_numbers() -> None:
    kind = WholeNumber("--epochs", 1, 100)
    assert [kind(value) for value in ("1", "100", 7)] == [1, 100, 7]


@pytest.mark.parametrize("text", ["0", "101", "1.5", "ten", "", "-3", "٣", "1_0"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with refuses(UsageError, "whole-option", "--epochs", "from 1 to 100", repr(text)):
        WholeNumber("--epochs", 1, 100)(text)


def test_real_numbers() -> None:
    kind = RealNumber("--clip", 0, 10)
    assert [kind(value) for value in ("0", "10", "2.5", "1e-3", 7)] == [
        *(0, 10, 2.5, 0.001, 7),
    ]


@pytest.mark.parametrize("text", ["1", "1.5", "-0.1", "half", "", "nan", "٣", "0_0"])
def test_what_is_no_real_number_is_refused(text: str) -> None:
    words = "--ema", "a number from 0 to below 1", repr(text)
    with refuses(UsageError, "real-option", *words):
        RealNumber("--ema", 0, 1, below=True)(text)
    with refuses(UsageError, "real-option", "--clip", "from 0 to 0.5", "'0.6'"):
        RealNumber("--clip", 0, 0.5)("0.6")


def test_durations() -> None:
    span = Duration("--time")
    texts = ("90s", "10m", "1.5h", "1h30m", "2 h", "1d", "5min")
    assert [span(text) for text in texts] == [
        *(90.0, 600.0, 5400.0, 5400.0),
        *(7200.0, 86_400.0, 300.0),
    ]
    assert span(3.0) == 3.0


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "0s", "10 minutes", "400d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with refuses(UsageError, "duration-option", "--time must be a time with its unit"):
        Duration("--time")(text)
