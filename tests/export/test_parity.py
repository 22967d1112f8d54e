"""Comparisons with the exact outputs."""

import json

import numpy as np
import pytest

from mirada.errors import Phrase
from mirada.export.parity import compared, unchecked
from mirada.reference.rounding import Bounded

EXACT = Bounded(
    np.array([[1.0, 4.0, 2.0], [8.0, 0.0, -8.0]]),
    np.array([[0.5, 0.25, np.inf], [1.0, 1.0, 1.0]]),
    2.0**-24,
)


def test_the_numbers() -> None:
    found = compared(np.array([[1.5, 3.75, 9.0], [7.5, 0.0, -8.0]]), EXACT)
    assert found.max_abs == 7.0
    assert found.max_rel == 7.0 / 4.0
    assert found.top1_agreement == 0.5
    assert (found.images, found.bound, found.passed) == (2, 1.0, True)


@pytest.mark.parametrize("value", (0.6, 1.6, np.nan, np.inf))
def test_one_number_outside_its_own_bound_is_enough(value: float) -> None:
    outputs = EXACT.value.copy()
    outputs[0, 0] += value
    found = compared(outputs, EXACT)
    assert found.passed is False
    json.dumps(found.to_dict(), allow_nan=False)


def test_what_has_no_bound_must_be_a_number_all_the_same() -> None:
    outputs = EXACT.value.copy()
    outputs[0, 2] = np.nan
    assert compared(outputs, EXACT).passed is False


def test_images_keep_their_shape_of_outputs() -> None:
    assert compared(EXACT.value.reshape(2, 3, 1, 1), EXACT).max_abs == 0.0


def test_nothing_compared_is_never_passed() -> None:
    found = unchecked(Phrase("not checked: PyTorch is not installed"))
    plain = found.to_dict()
    assert plain["reason"] == "not checked: PyTorch is not installed"
    assert plain["passed"] is None is plain["max_abs"] is plain["bound"]
    assert plain["images"] == 0
