"""Filters on a page: before, after, the Gabor filter, what chance reaches."""

from collections.abc import Iterable

import numpy as np

from mirada.views.filters import ShownFilter, filter_parts
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
    assert "1 of 2 filters are more like a Gabor filter than 95\xa0% of" in text
    assert 'alt="filter 1 before training"' in text


def test_without_before_and_without_a_bank() -> None:
    plain = [ShownFilter(0, np.ones((5, 3, 3)))]
    text = text_of(filter_parts(plain, 1, None))
    assert "before training" not in text and "Gabor" not in text
    assert text.count("<img") == 2 and "The first" not in text


def test_three_channels_are_one_colour() -> None:
    text = text_of(filter_parts(filters(3), 2, None))
    assert "zero is grey" in text and "Blue is below zero" not in text
