"""The room Look in a real browser: numbers pressed and walked back; wrong input."""

import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mirada.inspection import Arithmetic, arithmetic
from mirada.tasks.subject import Subject
from tests.browser import Browser
from tests.lab.open_lab import OpenLab, open_lab

MAPS = "!!document.querySelector('[data-layer=linear2] canvas')"
HEADLINE = "document.querySelector('.view-arithmetic .headline strong')"
CRUMBS = "[...document.querySelectorAll('.crumbs li')].map((one) => one.innerText)"
REFUSAL = (
    "[...document.querySelectorAll('[role=alert]')]"
    ".map((one) => one.innerText).join('')"
)
SLOW = """
(() => {
  const real = window.fetch;
  window.slowOnesDone = 0;
  window.fetch = async (path, options) => {
    // The answer comes after all, and late: nothing has ended the request.
    const isSlow = path.includes("slow.png");
    const signal = isSlow ? null : options.signal;
    const answer = await real(path, { ...options, signal });
    if (!isSlow) return answer;
    await new Promise((done) => setTimeout(done, 400));
    setTimeout(() => window.slowOnesDone++, 200);
    return answer;
  };
})()
"""
CORNER = """
import("/views/map_sheet.js").then((sheets) => {
  const canvas = document.querySelector("[data-layer=%s] canvas");
  const data = { shape: %s, count: %d };
  const room = document.querySelector(".layers").clientWidth;
  const sheet = sheets.sheetOf(data, room);
  const [x, y] = sheets.corner(sheet, ...%s);
  return [(x + 1) / canvas.width, (y + 1) / canvas.height];
})
"""


def show(browser: Browser, lab: OpenLab, **dress: Any) -> None:
    """The room with the stage's image shown to the run."""
    browser.visit(lab.room("look", run="example", tab="maps"), **dress)
    browser.wait_for(MAPS)
    browser.give_files(".look-image input[type=file]", lab.folder / "image.png")
    browser.wait_for(
        "document.querySelector('.look-photo figcaption').innerText === 'image.png'"
    )


def press(browser: Browser, layer: str, shape: Sequence[int], place: list[int]) -> None:
    """Presses one number of a map, among the first 16."""
    count = min(16, shape[0])
    at = browser.evaluate(CORNER % (layer, list(shape), count, place))
    browser.click(f"[data-layer={layer}] canvas", at=(at[0], at[1]))


def chosen(browser: Browser, layer: str, place: list[int]) -> float:
    """The value that the page shows, once it shows that of this place."""
    short = f"{layer}[{place[0]}]" + (
        f" ({', '.join(map(str, place[1:]))})" if len(place) > 1 else ""
    )
    browser.wait_for(f"({CRUMBS}).at(-1)?.endsWith({short!r})")
    return float(browser.wait_for(f"{HEADLINE}.dataset.value"))


@cache
def subject_in(folder: Path) -> Subject:
    """The run of the stage, read once."""
    return Subject(str(folder / "runs" / "example"))


def law(lab: OpenLab, layer: str, place: Sequence[int]) -> Arithmetic:
    """What Python computes for the image."""
    subject = subject_in(lab.folder)
    picture = subject.picture(str(lab.folder / "image.png"))
    network, engine = subject.model.network, subject.engine
    seen = engine.activations(picture.values, [*network.shapes])
    own = engine.parameters()
    return arithmetic(network, own, seen, layer, tuple(place))


def test_a_pressed_number_is_python_s_and_leads_back_to_a_pixel(
    lab: OpenLab, browser: Browser
) -> None:
    show(browser, lab)
    found = law(lab, "conv2", [5, 3, 2])
    press(browser, "conv2", [64, 8, 8], [5, 3, 2])
    assert chosen(browser, "conv2", [5, 3, 2]) == found.value
    shown = browser.evaluate(
        "document.querySelector('[data-computed]').dataset.computed"
    )
    assert np.float32(float(shown)) == np.float32(found.computed)
    box = found.box
    assert box is not None
    frame = browser.evaluate(
        "(() => { const one = document.querySelector('.view-field-photo .inner');"
        " return ['y', 'x', 'height', 'width'].map((name) =>"
        " Number(one.getAttribute(name))); })()"
    )
    assert frame == [box.rows[0], box.columns[0], *box.size]
    layer, place = "conv2", tuple[int, ...]((5, 3, 2))
    while layer != "input":
        here = law(lab, layer, place)
        assert here.strongest is not None
        layer, place = here.origin(here.strongest)
        browser.evaluate("document.querySelector('.walk-back').focus()")
        browser.press("Backspace")
        value = chosen(browser, layer, list(place))
        assert value == law(lab, layer, place).value
    pixels = subject_in(lab.folder).picture(str(lab.folder / "image.png")).pixels
    words = browser.evaluate(
        "document.querySelector('.view-arithmetic .formula').innerText"
    )
    assert f"({pixels[place[1], place[2], 0]} / 255" in words
    assert browser.evaluate(f"({CRUMBS}).length") == 4
    browser.click(".crumbs li:first-child button")
    assert chosen(browser, "conv2", [5, 3, 2]) == found.value
    assert browser.problems == []


