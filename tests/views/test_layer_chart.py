"""Charts by layer: every value in its place, nothing sticks out."""

from pathlib import Path

import pytest

from mirada.language import use_language
from mirada.views.layer_chart import LayerChart, LayerSeries, layer_chart
from mirada.views.svg import write
from tests.golden import golden
from tests.views.geometry import SVG, parsed, sticking_out, texts, with_class

GOLDEN = Path(__file__).parent / "golden"

NAMES = ("input", "conv1", "relu1", "a-rather-long-layer-name", "linear1")
SHARES = LayerSeries(
    "right answers",
    (0.5, 0.6, 0.75, 0.9, 0.95),
    ((0.4, 0.6), (0.5, 0.7), (0.7, 0.8), (0.85, 0.92), (0.9, 0.99)),
)
CHART = LayerChart("Probes", NAMES, (SHARES,), True, (0.1, "chance"), chosen=2)


def test_the_picture_is_the_one_kept() -> None:
    golden(GOLDEN / "layer-chart.svg", write(layer_chart(CHART, "probe")) + "\n")


def test_values_stand_in_order_and_intervals_around_them() -> None:
    root = parsed(layer_chart(CHART, "probe"))
    dots = with_class(root, "dot-1")
    assert [float(dot.attrib["cx"]) for dot in dots] == sorted(
        float(dot.attrib["cx"]) for dot in dots
    )
    heights = [float(dot.attrib["cy"]) for dot in dots]
    assert heights == sorted(heights, reverse=True)
    for line, dot in zip(with_class(root, "axis"), dots, strict=True):
        low, high = float(line.attrib["y1"]), float(line.attrib["y2"])
        assert high < float(dot.attrib["cy"]) < low
    assert dots[2].attrib["r"] == "6"
    about = root.find(f"{SVG}desc")
    assert about is not None and about.text is not None
    assert "conv1 60.0 %" in about.text


@pytest.mark.parametrize("count", [1, 2, 24])
def test_nothing_sticks_out(count: int) -> None:
    names = tuple(f"batchnorm{number}" for number in range(count))
    series = LayerSeries("1 pixel", (0.5,) * count), LayerSeries("4", (1.2,) * count)
    root = parsed(layer_chart(LayerChart("Change", names, series), "shift"))
    assert not sticking_out(root)
    assert [text for text in texts(root) if text.startswith("batchnorm")] == [*names]


def test_what_is_missing_is_left_out() -> None:
    series = LayerSeries("change", (0.5, None, 0.7))
    root = parsed(layer_chart(LayerChart("Change", ("a", "b", "c"), (series,)), "x"))
    assert len(with_class(root, "dot-1")) == 2


def test_nothing_at_all_is_drawn_flat() -> None:
    series = LayerSeries("change", (None, 0.0))
    root = parsed(layer_chart(LayerChart("Change", ("a", "b"), (series,)), "x"))
    assert len(with_class(root, "dot-1")) == 1


def test_hostile_names_are_text() -> None:
    series = LayerSeries("<b>", (0.5,))
    root = parsed(layer_chart(LayerChart("</svg>", ("<script>",), (series,)), "x"))
    assert {"<b>", "</svg>", "<script>"} <= set(texts(root))
    use_language("en")
