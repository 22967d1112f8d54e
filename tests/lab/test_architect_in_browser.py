"""The architect in a real browser: clicked, typed, dragged, undone, and never lost."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirada import models
from mirada.analysis import explain, summarize
from mirada.network import Network
from mirada.network.file import from_toml, to_toml
from tests.browser import Browser, chromium
from tests.lab.open_lab import OpenLab, open_lab

ROWS = "document.querySelectorAll('.layer[data-place]').length"
TEXT = "(document.querySelector('#architect-text')?.value ?? '')"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLab]:
    with open_lab(tmp_path_factory.mktemp("architect")) as found:
        yield found


def enter(browser: Browser, lab: OpenLab, *, width: int = 1400) -> None:
    """Opens the room as a newcomer does: with nothing kept from before."""
    browser.visit(lab.url, width=width)
    browser.evaluate("sessionStorage.removeItem('room.architect')")
    revision = lab.ask("GET", "/api/state").value["revision"]
    lab.ask("PUT", "/api/state", {"revision": revision, "network": ""})
    browser.visit(lab.room("architect"), width=width)
    browser.wait_for(ROWS)


def shown(browser: Browser) -> list[list[str]]:
    """Name, output, parameters, MACs and field of every row of the column."""
    script = (
        "[...document.querySelectorAll('.layer[data-place]')].map(row =>"
        " [row.querySelector('strong'),"
        " ...row.querySelectorAll('.layer-shape, .layer-number')]"
        ".map(one => one.lastChild.textContent.trim()))"
    )
    found: list[list[str]] = browser.evaluate(script)
    return found


def expected(network: Network) -> list[list[str]]:
    rows = []
    for row in summarize(network).layers:
        plain = row.to_dict()
        field = plain["receptive_field_detail"]["size"]
        rows.append(
            [
                row.name,
                "×".join(map(str, row.output_shape)),
                f"{row.parameters.total:,}",
                f"{row.operations.macs:,}",
                str(field[0]) if field[0] == field[1] else "×".join(map(str, field)),
            ]
        )
    return rows


def kept(lab: OpenLab) -> Any:
    return lab.ask("GET", "/api/state").value["network"]


def wait_kept(browser: Browser, lab: OpenLab, text: str) -> None:
    """Until the server keeps the text."""
    script = (
        "fetch('/api/state', {headers: {Authorization: 'Bearer ' +"
        f" {json.dumps(lab.token)}}}}}).then(r => r.json())"
        f".then(state => state.network === {json.dumps(text)})"
    )
    browser.wait_for(script)


def test_column_text_and_numbers_are_always_in_step(
    browser: Browser, room: OpenLab
) -> None:
    enter(browser, room)
    network = models.lenet5()
    assert browser.evaluate(TEXT) == to_toml(network)
    assert shown(browser) == expected(network)
    assert kept(room) == ""  # a newcomer has built nothing yet
    browser.click("[data-place='0'] .layer-button")
    browser.wait_for("document.querySelector('[data-field=out_channels] input')")
    lines = [str(line) for line in explain(summarize(network).layers[0])]
    why = "[...document.querySelectorAll('.why li')].map(one => one.textContent)"
    assert browser.evaluate(why) == lines
    write(browser, "[data-field=out_channels] input", "12")
    browser.wait_for(f"{TEXT}.includes('conv 12 5x5 pad 2')")
    changed = from_toml(browser.evaluate(TEXT)).network
    assert changed == from_toml(to_toml(network).replace("conv 6", "conv 12")).network
    assert shown(browser) == expected(changed)
    wait_kept(browser, room, to_toml(changed))
    browser.evaluate("document.querySelector('#architect-text').focus()")
    browser.evaluate(
        "(() => { const area = document.querySelector('#architect-text');"
        " const at = area.value.indexOf('linear 84');"
        " area.setSelectionRange(at, at + 9); })()"
    )
    browser.type("linear 50")
    browser.wait_for(
        "document.querySelector('.layer[data-place=\"9\"]').textContent.includes('50')"
    )
    assert shown(browser) == expected(from_toml(browser.evaluate(TEXT)).network)
    for _ in range(2):
        browser.press("z", held=("Control",))
    browser.wait_for(f"{TEXT} === {json.dumps(to_toml(network))}")
    browser.press("z", with_shift=True, held=("Control",))
    browser.wait_for(f"{TEXT} === {json.dumps(to_toml(changed))}")
    assert browser.problems == []


def test_an_impossible_layer_is_mended_by_one_click(
    browser: Browser, room: OpenLab
) -> None:
    enter(browser, room)
    browser.click("[data-place='0'] .layer-button")
    browser.wait_for("document.querySelector('[data-set=text]')")
    write(browser, "[data-set=text]", "conv 6 5x5 stride 5")
    browser.wait_for("document.querySelector('.layer.wrong')")
    row = "document.querySelector('.layer.wrong')"
    assert "conv2" in browser.evaluate(f"{row}.textContent")
    assert browser.evaluate(f"{ROWS.replace('.length', '')}[11].className").split() == [
        *("layer", "waiting")
    ]
    words = "[...document.querySelectorAll('.remedy')].map(one => one.textContent)"
    offered = browser.evaluate(words)
    assert offered
    browser.click(".remedy")
    browser.wait_for("!document.querySelector('.layer.wrong')")
    network = from_toml(browser.evaluate(TEXT)).network
    assert shown(browser) == expected(network)
    # A value outside its limit is refused beside its field, and changes nothing.
    write(browser, "[data-field=stride] input", "0")
    browser.wait_for("document.querySelector('[data-field=stride] .form-error')")
    assert from_toml(browser.evaluate(TEXT)).network == network
    assert browser.evaluate(
        "document.querySelector('[data-field=stride] input').ariaInvalid"
    )
    assert browser.problems == [], browser.problems


def write(browser: Browser, selector: str, text: str) -> None:
    """Writes into an input and leaves it."""
    browser.evaluate(
        f"(() => {{ const one = document.querySelector('{selector}');"
        " one.focus(); one.select(); })()"
    )
    browser.type(text)
    browser.press("Enter")


def test_by_keyboard_alone(browser: Browser, room: OpenLab) -> None:
    enter(browser, room)
    browser.evaluate(
        "document.querySelector('[data-place=\"1\"] .layer-button').focus()"
    )
    browser.press("ArrowDown", held=("Alt",))
    browser.wait_for(f"{TEXT}.indexOf('maxpool') < {TEXT}.indexOf('relu')")
    focused = "document.activeElement.closest('[data-place]')?.dataset.place"
    browser.wait_for(f"{focused} === '2'")
    browser.press("ArrowUp")
    assert browser.evaluate(focused) == "1"
    browser.press("Delete")
    browser.wait_for(f"{ROWS} === 11")
    browser.wait_for(f"{focused} === '1'")
    browser.press("Enter")
    browser.wait_for("document.querySelector('.layer.chosen .view-form, .layer-tools')")
    browser.press("Escape")
    browser.wait_for("!document.querySelector('.layer.chosen')")
    browser.evaluate("document.querySelector('[data-do=add]').focus()")
    browser.press("Enter")
    browser.wait_for("document.activeElement.classList.contains('palette-kind')")
    write(browser, "#palette-text", "softmax")
    browser.wait_for(f"{ROWS} === 12")
    browser.wait_for(f"{focused} === '11'")
    assert from_toml(browser.evaluate(TEXT)).network.nodes[-1].layer.kind == "softmax"
    assert browser.problems == []


def test_a_layer_is_dragged(browser: Browser, room: OpenLab) -> None:
    enter(browser, room)
    browser.drag("[data-place='1'] .grip", (0.5, 0.5), (0.5, 1.9))
    browser.wait_for(f"{TEXT}.indexOf('maxpool') < {TEXT}.indexOf('relu')")
    names = [row[0] for row in shown(browser)]
    assert names[:3] == ["conv1", "maxpool1", "relu1"]
    assert browser.problems == []


def test_known_networks_code_and_drawing(browser: Browser, room: OpenLab) -> None:
    enter(browser, room)
    browser.click("[data-do=known]")
    browser.wait_for("document.querySelector('dialog').open")
    browser.evaluate("document.querySelector('dialog [name=classes]').focus()")
    browser.type("5")
    browser.click("dialog [data-network=resnet18_cifar]")
    network = models.resnet18_cifar(classes=5)
    browser.wait_for(f"{TEXT} === {json.dumps(to_toml(network))}")
    browser.wait_for(f"{ROWS} === {len(network.nodes)}")
    assert shown(browser) == expected(network)
    joins = sum(len(node.inputs) > 1 for node in network.nodes)
    assert browser.evaluate("document.querySelectorAll('.skips path').length") >= joins
    for language, word in (
        ("torch", "nn.Module"),
        ("python", "Network("),
        ("json", "["),
    ):
        browser.click(f"[data-language={language}]")
        browser.wait_for(
            f"document.querySelector('.code-shown').textContent.includes('{word}')"
        )
    browser.evaluate(
        "window.saved = []; URL.createObjectURL = blob => { saved.push(blob);"
        " return 'data:,'; }"
    )
    browser.click("[data-do=svg]")
    text = browser.evaluate("saved[0].text()")
    assert ET.fromstring(text).tag.endswith("svg")
    assert browser.problems == []


def test_nothing_typed_is_lost(browser: Browser, room: OpenLab) -> None:
    """A text with errors, a reload, another tab, and a server that was away."""
    enter(browser, room)
    broken = 'input = "1x8x8"\nlayers = ["relu", "conv 3x3", \nnot toml at all'
    browser.evaluate("document.querySelector('#architect-text').select()")
    browser.type(broken)
    browser.wait_for("document.querySelector('[role=alert] .refusal')")
    wait_kept(browser, room, broken)
    browser.visit(room.room("architect"))
    browser.wait_for(f"{TEXT} === {json.dumps(broken)}")
    browser.wait_for("document.querySelector('[role=alert] .refusal')")
    browser.press("z", held=("Control",))
    browser.wait_for(f"{TEXT}.startsWith('name = \"lenet5\"')")
    browser.wait_for(f"{ROWS} === 12")
    wait_kept(browser, room, to_toml(models.lenet5()))
    theirs = to_toml(models.digits())
    revision = room.ask("GET", "/api/state").value["revision"]
    room.ask("PUT", "/api/state", {"revision": revision, "network": theirs})
    browser.evaluate("document.querySelector('#architect-text').select()")
    browser.type("relu")
    browser.wait_for(
        "document.querySelectorAll('.notice.question button').length === 2"
    )
    browser.click(".notice.question button:last-of-type")
    browser.wait_for(f"{TEXT} === {json.dumps(theirs)}")
    browser.press("z", held=("Control",))
    browser.wait_for(f"{TEXT} === 'relu' || {TEXT}.includes('\"relu\",\\n]')")
    assert all("409" in problem for problem in browser.problems), browser.problems


def test_what_is_pasted_becomes_toml(browser: Browser, room: OpenLab) -> None:
    enter(browser, room)
    browser.evaluate(
        "(() => { const area = document.querySelector('#architect-text'); area.focus();"
        " area.select(); area.dispatchEvent(new ClipboardEvent('paste')); })()"
    )
    browser.type("input 2x6x6\nconv 3 3x3\nrelu\n")
    browser.wait_for(f"{TEXT}.startsWith('input = \"2x6x6\"')")
    assert from_toml(browser.evaluate(TEXT)).network.output == (3, 4, 4)
    wait_kept(browser, room, browser.evaluate(TEXT))
    assert browser.problems == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_fits_a_telephone(browser: Browser, room: OpenLab, language: str) -> None:
    browser.visit(room.url)
    browser.evaluate(f"localStorage.setItem('language', '{language}')")
    enter(browser, room, width=360)
    browser.click("[data-place='3'] .layer-button")
    browser.wait_for("document.querySelector('.view-form input')")
    assert browser.evaluate("document.documentElement.scrollWidth") == 360
    title = browser.evaluate("document.querySelector('h1').textContent")
    assert title == {"en": "Architect", "es": "Arquitecto"}[language]
    browser.evaluate("localStorage.setItem('language', 'en')")
    assert browser.problems == []


def test_the_drawing_opens_as_a_picture(
    browser: Browser, room: OpenLab, tmp_path: Path
) -> None:
    """Every known network, drawn by the view alone, is well-formed and to scale."""
    browser.visit(room.room("window"))
    for name in models.MODELS:
        data = summarize(models.build(name)).to_dict()
        text = browser.evaluate(
            "import('/views/network_svg.js').then(found => found.networkSvg("
            f"{json.dumps(data)}))"
        )
        root = ET.fromstring(text)
        labels = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
        shape = "×".join(map(str, data["output_shape"]))
        assert shape in labels
    path = tmp_path / "drawing.svg"
    path.write_text(text, "utf-8")
    with chromium(tmp_path / "profile") as other:
        other.open(path, width=1400)
        tag = "document.documentElement.tagName"
        assert other.evaluate(tag) == "svg"
        assert other.problems == []


def test_a_training_that_goes_on_keeps_its_own_network(
    room: OpenLab, browser: Browser
) -> None:
    enter(browser, room)
    assert browser.evaluate("document.querySelector('.architect-training')") is None
    order = {"data": "digits", "options": {"epochs": 1000}}
    assert room.ask("POST", "/api/training/start", order).status == 200
    try:
        browser.visit(room.room("architect"))
        browser.wait_for("document.querySelector('.architect-training')")
        text = browser.evaluate(
            "document.querySelector('.architect-training').innerText"
        )
        assert "the network that it began with" in text
    finally:
        room.ask("POST", "/api/training/stop", {})
    assert browser.problems == []
