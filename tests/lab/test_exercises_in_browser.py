"""The room of exercises in a real browser: questions, hints, tables."""

import json
from pathlib import Path
from typing import Any

from mirada.analysis.checking import check
from mirada.analysis.exercises import Grid, generate_exercises
from mirada.models import build
from mirada.views.exercises import typeset
from mirada.views.svg import write
from tests.browser import Browser
from tests.lab.open_lab import OpenLab

READY = "document.querySelector('button[name=answer]')"
NEXT = "document.querySelector('button[name=next]')"


def shown(browser: Browser, selector: str) -> str:
    text = browser.evaluate(
        f"document.querySelector({json.dumps(selector)})?.innerText"
    )
    return str(text or "")


def printed(text: str) -> str:
    return "".join(p if isinstance(p, str) else write(p) for p in typeset(text))


def open_quiz(browser: Browser, lab: OpenLab, **params: str) -> None:
    browser.visit(lab.url)
    browser.evaluate("sessionStorage.removeItem('room.exercises.quiz')")
    browser.visit(lab.room("exercises", **params))
    browser.wait_for(READY)


def fill(browser: Browser, exercise: Any) -> None:
    """Types the right answer, into one field or cell by cell."""
    answer = exercise.answer
    if not isinstance(answer, Grid):
        browser.click("input[name=given]")
        browser.type(answer.text)
        return
    rows = [row.split() for row in answer.text.split("; ")]
    size = "document.querySelectorAll('.sizer span')[{}].innerText.split(' ')[0] * 1"
    for axis, wanted in enumerate((len(rows), len(rows[0]))):
        have = browser.evaluate(size.format(axis))
        side = "last" if wanted > have else "first"
        for _ in range(abs(wanted - have)):
            browser.click(f".sizer:nth-child({axis + 1}) button:{side}-child")
    browser.click("[data-cell='0,0']")
    for place, cell in enumerate(cell for row in rows for cell in row):
        browser.type(cell)
        if place + 1 < len(rows) * len(rows[0]):
            browser.press("Enter")


def test_a_set_is_answered_reviewed_and_kept(browser: Browser, lab: OpenLab) -> None:
    wanted = generate_exercises(3, 2, 5, ("size", "pooling"))
    open_quiz(browser, lab, seed="3", level="2", count="5", topics="size,pooling")
    for place, exercise in enumerate(wanted):
        browser.wait_for(READY)
        text = printed(str(exercise.question)).replace("&amp;", "&")
        assert shown(browser, ".question") == text
        if place == 1:
            browser.click("button[name=skip]")
        else:
            fill(browser, exercise)
            browser.press("Enter")
        browser.wait_for(NEXT)
        verdict = shown(browser, ".correction .verdict")
        assert verdict.startswith("✗ Passed over" if place == 1 else "✓ Right")
        steps = browser.evaluate("document.querySelectorAll('.steps li').length")
        assert steps == len(exercise.steps)
        assert browser.evaluate("document.activeElement.name") == "next"
        browser.press("Enter")
    browser.wait_for("document.querySelector('.review')")
    assert shown(browser, ".review h2") == "Score: 4 of 5"
    # Coming back keeps what was answered; the address is that of the same questions.
    assert "seed=3&level=2&count=5" in browser.evaluate("location.hash")
    browser.visit(lab.room("exercises"))
    browser.wait_for("document.querySelector('.review h2')?.innerText.includes('4 of')")
    browser.click("button[name=repeat]")
    browser.wait_for(READY)
    text = printed(str(wanted[1].question))
    assert shown(browser, ".question") == text
    assert browser.problems == []


