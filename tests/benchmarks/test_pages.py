"""Pictures and pages made of measurements, and the kernel that measures the peak."""

from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks import results
from benchmarks.plot import Panel, plot
from benchmarks.race import Row, Times
from benchmarks.results import Table, page
from benchmarks.scaling import panels
from mirada.compiler.interpreter import interpret
from mirada.compiler.verify import verify
from mirada.engines.peak import peak_kernel
from mirada.views import write
from tests.compiled import TARGETS

SVG = "{http://www.w3.org/2000/svg}"
LENET = Table("LeNet-5", "lenet")


def rows() -> list[Row]:
    return [
        Row(
            *("lenet5", "train", batch, "fp32"),
            Times(2.0, 1.0),
            {"pytorch-eager": Times(10.0, 9.0), "pytorch-eager-fused": Times(8.0, 7.0)},
        )
        for batch in (1, 16)
    ]


def test_a_family_is_drawn_by_its_best() -> None:
    (panel,) = panels(rows())
    assert panel.title == "lenet5, train"
    assert panel.lines["mirada"] == [(1.0, 500.0), (16.0, 8000.0)]
    assert panel.lines["pytorch"] == [(1.0, 125.0), (16.0, 2000.0)]


def test_the_size_of_images_has_a_panel_of_its_own() -> None:
    sized = [
        Row("cifar@64", "predict", 16, "fp32", Times(4.0, 4.0)),
        Row("cifar@32", "predict", 16, "fp32", None, {"jax": Times(8.0, 8.0)}),
    ]
    (panel,) = panels(sized)
    assert panel.across == "side of the image"
    assert panel.lines == {"mirada": [(64.0, 4000.0)], "jax": [(32.0, 2000.0)]}


def test_a_plot_places_points_on_logarithmic_axes() -> None:
    lines = {"a": [(1, 10), (10, 100), (100, 1000)], "b": [(1, 1000)]}
    drawn = write(plot("test", "Speed", [Panel("One", "batch", "images", lines)]))
    root = ElementTree.fromstring(drawn)
    dots = [
        (float(c.get("cx", 0)), float(c.get("cy", 0)))
        for c in root.iter(f"{SVG}circle")
    ]
    (x0, y0), (x1, y1), (x2, y2), (_, last) = dots
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.02) and x1 > x0
    assert y1 - y0 == pytest.approx(y2 - y1, abs=0.02) and y1 < y0
    assert last == y2
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert {"One", "a", "b", "batch", "images", "1,000"} <= texts


def test_the_page_has_every_table_with_its_command() -> None:
    said = {
        "rows": [row.plain() for row in rows()],
        "missing": {"jax": "not installed: jax"},
        "peak_gflops": 228.0,
        "threads": 2,
        "machine": {"processor": "planted"},
    }
    text = page({LENET: said, Table("Broken", "cifar"): {"failed": "status 1"}})
    assert "    python benchmarks/lenet.py" in text and "processor planted" in text
    head, _, first, *_ = [line for line in text.splitlines() if line.startswith("|")]
    cells = dict(zip(head.split(" | "), first.split(" | "), strict=True))
    assert cells["mirada"] == "2" and cells["ratio"] == "**4.00**"
    assert cells["pytorch-eager-fused"] == "*8*" and cells["pytorch-eager"] == "10"
    assert "- jax: not installed: jax" in text and "Not measured: status 1." in text


def test_who_failed_is_named_under_the_table() -> None:
    refused = Row("lenet5", "train", 4, "fp32", None, {}, {"mirada": "no such layer"})
    said = {"rows": [refused.plain()], "missing": {}, "threads": 2}
    text = "\n".join(results.race_table(said))
    assert "- mirada: no such layer (lenet5 train 4)" in text


@pytest.mark.parametrize("name", TARGETS)
def test_the_peak_is_measured_on_sums_that_are_true(name: str) -> None:
    made = peak_kernel(TARGETS[name])
    verify(made)
    lanes = TARGETS[name].lanes
    factors = np.array([[0.5] * lanes, [0.25] * lanes], np.float32).ravel()
    sums = np.zeros(made.buffers[1].size, np.float32)
    interpret(made, {"factors": factors, "sums": sums}, count=3)
    assert sums == pytest.approx(0.25 * (1 + 0.5 + 0.25))
