"""Sizes as people write them."""

from fractions import Fraction

import pytest

from mirada.analysis.size_reading import read_size, size_text


def fits(text: str, shape: tuple[int, ...]) -> bool:
    return any(reading.fits(shape) for reading in read_size(text))


@pytest.mark.parametrize(
    "text",
    [
        "28x28x6",
        "6x28x28",
        "28 x 28 x 6",
        "28X28X6",
        "28×28×6",
        "28*28*6",
        "28·28·6",
        "(28,28,6)",
        "(28, 28, 6)",
        "[6, 28, 28]",
        "28,28,6",
        "28;28;6",
        "28 28 6",
        "6@28x28",
        "28 por 28 por 6",
        "28 by 28 by 6",
        "28",
        "28 px",
        "28.0",
        "28x28",
        "4704",
        "4,704",
        "4.704",
        "(None, 28, 28, 6)",
        "((32-5)/1+1)x28x6",
        "(32-5)/1 + 1",
    ],
)
def test_a_square_image_in_many_ways(text: str) -> None:
    assert fits(text, (6, 28, 28))


@pytest.mark.parametrize(
    "text", ["27", "28x28x5", "28x6", "27x28x6", "6", "1x28x28x6", "28.5", "470"]
)
def test_another_size(text: str) -> None:
    assert read_size(text) and not fits(text, (6, 28, 28))


def test_width_may_come_first_as_with_photos() -> None:
    assert fits("320x280", (1, 280, 320)) and fits("280x320", (1, 280, 320))
    assert not fits("320", (1, 280, 320))


@pytest.mark.parametrize(
    "text", ["400", "(400,)", "(400, 1)", "1x400", "1x1x400", "5*5*16", "400 neuronas"]
)
def test_a_vector_in_many_ways(text: str) -> None:
    assert fits(text, (400,))


@pytest.mark.parametrize("text", ["5x5x16", "(5,5,16)", "32x400", "4000"])
def test_what_is_not_that_vector(text: str) -> None:
    assert read_size(text) and not fits(text, (400,))


@pytest.mark.parametrize("text", ["", "x", "28x", "axb", "28x28xC", "1x2x3x4x5x6", "("])
def test_what_is_no_size(text: str) -> None:
    assert not fits(text, (1, 28, 28))


@pytest.mark.parametrize("text", ["9.33", "9.3", "9,333", "9.34", "28/3"])
def test_decimals_may_be_cut_or_rounded(text: str) -> None:
    assert any(r.fits((Fraction(8), *[Fraction(28, 3)] * 2)) for r in read_size(text))


def test_sizes_are_written_channels_last_or_first() -> None:
    assert size_text((6, 28, Fraction(29, 2))) == "28x14.5x6"
    assert size_text((6, 28, 28), channels_first=True) == "6x28x28"
    assert size_text((400,)) == "400"
