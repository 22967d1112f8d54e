"""The room Train in a real browser: started, steered, lost and found again."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirada import models
from mirada.network.file import to_toml
from mirada.training import read_run
from tests.browser import Browser
from tests.lab.open_lab import OpenLab, open_lab
from tests.lab.test_training import SMALL
from tests.lab.training_kit import waited

TEXT = "(document.querySelector('main')?.innerText ?? '')"


@pytest.fixture(scope="module")
def own_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLab]:
    """A lab with a small network to be trained, so that much happens in a second."""
    folder = tmp_path_factory.mktemp("training")
    state = {"revision": 1, "network": SMALL, "data": "digits", "run": ""}
    (folder / "lab.json").write_text(json.dumps(state))
    with open_lab(folder) as found:
        yield found


def says(browser: Browser, words: str, seconds: float = 30.0) -> None:
    browser.wait_for(f"{TEXT}.includes({json.dumps(words)})", seconds)


def now(lab: OpenLab) -> Any:
    return lab.ask("GET", "/api/training").value


def value_of(browser: Browser, label: str) -> str:
    """What stands under a label among the facts of the run."""
    found = browser.evaluate(
        "[...document.querySelectorAll('.live dl.facts > div')]"
        f".find((one) => one.firstElementChild.textContent === {json.dumps(label)})"
        "?.lastElementChild.textContent"
    )
    return str(found)


def test_a_network_is_trained_steered_lost_and_found(
    own_lab: OpenLab, browser: Browser
) -> None:
    lab = own_lab
    browser.visit(lab.room("train"))
    browser.wait_for("document.querySelector('.plan table') !== null")
    says(browser, "1259 to train")
    browser.click("details summary")
    browser.click("input[name=epochs]")
    browser.type("5000")
    browser.wait_for("document.querySelector('.plan').innerText.includes('given')")
    browser.click("button[name=start]")
    browser.wait_for(
        "document.querySelectorAll('.view-map-grid canvas').length > 0", 30
    )
    browser.wait_for("document.querySelector('.view-curves path.training') !== null")
    assert "running" in str(browser.evaluate(TEXT))
    browser.click("button[name=half]")
    says(browser, "learning rate was changed by hand")
    # Reloading finds it again, with all that was.
    epoch = now(lab)["epoch"]
    browser.visit(lab.room("train"))
    browser.wait_for("document.querySelector('.view-curves path.training') !== null")
    says(browser, "learning rate was changed by hand")
    assert now(lab)["epoch"] >= epoch and now(lab)["state"] == "running"
    browser.click("button[name=pause]")
    says(browser, "It waits, and is saved")
    story = lab.ask("GET", f"/api/training/runs/{now(lab)['run']}").value
    shown = value_of(browser, "validation accuracy")
    accuracy = story["rows"][-1]["validation_accuracy"]
    assert shown == f"{100 * accuracy:.1f} %"
    says(browser, f"Epoch {len(story['rows']) + 1} of 5000")
    browser.click("button[name=pause]")
    browser.wait_for("!document.querySelector('main').innerText.includes('It waits')")
    # It is killed, and goes on by one click.
    os.kill(now(lab)["process"], signal.SIGKILL)
    says(browser, "has died (SIGKILL)")
    browser.click("button[name=resume]")
    browser.wait_for("document.querySelector('button[name=pause]') !== null", 30)
    browser.click("button[name=stop]")
    says(browser, "It was stopped, and all is saved.")
    run = read_run(lab.folder / "runs" / now(lab)["run"])
    assert run.rate_changes[0].factor == 0.5 and not run.ended
    assert browser.problems == []


def test_it_ends_in_spanish_in_the_dark_on_a_phone(
    own_lab: OpenLab, browser: Browser, tmp_path: Path
) -> None:
    lab = own_lab
    order = {"data": "digits", "network": SMALL, "options": {"epochs": 4}}
    waited(lambda: not now(lab)["process"])
    assert lab.ask("POST", "/api/training/start", order).status == 200
    browser.evaluate("localStorage.setItem('language', 'es')")
    try:
        browser.visit(lab.room("train"), width=360, is_dark=True, is_still=True)
        says(browser, "Exactitud en la prueba")
        run = read_run(lab.folder / "runs" / now(lab)["run"])
        assert run.test is not None
        share = f"{100 * run.test.accuracy:.1f} %".replace(".", ",")
        says(browser, f"Exactitud en la prueba: {share}")
        right = sum(row[place] for place, row in enumerate(run.test.confusion))
        says(browser, f"{right} de 359")
        says(browser, "terminada")
        wide = browser.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        browser.click("button[name=look]")
        browser.wait_for("location.hash.startsWith('#/look?run=')")
        name = run.folder.name
        waited(lambda: lab.ask("GET", "/api/state").value["run"] == name)
    finally:
        browser.evaluate("localStorage.setItem('language', 'en')")
    assert browser.problems == []


def test_what_cannot_be_trained_is_said_in_place(
    own_lab: OpenLab, browser: Browser
) -> None:
    lab = own_lab
    waited(lambda: not now(lab)["process"])
    browser.visit(lab.room("train"))
    browser.wait_for("document.querySelector('.plan table') !== null")
    browser.evaluate("document.querySelector('.setup details').open = true")
    browser.evaluate("document.querySelector('input[name=optimizer]').focus()")
    browser.type("magic")
    browser.wait_for("document.querySelector('.plan .refusal') !== null")
    assert "magic" in str(browser.evaluate(TEXT))
    browser.click("button[name=start]")
    browser.wait_for("document.querySelector('.plan .refusal') !== null")
    assert now(lab)["process"] is None
    # Refused is what was typed, and it is still there.
    typed = "document.querySelector('input[name=optimizer]').value"
    assert browser.evaluate(typed) == "magic"
    browser.evaluate("sessionStorage.removeItem('room.train')")
    complaint = "Failed to load resource: the server responded with a status of 422"
    assert all(complaint in problem for problem in browser.problems)


def test_a_run_of_before_is_shown_by_its_name(
    own_lab: OpenLab, browser: Browser
) -> None:
    lab = own_lab
    rows = lab.ask("GET", "/api/training/runs").value["runs"]
    done = next(row for row in rows if row["state"] == "finished")
    browser.visit(lab.room("train", run=done["run"]))
    says(browser, f"Test accuracy: {100 * done['test_accuracy']:.1f} %")
    browser.evaluate("document.querySelector('.view-curves .charts').focus()")
    browser.press("Home")
    story = lab.ask("GET", f"/api/training/runs/{done['run']}").value
    says(browser, f"Epoch 1: training loss {story['rows'][0]['train_loss']:.4f}"[:-1])
    browser.evaluate("document.querySelector('.view-confusion .scroll').focus()")
    for key in ("ArrowRight", "ArrowDown", "ArrowRight"):
        browser.press(key)
    count = story["test"]["counts"][1][1]
    says(browser, f"1 taken for 1: {count} (")
    assert browser.problems == []


def test_a_network_of_other_outputs_is_mended_by_a_click(
    lab: OpenLab, browser: Browser
) -> None:
    network = to_toml(models.lenet5())
    state = lab.ask("GET", "/api/state").value
    change = {"revision": state["revision"], "network": network, "data": "flowers"}
    lab.ask("PUT", "/api/state", change)
    browser.visit(lab.room("architect"))
    says(browser, "linear 10")
    browser.visit(lab.room("train"))
    browser.wait_for("document.querySelector('button[name=remedy]') !== null")
    says(browser, "Give it 3 outputs")
    # Also where it was begun all the same.
    browser.click("button[name=start]")
    browser.wait_for("document.querySelector('.live button[name=remedy]') !== null")
    browser.click(".live button[name=remedy]")
    browser.wait_for("document.querySelector('.plan table') !== null", 30)
    assert browser.evaluate("document.querySelector('button[name=remedy]')") is None
    browser.click("button[name=start]")
    waited(lambda: now(lab)["state"] == "running")
    browser.click("button[name=stop]")
    waited(lambda: now(lab)["state"] == "stopped" and not now(lab)["process"])
    browser.visit(lab.room("architect"))
    says(browser, "linear 3")
    browser.click("[data-do=undo]")
    says(browser, "linear 10")


def test_it_begins_with_weights_that_are_there(
    browser: Browser, own_lab: OpenLab, stage: Path
) -> None:
    lab = own_lab
    best = stage / "runs" / "example" / "best.safetensors"
    shutil.copy(best, lab.folder / "other.safetensors")
    browser.visit(lab.room("train"))
    browser.wait_for("document.querySelector('option[value=\"other.safetensors\"]')")
    browser.evaluate(
        "(() => { const one = document.querySelector('select[name=weights]');"
        " one.value = 'other.safetensors'; one.dispatchEvent(new Event('change')); })()"
    )
    says(browser, "have nothing in common with network 'small'")
    browser.click("button[name=choose]")
    says(browser, "that of the weights it begins with")
    browser.click("input[name=freeze]")
    says(browser, "* 0, linear2 1")
    assert "other.safetensors (6 of 8 parameters)" in browser.evaluate(TEXT)
    assert browser.problems == []
    browser.evaluate("sessionStorage.removeItem('room.train')")
