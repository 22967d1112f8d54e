"""SVG and HTML as a small tree of elements, written with strict escaping.

Every figure carries the same style sheet: colours are classes, light and dark follow
the reader's preference, and no class relies on colour alone.
"""

import html
import math
import unicodedata
from dataclasses import dataclass

__all__ = [
    "FIGURE_STYLE",
    "Element",
    "Verbatim",
    "element",
    "figure",
    "plain_text",
    "shorten",
    "text_width",
    "write",
]

_VOID = frozenset({"br", "img", "meta", "wbr"})
_SHORT = frozenset({"animate", "circle", "image", "line", "path", "rect", "use"})

FIGURE_STYLE = """
.mirada-figure{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
.mirada-figure .paper{fill:#ffffff}
.mirada-figure .ink{fill:#1f2328}
.mirada-figure .soft{fill:#59636e}
.mirada-figure .title{font-size:14px;font-weight:600}
.mirada-figure .grid{stroke:#d1d9e0;fill:none}
.mirada-figure .axis{stroke:#59636e;fill:none}
.mirada-figure .line-1,.mirada-figure .line-2{fill:none;stroke-width:2}
.mirada-figure .line-1{stroke:#0969da}
.mirada-figure .line-2{stroke:#bc4c00;stroke-dasharray:6 3}
.mirada-figure .dot-1,.mirada-figure .right{fill:#0969da}
.mirada-figure .dot-2,.mirada-figure .wrong{fill:#bc4c00}
.mirada-figure .mark{stroke:#59636e;stroke-dasharray:1 3;fill:none}
.mirada-figure .positive{fill:#bc4c00}
.mirada-figure .negative{fill:#0969da}
.mirada-figure .panel{fill:#f6f8fa}
.mirada-figure .window-1{stroke:#0969da;stroke-width:3;fill:none}
.mirada-figure .window-2{stroke:#bc4c00;stroke-width:3;fill:none}
.mirada-figure .number{font-variant-numeric:tabular-nums;text-anchor:middle}
.mirada-figure .pixels{image-rendering:pixelated}
.mirada-figure .on-weak,.mirada-figure .on-middle{fill:#000000}
.mirada-figure .on-strong{fill:#ffffff}
@media (prefers-color-scheme:dark){
.mirada-figure .paper{fill:#0d1117}
.mirada-figure .ink{fill:#e6edf3}
.mirada-figure .soft{fill:#9198a1}
.mirada-figure .grid{stroke:#2f3742}
.mirada-figure .axis,.mirada-figure .mark{stroke:#9198a1}
.mirada-figure .line-1{stroke:#58a6ff}
.mirada-figure .line-2{stroke:#f0883e}
.mirada-figure .dot-1,.mirada-figure .right{fill:#58a6ff}
.mirada-figure .dot-2,.mirada-figure .wrong{fill:#f0883e}
.mirada-figure .positive{fill:#f0883e}
.mirada-figure .negative{fill:#58a6ff}
.mirada-figure .panel{fill:#161b22}
.mirada-figure .window-1{stroke:#58a6ff}
.mirada-figure .window-2{stroke:#f0883e}
.mirada-figure .on-weak{fill:#ffffff}
.mirada-figure .on-strong{fill:#000000}
}
"""


class Verbatim(str):
    """A script or style sheet of our own: a browser reads neither's escapes.

    Nothing from outside may ever be in it.
    """


