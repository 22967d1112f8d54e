"""Dead units on a page."""

from mirada.views.dead import DeadLayer, dead_parts
from mirada.views.svg import element, write


def test_dead_units_are_counted_and_named() -> None:
    rows = [DeadLayer("relu1", 40, tuple(range(30)), (39,)), DeadLayer("b", 4, (), ())]
    text = write(element("div", *dead_parts(rows, 500)))
    assert "500 images" in text and "75.0\xa0%" in text
    assert "22, 23, ..." in text and "–" in text
