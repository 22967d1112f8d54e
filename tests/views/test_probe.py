"""Probes on a page: chart, chance and numbers."""

from typing import NamedTuple

from mirada.views.probe import probe_figure, probe_parts
from mirada.views.svg import element, write
from tests.views.geometry import parsed, sticking_out, texts, with_class


class Score(NamedTuple):
    """What a probe of one layer tells."""

    layer: str
    features: int
    images: int
    accuracy: float
    interval: tuple[float, float]


SCORES = (
    Score("input", 400, 500, 0.81, (0.77, 0.84)),
    Score("conv1", 384, 500, 0.9, (0.87, 0.92)),
)


def test_chance_and_the_chosen_layer_are_marked() -> None:
    root = parsed(probe_figure(SCORES, 0.1, "conv1"))
    assert not sticking_out(root)
    assert {"the commonest class", "right answers of a linear probe"} <= set(
        texts(root)
    )
    assert [dot.attrib["r"] for dot in with_class(root, "dot-1")] == ["3.5", "6"]


def test_the_numbers_stand_in_a_table() -> None:
    text = write(element("div", *probe_parts(SCORES, 0.123)))
    for piece in ("500 images", "81.0\xa0%", "77.0–84.0", "12.3\xa0%", "384"):
        assert piece in text
