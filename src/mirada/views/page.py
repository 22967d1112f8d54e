"""A page that needs nothing else: no network, in light and in dark, and no script.

Or a script of mirada's own, without which the page shows the same. Everything that came
from outside (class and file names, configuration) is text; the content security policy
forbids what is not an embedded image or one of the page's own style sheets and scripts,
which it knows by their hashes.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from mirada.language import current_language, translate
from mirada.views.svg import (
    FIGURE_STYLE,
    Element,
    Verbatim,
    element,
    plain_text,
    write,
)

__all__ = [
    "Section",
    "beside",
    "contents",
    "name",
    "note",
    "number_head",
    "page_html",
    "paragraph",
    "part",
    "policy",
    "side_by_side",
    "table",
    "wide",
]

_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2328;--soft:#59636e;--rule:#d1d9e0;
--panel:#f6f8fa;--link:#0969da}
@media (prefers-color-scheme:dark){
:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--rule:#2f3742;--panel:#161b22;
--link:#58a6ff}
}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:880px;padding:32px 20px 64px;background:var(--paper);
color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
h1{font-size:28px;line-height:1.2;margin:0 0 20px;overflow-wrap:anywhere}
h2{font-size:20px;line-height:1.3;margin:48px 0 14px;padding-bottom:6px;
border-bottom:1px solid var(--rule)}
h3{font-size:16px;line-height:1.4;margin:28px 0 8px}
p,.pairs{max-width:66ch;margin:0 0 14px;overflow-wrap:anywhere}
.lead{margin:0 0 6px}
.lead+.note{margin-top:14px}
a{color:var(--link)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(136px,1fr));
gap:16px 24px;margin:0 0 24px}
.facts dt,caption,figcaption,.note,td.words,small{color:var(--soft);font-size:14px}
.facts dd{margin:0;font-size:17px;font-weight:600;line-height:1.35;
overflow-wrap:anywhere}
.facts div:first-child{grid-column:1/-1}
.facts div:first-child dd{font-size:34px;line-height:1.2}
.contents{margin:28px 0 0;padding:14px 18px;background:var(--panel);border-radius:6px;
font-size:15px}
.contents ol{margin:0;padding:0;list-style:none;columns:2 220px;column-gap:28px}
.contents li{break-inside:avoid;padding:1px 0}
.contents a{text-decoration:none}
.contents a:hover,.contents a:focus-visible{text-decoration:underline}
.beside{display:flex;flex-wrap:wrap;gap:0 36px;align-items:flex-start}
.beside div{min-width:0;max-width:100%}
.beside div:last-child{flex:1 1 280px}
.beside h3{margin-top:8px}
.side-by-side{display:flex;flex-wrap:wrap;gap:16px 40px}
.side-by-side .wide{max-width:100%}
.wide{overflow-x:auto;margin:0 0 14px}
.wide svg{display:block}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:5px 20px 5px 0;text-align:left;vertical-align:top;
max-width:320px;overflow-wrap:break-word;border-bottom:1px solid var(--rule)}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-size:14px;font-weight:500;vertical-align:bottom}
tbody th{font-weight:600}
td.long,td.words{max-width:none;overflow-wrap:anywhere}
.number{text-align:right;white-space:nowrap}
.number small{display:inline-block;min-width:72px;margin-left:6px;font-size:13px}
.pairs{padding-left:22px}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(128px,1fr));
gap:20px 16px;padding:0;margin:0;list-style:none}
.gallery li{overflow-wrap:anywhere}
.gallery figure{margin:0}
.gallery img{display:block;width:112px;height:112px;margin:0 0 6px;object-fit:contain;
image-rendering:pixelated;background:var(--panel);border:1px solid var(--rule)}
.gallery figcaption{line-height:1.35;text-wrap:balance}
.gallery small{display:block;font-size:12px}
@media (max-width:600px){
body{padding:20px 16px 48px}
h2{margin-top:36px}
table{font-size:15px}
th,td{padding-right:12px}
.number small{display:block;margin:0;min-width:0}
.stacked thead{display:none}
.stacked,.stacked tbody,.stacked tr,.stacked th,.stacked td{display:block;
max-width:none;text-align:left}
.stacked th,.stacked td{padding:1px 0;border:0}
.stacked tr{padding:6px 0;border-bottom:1px solid var(--rule)}
}
@media (min-width:1300px){
.contents{position:fixed;top:32px;left:calc(50% - 672px);width:196px;margin:0;padding:0;
max-height:calc(100vh - 64px);overflow-y:auto;background:none;font-size:14px}
.contents ol{columns:auto}
.contents li{padding:3px 0;line-height:1.35}
}
@media print{
body{max-width:none;padding:0 5px;font-size:10.5pt}
.contents{display:none}
h2,h3,.note{break-after:avoid}
tr,.beside,.gallery li,svg{break-inside:avoid}
.wide{overflow:visible}
.wide svg{max-width:100%;height:auto}
}
"""


