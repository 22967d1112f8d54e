"""The page of one image: its answer, every layer, hostile names, both languages."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirada.language import use_language
from mirada.views.layers import ImagePage, ShiftedAnswer, ShownLayer, image_page

DIRECTIONS = (("up", "upwards"), ("left", "to the left"))


def page(
    *layers: ShownLayer, name: str = "cat.png", is_close: bool = False
) -> ImagePage:
    image = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    answers = (("cat", 0.9), ("dog", 0.1))
    shifts = (
        ShiftedAnswer(1, "up", "cat", 0.8),
        ShiftedAnswer(1, "left", "dog", 0.6),
    )
    return ImagePage(image, name, answers, layers, shifts, DIRECTIONS, is_close)


def maps(count: int) -> ShownLayer:
    values = np.arange(count * 4, dtype=np.float32).reshape(count, 2, 2)
    return ShownLayer("conv1", "conv 6 5x5", values, count - 1)


def test_everything_is_there() -> None:
    vector = ShownLayer("linear1", "linear 3", np.array([1.0, 0.0, -3.0]), 0)
    text = image_page(page(maps(3), vector))
    assert text.startswith("<!doctype html>")
    assert "cat.png: cat (90.0 %)" in text
    assert 'class="whole other"' in text and "dog (60.0\xa0%)" in text
    assert text.count('href="#layer-') == 2
    assert 'id="layer-conv1"' in text and 'id="layer-linear1"' in text
    assert "conv1, map 2: 8 to 11" in text and "linear1: 3 numbers" in text
    assert text.count('class="chosen"') == 1
    assert "33.3\xa0% of it is zero" in text
    assert not re.search(r"<script|style=\"|http://(?!www.w3.org)", text)


def test_of_very_many_maps_the_strongest_are_shown() -> None:
    text = image_page(page(maps(100)))
    assert "The 32 maps of 100 with the largest mean." in text
    assert "conv1, map 99:" in text and "conv1, map 67:" not in text
    close = image_page(page(maps(100), is_close=True))
    assert "conv1, map 67:" in close and "conv1, map 0:" in close


def test_spanish() -> None:
    use_language("es")
    text = image_page(page(maps(2)))
    use_language("en")
    for words in ("Lo que ve la red: 4x4 píxeles", "Capa por capa", "más fuerte"):
        assert words in text
    assert 'lang="es"' in text


@given(st.text(max_size=20))
def test_names_are_text(name: str) -> None:
    text = image_page(page(maps(1), name=f"<b>{name}</b>"))
    assert "<b>" not in text
