"""The room of export in a real browser."""

import json
from pathlib import Path

from tests.browser import Browser
from tests.lab.open_lab import OpenLab, open_lab

READY = "document.querySelector('button[name=make]')?.disabled === false"
CAUGHT = """
(() => {
  window.caught = {};
  const make = URL.createObjectURL;
  let last = null;
  URL.createObjectURL = (blob) => { last = blob; return make(blob); };
  HTMLAnchorElement.prototype.click = function () {
    last.slice(0, 4096).arrayBuffer().then((bytes) => {
      window.caught[this.download] = [...new Uint8Array(bytes)];
    });
  };
})()
"""


def caught(browser: Browser, name: str) -> bytes:
    """The first bytes of a file that the page has let the browser save."""
    return bytes(browser.wait_for(f"window.caught[{json.dumps(name)}]"))


def test_a_run_is_exported_compared_and_downloaded(
    browser: Browser, lab: OpenLab
) -> None:
    browser.visit(lab.room("export"))
    browser.wait_for(READY)
    assert browser.evaluate("location.hash") == "#/export?run=example&to=torch"
    browser.click("input[value=weights]")
    browser.wait_for("location.hash.endsWith('to=weights')")
    browser.wait_for(READY)
    browser.evaluate(CAUGHT)
    browser.click("button[name=make]")
    browser.wait_for("document.querySelector('.view-parity tbody tr')", 60)
    folder = lab.folder / "exports" / "example-weights"
    report = json.loads((folder / "parity.json").read_text())
    told = browser.evaluate("document.querySelector('.view-parity').innerText")
    assert told.count("agrees with the exact computation.") == 2
    assert f"100.0 % of {report['parity']['images']}" in told
    power = f"{report['parity']['max_abs']:.1e}".partition("e")[0]
    assert "The file, read again: agrees with the exact computation." in told
    assert f"The largest difference is {power}·10" in told
    browser.click("[data-file='model.safetensors']")
    assert (
        caught(browser, "model.safetensors")
        == (folder / "model.safetensors").read_bytes()[:4096]
    )
    browser.click("button[name=zip]")
    assert caught(browser, "example-weights.zip")[:2] == b"PK"
    browser.click("button[name=card]")
    assert b"held-out images" in caught(browser, "model-card.md")
    browser.click("[data-file='results.csv']")
    assert caught(browser, "results.csv").startswith(b"epoch,")
    # What was made is there when the page is opened again.
    browser.visit(lab.room("export", run="example", to="weights"))
    browser.wait_for("document.querySelector('.view-parity tbody tr')")
    assert browser.problems == []


def test_weights_of_eight_bits_are_chosen(browser: Browser, lab: OpenLab) -> None:
    browser.visit(lab.room("export", run="example", to="c"))
    browser.wait_for(READY)
    browser.evaluate(
        "(() => { const one = document.querySelector('select[name=weights]');"
        " one.value = 'int8'; one.dispatchEvent(new Event('change')); })()"
    )
    browser.wait_for("location.hash.endsWith('to=c&weights=int8')")
    browser.wait_for(READY)
    browser.click("button[name=make]")
    told = browser.wait_for("document.querySelector('.int8')?.innerText", 60)
    folder = lab.folder / "exports" / "example-c-int8"
    int8 = json.loads((folder / "parity.json").read_text())["int8"]
    assert f"{100 * int8['accuracy']:.1f} % of {int8['images']} images" in told
    browser.visit(lab.room("export", run="example", to="c", weights="int8"))
    assert told == browser.wait_for("document.querySelector('.int8')?.innerText")
    assert browser.problems == []


def test_the_page_that_was_made_runs_without_the_lab(
    browser: Browser, lab: OpenLab
) -> None:
    browser.visit(lab.room("export", run="example", to="web"))
    browser.wait_for(READY)
    browser.evaluate(CAUGHT)
    browser.click("button[name=make]")
    browser.wait_for("document.querySelector('button[name=page]')", 60)
    browser.click("button[name=page]")
    page = lab.folder / "exports" / "example-web" / "index.html"
    assert caught(browser, "index.html") == page.read_bytes()[:4096]
    assert browser.problems == []
    browser.open(page, width=1000)
    assert browser.evaluate("document.querySelector('canvas') !== null")
    assert browser.problems == []


def test_a_run_that_is_gone(browser: Browser, lab: OpenLab) -> None:
    browser.visit(lab.room("export", run="nothing"))
    text = browser.wait_for("document.querySelector('.refusal')?.innerText")
    assert "There is no run 'nothing' any more" in text
    assert browser.evaluate("document.querySelector('button[name=make]').disabled")
    browser.evaluate(
        "(() => { const one = document.querySelector('select[name=run]');"
        " one.value = 'example'; one.dispatchEvent(new Event('change')); })()"
    )
    browser.wait_for(READY)
    assert not browser.evaluate("document.querySelector('.refusal')")


def test_others_files_are_not_written_over(browser: Browser, lab: OpenLab) -> None:
    folder = lab.folder / "exports" / "example-description"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mine.txt").write_text("mine")
    browser.visit(lab.room("export", run="example", to="description"))
    browser.wait_for(READY)
    browser.click("button[name=make]")
    text = browser.wait_for("document.querySelector('.refusal')?.innerText")
    assert "holds something other than an export" in text
    browser.wait_for(READY)


def test_a_lab_without_runs_leads_to_training(browser: Browser, tmp_path: Path) -> None:
    with open_lab(tmp_path) as lab:
        browser.visit(lab.room("export"))
        browser.wait_for("document.querySelector('.empty a[href=\"#/train\"]')")
        assert browser.problems == []
