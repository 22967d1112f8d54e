"""Every room in a real browser: both languages, light and dark, narrow and wide."""

import re

import pytest

from tests.browser import Browser
from tests.lab.open_lab import OpenLab
from tests.lab.settled import calm, settled
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

ROOMS = ("window", "architect", "data", "train", "look", "exercises", "export")
WAYS = [(width, is_dark) for is_dark in (False, True) for width in (1400, 360)]
MOST_STOPS = 400

SERIOUS = """
axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.filter(({ impact }) => impact == "serious" || impact == "critical")
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target }) => `${id} (${help}): ${target.join(" ")}`)))
"""

needs_axe = pytest.mark.skipif(
    not AXE.exists(), reason="needs axe: npm install --no-package-lock"
)


def open_room(
    browser: Browser, lab: OpenLab, room: str, language: str, *, is_still: bool = False
) -> None:
    """Opens a room in a language, and waits until it is drawn."""
    if browser.evaluate("location.host") != lab.host:
        browser.visit(lab.url)
    browser.evaluate(f"localStorage.setItem('language', '{language}')")
    params = {"run": "example"} if room in ("look", "export", "train") else {}
    browser.visit(lab.room(room, **params), is_still=is_still)
    settled(browser)


def faults(browser: Browser, room: str, language: str) -> list[str]:
    """What is wrong with the room that is open, dressed in every way."""
    found = []
    for width, is_dark in WAYS:
        browser.dress(width=width, is_dark=is_dark)
        calm(browser)
        where = f"{room} {language} {width} {'dark' if is_dark else 'light'}"
        complaints = browser.evaluate(COMPLAINTS) + browser.problems
        browser.problems.clear()
        brightest = browser.evaluate(LIGHT)
        if not (brightest < 64 if is_dark else brightest > 240):
            complaints.append(f"paper of {brightest}")
        found += [f"{where}: {complaint}" for complaint in complaints]
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room(browser: Browser, lab: OpenLab, room: str) -> None:
    found, texts = [], {}
    for language in ("en", "es"):
        open_room(browser, lab, room, language)
        assert browser.evaluate("document.documentElement.lang") == language
        assert browser.evaluate("location.hash").startswith(f"#/{room}")
        assert browser.evaluate("document.querySelector('main').innerText.length > 40")
        texts[language] = browser.evaluate(TEXTS)
        found += faults(browser, room, language)
    left = english_left(texts["es"], texts["en"])
    found += [f"{room} es: still English: {text}" for text in left]
    assert not found, "\n".join(found)


@needs_axe
@pytest.mark.parametrize("room", ROOMS)
def test_axe_finds_no_serious_fault(browser: Browser, lab: OpenLab, room: str) -> None:
    open_room(browser, lab, room, "en")
    browser.evaluate(AXE.read_text("utf-8") + "; true")
    found = []
    for width, is_dark in ((1400, False), (360, True)):
        browser.dress(width=width, is_dark=is_dark)
        calm(browser)
        found += [f"{room} {width}: {fault}" for fault in browser.evaluate(SERIOUS)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("room", ROOMS)
def test_keyboard_alone_and_stillness(
    browser: Browser, lab: OpenLab, room: str
) -> None:
    open_room(browser, lab, room, "en", is_still=True)
    found = browser.evaluate(MOVING) + by_keyboard(browser)
    assert not found, "\n".join(found)


def by_keyboard(browser: Browser) -> list[str]:
    """Goes through the page by Tab; what it does not reach, or where that is unseen."""
    for _ in range(MOST_STOPS):
        browser.press("Tab")
        if not browser.evaluate(FOCUS_STEP):
            break
    else:
        return [f"more than {MOST_STOPS} stops"]
    found: list[str] = browser.evaluate(REACHED_BY_KEYBOARD)
    return found


def plant(browser: Browser, script: str) -> None:
    """Adds faults to the room that is open."""
    main = "const main = document.querySelector('main');"
    browser.evaluate(f"(() => {{ {main} {script} }})()")


def test_faults_are_found(browser: Browser, lab: OpenLab) -> None:
    open_room(browser, lab, "window", "es")
    plant(
        browser,
        "const add = (name, text, more) => { const one = document.createElement(name);"
        " one.textContent = text; Object.assign(one.style, more); main.append(one);"
        " return one; };"
        "add('p', 'Window'); add('p', 'these are the same words in both');"
        "add('p', 'pale', {color: '#999', background: '#fff'});"
        "add('div', '', {width: '1500px', height: '2px'}).className = 'broad';"
        "add('h4', 'Deep'); add('canvas', '');"
        "console.error('planted');",
    )
    told = " ".join(faults(browser, "window", "es"))
    for words in (
        *("window es 360 dark: ", "pixels wide", "reaches to", "contrast 2.85: pale"),
        *("out of order: Deep", "a figure without words", "console error: planted"),
    ):
        assert words in told, words
    texts = browser.evaluate(TEXTS)
    same = "these are the same words in both"
    assert {"Window", same} <= set(english_left(texts, [same, "uno"]))
    assert english_left([t for t in texts if t not in ("Window", same)]) == []
    browser.evaluate("localStorage.removeItem('language')")


@needs_axe
def test_axe_is_heard(browser: Browser, lab: OpenLab) -> None:
    open_room(browser, lab, "window", "en")
    plant(browser, "main.append(document.createElement('button'));")
    browser.evaluate(AXE.read_text("utf-8") + "; true")
    assert re.match(r"button-name \(.*\): .*button", browser.evaluate(SERIOUS)[0])


def test_what_the_keyboard_cannot_do_is_found(browser: Browser, lab: OpenLab) -> None:
    open_room(browser, lab, "window", "en")
    plant(
        browser,
        "const add = (name, more) => { const one = document.createElement(name);"
        " one.textContent = 'x'; Object.assign(one, more); main.append(one);"
        " return one; };"
        "add('button', {tabIndex: -1, id: 'unreachable'});"
        "add('button', {tabIndex: 3, id: 'first'});"
        "add('button', {id: 'unseen'}).style.outline = 'none';"
        "add('span', {id: 'spoken'}).setAttribute('role', 'button');",
    )
    told = "\n".join(by_keyboard(browser))
    assert re.search('not reached by Tab: <button.*id="unreachable"', told)
    assert re.search('out of the page.s order: <button.*id="first"', told)
    assert re.search('focus is not seen: <button.*id="unseen"', told)
    assert re.search('not reached by Tab: <span.*id="spoken"', told)
    assert "goes back to" in told


def test_what_moves_is_found(browser: Browser, lab: OpenLab) -> None:
    open_room(browser, lab, "window", "en", is_still=True)
    plant(
        browser,
        "main.className = 'planted';"
        " main.animate([{opacity: 0}, {opacity: 1}], {duration: 9e6});",
    )
    assert browser.evaluate(MOVING) == ["moves: planted"]
