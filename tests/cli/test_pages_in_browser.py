"""Every page and figure that mirada writes, in a real browser: wide, narrow, dark."""

import json
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from mirada.cli import main
from tests.browser import Browser, chromium
from tests.cli.stage import copied
from tests.page_rules import COMPLAINTS, LIGHT

RUN, IMAGE = "runs/example", "image.png"

COMMANDS = {
    "report": ("look", RUN, "--out", "."),
    "image": ("look", RUN, "--image", IMAGE, "--out", "."),
    "maps": ("look", RUN, "--image", IMAGE, "--layer", "conv1", "--out", "."),
    "layer": ("look", RUN, "--layer", "conv1", "--out", "."),
    "why": ("look", RUN, "--image", IMAGE, "--cam", "all", "--out", "."),
    "sliding": (
        *("convolve", "1 2 0 1; 0 1 3 1; 2 1 0 0; 1 0 2 1", "--kernel", "1 0; 0 -1"),
        *("--out", "convolved", "--animate", "--step"),
    ),
    "quiz": (
        *("quiz", "--seed", "7", "--count", "8", "--level", "3", "--versions", "2"),
        *("--sheet", "sheet.html", "--solutions", "solutions.html"),
    ),
}
PAGES = (
    *("report.html", "image.html", "image-conv1.html", "layer-conv1.html"),
    *("sheet.html", "solutions.html"),
)
FIGURES = ("image-all.svg", "convolved/figure.svg")
LANGUAGES = ("en", "es")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture(scope="module")
def written(
    browser: Browser, stage: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder for each language with all that the commands write."""
    root = tmp_path_factory.mktemp("pages")
    for language in LANGUAGES:
        folder = copied(stage, root / language)
        with chdir(folder):
            for words in COMMANDS.values():
                assert main([*words, "--lang", language]) == 0, words
    return root


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page(browser: Browser, written: Path, name: str, language: str) -> None:
    page = written / language / name
    for width, is_dark in ((360, False), (1400, False), (360, True), (1400, True)):
        browser.open(page, width=width, is_dark=is_dark)
        assert browser.problems == [], (width, is_dark)
        assert browser.evaluate(COMPLAINTS) == [], (width, is_dark)
        brightest = browser.evaluate(LIGHT)
        assert brightest < 64 if is_dark else brightest > 240
    assert browser.evaluate("document.documentElement.lang") == language
    scripts = browser.evaluate("document.querySelectorAll('script').length")
    assert scripts == (1 if name == "report.html" else 0)


READOUT = "document.querySelector('.view-curves .readout').innerText"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_curves_of_a_report_answer(
    browser: Browser, written: Path, language: str
) -> None:
    """To the pointer and to arrow keys, with the numbers of the run."""
    browser.open(written / language / "report.html", width=1400)
    rows = [
        json.loads(line)
        for line in (written / language / RUN / "metrics.jsonl").read_text().split("\n")
        if '"epoch"' in line
    ]
    losses = {row["epoch"]: row["train_loss"] for row in rows if "train_loss" in row}
    last = max(losses)

    def told(epoch: int) -> None:
        text = browser.wait_for(f"(/^\\D+ {epoch}:/.exec({READOUT}) && {READOUT})")
        loss = f"{losses[epoch]:.4f}".rstrip("0").rstrip(".")
        assert (loss.replace(".", ",") if language == "es" else loss) in text

    told(last)
    browser.evaluate("document.querySelector('.view-curves .charts').focus()")
    browser.press("Home")
    told(1)
    browser.press("ArrowRight")
    told(2)
    x, y = browser.place_of(".view-curves svg", (0.99, 0.5))
    browser.mouse("mouseMoved", x, y)
    told(last)
    assert browser.problems == []


def test_a_report_without_scripts_and_on_paper(
    browser: Browser, written: Path, tmp_path: Path
) -> None:
    """Then, and then only, its figure is seen."""
    figure = "document.querySelector('.lively .still').checkVisibility()"
    view = "document.querySelector('.view-curves').checkVisibility()"
    page = written / "en" / "report.html"
    browser.open(page, width=1400)
    assert browser.evaluate(view) and not browser.evaluate(figure)
    browser.print_media()
    assert browser.evaluate(figure) and not browser.evaluate(view)
    text = page.read_text("utf-8")
    start, end = text.index("<script"), text.index("</script>")
    (tmp_path / "still.html").write_text(text[:start] + text[end:], "utf-8")
    browser.open(tmp_path / "still.html", width=1400)
    assert browser.evaluate(figure) and browser.problems == []


@pytest.mark.parametrize(
    "planted",
    [
        "<script>document.title = 'planted'</script>",
        "<script type=module>document.title = 'planted'</script>",
        "<img src=data:, onerror=\"document.title = 'planted'\">",
        "<script src='data:text/javascript,document.title=1'></script>",
    ],
)
def test_a_report_runs_no_other_script(
    browser: Browser, written: Path, tmp_path: Path, planted: str
) -> None:
    text = (written / "en" / "report.html").read_text("utf-8")
    page = tmp_path / "planted.html"
    page.write_text(text.replace("</main>", f"{planted}</main>"), "utf-8")
    browser.open(page, width=1400)
    assert browser.evaluate("document.title") != "planted"
    assert any("Content Security Policy" in each for each in browser.problems)
    assert browser.evaluate("document.querySelectorAll('.view-curves').length") == 1


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_by_itself(browser: Browser, written: Path, name: str) -> None:
    for language in LANGUAGES:
        for is_dark in (False, True):
            figure = written / language / name
            browser.open(figure, width=1400, is_dark=is_dark)
            assert browser.problems == []
            brightest = browser.evaluate(LIGHT)
            assert brightest < 64 if is_dark else brightest > 240


def test_faults_are_found(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "faults.html"
    page.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta http-equiv=Content-Security-Policy content="default-src data: http:">'
        "<body bgcolor=white><h1>One</h1><h3>Three</h3><p style='color:#eee'>Inline</p>"
        "<img src='data:,' alt=''><img src='http://127.0.0.1:9/x.png' alt=x>"
        "<svg width=500 height=5></svg><a id=a href='#b'>b</a><b id=a></b>"
        "<font color='#999'>pale</font>",
        encoding="utf-8",
    )
    browser.open(page, width=360, is_dark=True)
    told = " ".join(browser.problems)
    assert "Content Security Policy" in told and "request: http://127.0.0.1:9" in told
    complaints = " ".join(browser.evaluate(COMPLAINTS))
    for words in (
        *("pixels wide", "an image without words", "an image that is not shown: x"),
        *("a figure without words", "a link to nowhere", "an id that is given twice"),
        *("out of order: Three", "contrast 2.85: pale"),
    ):
        assert words in complaints
    assert browser.evaluate(LIGHT) == 255