_ENDS = re.compile(r"</(?:style|script)|<!--|<script", re.I)
"""What would end a style sheet or a script before its end."""


@dataclass(frozen=True)
class Section:
    """One part of a page: its title, what it holds, its own style and script."""

    title: str
    content: tuple[Element, ...]
    style: str = ""
    script: str = ""


def page_html(
    title: str,
    content: Iterable[Element],
    styles: Iterable[str] = (),
    scripts: Iterable[str] = (),
) -> str:
    """A whole HTML page in the language in use, with further style sheets and scripts.

    Scripts are modules, and run when the page is there.
    """
    sheets = [_STYLE, *dict.fromkeys(sheet for sheet in styles if sheet)]
    modules = [*dict.fromkeys(script for script in scripts if script)]
    assert not any(_ENDS.search(text) for text in (*sheets, *modules))
    page = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element(
                "meta",
                http_equiv="Content-Security-Policy",
                content=policy((*sheets, FIGURE_STYLE), modules),
            ),
            element("meta", name="viewport", content="width=device-width"),
            element("meta", name="referrer", content="no-referrer"),
            element("title", plain_text(title)),
            *(element("style", Verbatim(sheet)) for sheet in sheets),
            *(element("script", Verbatim(m), type="module") for m in modules),
        ),
        element("body", element("main", element("h1", _whole(title)), *content)),
        lang=current_language(),
    )
    return "<!doctype html>\n" + write(page) + "\n"


def policy(
    sheets: Iterable[str],
    modules: Iterable[str],
    images: str = "data:",
    also: tuple[str, ...] = (),
) -> str:
    """What a page may load: what it brings itself and the images within it.

    Scripts may do what `also` lets them.
    """
    styles = " ".join(map(_digest, sheets))
    rules = f"default-src 'none'; img-src {images}; style-src {styles}"
    scripts = " ".join((*map(_digest, modules), *also))
    return f"{rules}; script-src {scripts}" if scripts else rules


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def part(title: str, *content: Element, key: str | None = None) -> Element:
    """A section under a heading; `key` is the id that a link leads to."""
    return element("section", element("h2", title), *content, id=key)


def contents(sections: Sequence[Section]) -> Iterator[Element]:
    """The sections, and before them, where there are several, links to each.

    On a wide screen the links stand beside the page and stay in sight.
    """
    keys = [f"part-{number}" for number in range(1, len(sections) + 1)]
    if len(sections) > 1:
        links = (
            element("li", element("a", section.title, href=f"#{key}"))
            for section, key in zip(sections, keys, strict=True)
        )
        yield element(
            "nav",
            element("ol", *links),
            class_="contents",
            aria_label=translate("Contents"),
        )
    for section, key in zip(sections, keys, strict=True):
        yield part(section.title, *section.content, key=key)


def beside(*content: Element) -> Element:
    """Things that stand side by side where there is room; the last takes the rest."""
    return element("div", *content, class_="beside")


def side_by_side(*content: Element) -> Element:
    """Things of one kind side by side, as many in a row as there is room for."""
    return element("div", *content, class_="side-by-side")


def paragraph(text: str, kind: str | None = None) -> Element:
    """A paragraph of a class; no percent sign is torn from its number."""
    return element("p", element("bdi", _whole(text)), class_=kind)


def _whole(text: str) -> str:
    """The text with percent signs that stay with their numbers."""
    return plain_text(text).replace(" %", "\N{NO-BREAK SPACE}%")


def note(text: str) -> Element:
    """A sentence that tells how to read what follows."""
    return paragraph(text, "note")


def wide(label: str, content: Element) -> Element:
    """Something that may be wider than the page and then scrolls by itself."""
    return element(
        "div", content, class_="wide", role="region", aria_label=label, tabindex="0"
    )


def name(text: str) -> Element:
    """A name from outside, kept from turning the direction of what follows it.

    A path is broken after its strokes where it is too long for its place.
    """
    first, *rest = re.split("(?<=/)(?=.)", plain_text(text))
    pieces = chain.from_iterable((element("wbr"), piece) for piece in rest)
    return element("bdi", first, *pieces)


def number_head(text: str) -> Element:
    """The head of a column of numbers."""
    return element("th", text, scope="col", class_="number")


def table(
    head: Iterable[Element], rows: Iterable[Element], kind: str | None = None
) -> Element:
    """A table of a row of heads and rows of cells.

    Where there is little room, the cells of one of the kind "stacked" stand one beneath
    the other, without heads.
    """
    parts = element("thead", element("tr", *head)), element("tbody", *rows)
    return element("table", *parts, class_=kind)
