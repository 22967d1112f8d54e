"""Excited units on a page: boxes, patches, what they like."""

from collections.abc import Iterable

import numpy as np

from mirada.views.excited import ExcitedUnit, ShownPatch, excited_parts
from mirada.views.svg import Element, element, write


def text_of(parts: Iterable[Element]) -> str:
    return write(element("div", *parts))


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