def test_a_wrong_answer_has_its_mistake_named(browser: Browser, lab: OpenLab) -> None:
    wanted = generate_exercises(0, 1, 10, ("parameters",))
    place, slip = next(
        (place, slip)
        for place, one in enumerate(wanted)
        for slip in one.slips
        if slip.mistake == "channels-forgotten"
    )
    open_quiz(browser, lab, seed="0", topics="parameters")
    browser.click(f".places button:nth-child({place + 1})")
    browser.click("input[name=given]")
    browser.press("Enter")
    text = browser.wait_for("document.querySelector('.told')?.innerText")
    assert text == "Write an answer, or pass the question over."
    browser.type("a lot")
    browser.press("Enter")
    browser.wait_for("document.querySelector('.told')?.innerText.includes('read')")
    assert not browser.evaluate(NEXT)
    browser.evaluate("document.querySelector('[name=given]').select()")
    browser.type(slip.answer.text)
    browser.press("Enter")
    browser.wait_for(NEXT)
    assert "channels of the input were forgotten" in shown(browser, ".perhaps")
    assert shown(browser, ".answer-text") == wanted[place].answer.text
    state = browser.evaluate(
        f"document.querySelectorAll('.places button')[{place}].ariaLabel"
    )
    assert state == f"Question {place + 1}: not right"
    assert browser.problems == []


def test_every_hint_is_drawn(browser: Browser, lab: OpenLab) -> None:
    open_quiz(browser, lab, seed="2", level="1", count="20")
    drawn = set()
    for place, exercise in enumerate(generate_exercises(2, 1, 20)):
        browser.click(f".places button:nth-child({place + 1})")
        browser.click("button[name=hint]")
        browser.wait_for("document.querySelector('.hint')")
        names = ("formula", "grids", "strip", "blocks", "field", "curve", "shares")
        found = browser.evaluate(
            f"{json.dumps(names)}"
            ".filter((name) => document.querySelector(`.hint .${name}`))"
        )
        assert found, exercise.kind
        drawn |= set(found)
        assert browser.evaluate(
            "[...document.querySelectorAll('.hint svg[role=img], .hint .formula')]"
            ".every((one) => one.ariaLabel.length > 9)"
        )
    assert drawn == {*names}
    assert browser.problems == []


def test_settings_set_other_questions(browser: Browser, lab: OpenLab) -> None:
    open_quiz(browser, lab, seed="5")
    browser.click("input[name=topic][value=softmax]")
    browser.wait_for("!location.hash.includes('seed=5&')")
    assert "topics=" in browser.evaluate("location.hash")
    browser.click("input[name=seed]")
    browser.evaluate("document.querySelector('[name=seed]').select()")
    browser.type("9999999999")
    browser.press("Enter")
    browser.wait_for("document.querySelector('.refusal')?.innerText.includes('up to')")
    browser.evaluate("document.querySelector('[name=seed]').select()")
    browser.type("5")
    browser.press("Enter")
    browser.wait_for("location.hash.includes('seed=5&')")
    browser.visit(lab.room("exercises", topics="sizes"))
    text = browser.wait_for("document.querySelector('.refusal')?.innerText")
    assert "There are no exercises on 'sizes'" in text


def typed(browser: Browser, row: int, column: str, texts: list[str]) -> None:
    """Types down a column, with Enter after each cell."""
    browser.click(f"[data-row='{row}'][data-column={column}]")
    for text in texts:
        browser.type(text)
        browser.press("Enter")


