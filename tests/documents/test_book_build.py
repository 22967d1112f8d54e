"""`scripts/docs` builds the book: whole, and needing nothing else."""

import re
import subprocess
from collections.abc import Iterator
from html import unescape
from importlib import import_module
from pathlib import Path

import click
import pytest

from docs.book.extensions.command_reference import option_groups
from mirada.cli.shell import shell
from mirada.cli.table import COMMANDS
from mirada.language import use_language
from tests.documents.chapter import LANGUAGES, chapters

pytest.importorskip("furo", reason="the book is built with Sphinx, MyST and Furo")

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    *("analysis", "data", "engines", "errors", "inspection", "models", "network"),
    *("training", "views"),
)
CONSTANTS = {
    ("engines", "ENGINES"),
    ("engines", "Arrays"),
    ("network", "INPUT"),
    ("network", "Shape"),
}
"""Public names without a docstring of their own, which Sphinx does not list."""
_OUTSIDE = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|icon))[^>]*href=["']?(?:https?:)?//"""
    r"""|url\(["']?(?:https?:)?//|@import""",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book in both languages: the longest fixture of these tests, some 20 s."""
    out = tmp_path_factory.mktemp("docs")
    made = subprocess.run(
        ["scripts/docs", str(out)], cwd=ROOT, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return out


def pages(built: Path, *kinds: str) -> Iterator[Path]:
    """The files of these kinds in both languages."""
    return (path for kind in kinds for path in built.rglob(f"*.{kind}"))


def test_there_is_a_page_for_every_chapter_and_a_start(built: Path) -> None:
    start = (built / "index.html").read_text("utf-8")
    for language in LANGUAGES:
        assert f'href="{language}/index.html"' in start
        for chapter in chapters():
            assert (built / language / chapter.replace(".md", ".html")).exists()
        assert (built / language / "searchindex.js").exists()


def test_each_page_leads_to_itself_in_the_other_language(built: Path) -> None:
    for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
        for page in (built / language).rglob("*.html"):
            text = page.read_text("utf-8")
            found = re.search(rf'hreflang="{other}"\s+href="([^"]+)"', text)
            assert found and (page.parent / found[1]).exists(), page


def test_nothing_is_loaded_from_elsewhere(built: Path) -> None:
    for page in pages(built, "html", "css"):
        assert not _OUTSIDE.search(page.read_text("utf-8")), page


def test_what_is_loaded_from_elsewhere_is_found() -> None:
    for planted in (
        '<script defer src="https://x/a.js">',
        '<link rel="stylesheet" href="//x/a.css">',
        "src:url(https://x/a.woff)",
        '<img alt="" src="http://x/a.png">',
    ):
        assert _OUTSIDE.search(planted), planted
    assert not _OUTSIDE.search('<a href="https://x">x</a><script src="_static/a.js">')


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_public_name_is_told(built: Path, language: str) -> None:
    folder = built / language / "reference" / "python"
    rooms = [page.stem for page in folder.glob("*.html") if page.stem in ROOMS]
    assert sorted(rooms) == sorted(ROOMS)
    for room in rooms:
        page = (folder / f"{room}.html").read_text("utf-8")
        for name in import_module(f"mirada.{room}").__all__:
            known = f'id="mirada.{room}.{name}"' in page or (room, name) in CONSTANTS
            assert known, (room, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_of_every_command_is_told(built: Path, language: str) -> None:
    page = (built / language / "reference" / "commands.html").read_text("utf-8")
    words = unescape(re.sub(r"<[^>]+>", "", page))
    use_language(language)
    for name in COMMANDS:
        assert f'id="mirada-{name}"' in page
        command = shell.get_command(click.Context(shell), name)
        assert command is not None
        for rows in option_groups("", click.Context(command)).values():
            for names, about in rows:
                assert names in words, names
                assert about in words, about
