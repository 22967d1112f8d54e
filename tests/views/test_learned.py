"""What was learned, on a page: filters, excited units, dead ones, shifts."""

from collections.abc import Iterable

import numpy as np

from mirada.views.learned import (
    DeadLayer,
    ExcitedUnit,
    ShiftedSet,
    ShownFilter,
    ShownPatch,
    dead_parts,
    excited_parts,
    filter_parts,
    shift_parts,
)
from mirada.views.svg import Element, element, write


def text_of(parts: Iterable[Element]) -> str:
    return write(element("div", *parts))


def filters(channels: int, count: int = 2) -> list[ShownFilter]:
    weights = np.random.default_rng(0).normal(size=(count, channels, 3, 3))
    return [
        ShownFilter(n, w, w / 2, 1.5, 0.4, w[0], 0.9 - n / 2, 30.0)
        for n, w in enumerate(weights)
    ]


def test_filters_before_and_after_and_their_gabor() -> None:
    text = text_of(filter_parts(filters(1), 8, (0.5, 0.6)))
    assert "The first 2 of 8." in text
    assert text.count("<img") == 1 + 2 * 3
    assert "0 · moved 1.50 · 0.90, 30°" in text
    assert "1 of 2 filters are more like a Gabor filter than 95 % of random 3x3" in text
    assert 'alt="filter 1 before training"' in text


def test_without_before_and_without_a_bank() -> None:
    plain = [ShownFilter(0, np.ones((5, 3, 3)))]
    text = text_of(filter_parts(plain, 1, None))
    assert "before training" not in text and "Gabor" not in text
    assert text.count("<img") == 2 and "The first" not in text


def test_three_channels_are_one_colour() -> None:
    text = text_of(filter_parts(filters(3), 2, None))
    assert "zero is grey" in text and "Blue is below zero" not in text


def test_an_excited_unit_with_its_boxes() -> None:
    image = np.zeros((8, 10, 3), np.uint8)
    inside = ShownPatch(image, (1, 2, 4, 6), "cat <b>", 3.25)
    whole = ShownPatch(image, (0, 0, 8, 10), "dog", 1.0)
    units = [ExcitedUnit(4, (inside, whole), np.zeros((3, 3, 1), np.uint8), 9.5)]
    text = text_of(excited_parts(units, 1, ["how <it> is"]))
    assert "how &lt;it&gt; is" in text and "cat &lt;b&gt;: 3.25" in text
    assert '<rect x="2" y="1" width="4" height="3"' in text
    assert 'viewBox="0 0 10 8"' in text and "rows 1 to 3, columns 2 to 5" in text
    assert text.count("the patch enlarged") == 1, "a whole image is its own patch"
    assert "likes this: 9.50" in text and "unit 4" in text


def test_what_sees_nothing_of_the_image_is_drawn_all_the_same() -> None:
    patch = ShownPatch(np.zeros((4, 4, 1), np.uint8), (0, 0, 0, 0), "cat", 0.0)
    text = text_of(excited_parts([ExcitedUnit(0, (patch,))], 9, []))
    assert "The first 1 of 9." in text and "the patch enlarged" not in text


def test_dead_units_are_counted_and_named() -> None:
    rows = [DeadLayer("relu1", 40, tuple(range(30)), (39,)), DeadLayer("b", 4, (), ())]
    text = text_of(dead_parts(rows, 500))
    assert "500 images" in text and "75.0 %" in text
    assert "22, 23, ..." in text and "–" in text


def test_shifts_have_a_row_a_layer() -> None:
    shifts = [
        ShiftedSet(1, 0.97, (0.5, 0.25), (0.125, None)),
        ShiftedSet(4, 0.5, (1.0, 0.75), (0.0, None)),
    ]
    text = text_of(shift_parts(("conv1", "linear1"), shifts, 20))
    for piece in ("20 images", "97.0 %", "1 pixel", "4 pixels", "0.25", "0.12", "–"):
        assert piece in text
    assert len([*shift_parts(("conv1",), [ShiftedSet(1, 1, (0,), (0,))], 1)]) == 4
