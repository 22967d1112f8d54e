"""The page around the rooms: what it says and keeps when things go wrong about it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser
from tests.lab.open_lab import OpenLab, open_lab
from tests.lab.settled import settled

TROUBLE = "document.querySelector('.trouble')?.innerText"
NOTICE = "document.querySelector('.notice p')?.innerText"
HEAD = "document.querySelector('h1')?.innerText"


@pytest.fixture(autouse=True)
def as_new(browser: Browser, lab: OpenLab) -> Iterator[None]:
    """Nothing is remembered from an earlier test."""
    browser.visit(f"http://{lab.host}/views.css")
    browser.evaluate("localStorage.clear(); sessionStorage.clear()")
    yield


def choose(browser: Browser, name: str, value: str) -> None:
    """Chooses in one of the two settings, as a user does."""
    browser.evaluate(
        f"(() => {{ const one = document.querySelector('[name={name}]');"
        f" one.value = '{value}'; one.dispatchEvent(new Event('change')); }})()"
    )


def plant(browser: Browser) -> None:
    """Gives `planted`, the store that all rooms share, to what a test evaluates."""
    browser.evaluate(
        "(async () => { const { Store } = await import('/lab/page/store.js');"
        " const all = Store.prototype, { refresh } = all; all.refresh = function() {"
        " globalThis.planted = this; return refresh.call(this); }; })()"
    )
    come_back(browser)
    browser.wait_for("typeof planted == 'object'")


def come_back(browser: Browser) -> None:
    """What happens when the tab is looked at again."""
    browser.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def change(browser: Browser, changes: str) -> None:
    """Has a room change what all rooms share."""
    browser.evaluate(f"planted.change({changes}).catch(() => {{}})")


def test_rooms_by_their_links_and_by_going_back(browser: Browser, lab: OpenLab) -> None:
    browser.visit(lab.room("window"))
    settled(browser)
    assert "token" not in browser.evaluate("location.href")
    browser.click("nav a[href='#/architect']")
    browser.wait_for(f"{HEAD} == 'Architect'")
    assert browser.evaluate("document.title") == "Architect · mirada"
    current = "document.querySelector('[aria-current=page]').innerText"
    assert browser.evaluate(current) == "Architect"
    browser.evaluate("document.querySelector('nav a[href=\"#/data\"]').focus()")
    browser.press("Enter")
    browser.wait_for(f"{HEAD} == 'Data'")
    browser.wait_for("document.activeElement.localName == 'h1'")
    browser.evaluate("history.back()")
    browser.wait_for(f"{HEAD} == 'Architect'")
    browser.evaluate("history.forward()")
    browser.wait_for(f"{HEAD} == 'Data'")
    assert browser.problems == []


def test_a_room_that_is_not_there(browser: Browser, lab: OpenLab) -> None:
    browser.visit(lab.room("window"))
    settled(browser)
    for name in ("attic", "constructor", "toString"):
        browser.evaluate(f"location.hash = '#/{name}'")
        text = f"There is no room of the name “{name}”."
        browser.wait_for(
            f"[...document.querySelectorAll('.notice p')]"
            f".some((one) => one.innerText == '{text}')"
        )
        assert browser.evaluate("location.hash") == "#/window"
    assert browser.evaluate(HEAD) == "Window" and browser.problems == []


def test_without_a_token_it_says_how_to_open(browser: Browser, lab: OpenLab) -> None:
    browser.visit(f"http://{lab.host}/")
    browser.wait_for(f"{HEAD} == 'Open the lab by its link'")
    assert "printed a link" in browser.evaluate(
        "document.querySelector('.lead').innerText"
    )
    assert browser.evaluate("document.querySelectorAll('nav').length") == 0
    choose(browser, "language", "es")
    browser.wait_for(f"{HEAD} == 'Abrir el laboratorio por su enlace'")
    browser.evaluate("location.hash = '#/architect'")
    assert browser.problems == []
    # The link opened in this tab, where only what follows the # changes.
    browser.evaluate(f"location.href = '{lab.url}&room=data'")
    browser.wait_for(f"{HEAD} == 'Datos'")
    assert browser.evaluate("location.hash") == "#/data" and browser.problems == []


def test_a_wrong_token_is_refused_in_words(browser: Browser, lab: OpenLab) -> None:
    browser.visit(f"http://{lab.host}/#token=wrong")
    assert "started anew" in browser.wait_for(TROUBLE)


def test_the_language_is_changed_in_place(browser: Browser, lab: OpenLab) -> None:
    browser.visit(lab.room("architect", run="example"))
    settled(browser)
    choose(browser, "language", "es")
    browser.wait_for(f"{HEAD} == 'Arquitecto'")
    assert browser.evaluate("document.documentElement.lang") == "es"
    assert browser.evaluate("location.hash") == "#/architect?run=example"
    browser.visit(lab.room("data"))
    browser.wait_for(f"{HEAD} == 'Datos'")
    choose(browser, "language", "en")
    browser.wait_for(f"{HEAD} == 'Data'")
    assert browser.problems == []


def test_colours_are_chosen_and_kept(browser: Browser, lab: OpenLab) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    browser.visit(lab.room("window"))
    settled(browser)
    light = browser.evaluate(paper)
    choose(browser, "theme", "dark")
    dark = browser.evaluate(paper)
    assert light != dark
    browser.visit(lab.room("window"))
    settled(browser)
    assert browser.evaluate(paper) == dark
    assert browser.evaluate("document.querySelector('[name=theme]').value") == "dark"
    browser.visit(lab.room("window"), is_dark=True)
    settled(browser)
    choose(browser, "theme", "light")
    assert browser.evaluate(paper) == light


def test_two_tabs_ask_which_stays(browser: Browser, lab: OpenLab) -> None:
    first, mine, theirs = "lenet5", "784-100-10", "digits"

    def elsewhere(network: str) -> None:
        """What another tab does."""
        revision = lab.ask("GET", "/api/state").value["revision"]
        changes = {"network": network, "revision": revision}
        assert lab.ask("PUT", "/api/state", changes).status == 200

    def there() -> str:
        return str(lab.ask("GET", "/api/state").value["network"])

    elsewhere(first)
    browser.visit(lab.room("exercises"))
    settled(browser)
    plant(browser)
    change(browser, f"{{network: '{first}'}}")
    for answer, kept in ((1, mine), (2, theirs)):
        elsewhere(theirs)
        change(browser, f"{{network: '{mine}'}}")
        change(browser, "{data: 'digits'}")
        browser.wait_for(NOTICE)
        assert browser.evaluate(NOTICE) == (
            "The network or the data was changed in another tab."
        )
        assert browser.evaluate("document.querySelectorAll('.notice').length") == 1
        assert there() == theirs
        stale = lab.ask("PUT", "/api/state", {"network": mine, "revision": 0})
        assert stale.value["error"]["code"] == "lab-changed-elsewhere"
        browser.click(f".notice button:nth-of-type({answer})")
        browser.wait_for(f"planted.state.network == '{kept}'")
        browser.wait_for("!planted.hasUnsaved() && !planted.isInConflict")
        assert there() == kept
        elsewhere(first)
        browser.evaluate("planted.refresh()")
        assert browser.evaluate("planted.state.network") == first
    browser.problems.clear()


def test_another_tab_is_followed_on_coming_back(browser: Browser, lab: OpenLab) -> None:
    browser.visit(lab.room("exercises"))
    settled(browser)
    plant(browser)
    change(browser, "{network: 'digits'}")
    browser.wait_for("planted.state.network == 'digits'")
    revision = lab.ask("GET", "/api/state").value["revision"]
    lab.ask("PUT", "/api/state", {"network": "lenet5", "revision": revision})
    come_back(browser)
    browser.wait_for("planted.state.network == 'lenet5'")
    assert browser.problems == []


def test_the_lab_ends_and_is_started_anew(browser: Browser, tmp_path: Path) -> None:
    with open_lab(tmp_path) as first:
        browser.visit(first.room("exercises"))
        settled(browser)
        plant(browser)
        change(browser, "{network: 'lenet5'}")
        browser.wait_for("planted.state.network == 'lenet5'")
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
    port = first.host.rpartition(":")[2]
    change(browser, "{network: 'digits'}")
    assert "does not answer" in browser.wait_for(TROUBLE)
    browser.click("nav a[href='#/data']")
    browser.wait_for(f"{HEAD} == 'Data'")
    choose(browser, "language", "es")
    assert "does not answer" in browser.evaluate(TROUBLE)
    with open_lab(tmp_path, "--port", port) as second:
        words = "El laboratorio se inició de nuevo"
        browser.wait_for(f"({TROUBLE} ?? '').startsWith('{words}')", 20)
        assert second.ask("GET", "/api/state").value["network"] == "lenet5"
        browser.evaluate(f"location.href = '{second.url}'")
        browser.wait_for(f"!({TROUBLE})")
        browser.wait_for("!planted.hasUnsaved()")
        assert second.ask("GET", "/api/state").value["network"] == "digits"
        browser.wait_for(f"{HEAD} == 'Ventana'")


def test_a_tab_that_was_left_behind_goes_on(browser: Browser, lab: OpenLab) -> None:
    """Another tab, opened by the new link, tells it the token."""
    browser.visit(f"http://{lab.host}/#token=old&room=data")
    assert "started anew" in browser.wait_for(TROUBLE)
    browser.evaluate(f"new BroadcastChannel('mirada').postMessage('{lab.token}')")
    browser.wait_for(f"!({TROUBLE})")
    assert browser.evaluate(HEAD) == "Data"


def test_a_room_with_a_fault_says_so(browser: Browser, lab: OpenLab) -> None:
    browser.visit(lab.room("window"))
    settled(browser)
    browser.evaluate(
        "(() => { const make = document.createElement;"
        " document.createElement = function(name) {"
        " if (['p', 'template'].includes(name)) return make.call(document, name);"
        " document.createElement = make; throw new Error('planted'); }; })()"
    )
    browser.click("nav a[href='#/data']")
    browser.wait_for(f"{HEAD} == 'Data'")
    told = browser.evaluate("document.querySelector('.refusal').innerText")
    assert told.startswith("This room could not be opened.")
    assert browser.problems == ["exception: Uncaught"]
    browser.click("nav a[href='#/window']")
    browser.click("nav a[href='#/data']")
    browser.wait_for(f"{HEAD} == 'Data' && !document.querySelector('.refusal')")
