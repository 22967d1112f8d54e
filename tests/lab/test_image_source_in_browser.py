"""The views by which images come in, in a real browser: pad, camera, files, paste."""

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.browser import Browser, chromium
from tests.lab.open_lab import OpenLab

MAKE = """(async () => {
  const { imageSource } = await import("/views/image_source.js");
  document.querySelector("#one")?.remove();
  const one = imageSource({}, %s);
  one.id = "one";
  window.got = [];
  one.addEventListener("image", async (event) => {
    const { blob, name } = event.detail;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    got.push({ name, type: blob.type, base64: btoa(String.fromCharCode(...bytes)) });
  });
  document.querySelector("#room").prepend(one);
  return true;
})()"""
FILES = """((kind, target, files) => {
  const data = new DataTransfer();
  for (const [name, text, size] of files) {
    const file = new File([text], name);
    if (size) Object.defineProperty(file, "size", { value: size });
    data.items.add(file);
    if (size) Object.defineProperty(data, "files", { value: [file] });
  }
  const values = { bubbles: true, cancelable: true };
  const event = kind === "drop"
    ? new DragEvent("drop", { ...values, dataTransfer: data })
    : new ClipboardEvent("paste", { ...values, clipboardData: data });
  if (kind === "drop" && files.some((file) => file[2]))
    Object.defineProperty(event, "dataTransfer", { value: data });
  document.querySelector(target).dispatchEvent(event);
})"""
FAKE_CAMERA = "--use-fake-device-for-media-stream"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One whose camera shows a moving test picture, to whoever asks."""
    flags = (FAKE_CAMERA, "--use-fake-ui-for-media-stream")
    with chromium(tmp_path_factory.mktemp("browser"), *flags) as found:
        yield found


def made(browser: Browser, lab: OpenLab, **options: Any) -> None:
    """Opens a page with the widget alone in front."""
    browser.visit(lab.room("exercises"))
    browser.wait_for("document.querySelector('h1')")
    assert browser.evaluate(MAKE % json.dumps(options))


def got(browser: Browser, count: int = 1) -> list[tuple[str, NDArray[np.uint8]]]:
    """The images that the widget gave, by their names."""
    browser.wait_for(f"got.length >= {count}")
    return [
        (
            each["name"],
            np.asarray(Image.open(BytesIO(base64.b64decode(each["base64"])))),
        )
        for each in browser.evaluate("got")
    ]


def canvas(browser: Browser) -> NDArray[np.uint8]:
    """The pixels of the pad as it is seen."""
    url = browser.evaluate("document.querySelector('.pad-canvas').toDataURL()")
    png = base64.b64decode(url.partition(",")[2])
    return np.asarray(Image.open(BytesIO(png)).convert("L"))


def refusals(browser: Browser) -> list[str]:
    """What the widget refuses, in its words."""
    script = (
        "[...document.querySelectorAll('#one .view-refusal')].map(e => e.innerText)"
    )
    found: list[str] = browser.evaluate(script)
    return found


def test_what_is_drawn_with_the_mouse_is_what_is_given(
    browser: Browser, empty: OpenLab
) -> None:
    made(browser, empty, pad=True, first="pad")
    browser.drag(".pad-canvas", (0.5, 0.2), (0.5, 0.8))
    browser.drag(".pad-canvas", (0.2, 0.5), (0.8, 0.5))
    seen = canvas(browser)
    browser.click(".source-use")
    ((name, image),) = got(browser)
    assert name == "drawing.png" and image.shape[:2] == (280, 280)
    assert (
        np.array_equal(image[..., 0], seen)
        and (image[..., :3] == seen[..., None]).all()
    )
    assert image[140, 60, 0] == image[60, 140, 0] == 255
    assert image[60, 60, 0] == image[0, 0, 0] == image[279, 279, 0] == 0
    assert not canvas(browser).any(), "the pad is free for the next"
    assert browser.problems == []


def test_a_pad_gives_the_size_it_is_asked_for(browser: Browser, empty: OpenLab) -> None:
    made(browser, empty, pad=True, padSize=28, isLive=True, first="pad")
    browser.drag(".pad-canvas", (0.3, 0.3), (0.7, 0.7))
    ((_, image),) = got(browser)
    assert image.shape[:2] == (28, 28) and 0 < (image[..., 0] > 127).mean() < 0.2
    on, off = np.diag(image[..., 0]), np.diag(image[::-1, :, 0])
    assert (on[9:19] > 200).all() and not on[:6].any() and not off[:10].any()


def test_undo_and_clear_take_back(browser: Browser, empty: OpenLab) -> None:
    made(browser, empty, pad=True, first="pad")
    browser.drag(".pad-canvas", (0.2, 0.2), (0.8, 0.2))
    one = canvas(browser)
    browser.drag(".pad-canvas", (0.2, 0.8), (0.8, 0.8))
    two = canvas(browser)
    browser.click(".pad-clear")
    assert not canvas(browser).any()
    browser.click(".pad-undo")
    assert np.array_equal(canvas(browser), two)
    browser.click(".pad-undo")
    assert np.array_equal(canvas(browser), one)
    browser.click(".pad-undo")
    browser.click(".pad-undo")
    assert not canvas(browser).any()
    browser.click(".source-use")
    assert refusals(browser) == ["Nothing is drawn yet."]


def test_the_keyboard_draws(browser: Browser, empty: OpenLab) -> None:
    made(browser, empty, pad=True, first="pad")
    browser.evaluate("document.querySelector('.pad-canvas').focus()")
    for key in ("ArrowLeft", "ArrowUp", " ", *("ArrowDown",) * 5, " "):
        browser.press(key)
    said = browser.evaluate(
        "document.querySelector('.view-pad [role=status]').innerText"
    )
    assert said == "Pen up, column 13, row 18"
    browser.evaluate("document.querySelector('.pad-canvas').blur()")
    seen = canvas(browser) > 127
    assert seen[130:180, 130].all() and not seen[:, 150].any()
    browser.evaluate("document.querySelector('.pad-canvas').focus()")
    browser.press("Backspace")
    browser.evaluate("document.querySelector('.pad-canvas').blur()")
    assert not canvas(browser).any()


def test_centred_drawings_fill_the_box_of_mnist(
    browser: Browser, empty: OpenLab
) -> None:
    made(browser, empty)
    drawn = np.random.default_rng(0)
    for _ in range(20):
        low, high = np.sort(drawn.uniform(-0.2, 1.2, (2, 2)), axis=0)
        points = drawn.uniform(low, high, (2, 5, 2))
        strokes = [[[x, y, 1] for x, y in stroke] for stroke in points.tolist()]
        script = (
            f"import('/views/strokes.js').then((m) => m.centred({json.dumps(strokes)}))"
        )
        moved = np.array(browser.evaluate(script))[..., :2].reshape(-1, 2)
        sides = moved.max(axis=0) - moved.min(axis=0)
        assert np.allclose(moved.max(axis=0) + moved.min(axis=0), 1), "in the middle"
        assert np.isclose(sides.max(), 20 / 28 - 0.085)
        flat = points.reshape(-1, 2)
        before = flat - flat.mean(axis=0)
        after = moved - moved.mean(axis=0)
        scale = sides.max() / (flat.max(axis=0) - flat.min(axis=0)).max()
        assert np.allclose(after, before * scale), "of the same shape"
    assert (
        browser.evaluate("import('/views/strokes.js').then(m => m.centred([]))") == []
    )


def test_files_come_in_by_choice_drop_and_paste(
    browser: Browser, empty: OpenLab, tmp_path: Path
) -> None:
    made(browser, empty, many=True)
    for number in range(3):
        Image.new("L", (4, 4), number).save(tmp_path / f"{number}.png")
    browser.give_files("#one input", *sorted(tmp_path.glob("*.png")))
    assert [(name, int(image[0, 0])) for name, image in got(browser, 3)] == [
        ("0.png", 0),
        ("1.png", 1),
        ("2.png", 2),
    ]
    some = json.dumps([["a.png", "GIF89a", 0], ["b.png", "BM", 0]])
    browser.evaluate(f'{FILES}("drop", "#one .source-panel", {some})')
    browser.wait_for("got.length === 5")
    browser.evaluate(f'{FILES}("paste", "body", [["c.png", "GIF89a", 0]])')
    browser.wait_for("got.length === 6")
    assert refusals(browser) == [] and browser.problems == []


def test_one_image_at_a_time_where_one_is_wanted(
    browser: Browser, empty: OpenLab
) -> None:
    made(browser, empty)
    some = json.dumps([["a.png", "GIF89a", 0], ["b.png", "BM", 0]])
    browser.evaluate(f'{FILES}("drop", "#one .source-panel", {some})')
    browser.wait_for("document.querySelector('#one .view-refusal')")
    browser.wait_for("got.length > 0")
    assert browser.evaluate("got.map(e => e.name)") == ["a.png"]
    assert refusals(browser) == ["One image at a time: the first was taken."]


@pytest.mark.parametrize(
    ("name", "text", "size", "words"),
    [
        ("a.pdf", "%PDF-1.7", 0, "'a.pdf' is a PDF document."),
        ("<b>.zip", "PK\x03\x04", 0, "'<b>.zip' is a zip archive"),
        ("a.png", "", 0, "'a.png' is empty"),
        ("film.mov", "\0\0\0\x14ftypqt  ", 0, "'film.mov' is a film."),
        ("a.svg", "<svg>", 0, "'a.svg' is a drawing of lines"),
        ("big.png", "GIF89a", 2 * 2**30, "'big.png' has 2048 MB; an image may have 64"),
    ],
)
def test_what_is_no_image_is_refused_in_place(
    browser: Browser, empty: OpenLab, name: str, text: str, size: int, words: str
) -> None:
    made(browser, empty, many=True)
    files = json.dumps([[name, text, size]])
    browser.evaluate(f'{FILES}("drop", "#one .source-panel", {files})')
    browser.wait_for("document.querySelector('#one .view-refusal')")
    assert words in refusals(browser)[0] and browser.evaluate("got.length") == 0
    browser.evaluate(f'{FILES}("drop", "#one .source-panel", [["a.gif", "GIF89a", 0]])')
    browser.wait_for("got.length === 1")
    assert refusals(browser) == [], "it goes when the next is well"


def test_the_camera_gives_one_and_many_and_is_let_go(
    browser: Browser, empty: OpenLab
) -> None:
    made(browser, empty, camera=True, many=True, first="camera")
    assert browser.evaluate("document.querySelector('#one video').hidden")
    browser.click(".camera-start")
    # The first pictures of Chromium's camera are black.
    browser.wait_for("document.querySelector('#one video').currentTime > 0.5")
    browser.click(".camera-take")
    ((name, image),) = got(browser)
    assert name == "camera-1.jpg" and image.shape == (480, 480, 3)
    assert image.std() > 5, "the test picture has a moving disc"
    x, y = browser.place_of(".camera-hold")
    browser.mouse("mousePressed", x, y)
    assert len(got(browser, 4)) >= 4
    browser.mouse("mouseReleased", x, y)
    browser.evaluate(
        "window.track = document.querySelector('#one video').srcObject.getTracks()[0]"
    )
    assert browser.evaluate("track.readyState") == "live"
    browser.evaluate("document.querySelector('#one').remove()")
    browser.wait_for("track.readyState === 'ended'")
    count = browser.evaluate("got.length")
    assert browser.evaluate("got.length") == count and browser.problems == []


def test_another_tab_lets_the_camera_go(browser: Browser, empty: OpenLab) -> None:
    made(browser, empty, camera=True, pad=True, first="camera")
    browser.click(".camera-start")
    browser.wait_for("document.querySelector('#one video').videoWidth")
    browser.evaluate(
        "window.track = document.querySelector('#one video').srcObject.getTracks()[0]"
    )
    browser.evaluate("document.querySelector('#one [data-tab=camera]').focus()")
    browser.press("ArrowLeft")
    browser.wait_for("track.readyState === 'ended'")
    chosen = "document.activeElement.getAttribute('data-tab')"
    assert browser.evaluate(chosen) == "pad"
    browser.press("ArrowRight")
    browser.press("ArrowRight")
    assert browser.evaluate(chosen) == "file"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "The camera was refused."),
        ("NotFoundError", "No camera was found."),
        ("NotReadableError", "Another program may be using it"),
        ("OddError", "The camera could not be turned on (why)."),
        (None, "The browser gives no camera to this page"),
    ],
)
def test_a_camera_that_is_not_to_be_had_is_told_plainly(
    browser: Browser, empty: OpenLab, name: str | None, words: str
) -> None:
    made(browser, empty, camera=True, first="camera")
    fails = (
        "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})"
        if name is None
        else "navigator.mediaDevices.getUserMedia = () => "
        f"Promise.reject(new DOMException('why', '{name}'))"
    )
    browser.evaluate(f"{fails}; undefined")
    browser.click(".camera-start")
    browser.wait_for("document.querySelector('#one .view-refusal')")
    assert words in refusals(browser)[0]
    assert not browser.evaluate("document.querySelector('.camera-start').disabled")


def test_a_camera_that_a_person_refuses(empty: OpenLab, tmp_path: Path) -> None:
    with chromium(tmp_path, FAKE_CAMERA, "--deny-permission-prompts") as browser:
        made(browser, empty, camera=True, first="camera")
        browser.click(".camera-start")
        browser.wait_for("document.querySelector('#one .view-refusal')")
        assert "The camera was refused." in refusals(browser)[0]
        assert browser.problems == []


def test_samples_are_given_by_a_press(browser: Browser, empty: OpenLab) -> None:
    made(browser, empty, samples=[{"name": "seven", "url": "/lab/page/mirada.svg"}])
    browser.click("#one [data-tab=samples]")
    browser.click("#one .source-samples button")
    browser.wait_for("got.length === 1")
    assert browser.evaluate("got[0].type") == "image/svg+xml"
    made(browser, empty, samples=[{"name": "gone", "url": "/no-such"}])
    browser.click("#one [data-tab=samples]")
    browser.click("#one .source-samples button")
    browser.wait_for("document.querySelector('#one .view-refusal')")
    assert refusals(browser) == ["The sample could not be read."]
