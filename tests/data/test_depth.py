"""Deep samples are scaled to eight bits, never cut."""

import numpy as np
import pytest

from mirada.data.depth import integers_to_8bit, numbers_to_8bit
from mirada.errors import DataError
from tests.refusal import refuses


def test_every_16_bit_level_is_rounded_to_the_nearest() -> None:
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    wanted = np.floor(levels / 257 + 0.5)
    assert np.array_equal(integers_to_8bit(levels), wanted)


def test_twelve_bits_are_scaled_by_their_own_white() -> None:
    levels = np.array([[0, 2048, 4095, 5000]], dtype=np.uint16)
    assert integers_to_8bit(levels, 4095).tolist() == [[0, 128, 255, 255]]


@pytest.mark.parametrize(
    ("samples", "wanted"),
    [
        (np.array([[0.0, 0.5, 1.0]]), [[0, 128, 255]]),
        (np.array([[0.0, 1.5, 255.0]]), [[0, 2, 255]]),
        (np.array([[0.0, 257.0, 65535.0]]), [[0, 1, 255]]),
        (np.array([[0, 1]], dtype=np.int32), [[0, 1]]),
        (np.array([[0, 256, 65535]], dtype=np.int32), [[0, 1, 255]]),
    ],
)
def test_numbers_are_scaled_by_the_range_they_lie_in(
    samples: np.ndarray, wanted: list[list[int]]
) -> None:
    assert numbers_to_8bit(samples).tolist() == wanted


@pytest.mark.parametrize("odd", [-1.0, 65536.0, np.inf, np.nan])
def test_numbers_without_a_brightness_are_refused(odd: float) -> None:
    with refuses(DataError, "image-range", "samples of the image run from", "0 to 1"):
        numbers_to_8bit(np.array([[0.0, odd]]))


def test_rows_are_worked_on_in_pieces_without_a_seam() -> None:
    samples = np.random.default_rng(0).integers(0, 65536, (150, 3)).astype(np.int32)
    assert np.array_equal(integers_to_8bit(samples), numbers_to_8bit(samples))


def test_levels_say_what_each_16_bit_level_means() -> None:
    levels = np.linspace(255, 0, 65536).astype(np.uint8)
    samples = np.array([[0, 4095, 9999]], dtype=np.uint16)
    assert integers_to_8bit(samples, 4095, levels).tolist() == [[255, 0, 0]]
    assert integers_to_8bit(samples[:, :1], levels=levels).tolist() == [[255]]