def test_the_keyboard_alone_chooses_and_walks(lab: OpenLab, browser: Browser) -> None:
    show(browser, lab)
    browser.evaluate("document.querySelector('[data-layer=maxpool1] canvas').focus()")
    browser.press("Enter")
    assert (
        chosen(browser, "maxpool1", [0, 2, 2]) == law(lab, "maxpool1", [0, 2, 2]).value
    )
    for key, place in (
        ("ArrowRight", [0, 2, 3]),
        ("ArrowUp", [0, 1, 3]),
        ("PageDown", [1, 1, 3]),
    ):
        browser.press(key)
        found = law(lab, "maxpool1", place)
        assert chosen(browser, "maxpool1", place) == found.value
    winner = browser.wait_for("document.querySelector('.winner button').dataset.value")
    assert float(winner) == found.value
    browser.press("Backspace")
    index = found.strongest
    assert index is not None
    layer, place = found.origin(index)[0], list(found.origin(index)[1])
    assert chosen(browser, layer, place) == found.value
    browser.click(".look-sum-head > button")
    browser.wait_for("!document.querySelector('.look-sum')")
    assert browser.problems == []


def test_an_entry_of_the_window_is_walked_to(lab: OpenLab, browser: Browser) -> None:
    show(browser, lab)
    found = law(lab, "linear2", [0])
    press(browser, "linear2", [10], [0, 0, 0])
    chosen(browser, "linear2", [0])
    top = int(np.abs(found.terms.products).argmax())  # type: ignore[arg-type]
    browser.click(".view-arithmetic table.terms tbody button")
    source = found.sources[0]
    assert chosen(browser, source, [top]) == law(lab, source, [top]).value


def test_what_is_no_image_is_said_and_the_last_one_stays(
    lab: OpenLab, browser: Browser, tmp_path: Path
) -> None:
    show(browser, lab)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(60))
    browser.give_files(".look-image input[type=file]", broken)
    assert "broken.png" in browser.wait_for(REFUSAL)
    name = "document.querySelector('.look-photo figcaption').innerText"
    assert browser.evaluate(name) == "image.png"
    browser.give_files(".look-image input[type=file]", lab.folder / "image.png")
    browser.wait_for(f"!({REFUSAL})")
    own = [problem for problem in browser.problems if "422" not in problem]
    assert own == []


def test_the_newer_image_is_the_one_that_is_shown(
    lab: OpenLab, browser: Browser, tmp_path: Path
) -> None:
    show(browser, lab)
    slow = tmp_path / "slow.png"
    noise = np.random.default_rng(1).integers(0, 255, (15, 15), np.uint8)
    Image.fromarray(noise).save(slow)
    browser.evaluate(SLOW)
    for path in (slow, lab.folder / "image.png"):
        browser.give_files(".look-image input[type=file]", path)
    browser.wait_for("window.slowOnesDone === 1")
    name = "document.querySelector('.look-photo figcaption').innerText"
    assert browser.evaluate(name) == "image.png"
    browser.wait_for("!document.querySelector('.look-photo.waiting')")
    first = lab.ask("POST", "/api/look/samples", {"run": "example"}).value["samples"][1]
    browser.click(f"button[data-sample='{first['sample']}']")
    browser.wait_for(f"{name}.startsWith({first['name']!r})")


