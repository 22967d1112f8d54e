"""The views of a network, each alone: to scale, in lanes, and as a table and a form."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from mirada import models
from mirada.analysis import summarize
from mirada.lab.architect_fields import fields_of
from mirada.network.field import Limit, Numbers, Real
from mirada.network.text import LAYERS, read_node
from tests.browser import Browser
from tests.lab.open_lab import open_lab


@pytest.fixture(scope="module")
def views(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A page that has the views' modules at hand, and nothing of the lab's state."""
    with open_lab(tmp_path_factory.mktemp("views")) as lab:
        browser.visit(lab.room("window"))
        browser.evaluate(
            "(async () => { window.views = {}; for (const name of ['form', 'summary',"
            " 'network_drawing', 'network_blocks'])"
            " Object.assign(views, await import(`/views/${name}.js`)); })()"
        )
        yield browser


def call(views: Browser, name: str, *values: Any) -> Any:
    return views.evaluate(f"views.{name}(...{json.dumps(values)})")


@pytest.mark.parametrize("name", models.MODELS)
def test_blocks_are_to_scale(views: Browser, name: str) -> None:
    network = models.build(name)
    shapes = [list(shape) for shape in network.shapes.values()]
    scale = call(views, "scales", shapes)
    for shape in shapes:
        thick, tall, deep = call(views, "sizeOf", shape, scale)
        if len(shape) == 1:
            assert tall == pytest.approx(max(2, shape[0] * scale["number"]))
            continue
        assert thick == pytest.approx(max(1.5, shape[0] * scale["channel"]))
        assert tall == pytest.approx(max(1.5, shape[1] * scale["pixel"]))
        assert deep == pytest.approx(max(1, shape[2] * scale["pixel"] * 0.32))
    largest = max(max(shape[1:]) for shape in shapes if len(shape) == 3)
    assert largest * scale["pixel"] == pytest.approx(130)


def test_skips_that_overlap_have_lanes_of_their_own(views: Browser) -> None:
    random = Random(5)
    for _ in range(40):
        ends = [random.sample(range(14), 2) for _ in range(random.randint(0, 9))]
        skips = [sorted(pair) for pair in ends]
        lanes = call(views, "lanesOf", skips)
        assert len(lanes) == len(skips) and all(lane >= 0 for lane in lanes)
        for one, (start, end) in enumerate(skips):
            for other, (begin, stop) in enumerate(skips[:one]):
                overlap = start < stop and begin < end
                assert not (overlap and lanes[one] == lanes[other]), (skips, lanes)


def test_every_layer_is_drawn_once(views: Browser) -> None:
    for name in ("lenet5", "resnet18", "unet", "mobilenet"):
        data = summarize(models.build(name)).to_dict()
        groups = call(views, "grouped", data)["groups"]
        places = [place for group in groups for place in group["places"]]
        assert places == list(range(-1, len(data["layers"])))
        shapes = [row["output_shape"] for row in data["layers"]]
        for group in groups[1:]:
            assert all(shapes[place] == group["shape"] for place in group["places"])


def test_the_table_has_the_numbers_of_the_summary(views: Browser) -> None:
    data = summarize(models.lenet5()).to_dict()
    cells = views.evaluate(
        f"[...views.summary({json.dumps(data)}, {{withFormulas: true}})"
        ".querySelectorAll('tbody tr')].map(row => [...row.querySelectorAll('td, th')]"
        ".map(cell => cell.textContent.trim()))"
    )
    for row, told in zip(data["layers"], cells, strict=True):
        assert told[1:3] == [row["name"], row["text"]]
        shape = "×".join(map(str, row["output_shape"]))
        formulas = row["output_formulas"][:1]
        assert told[3] == "".join([shape, *formulas])
        count = row["parameters"]["total"]
        formula = row["parameters"]["formula"] if count else ""
        assert told[4] == f"{count:,}{formula}"
        assert told[5].startswith(f"{row['macs']:,}")
        assert told[6] == str(row["receptive_field"])


@pytest.mark.parametrize("kind", LAYERS)
def test_a_form_tells_what_its_limits_take(views: Browser, kind: str) -> None:
    """Every control is moved; what it tells passes the limit that it was made from."""
    words = {"conv": "8 3x3", "convtranspose": "8 2x2", "maxpool": "2", "avgpool": "2"}
    words |= {"linear": "10", "upsample": "2"}
    layer = read_node(f"{kind} {words.get(kind, '')}").layer
    fields = list(fields_of(layer))
    told = _moved(views, fields)
    limits = layer.limits()
    assert {name for name, _ in told} == set(limits)
    for name, value in told:
        limits[name].check(value)


def test_a_form_takes_a_list_of_numbers(views: Browser) -> None:
    limit: Limit[Any] = Numbers(Real(0.0, 5.0), 9)
    field = {"name": "weights", "label": "Weights", "value": [1.0], "default": []}
    told = _moved(views, [field | {"control": dict(limit.control())}], text="1, 2.5")
    assert told == [["weights", [1, 2.5]]]


def _moved(views: Browser, fields: Any, text: str = "1") -> list[Any]:
    """What a form tells when every control in it was changed."""
    found: list[Any] = views.evaluate(
        f"""(() => {{
          const told = [];
          const form = views.form({json.dumps(fields)});
          form.addEventListener("set", (event) =>
            told.push([event.detail.name, event.detail.value]));
          for (const one of form.querySelectorAll("input, select")) {{
            if (one.type === "checkbox") one.checked = !one.checked;
            else if (one.tagName === "SELECT")
              one.value = one.options[one.options.length - 1].value;
            else one.value = one.step === "any" ? "0.25" : {json.dumps(text)};
            one.dispatchEvent(new Event("input", {{bubbles: true}}));
            one.dispatchEvent(new Event("change", {{bubbles: true}}));
          }}
          return told;
        }})()"""
    )
    return found
