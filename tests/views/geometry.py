"""Reading a figure back: its texts, where they stand, and what sticks out of it."""

import math
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from mirada.views.svg import Element, text_width, write

__all__ = ["parsed", "sticking_out", "texts", "with_class"]

SVG = "{http://www.w3.org/2000/svg}"


def parsed(figure: Element) -> ElementTree.Element:
    """The figure as an XML parser reads it."""
    return ElementTree.fromstring(write(figure))


def texts(root: ElementTree.Element) -> list[str]:
    """The words that the figure shows, tips and title left out."""
    return [_words(text) for text in root.iter(f"{SVG}text")]


def with_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The parts of the figure that carry a class."""
    return [x for x in root.iter() if name in x.get("class", "").split()]


def sticking_out(root: ElementTree.Element) -> list[str]:
    """The texts that reach beyond the edge of the figure, by their estimated width."""
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    found = []
    for text, shift in _placed(root, 0.0):
        corners = list(_corners(text))
        fits = all(
            -1 <= x + shift <= width + 1 and -1 <= y <= height + 1 for x, y in corners
        )
        if not fits:
            found.append(_words(text))
    return found


def _words(text: ElementTree.Element) -> str:
    return (text.text or "").strip("\n") + "".join(child.tail or "" for child in text)


def _placed(
    root: ElementTree.Element, shift: float
) -> Iterator[tuple[ElementTree.Element, float]]:
    """Every text with the sideways shift of the groups it is in."""
    moved = re.match(r"translate\((\d+) 0\)", root.get("transform", ""))
    inner = shift + float(moved[1]) if moved else shift
    for child in root:
        if child.tag == f"{SVG}text":
            yield child, inner
        else:
            yield from _placed(child, inner)


def _corners(text: ElementTree.Element) -> Iterator[tuple[float, float]]:
    """The ends of a text's base line, turned as the text is."""
    x, y = float(text.attrib["x"]), float(text.attrib["y"])
    size = 14 if "title" in text.attrib["class"] else 12
    width = text_width(_words(text), size)
    share = {"end": 1.0, "middle": 0.5}.get(text.get("text-anchor", ""), 0.0)
    turned = re.match(r"rotate\(-(\d+) ", text.get("transform", ""))
    angle = math.radians(float(turned[1])) if turned else 0.0
    for along in (-share * width, (1 - share) * width):
        yield x + along * math.cos(angle), y - along * math.sin(angle)
