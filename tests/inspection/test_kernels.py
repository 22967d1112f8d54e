"""Kernels by name: what each does to an even area, to a step, to an impulse."""

import numpy as np
import pytest

from mirada.errors import UsageError
from mirada.inspection.kernels import KERNELS, named_kernel
from tests.refusal import refuses

KEEPING = {"identity", "sharpen", "blur", "gaussian", "emboss"}


@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_keeps_or_takes_away_the_brightness(name: str) -> None:
    kernel = named_kernel(name)
    assert kernel.values.sum() == pytest.approx(1 if name in KEEPING else 0, abs=1e-9)
    assert str(kernel.about) and kernel.source and kernel.name == name


def test_the_lectures_kernels() -> None:
    sharpen = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    assert named_kernel("sharpen").values.tolist() == sharpen
    for name in ("edges", "left-neighbour"):
        assert named_kernel(name).values.tolist() == [[-1, 1]]
    sobel = named_kernel("sobel-x").values
    assert sobel.tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert named_kernel("sobel-y").values.tolist() == sobel.T.tolist()


def test_whole_kernels_are_whole() -> None:
    shaped = {"blur", "gaussian", "gabor"}
    for name in set(KERNELS) - shaped:
        assert np.issubdtype(named_kernel(name).values.dtype, np.integer), name


def test_a_gaussian_falls_off_as_its_sigma_says() -> None:
    values = named_kernel("gaussian", side=7, sigma=1.5).values
    assert values.shape == (7, 7)
    assert values[3, 5] / values[3, 3] == pytest.approx(np.exp(-4 / (2 * 1.5**2)))
    assert np.array_equal(values, values.T)


def test_gabor_answers_to_its_own_stripes() -> None:
    x = np.arange(9) - 4
    upright = np.cos(2 * np.pi * x / 4)[None, :] * np.ones((9, 1))
    answers = {
        angle: float((named_kernel("gabor", angle=angle).values * upright).sum())
        for angle in (0.0, 45.0, 90.0)
    }
    assert answers[0.0] > 5 * abs(answers[45.0]) > 0
    assert abs(answers[90.0]) < answers[0.0] / 5
    turned = named_kernel("gabor", angle=90.0).values
    assert turned == pytest.approx(named_kernel("gabor").values.T, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "options", "code", "words"),
    [
        ("sharpn", {}, "kernel-unknown", "Did you mean sharpen?"),
        ("zzz", {}, "kernel-unknown", "Known are identity, sharpen, edges"),
        ("sharpen", {"side": 5}, "kernel-options", "takes no --side. Its numbers are"),
        ("blur", {"angle": 3.0}, "kernel-options", "no --angle. It takes --side"),
    ],
)
def test_refusals(name: str, options: dict[str, float], code: str, words: str) -> None:
    with refuses(UsageError, code, words):
        named_kernel(name, **options)
