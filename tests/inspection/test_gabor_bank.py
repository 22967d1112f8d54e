"""Filters beside a Gabor bank: the angle of a planted one, and what chance reaches."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.inspection.gabor import gabor
from mirada.inspection.gabor_bank import compare_with_bank, gabor_bank
from tests.inspection.hand_made import noise


def planted(angle: float, size: int = 7, phase: float = 0.3) -> NDArray[np.float64]:
    return gabor(
        size,
        size,
        angle=np.deg2rad(angle),
        wavelength=size * 0.7,
        sigma=size * 0.25,
        phase=phase,
    )


def apart(one: float, other: float) -> float:
    """How far two directions are apart, in degrees from 0 to 90."""
    turned = abs(one - other) % 180
    return min(turned, 180 - turned)


@pytest.mark.parametrize("size", [5, 7, 11])
@pytest.mark.parametrize("angle", range(0, 180, 20))
def test_a_gabor_is_matched_with_its_angle(angle: int, size: int) -> None:
    found = compare_with_bank(planted(angle, size)[None, None])
    assert found is not None and found.above == 1
    (match,) = found.matches
    assert match is not None
    assert match.correlation > 0.9
    assert apart(match.gabor.angle, angle) <= 15


def test_every_filter_of_the_bank_matches_itself() -> None:
    bank = gabor_bank(5, 5)
    found = compare_with_bank(bank.images[:, None])
    assert found is not None
    for match, image in zip(found.matches, bank.images, strict=True):
        assert match is not None
        assert match.correlation == pytest.approx(1)
        np.testing.assert_allclose(
            np.corrcoef(match.image.ravel(), image.ravel())[0, 1], 1
        )


def test_sign_and_size_and_mean_do_not_matter() -> None:
    image = planted(60)
    found = compare_with_bank(np.stack([image, -3 * image, image + 5])[:, None])
    assert found is not None
    first, turned, raised = found.matches
    assert first is not None and turned is not None and raised is not None
    assert first.correlation == pytest.approx(turned.correlation)
    assert first.correlation == pytest.approx(raised.correlation)
    assert (turned.gabor.phase - first.gabor.phase) % 360 == 180
    np.testing.assert_allclose(turned.image, -first.image)


def test_colour_counts_by_the_pattern_that_says_most() -> None:
    weights = planted(30)[None] * np.array([0.9, -0.4, 0.1])[:, None, None]
    mixed = weights + 0.02 * noise(3, 7, 7)
    found = compare_with_bank(np.stack([weights, mixed]))
    assert found is not None
    pure, rough = found.matches
    assert pure is not None and rough is not None
    assert pure.share == pytest.approx(1) and 0.5 < rough.share < 1
    assert apart(pure.gabor.angle, 30) == apart(rough.gabor.angle, 30) == 0


@pytest.mark.parametrize("shape", [(1, 3, 3), (1, 5, 5), (3, 5, 5), (1, 7, 7)])
def test_one_in_twenty_of_random_filters_is_above_chance(
    shape: tuple[int, ...],
) -> None:
    found = compare_with_bank(noise(2000, *shape, seed=9))
    assert found is not None
    assert found.above / 2000 == pytest.approx(0.05, abs=0.03)
    assert 0.3 < found.median < found.high < 1


def test_small_and_flat_filters() -> None:
    assert compare_with_bank(noise(4, 1, 1, 1)) is None
    assert compare_with_bank(noise(4, 1, 1, 5)) is None
    found = compare_with_bank(np.ones((1, 1, 5, 5)))
    assert found is not None and found.matches == (None,) and found.above == 0
