"""A page that needs nothing else: no script, no network, in light and in dark.

Everything that came from outside (class and file names, configuration) is text; the
content security policy forbids what is not an embedded image or one of the page's own
style sheets, which it knows by their hashes.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from mirada.language import current_language
from mirada.views.svg import FIGURE_STYLE, Element, element, plain_text, write

__all__ = [
    "Section",
    "name",
    "number_head",
    "page_html",
    "part",
    "table",
    "wide",
]

_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2328;--soft:#59636e;--rule:#d1d9e0}
@media (prefers-color-scheme:dark){
:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--rule:#2f3742}
}
body{margin:0 auto;max-width:880px;padding:24px 20px 48px;background:var(--paper);
color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
h1{font-size:26px;margin:0 0 16px;overflow-wrap:anywhere}
h2{font-size:19px;margin:36px 0 12px;border-bottom:1px solid var(--rule)}
.facts{display:flex;flex-wrap:wrap;gap:12px 36px;margin:0}
.facts dt,caption,figcaption,.note{color:var(--soft);font-size:14px}
.facts dd{margin:0;font-size:22px;font-weight:600;overflow-wrap:anywhere}
.wide{overflow-x:auto}
.wide svg{display:block}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:3px 14px 3px 0;text-align:left;vertical-align:top;
max-width:320px;overflow-wrap:break-word;border-bottom:1px solid var(--rule)}
td.long{max-width:none;overflow-wrap:anywhere}
.number{text-align:right;white-space:nowrap}
.gallery{display:flex;flex-wrap:wrap;gap:16px;padding:0;margin:0;list-style:none}
.gallery li{width:150px;overflow-wrap:anywhere}
.gallery figure{margin:0}
.gallery img{width:112px;height:112px;object-fit:contain;image-rendering:pixelated;
background:var(--rule)}
"""


@dataclass(frozen=True)
class Section:
    """One part of a page: its title, what it holds, and the style only it needs."""

    title: str
    content: tuple[Element, ...]
    style: str = ""


def page_html(
    title: str, content: Iterable[Element], styles: Iterable[str] = ()
) -> str:
    """A whole HTML page in the language in use; `styles` are further style sheets."""
    sheets = [_STYLE, *dict.fromkeys(sheet for sheet in styles if sheet)]
    page = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element(
                "meta", http_equiv="Content-Security-Policy", content=_policy(sheets)
            ),
            element("meta", name="viewport", content="width=device-width"),
            element("meta", name="referrer", content="no-referrer"),
            element("title", plain_text(title)),
            *(element("style", sheet) for sheet in sheets),
        ),
        element("body", element("main", element("h1", plain_text(title)), *content)),
        lang=current_language(),
    )
    return "<!doctype html>\n" + write(page) + "\n"


def _policy(sheets: Iterable[str]) -> str:
    """What the page may load: its own style sheets and the images within it."""
    digests = (hashlib.sha256(s.encode()).digest() for s in (*sheets, FIGURE_STYLE))
    styles = (f"'sha256-{base64.b64encode(d).decode('ascii')}'" for d in digests)
    return f"default-src 'none'; img-src data:; style-src {' '.join(styles)}"


def part(title: str, *content: Element) -> Element:
    """A section under a heading."""
    return element("section", element("h2", title), *content)


def wide(label: str, content: Element) -> Element:
    """Something that may be wider than the page and then scrolls by itself."""
    return element(
        "div", content, class_="wide", role="region", aria_label=label, tabindex="0"
    )


def name(text: str) -> Element:
    """A name from outside, kept from turning the direction of what follows it."""
    return element("bdi", plain_text(text))


def number_head(text: str) -> Element:
    """The head of a column of numbers."""
    return element("th", text, scope="col", class_="number")


def table(head: Iterable[Element], rows: Iterable[Element]) -> Element:
    """A table of a row of heads and rows of cells."""
    return element(
        "table", element("thead", element("tr", *head)), element("tbody", *rows)
    )