def test_a_table_is_filled_in_and_corrected(
    browser: Browser, lab: OpenLab, tmp_path: Path
) -> None:
    browser.visit(lab.room("exercises", tab="table", network="lenet5_lecture"))
    browser.wait_for("document.querySelector('[data-row]')")
    browser.click("button[name=check]")
    browser.wait_for("document.querySelector('.refusal')")
    sizes = ["28x28x6", "14x14x6", "10x10x16", "4x4x16", "256"]
    typed(browser, 0, "size", sizes)
    typed(browser, 0, "parameters", ["156", "0"])
    browser.click("button[name=check]")
    browser.wait_for("document.querySelector('.entry.wrong')")
    names = ["conv1", "maxpool1", "conv2", "maxpool2", "flatten1"]
    rows = [
        [n, s, p]
        for n, s, p in zip(names, sizes, ["156", "0", "", "", ""], strict=True)
    ]
    wanted = check(build("lenet5_lecture"), rows)
    told = browser.evaluate(
        "[...document.querySelectorAll('.entry')].filter((e) => e.className.length > 6)"
        ".map((e) => [e.className.slice(6), e.querySelector('input').value])"
    )
    states = sorted(
        ["right" if c.ok else "wrong" if c.mistake else "follows", c.given]
        for c in wanted.cells
    )
    assert sorted(told) == states
    assert f"{wanted.correct} right, {wanted.wrong} wrong" in shown(browser, ".actions")
    assert "channels forgotten" in shown(browser, ".explanation")
    # Typing takes that judgement away; coming back keeps what was typed.
    browser.click("[data-row='0'][data-column=parameters]")
    browser.evaluate("document.activeElement.select()")
    browser.type("456")
    judged = "document.querySelectorAll('.entry .judgement').length"
    browser.wait_for(f"{judged} === 6")
    browser.visit(lab.room("exercises", tab="table"))
    value = "document.querySelector('[data-row=\"0\"][data-column=parameters]')?.value"
    browser.wait_for(f"{value} === '456'")
    assert browser.problems == []


def paste(browser: Browser, selector: str, text: str) -> None:
    browser.evaluate(
        f"(() => {{ const data = new DataTransfer();"
        f" data.setData('text', {json.dumps(text)});"
        f" document.querySelector({json.dumps(selector)}).dispatchEvent("
        " new ClipboardEvent('paste', {clipboardData: data, bubbles: true,"
        " cancelable: true})); })()"
    )


def test_blocks_and_files_fill_a_table(
    browser: Browser, lab: OpenLab, tmp_path: Path
) -> None:
    browser.visit(lab.room("exercises", tab="table", network="lenet5"))
    browser.wait_for("document.querySelector('[data-row]')")
    browser.click("button[name=clear]")
    paste(browser, "[data-row='1'][data-column=size]", "14x14x6\t0\n10x10x16\t2416\n")
    value = "document.querySelector('[data-row=\"{}\"][data-column={}]').value"
    assert browser.evaluate(value.format(1, "size")) == "14x14x6"
    assert browser.evaluate(value.format(2, "parameters")) == "2416"
    path = tmp_path / "table.csv"
    path.write_text("layer,size,parameters\nconv1,28x28x6,156\nFC,120,\n", "utf-8")
    browser.give_files("input[name=table]", path)
    text = browser.wait_for("document.querySelector('.refusal')?.innerText")
    assert "could be any of linear1" in text
    path.write_text("capa;tamaño;parámetros\nconv1;28x28x6;156\n", "utf-8")
    browser.give_files("input[name=table]", path)
    browser.wait_for(f"{value.format(0, 'parameters')} === '156'")
    browser.wait_for("document.querySelectorAll('.entry.right').length === 6")
    path.write_bytes(b"%PDF-1.7\n" + bytes(500))
    browser.give_files("input[name=table]", path)
    browser.wait_for("document.querySelector('.refusal')")
    path.write_bytes(bytes((1 << 20) + 1))
    browser.give_files("input[name=table]", path)
    text = "too large to be a table"
    browser.wait_for(
        f"document.querySelector('.refusal')?.innerText.includes('{text}')"
    )
    assert browser.evaluate(value.format(0, "parameters")) == "156"


def test_the_network_being_built_is_offered(browser: Browser, lab: OpenLab) -> None:
    state = lab.ask("GET", "/api/state").value
    text = 'name = "mine"\ninput = "1x9x9"\nlayers = ["conv 2 3x3", "flatten"]\n'
    change = {"revision": state["revision"], "network": text}
    assert lab.ask("PUT", "/api/state", change).status == 200
    browser.visit(lab.room("exercises", tab="table", network="draft"))
    browser.wait_for("document.querySelector('[data-row]')")
    assert "Input 9×9×1" in shown(browser, "caption")
    typed(browser, 0, "size", ["7x7x2", "98"])
    browser.click("button[name=check]")
    browser.wait_for("document.querySelectorAll('.entry.right').length === 2")
    assert browser.problems == []
