"""The widgets in a real browser: what anywidget calls, with a model as it gives."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from mirada import notebook
from mirada.language import use_language
from mirada.models import build
from mirada.notebook import Shown
from mirada.training import read_run
from tests.browser import Browser
from tests.page_rules import AXE, COMPLAINTS

pytest.importorskip("anywidget")

# A page of a notebook: styles of its own, which a widget must neither take nor change.
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>notebook</title>
<style>body{background:PAPER;color:INK;font-family:serif} p{color:INK}</style>
<style>CSS</style><body><h1>A notebook</h1><button id="theirs">theirs</button>
<main id="el"></main>
<script type="module">
import widget from "data:text/javascript;base64,ESM";
const values = VALUES;
const bytes = Uint8Array.from(atob(NUMBERS), (letter) => letter.charCodeAt(0));
values.numbers = new DataView(bytes.buffer);
const heard = {};
globalThis.values = values;
globalThis.model = {
  saved: 0,
  get: (name) => values[name],
  touched: [],
  set(name, value) { values[name] = value; this.touched.push(name); },
  save_changes() {
    this.saved += 1;
    for (const name of this.touched) heard[`change:${name}`]?.();
    this.touched = [];
  },
  on: (event, does) => { heard[event] = does; },
  off: (event) => { delete heard[event]; },
};
globalThis.heard = heard;
const el = document.getElementById("el");
globalThis.ended = await widget.render({ model: globalThis.model, el });
globalThis.isThere = true;
</script></body></html>
"""


def show(
    browser: Browser,
    folder: Path,
    shown: Shown,
    width: int = 1000,
    dark: bool = False,
) -> None:
    """Opens a page that renders the widget as a notebook does."""
    widget = shown.widget
    names = ("data", "options", "spoken", "told")
    values: dict[str, Any] = {name: getattr(widget, name) for name in names}
    page = PAGE
    for name, text in {
        "PAPER": "#111" if dark else "#fff",
        "INK": "#eee" if dark else "#222",
        "CSS": widget._css,
        "ESM": base64.b64encode(widget._esm.encode()).decode(),
        "VALUES": json.dumps(values).replace("<", "\\u003c"),
        "NUMBERS": json.dumps(base64.b64encode(shown.numbers).decode()),
    }.items():
        page = page.replace(name, text)
    path = folder / "notebook.html"
    path.write_text(page, "utf-8")
    browser.open(path, width=width)
    browser.wait_for("globalThis.isThere")
    browser.wait_for("document.getElementById('el').style.colorScheme")
    browser.wait_for("document.getAnimations().length == 0")


def text(browser: Browser, selector: str) -> str:
    return str(browser.evaluate(f"document.querySelector('{selector}').innerText"))


def told(browser: Browser) -> Any:
    return browser.evaluate("values.told")


def test_a_window_slides_and_writes_back(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, notebook.window())
    assert "1 of 9" in text(browser, ".view-sliding .place")
    browser.click("[data-step=on]")
    browser.wait_for("model.saved > 0")
    assert browser.evaluate("values.data.at") == [0, 1]
    assert told(browser)["kind"] == "change"
    assert "2 of 9" in text(browser, ".view-sliding .place")
    # What Python sets is shown.
    browser.evaluate("model.set('data', {...values.data, stride: 2, at: [0, 0]})")
    browser.evaluate("model.save_changes()")
    assert "1 of 4" in text(browser, ".view-sliding .place")
    browser.evaluate("ended()")
    assert browser.evaluate("Object.keys(heard).length") == 0
    assert browser.problems == []


def test_curves_tell_the_epoch_that_is_pointed_at(
    browser: Browser, tmp_path: Path, stage: Path
) -> None:
    run = read_run(stage / "runs" / "example")
    show(browser, tmp_path, notebook.curves(run))
    browser.evaluate("document.querySelector('.charts').focus()")
    browser.press("Home")
    assert told(browser) == {"kind": "pick", "detail": {"epoch": 1}}
    loss = f"{run.rows[0].train_loss:.4f}".rstrip("0")
    assert loss in text(browser, ".readout") and browser.problems == []


