"""The page that everything stands on: style sheets, parts, paragraphs."""

import base64
import hashlib

import pytest

from mirada.language import use_language
from mirada.views.page import Section, contents, page_html, paragraph
from mirada.views.svg import element, write


def test_a_style_sheet_is_written_as_it_is_hashed() -> None:
    """A browser takes the text of a style element as it stands, escapes and all."""
    sheet = '.mine>b{content:"a&b"}'
    page = page_html("page", [], [sheet, "", sheet])
    assert page.count(f"<style>{sheet}</style>") == 1
    for wrong in ("</style><b>", "</STYLE >", "<!-- a", "</script>"):
        with pytest.raises(AssertionError):
            page_html("page", [], [wrong])
        with pytest.raises(AssertionError):
            page_html("page", [], [], [wrong])


def test_a_script_is_known_by_its_hash() -> None:
    script = 'if (1 < 2 && "a") console.log(`<b>`);\n'
    page = page_html("page", [], [], [script, "", script])
    assert page.count(f'<script type="module">{script}</script>') == 1
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"; script-src &#x27;sha256-{digest}&#x27;" in page
    assert "script" not in page_html("page", [])


def test_percent_signs_stay_with_their_numbers() -> None:
    text = write(paragraph("From 3 % to 5 %, <b> or so.", "note"))
    assert text.count("\N{NO-BREAK SPACE}%") == 2
    assert 'class="note"' in text and "&lt;b&gt;" in text


def test_contents_are_named_in_both_languages() -> None:
    sections = [Section("one", (element("p", "1"),)), Section("two", ())]
    assert 'aria-label="Contents"' in write(next(contents(sections)))
    use_language("es")
    assert 'aria-label="Contenido"' in write(next(contents(sections)))
    assert list(contents([])) == []
