"""The exported page, opened from the disk as by a double click, in Chromium."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from mirada.export import export
from mirada.export.parity import compared
from mirada.export.probabilities import ending_in_softmax
from mirada.models import build
from mirada.reference.first_order import first_order_bounds
from mirada.training import Model
from tests.browser import Browser, chromium
from tests.export.test_exported import examples_for, model_of
from tests.page_rules import (
    AXE,
    COMPLAINTS,
    FOCUS_STEP,
    LIGHT,
    MOVING,
    REACHED_BY_KEYBOARD,
    TEXTS,
    english_left,
)
from tests.views.test_report import HOSTILE

CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
ROWS = """
[...document.querySelectorAll(".view-class-bars tbody tr")].map((row) =>
  [row.querySelector("th"), row.querySelector("td.number")])
  .map(([name, share]) => [name.textContent, Number(share.dataset.value)])
"""
NAME = "document.querySelector('figcaption').textContent"
SEEN = """
[...document.querySelector(".seen").getContext("2d").getImageData(0, 0, 28, 28).data]
  .filter((_, at) => at % 4 === 0)
"""
REFUSAL = "document.querySelector('.view-image-source [role=alert]').innerText"
MAPS = """
[...document.querySelectorAll(".view-map-grid")].map((grid) =>
  [grid.querySelectorAll("canvas").length, grid.querySelector("[role=img]").ariaLabel])
"""


@pytest.fixture(scope="module")
def model() -> Model:
    network = build("lenet5", (1, 28, 28), 10)
    made = model_of(network)
    names = (HOSTILE, *made.classes[1:])
    return Model(network, made.parameters, names, made.preprocessing)


@pytest.fixture(scope="module")
def folder(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("page") / "out"
    assert export(model, "web", examples_for(model), place).passed
    # What a person sends to somebody is this one file.
    for path in place.iterdir():
        if path.name != "index.html":
            path.unlink()
    return place


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("browser"), *CAMERA) as found:
        yield found


def opened(browser: Browser, folder: Path, **dress: Any) -> None:
    """Opens the page and waits until its example is answered."""
    browser.open(folder / "index.html", **{"width": 1400, **dress})
    browser.wait_for("document.querySelector('.view-class-bars tbody tr')")


def agrees(browser: Browser, model: Model, pixels: np.ndarray) -> None:
    """All the probabilities on the page are within the bound of the law's."""
    if browser.evaluate("!!document.querySelector('.view-class-bars button')"):
        browser.click(".view-class-bars button")
    rows = dict(browser.wait_for(ROWS))
    found = np.array([rows[_as_shown(name)] for name in model.classes])
    images = model.preprocessing.normalize(pixels[None])
    network = ending_in_softmax(model.network)
    exact = first_order_bounds(network, model.parameters, images, np.float32)
    assert compared(found[None], exact).passed


def _as_shown(name: str) -> str:
    return " ".join(name.split())


def test_the_page_answers_as_the_engine(
    browser: Browser, folder: Path, model: Model, tmp_path: Path
) -> None:
    opened(browser, folder)
    agrees(browser, model, examples_for(model).pixels[0])
    noise = np.random.default_rng(7)
    # At the network's size, and colours of another size, which are fitted as here.
    for name, shape in (("own.png", (28, 28)), ("wide.png", (51, 90, 3))):
        picture = tmp_path / name
        Image.fromarray(noise.integers(0, 256, shape, np.uint8)).save(picture)
        browser.click("[data-tab=file]")
        browser.give_files("input[type=file]", picture)
        browser.wait_for(f"{NAME} === '{name}'")
        agrees(browser, model, model.preprocessing.pixels(picture))
    assert browser.problems == []


def test_turned_and_transparent_images_are_seen_as_here(
    browser: Browser, folder: Path, model: Model, tmp_path: Path
) -> None:
    opened(browser, folder)
    browser.click("[data-tab=file]")
    rows, columns = np.mgrid[0:48, 0:64] * 4
    smooth = np.stack([rows, columns, 255 - rows, columns], axis=2).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "clear.png")
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    photo = Image.fromarray(smooth[..., :3])
    photo.save(tmp_path / "turned.jpg", exif=turned, quality=98, subsampling=0)
    # Transparency and JPEG are rounded in other places by each decoder.
    for name, most in (("clear.png", 1), ("turned.jpg", 3)):
        browser.give_files("input[type=file]", tmp_path / name)
        browser.wait_for(f"{NAME} === '{name}'")
        seen = np.array(browser.evaluate(SEEN), np.int64).reshape(28, 28)
        wanted = model.preprocessing.pixels(tmp_path / name)[..., 0]
        assert np.abs(seen - wanted).max() <= most