def test_a_summary_is_drawn_in_spanish(browser: Browser, tmp_path: Path) -> None:
    use_language("es")
    network = build("lenet5")
    show(browser, tmp_path, notebook.summary(network, formulas=True))
    assert "61.706" in text(browser, ".view-summary")
    assert "Parámetros" in text(browser, ".view-summary thead")
    rows = browser.evaluate(
        "document.querySelectorAll('.view-summary tbody tr').length"
    )
    assert rows == len(network.nodes) and browser.problems == []


def test_maps_by_layer_and_number(
    browser: Browser, tmp_path: Path, stage: Path
) -> None:
    run = stage / "runs" / "example"
    shown = notebook.feature_maps(run, stage / "image.png")
    show(browser, tmp_path, shown)
    assert "conv1" in text(browser, ".maps-head")
    browser.evaluate(
        "(() => { const one = document.querySelector('select'); one.value = 'conv2';"
        " one.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )
    assert "conv2" in text(browser, ".maps-head")
    browser.evaluate("document.querySelector('canvas').focus()")
    browser.press("Enter")
    browser.press("ArrowRight")
    found = told(browser)["detail"]
    layer = next(each for each in shown.data["layers"] if each["layer"] == "conv2")
    import numpy as np

    values = np.frombuffer(shown.numbers, "<f4")[layer["start"] :]
    sides = layer["count"], *layer["shape"][1:]
    values = values[: np.prod(sides)].reshape(sides)
    assert found["layer"] == "conv2" and len(found["place"]) == 3
    assert found["value"] == pytest.approx(float(values[tuple(found["place"])]))
    assert "conv2" in text(browser, ".readout") and browser.problems == []


def test_what_is_pointed_at_is_met_where_it_is_narrow(
    browser: Browser, tmp_path: Path, stage: Path
) -> None:
    run = stage / "runs" / "example"
    shown = notebook.feature_maps(run, stage / "image.png", "conv1")
    show(browser, tmp_path, shown, 360)
    canvas = "document.querySelector('canvas')"
    browser.wait_for(f"{canvas}.width == {canvas}.clientWidth && {canvas}.width < 360")
    browser.click("canvas", at=(0.03, 0.49))
    down = 0.49 if told(browser) else 0.5  # between two lines is nothing to choose
    places = []
    for share in (0.03, 0.97):
        browser.click("canvas", at=(share, down))
        places.append(told(browser)["detail"]["place"])
    (first, row, left), (last, same, right) = places
    assert first < last and row == same and (left, right) == (0, 7)


@pytest.mark.parametrize("kind", ["window", "summary", "curves", "maps"])
def test_it_fits_into_somebody_elses_page(
    browser: Browser, tmp_path: Path, stage: Path, kind: str
) -> None:
    """Narrow and dark; what stands beside it stays as it was."""
    run = stage / "runs" / "example"
    shown = {
        "window": lambda: notebook.window(),
        "summary": lambda: notebook.summary(build("lenet5")),
        "curves": lambda: notebook.curves(run),
        "maps": lambda: notebook.feature_maps(run, stage / "image.png"),
    }[kind]()
    theirs = "getComputedStyle(document.getElementById('theirs')).borderRadius"
    scheme = "document.getElementById('el').style.colorScheme"
    for width, dark in ((1000, False), (360, True)):
        show(browser, tmp_path, shown, width, dark)
        assert browser.evaluate(scheme) == ("dark" if dark else "light")
        assert browser.evaluate(theirs) == "0px"
        complaints = [
            each
            for each in browser.evaluate(COMPLAINTS)
            if not each.startswith("out of order")
        ]
        assert complaints + browser.problems == [], (width, dark)
    if AXE.exists():
        browser.evaluate(AXE.read_text("utf-8") + "; true")
        faults = browser.evaluate(
            "axe.run('#el').then(({violations}) => violations.filter(({impact}) =>"
            " ['serious', 'critical'].includes(impact)).map(({id}) => id))"
        )
        assert faults == []