def test_reasons_come_one_by_one_with_their_verdicts(
    lab: OpenLab, browser: Browser
) -> None:
    show(browser, lab)
    browser.click("#look-tab-why")
    browser.wait_for("document.querySelectorAll('.reason').length === 7")
    browser.wait_for("!document.querySelector('.view-reasons .waiting')")
    content = (lab.folder / "image.png").read_bytes()
    path = "/api/look/sent?run=example&name=image.png"
    key = lab.ask("POST", path, content=content).value["image"]
    told = lab.ask("POST", "/api/look/why", {"run": "example", "image": key})
    for verdict in browser.evaluate(
        "[...document.querySelectorAll('.reason .verdict')].map((one) => one.innerText)"
    ):
        assert verdict in told.content.decode()
    assert browser.problems == []


@pytest.mark.parametrize(("width", "is_dark"), [(1400, True), (360, False)])
def test_every_way_to_look_fits_in_spanish(
    lab: OpenLab, browser: Browser, width: int, is_dark: bool
) -> None:
    if not (lab.folder / "runs" / "twin").exists():
        shutil.copytree(lab.folder / "runs" / "example", lab.folder / "runs" / "twin")
    browser.visit(lab.room("look", run="example", tab="maps"))
    browser.wait_for(MAPS)
    browser.evaluate("localStorage.setItem('language', 'es')")
    try:
        browser.visit(
            lab.room("look", run="example", tab="maps"), width=width, is_dark=is_dark
        )
        browser.wait_for(MAPS)
        for tab, there, words in (
            ("why", ".reason", "¿Por qué"),
            ("learned", ".patch", "Qué excita"),
            ("mistakes", ".view-confusion td", "Sus peores errores"),
            ("compare", ".view-compared svg", "Qué difiere"),
        ):
            browser.click(f"#look-tab-{tab}")
            browser.wait_for(f"!!document.querySelector({there!r})")
            browser.wait_for(f"document.body.innerText.includes({words!r})")
            wide = browser.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, tab
        assert browser.problems == []
    finally:
        browser.evaluate("localStorage.removeItem('language')")


def test_a_mistake_is_opened_in_the_maps(lab: OpenLab, browser: Browser) -> None:
    browser.visit(lab.room("look", run="example", tab="mistakes"))
    browser.wait_for("!!document.querySelector('.look-page .view-mistakes button')")
    browser.click(".look-page .view-mistakes button")
    browser.wait_for(MAPS)
    sample = "JSON.parse(sessionStorage.getItem('room.look')).image.sample"
    found = lab.ask("POST", "/api/look/judged", {"run": "example"}).content.decode()
    worst = browser.wait_for(f"{sample} ?? ''")
    assert f'"sample":{worst},' in found
    assert browser.problems == []


def test_a_model_file_is_shown_images_of_ones_own(
    lab: OpenLab, browser: Browser
) -> None:
    """As `mirada import` writes one: it tells nothing of any images."""
    best = lab.folder / "runs" / "example" / "best.safetensors"
    shutil.copy(best, lab.folder / "imported.safetensors")
    browser.visit(lab.room("look", run="imported.safetensors", tab="maps"))
    browser.wait_for("document.querySelector('.advice')?.innerText.includes('Data')")
    browser.give_files(".look-image input[type=file]", lab.folder / "image.png")
    browser.wait_for(MAPS)
    assert browser.problems == []


def test_a_run_that_is_deleted_under_the_page_is_said(
    lab: OpenLab, browser: Browser
) -> None:
    run = lab.folder / "runs" / "doomed"
    shutil.copytree(lab.folder / "runs" / "example", run)
    browser.visit(lab.room("look", run="doomed", tab="maps"))
    browser.wait_for(MAPS)
    shutil.rmtree(run)
    press(browser, "conv1", [32, 8, 8], [1, 1, 1])
    assert "doomed" in browser.wait_for(REFUSAL)
    assert browser.evaluate(MAPS)


def test_a_lab_without_runs_leads_to_training(
    browser: Browser, lab: OpenLab, tmp_path: Path
) -> None:
    with open_lab(tmp_path) as empty:
        browser.visit(empty.room("look"))
        browser.wait_for("!!document.querySelector('.empty a[href=\"#/train\"]')")
        browser.evaluate("document.querySelector('.empty input[name=path]').focus()")
        browser.type(str(tmp_path / "nothing"))
        browser.press("Enter")
        assert "nothing" in browser.wait_for(REFUSAL)
        path = lab.folder / "runs" / "example" / "best.safetensors"
        browser.evaluate("document.querySelector('input[name=path]').select()")
        browser.type(str(path))
        browser.press("Enter")
        browser.wait_for("!!document.querySelector('#look-panel')")
        browser.wait_for(MAPS)