@dataclass(frozen=True)
class Element:
    """One element: its name, its attributes in order, and what it holds."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    children: "tuple[Element | str, ...]"

    def __str__(self) -> str:
        return write(self)


def element(
    tag: str, /, *children: Element | str, **attributes: str | float | None
) -> Element:
    """An element; `class_` gives class, `text_anchor` text-anchor, None nothing.

    >>> print(element("text", "a < b", class_="ink", x=1.50, text_anchor="end"))
    <text class="ink" x="1.5" text-anchor="end">a &lt; b</text>
    """
    given = ((n, v) for n, v in attributes.items() if v is not None)
    named = ((n.rstrip("_").replace("_", "-"), _value(v)) for n, v in given)
    return Element(tag, tuple((_camel(n), v) for n, v in named), children)


def _camel(name: str) -> str:
    return "viewBox" if name == "viewbox" else name


def _value(value: str | float) -> str:
    """A number with at most two decimals, or the text itself."""
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return "0"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def write(root: Element, indent: int = 0) -> str:
    """The text of an element, one child a line, text kept on its own line.

    >>> print(write(element("g", element("rect", width=2), element("td"))))
    <g>
     <rect width="2"/>
     <td></td>
    </g>
    """
    head = "".join(f' {n}="{_escape(v)}"' for n, v in root.attributes)
    if root.name in _VOID:
        return f"<{root.name}{head}>"
    if not root.children and root.name in _SHORT:
        return f"<{root.name}{head}/>"
    return f"<{root.name}{head}>{_inside(root, indent)}</{root.name}>"


def _inside(root: Element, indent: int) -> str:
    if all(isinstance(child, Element) for child in root.children) and root.children:
        pad = "\n" + " " * (indent + 1)
        written = (
            write(c, indent + 1) for c in root.children if not isinstance(c, str)
        )
        return "".join(pad + text for text in written) + "\n" + " " * indent
    return "".join(_child(child, indent) for child in root.children)


def _child(child: Element | str, indent: int) -> str:
    if isinstance(child, Verbatim):
        return child
    return (
        _escape(child, quote=False) if isinstance(child, str) else write(child, indent)
    )


def _escape(text: str, quote: bool = True) -> str:
    """Text that neither XML nor HTML can mistake for markup or refuse."""
    kept = "".join(c if c in "\n\t" or _is_allowed(c) else "\ufffd" for c in text)
    return html.escape(kept, quote=quote)


def _is_allowed(character: str) -> bool:
    """True where XML 1.0, section 2.2, lets a character stand."""
    code = ord(character)
    if code < 0xA0:
        return 0x20 <= code < 0x7F
    return not 0xD800 <= code < 0xE000 and code & 0xFFFE != 0xFFFE


def plain_text(text: str) -> str:
    """A name as one line: no line breaks, no control or direction characters.

    >>> plain_text("two\\nlines\\u202e")
    'two lines�'
    """
    kinds = ((character, unicodedata.category(character)) for character in text)
    one_line = (
        " "
        if character.isspace()
        else "\ufffd"
        if kind in {"Cc", "Cf", "Cs", "Cn"} and character != "\u200d"
        else character
        for character, kind in kinds
    )
    return "".join(one_line).strip()


def text_width(text: str, size: float = 12) -> float:
    """About how many pixels a text takes in a plain sans-serif type.

    >>> text_width("mm") == text_width("数") * 1.2
    True
    """
    return size * sum(map(_advance, text))


def _advance(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.6


def shorten(text: str, width: float, size: float = 12) -> str:
    """A name as one line of at most `width` pixels, ending in … where it was cut.

    >>> shorten("a long class name", 60)
    'a long…'
    """
    line = plain_text(text)
    if text_width(line, size) <= width:
        return line
    while line and text_width(line + "…", size) > width:
        line = line[:-1]
    return line.rstrip() + "…"


def figure(
    key: str, size: tuple[float, float], title: str, about: str, *children: Element
) -> Element:
    """A whole picture, with a title and words for who cannot see it.

    `size` is its width and height; `key` keeps its ids apart from those of other
    figures on the same page.
    """
    width, height = size
    return element(
        "svg",
        element("title", title, id=f"{key}-title"),
        element("desc", about, id=f"{key}-about"),
        element("style", FIGURE_STYLE),
        element("rect", class_="paper", width=width, height=height),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        class_="mirada-figure",
        role="img",
        aria_labelledby=f"{key}-title {key}-about",
        width=width,
        height=height,
        viewbox=f"0 0 {_value(width)} {_value(height)}",
    )
