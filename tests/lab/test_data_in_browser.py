"""The room of data in a real browser: looked at, divided, changed, collected."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mirada.data import divide, load
from mirada.training import read_run
from tests.browser import Browser, chromium
from tests.cli.stage import photos
from tests.lab.open_lab import OpenLab, open_lab
from tests.lab.test_image_source_in_browser import FAKE_CAMERA, FILES, canvas

TEXT = "document.querySelector({selector!r})?.innerText ?? ''"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLab]:
    """A lab beside a folder of flowers, in which one file is broken and one a copy."""
    root = tmp_path_factory.mktemp("data")
    flowers = photos(root / "flowers", {"daisy": 12, "roses": 12, "tulips": 14})
    (flowers / "daisy/bad.png").write_bytes(b"no image")
    shutil.copy(flowers / "daisy/000.png", flowers / "roses/copy.png")
    with open_lab(root) as found:
        yield found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    flags = (FAKE_CAMERA, "--use-fake-ui-for-media-stream")
    with chromium(tmp_path_factory.mktemp("browser"), *flags) as found:
        yield found


def enter(browser: Browser, lab: OpenLab, *, width: int = 1400, **params: str) -> None:
    """Opens the room as for the first time in this tab."""
    browser.visit(lab.room("data", **params), width=width)
    browser.wait_for("document.querySelector('.data-room')")


def text(browser: Browser, selector: str) -> str:
    """The words of an element."""
    found: str = browser.evaluate(TEXT.format(selector=selector))
    return found


def rows(browser: Browser) -> list[list[str]]:
    """The table of the division, a list a line."""
    script = (
        "[...document.querySelectorAll('.data-split-table tbody tr')]"
        ".map(row => [...row.children].map(cell => cell.innerText))"
    )
    found: list[list[str]] = browser.evaluate(script)
    return found


def in_use(lab: OpenLab) -> str:
    """The data that the lab keeps, once it is told: the page shows it at once."""
    for _ in range(100):
        if found := lab.ask("GET", "/api/state").value["data"]:
            lab.ask("PUT", "/api/state", {"data": "", "revision": _revision(lab)})
            return str(found)
        time.sleep(0.02)
    raise AssertionError("nothing is in use")


def kept_on_server(lab: OpenLab, **options: object) -> None:
    """Waits until the lab keeps these options: the page shows them at once."""
    for _ in range(500):
        if lab.ask("GET", "/api/state").value["options"] == options:
            return
        time.sleep(0.02)
    raise AssertionError(lab.ask("GET", "/api/state").value)


def _revision(lab: OpenLab) -> int:
    return int(lab.ask("GET", "/api/state").value["revision"])


def refused(browser: Browser) -> list[str]:
    """What the browser complains of, but for answers that refuse something."""
    return [p for p in browser.problems if "Failed to load resource" not in p]


def lawful(root: Path, **values: Any) -> list[list[str]]:
    """The lines of the division as training draws it."""
    data = load(root, cache=False)
    split = divide(data, **values)
    parts = (split.train, split.validation, split.test)
    counts = [np.bincount(data.labels[part], minlength=3) for part in parts]
    lines = [
        [name, *(str(int(count[label])) for count in counts)]
        for label, name in enumerate(data.classes)
    ]
    return [*lines, ["all", *(str(len(part)) for part in parts)]]


def test_a_newcomer_sees_the_digits(browser: Browser, here: OpenLab) -> None:
    enter(browser, here)
    browser.wait_for("document.querySelectorAll('.data-preview tr').length === 8")
    assert text(browser, ".data-used") == "1,797"
    assert (
        browser.evaluate("document.querySelector('.data-augment > .wide').tabIndex")
        == 0
    )
    browser.wait_for(
        "document.querySelector('.data-samples .tile').style.backgroundImage"
    )
    assert browser.problems == []


def test_a_folder_is_typed_completed_looked_at_and_used(
    browser: Browser, here: OpenLab
) -> None:
    enter(browser, here)
    browser.wait_for("document.querySelector('.data-report')")
    browser.click("[name=source]")
    browser.type("flo")
    browser.wait_for(
        "document.querySelector('#data-folders li')?.innerText === 'flowers'"
    )
    browser.press("ArrowDown")
    browser.press("Enter")
    assert (
        browser.evaluate("document.querySelector('[name=source]').value") == "flowers/"
    )
    browser.press("Enter")
    source = str(here.folder / "flowers")
    browser.wait_for(
        f"document.querySelector('.data-report h2')?.innerText === {source!r}"
    )
    assert (
        text(browser, ".data-used") == "39" and text(browser, ".data-left-out") == "1"
    )
    counts = "[...document.querySelectorAll('.data-count')].map(e => e.innerText)"
    assert browser.evaluate(counts) == ["12", "13", "14"]
    told = text(browser, "[data-code=conflicting-labels]")
    assert "'daisy/000.png', 'roses/copy.png'" in told
    assert "daisy/bad.png' is not an image" in text(browser, ".data-skipped")
    browser.click(".data-use")
    browser.wait_for("document.querySelector('.data-head .chip.good')")
    assert in_use(here) == source
    assert browser.problems == []


def test_the_division_is_that_of_training_at_every_seed(
    browser: Browser, here: OpenLab
) -> None:
    root = here.folder / "flowers"
    enter(browser, here, source="flowers")
    browser.wait_for("document.querySelector('.data-split-table')")
    assert rows(browser) == lawful(root)
    script = (
        "(() => { const slider = document.querySelector('[name=test]');"
        " slider.value = '0.4'; slider.dispatchEvent(new Event('input')); })()"
    )
    browser.evaluate(script)
    wanted = lawful(root, test=0.4)
    browser.wait_for(
        f"document.querySelector('[data-part=test]').innerText === {wanted[-1][3]!r}"
    )
    assert rows(browser) == wanted
    browser.click(".data-split .row button")
    browser.wait_for("document.querySelector('[name=seed]').value === '1'")
    wanted = lawful(root, test=0.4, seed=1)
    browser.wait_for(
        f"document.querySelector('[data-part=train]').innerText === {wanted[-1][1]!r}"
    )
    assert rows(browser) == wanted and browser.problems == []
    browser.evaluate("sessionStorage.removeItem('room.data')")


def test_what_was_previewed_is_what_is_trained(browser: Browser, here: OpenLab) -> None:
    root = here.folder / "flowers"
    enter(browser, here, source="flowers")
    browser.wait_for("document.querySelector('.data-split-table')")
    browser.click(".data-use")
    browser.click(".data-split .row button")
    field = "document.querySelector('[name=augment]')"
    browser.evaluate(f"{field}.focus(); {field}.select()")
    browser.type("rotate 10")
    browser.evaluate(
        "(() => { const slider = document.querySelector('[name=test]');"
        " slider.value = '0.4'; slider.dispatchEvent(new Event('input')); })()"
    )
    wanted = lawful(root, test=0.4, seed=1)[-1]
    browser.wait_for(
        f"document.querySelector('[data-part=test]').innerText === {wanted[3]!r}"
    )
    browser.evaluate("location.hash = '#/train'")
    browser.wait_for("document.querySelector('.settings-table')", 30)
    plan = text(browser, ".settings-table")
    assert f"{wanted[1]} to train" in plan and f"{wanted[3]} held out" in plan
    browser.click("details summary")
    # The seed is one for both rooms, as is the text of the augmentation.
    assert browser.evaluate(f"{field}.value") == "rotate 10"
    browser.evaluate("document.querySelector('[name=seed]').select()")
    browser.click("[name=seed]")
    browser.press("Backspace")
    browser.type("3")
    browser.press("Tab")
    browser.click("button[name=start]")
    browser.wait_for("document.querySelector('button[name=pause]')", 30)
    name = here.ask("GET", "/api/training").value["run"]
    browser.click("button[name=stop]")
    run = read_run(here.folder / "runs" / name)
    chosen = run.configuration
    assert chosen is not None
    assert chosen.augmentation.text() == "rotate 10"
    assert (chosen.recipe.seed, chosen.data.test) == (3, 0.4)
    browser.wait_for("document.querySelector('button[name=start]')")
    # In another tab, too, the room Data shows what will be trained.
    browser.evaluate("sessionStorage.removeItem('room.data')")
    browser.visit(here.room("data", source="flowers"))
    browser.wait_for("document.querySelector('.data-split-table')")
    assert rows(browser) == lawful(root, test=0.4, seed=3)
    browser.wait_for(f"{field}?.value === 'rotate 10'")
    assert browser.problems == []
    state = {"revision": _revision(here), "options": {}, "data": ""}
    assert here.ask("PUT", "/api/state", state).status == 200
    browser.evaluate("sessionStorage.clear()")


def test_augmentation_is_typed_refused_and_switched(
    browser: Browser, here: OpenLab
) -> None:
    enter(browser, here, source="digits")
    browser.wait_for("document.querySelectorAll('.data-preview tr').length === 8")
    field = "document.querySelector('[name=augment]')"
    assert browser.evaluate(f"{field}.value") == "shift 1"
    browser.evaluate(f"{field}.focus(); {field}.select()")
    browser.type("flop")
    browser.wait_for("document.querySelector('.data-augment .refusal')")
    assert "no augmentation 'flop'" in text(browser, ".data-augment .refusal")
    assert browser.evaluate(f"{field}.getAttribute('aria-invalid')") == "true"
    browser.evaluate(f"{field}.select()")
    browser.type("flip")
    browser.wait_for("!document.querySelector('.data-augment .refusal')")
    browser.click(".data-word[title='rotate 10']")
    browser.wait_for(f"{field}.value === 'flip, rotate 10'")
    browser.click(".data-word[title='flip']")
    browser.wait_for(f"{field}.value === 'rotate 10'")
    kept_on_server(here, augment="rotate 10")
    browser.visit(here.room("data"))
    browser.wait_for(f"{field}?.value === 'rotate 10'")
    assert refused(browser) == []
    browser.evaluate("sessionStorage.removeItem('room.data')")


def test_a_folder_that_vanishes_has_a_plain_answer(
    browser: Browser, here: OpenLab
) -> None:
    photos(here.folder / "fleeting", {"dark": 10, "light": 10})
    enter(browser, here, source="fleeting")
    browser.wait_for("document.querySelector('.data-report')")
    shutil.rmtree(here.folder / "fleeting")
    browser.click(".data-head .quiet")
    browser.wait_for("document.querySelector('.data-room .refusal')")
    assert "does not exist" in text(browser, ".data-room .refusal")
    assert refused(browser) == []
    browser.evaluate("sessionStorage.removeItem('room.data')")


def test_a_drawing_arrives_in_the_folder_of_its_class(
    browser: Browser, here: OpenLab
) -> None:
    enter(browser, here, view="own")
    browser.wait_for("document.querySelector('.data-draw-digits')")
    browser.click(".data-draw-digits")
    browser.wait_for("document.querySelectorAll('.data-class').length === 10")
    browser.click("[data-class='7'] .data-target")
    browser.click("[data-tab=pad]")
    browser.drag(".pad-canvas", (0.2, 0.2), (0.8, 0.2))
    browser.drag(".pad-canvas", (0.8, 0.2), (0.4, 0.8))
    seen = canvas(browser)
    browser.click(".source-use")
    browser.wait_for(
        "document.querySelector(\"[data-class='7'] .tile\")?.style.backgroundImage"
    )
    (path,) = (here.folder / "images/my digits/7").iterdir()
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image.convert("L")), seen)
    assert text(browser, "[data-class='7'] .chip") == "1" and browser.problems == []


def test_images_are_dropped_taken_removed_and_taken_back(
    browser: Browser, here: OpenLab, tmp_path: Path
) -> None:
    root = here.folder / "images/pets"
    here.ask("POST", "/api/data/own", {"name": "pets"})
    for name in ("cat", "dog <b>"):
        here.ask("POST", "/api/data/own", {"set": "pets", "name": name})
    enter(browser, here, view="own")
    browser.wait_for("document.querySelector('[name=collection]')")
    browser.evaluate(
        "(() => { const one = document.querySelector('[name=collection]');"
        " one.value = 'pets'; one.dispatchEvent(new Event('change')); })()"
    )
    browser.wait_for("document.querySelector(\"[data-class='dog <b>']\")")
    files = photos(tmp_path, {"x": 5})
    (tmp_path / "y.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "z.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    browser.give_files(".data-add input[type=file]", *sorted(files.rglob("*.p*")))
    browser.wait_for("document.querySelectorAll('[data-class=cat] li').length === 5")
    browser.wait_for("document.querySelectorAll('.data-add .refusal').length === 1")
    assert "'z.png' is broken" in text(browser, ".data-add .refusal")
    assert "'y.pdf' is a PDF document" in text(browser, ".data-add .view-refusal")
    assert sorted(path.name for path in (root / "cat").iterdir()) == [
        f"{number:03}.png" for number in range(5)
    ]
    gif = json.dumps([["page.pdf", "%PDF", 0]])
    browser.evaluate(f"{FILES}('drop', \"[data-class='dog <b>']\", {gif})")
    browser.wait_for("document.querySelectorAll('.data-add .refusal').length === 2")
    browser.click("[data-class='dog <b>'] .data-target")
    browser.click("[data-tab=camera]")
    browser.click(".camera-start")
    browser.wait_for("document.querySelector('video').videoWidth")
    browser.click(".camera-take")
    browser.wait_for(
        "document.querySelectorAll(\"[data-class='dog <b>'] li\").length === 1"
    )
    (taken,) = (root / "dog <b>").iterdir()
    with Image.open(taken) as image:
        assert image.size == (480, 480)
    browser.click("[data-class=cat] .danger")
    browser.wait_for("!document.querySelector('[data-class=cat]')")
    assert not (root / "cat").exists()
    browser.click(".data-undo")
    browser.wait_for("document.querySelectorAll('[data-class=cat] li').length === 5")
    assert len(list((root / "cat").iterdir())) == 5
    browser.click(".data-use-own")
    browser.wait_for("document.querySelector('.data-own-head .chip.good')")
    assert in_use(here) == str(root)
    assert refused(browser) == []


def test_a_class_is_called_what_is_typed(browser: Browser, here: OpenLab) -> None:
    here.ask("POST", "/api/data/own", {"name": "words"})
    enter(browser, here, view="own")
    browser.wait_for("document.querySelector('[name=collection]')")
    browser.evaluate(
        "(() => { const one = document.querySelector('[name=collection]');"
        " one.value = 'words'; one.dispatchEvent(new Event('change')); })()"
    )
    browser.wait_for("!document.querySelector('.data-class')")
    names = ["<script>alert(1)</script>", "\U0001f408", "../x"]
    kept = ["<script>alert(1)<-script>", "\U0001f408", "-x"]
    for count, name in enumerate(names, 1):
        browser.click(".data-add-class input")
        browser.type(name)
        browser.press("Enter")
        browser.wait_for(f"document.querySelectorAll('.data-class').length === {count}")
    shown = "[...document.querySelectorAll('.data-class h2')].map(e => e.innerText)"
    assert sorted(browser.evaluate(shown)) == sorted(kept)
    browser.click(".data-add-class input")
    browser.type("\U0001f408")
    browser.press("Enter")
    browser.wait_for("document.querySelector('.data-own > .refusal')")
    assert "already" in text(browser, ".data-own > .refusal")
    assert sorted(p.name for p in (here.folder / "images/words").iterdir()) == sorted(
        kept
    )
    assert refused(browser) == []


@pytest.mark.parametrize("view", ["source", "own"])
@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_stands_over_the_page(
    browser: Browser, here: OpenLab, view: str, width: int
) -> None:
    enter(browser, here, width=width, view=view, source="digits")
    shown = {"source": ".data-preview", "own": ".data-own-head, .data-draw-digits"}[
        view
    ]
    browser.wait_for(f"document.querySelector({shown!r})")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_an_image_that_is_too_large_is_refused_by_the_server(here: OpenLab) -> None:
    here.ask("POST", "/api/data/own", {"name": "large"})
    here.ask("POST", "/api/data/own", {"set": "large", "name": "a"})
    path, content = "/api/data/own/image?set=large&class=a", bytes(64 * 2**20 + 1)
    headers = {"Content_Type": "application/octet-stream"}
    answer = here.ask("PUT", path, content=content, **headers)
    assert answer.status == 413 and answer.value["error"]["code"] == "request-too-large"
    assert not list((here.folder / "images/large/a").iterdir())