def test_maps_of_every_layer_are_shown(browser: Browser, folder: Path) -> None:
    opened(browser, folder)
    assert browser.evaluate(MAPS) == [
        [6, "6 maps of layer conv1"],
        [6, "6 maps of layer maxpool1"],
        [16, "16 maps of layer conv2"],
        [16, "16 maps of layer maxpool2"],
    ]
    told = browser.evaluate(
        "document.querySelector('.answer + [role=status]').innerText"
    )
    assert re.fullmatch(
        r"The network sees 28×28 pixels and answers in [\d.]+ ms\.", told
    )


def test_what_is_drawn_and_what_the_camera_sees(browser: Browser, folder: Path) -> None:
    opened(browser, folder)
    before = browser.evaluate(ROWS)
    browser.drag(".pad-canvas", (0.5, 0.2), (0.5, 0.8))
    browser.wait_for(f"{NAME} === 'drawing.png'")
    assert browser.evaluate(ROWS) != before
    browser.click("[data-tab=camera]")
    browser.click(".camera-start")
    browser.wait_for("document.querySelector('video').videoWidth")
    browser.click(".camera-take")
    browser.wait_for(f"{NAME} === 'camera-1.jpg'")
    assert browser.problems == []


def test_what_is_no_image_is_refused_in_place(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    opened(browser, folder)
    before = browser.evaluate(ROWS)
    browser.click("[data-tab=file]")
    for name, content, words in (
        ("letter.txt", b"Dear network", "cannot be read as an image by this browser"),
        ("empty.png", b"", "is empty"),
        ("paper.pdf", b"%PDF-1.7", "a PDF document"),
    ):
        (tmp_path / name).write_bytes(content)
        browser.give_files("input[type=file]", tmp_path / name)
        browser.wait_for(f"{REFUSAL}.includes('{words}')")
    assert browser.evaluate(ROWS) == before and browser.problems == []


LEAVING = """
Promise.allSettled([
  fetch("%(url)s/fetch"),
  new Promise((done) => {
    const image = new Image();
    image.onload = image.onerror = done;
    image.src = "%(url)s/image";
  }),
  navigator.sendBeacon("%(url)s/beacon", "x"),
  new Promise((done) => {
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.onload = done;
    frame.src = "%(url)s/frame";
    setTimeout(done, 300);
  }),
]).then(() => true)
"""


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and the paths that it is asked for."""
    paths: list[str] = []

    class Heard(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(204)
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Heard) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()


def test_a_browser_that_cannot_compute_says_so(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    page = (folder / "index.html").read_text()
    broken = re.sub(r'(<script id="code"[^>]*>)[^<]*', r"\1AGFzbQIAAAA=", page)
    (tmp_path / "old.html").write_text(broken)
    browser.open(tmp_path / "old.html", width=400)
    told = browser.wait_for("document.querySelector('body > .refusal')?.innerText")
    assert told.startswith("This browser does not run the network (")


def test_nothing_leaves_the_page(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    opened(browser, folder)
    assert browser.problems == [], "a request, or a word to the console"
    (tmp_path / "open.html").write_text("<!doctype html><title>open</title><p>open")
    with listening() as (url, paths):
        browser.evaluate(LEAVING % {"url": url})
        assert paths == []
        browser.open(tmp_path / "open.html", width=400)
        browser.evaluate(LEAVING % {"url": url})
        assert {"/fetch", "/image", "/beacon", "/frame"} <= set(paths)


def test_both_languages_in_every_dress(browser: Browser, folder: Path) -> None:
    texts, found = {}, []
    for language in ("en", "es"):
        opened(browser, folder, is_still=True)
        browser.click(f"header [lang={language}]")
        assert browser.evaluate("document.documentElement.lang") == language
        for width in (1400, 360):
            for is_dark in (False, True):
                browser.dress(width=width, is_dark=is_dark, is_still=True)
                found += browser.evaluate(COMPLAINTS) + browser.evaluate(MOVING)
                light = browser.evaluate(LIGHT)
                assert light < 64 if is_dark else light > 240
        texts[language] = browser.evaluate(TEXTS)
        assert browser.problems == []
    assert found == []
    assert english_left(texts["es"], texts["en"]) == []


def test_the_keyboard_reaches_everything(browser: Browser, folder: Path) -> None:
    opened(browser, folder)
    for _ in range(60):
        browser.press("Tab")
        if not browser.evaluate(FOCUS_STEP):
            break
    assert browser.evaluate(REACHED_BY_KEYBOARD) == []


@pytest.mark.skipif(not AXE.exists(), reason="needs axe: npm install")
def test_axe_finds_no_serious_fault(browser: Browser, folder: Path) -> None:
    from tests.lab.test_rooms_in_browser import SERIOUS

    opened(browser, folder)
    browser.evaluate(AXE.read_text("utf-8") + "; true")
    for width, is_dark in ((1400, False), (360, True)):
        browser.dress(width=width, is_dark=is_dark)
        assert browser.evaluate(SERIOUS) == []
