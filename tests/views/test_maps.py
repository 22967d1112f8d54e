"""Walls of small images: captions, words for who cannot see, colours."""

import numpy as np

from mirada.views.maps import (
    Picture,
    Tile,
    as_rows,
    shrunk,
    signed_legend,
    signed_picture,
    signed_scale,
    wall,
)
from mirada.views.svg import write

GREY = np.full((2, 3), 9, np.uint8)


def test_every_tile_has_its_words_and_its_width() -> None:
    one, two = Picture(GREY, 'a "map"', 40), Picture(GREY, "another", 50)
    text = write(wall([Tile((one,), "0"), Tile((one, two), "1 <b>", True)]))
    assert text.count("<li>") == 2
    assert text.count('alt="a &quot;map&quot;"') == 2 and 'width="50"' in text
    assert text.count('class="chosen"') == 1 and text.count('class="pictures"') == 1
    assert "1 &lt;b&gt;" in text
    assert "style=" not in text


def test_one_scale_for_a_whole_wall() -> None:
    values = np.array([[1.0, -2.0]])
    alone, among = signed_picture(values, "", 9), signed_picture(values, "", 9, 4.0)
    assert alone.pixels[0, 1].tolist() == [5, 80, 174]
    assert among.pixels[0, 1, 0] > 100


def test_large_maps_are_averaged_before_they_are_coloured() -> None:
    values = np.tile([1.0, -1.0], (400, 200))
    assert signed_picture(values, "", 72).pixels.shape == (67, 67, 3)
    np.testing.assert_array_equal(shrunk(np.eye(4), 2), [[0.5, 0], [0, 0.5]])
    image = np.arange(5 * 5 * 3, dtype=np.uint8).reshape(5, 5, 3)
    assert shrunk(image, 2).shape == (2, 2, 3)
    np.testing.assert_array_equal(shrunk(image, 5), image)


def test_a_vector_in_rows() -> None:
    rows = as_rows(np.arange(45.0))
    assert rows.shape == (3, 20)
    assert rows.ravel()[:45].tolist() == [*range(45)] and not rows.ravel()[45:].any()


def test_colours_are_told_in_words() -> None:
    text = write(signed_legend())
    assert "Blue is below zero, white is zero, orange is above zero." in text
    scale = write(signed_scale(0.123456))
    assert "-0.123" in scale and "0.123" in scale
