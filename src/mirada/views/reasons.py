"""Why an answer was given: the image, the map, both together, and the map's scores.

A map is never drawn without its scores. Plain data in, a figure out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.language import current_language, translate
from mirada.views.png import data_uri
from mirada.views.scale import Scale
from mirada.views.shades import overlaid, signed
from mirada.views.svg import Element, element, figure, plain_text, shorten

__all__ = ["MapCheck", "ReasonRow", "reasons_figure"]

_EDGE, _GAP = 14.0, 16.0
_SIDE_TEXT = 316.0
_HEAD, _CAPTION, _LINE = 82.0, 22.0, 18.0
_VERDICT_LETTERS = 42
_LEAST_HEIGHT, _CHECK = 150.0, 42.0


class MapCheck(NamedTuple):
    """One score of a map, what it is compared with, and whether it is good enough."""

    value: float
    other: float
    good: bool


@dataclass(frozen=True, eq=False)
class ReasonRow:
    """One method's map (h, w), and what its checks gave.

    `deletion` and `insertion` are areas from 0 to 1, each beside that of the same map
    laid elsewhere; `randomisation` is the similarity to maps of networks that never
    trained, beside where it is too much. `title` names the method, `verdict` says what
    the checks mean.
    """

    title: str
    values: NDArray[np.floating]
    signed: bool
    deletion: MapCheck
    insertion: MapCheck
    randomisation: MapCheck
    verdict: str

    @property
    def good(self) -> bool:
        """Whether every check is good."""
        return all(c.good for c in (self.deletion, self.insertion, self.randomisation))


def reasons_figure(
    title: str,
    note: str,
    pixels: NDArray[np.uint8],
    rows: Sequence[ReasonRow],
    key: str = "reasons",
    side: float = 160.0,
) -> Element:
    """A figure of the image (h, w, c) and a row for each method.

    `title` says which answer is explained, `note` of which image; `side` is the longer
    side of every picture in pixels.
    """
    return _Drawing(title, note, pixels, tuple(rows), key, side).figure()


@dataclass(frozen=True, eq=False)
class _Drawing:
    title: str
    note: str
    pixels: NDArray[np.uint8]
    rows: tuple[ReasonRow, ...]
    key: str
    side: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of every picture."""
        height, width = self.pixels.shape[:2]
        longer = max(height, width)
        return self.side * width / longer, self.side * height / longer

    @property
    def text_left(self) -> float:
        """Where the scores begin."""
        return _EDGE + 3 * (self.size[0] + _GAP) + 4

    def figure(self) -> Element:
        """The whole figure."""
        width = self.text_left + _SIDE_TEXT
        parts: list[Element] = []
        top = _HEAD
        for number, row in enumerate(self.rows):
            parts += self._row(number, row, top)
            top += self._height(row)
        head = width - 2 * _EDGE
        title, note = shorten(self.title, head, 14), shorten(self.note, head)
        return figure(
            self.key,
            (width, top),
            plain_text(self.title),
            self._about(),
            element("text", title, class_="ink title", x=_EDGE, y=24),
            element("text", note, class_="soft", x=_EDGE, y=44),
            element("text", self._legend(), class_="soft", x=_EDGE, y=62),
            *parts,
        )

    def _legend(self) -> str:
        if any(row.signed for row in self.rows):
            return translate(
                "orange: strong, or for the class · blue: against it · white: nothing"
            )
        return translate("orange: strong · white: nothing")

    def _about(self) -> str:
        rows = (f"{row.title}: {_spoken(row)}. {row.verdict}" for row in self.rows)
        return plain_text(" ".join([self.note + ".", *rows]))

    def _height(self, row: ReasonRow) -> float:
        lines = len(_wrapped(row.verdict))
        text = 3 * _CHECK + 8 + _LINE * lines
        return 30 + _CAPTION + max(self.size[1], text, _LEAST_HEIGHT) + 14

    def _row(self, number: int, row: ReasonRow, top: float) -> Iterator[Element]:
        title = shorten(row.title, self.text_left + _SIDE_TEXT - 2 * _EDGE, 14)
        right = self.text_left + _SIDE_TEXT - _EDGE
        yield element("line", class_="grid", x1=_EDGE, x2=right, y1=top, y2=top)
        yield element("text", title, class_="ink title", x=_EDGE, y=top + 22)
        below = top + 30 + _CAPTION
        yield from self._pictures(number, row, below)
        yield from self._side_text(row, below)

    def _pictures(self, number: int, row: ReasonRow, top: float) -> Iterator[Element]:
        values = row.values if row.signed else row.values - row.values.min()
        shown = (
            (translate("the image"), None),
            (translate("the map"), signed(values)),
            (translate("the map over it"), overlaid(self.pixels, values, 0.75)),
        )
        width, height = self.size
        for place, (caption, pixels) in enumerate(shown):
            left = _EDGE + place * (width + _GAP)
            text = shorten(caption, width + _GAP - 2)
            yield element("text", text, class_="soft", x=left, y=top - 6)
            yield self._picture(number, pixels, left, top)
            yield element(
                "rect", class_="grid", x=left, y=top, width=width, height=height
            )

    def _picture(
        self, number: int, pixels: NDArray[np.uint8] | None, left: float, top: float
    ) -> Element:
        """A picture; the image itself is held once and used again."""
        if pixels is None and number:
            return element(
                "use", href=f"#{self.key}-image", x=left - _EDGE, y=top - self._first
            )
        width, height = self.size
        return element(
            "image",
            id=f"{self.key}-image" if pixels is None else None,
            class_="pixels",
            image_rendering="pixelated",  # the style does not reach what is used again
            href=data_uri(self.pixels if pixels is None else pixels),
            x=left,
            y=top,
            width=width,
            height=height,
        )

    @property
    def _first(self) -> float:
        return _HEAD + 30 + _CAPTION

    def _side_text(self, row: ReasonRow, top: float) -> Iterator[Element]:
        left, right = self.text_left, self.text_left + _SIDE_TEXT - _EDGE
        y = top + 4
        for name, words, check in _checks(row):
            yield from _check(name, words, check, left, right, y)
            y += _CHECK
        class_ = "right" if row.good else "wrong"
        mark = _mark(row.good)
        yield element("text", mark, class_=f"{class_} title", x=left, y=y + 12)
        for line in _wrapped(row.verdict):
            yield element("text", line, class_="ink", x=left + 18, y=y + 12)
            y += _LINE


def _checks(row: ReasonRow) -> tuple[tuple[str, str, MapCheck], ...]:
    """Each check with its name and the words for what it is compared with."""
    elsewhere = translate("laid elsewhere {number}")
    alike = translate("alike from {number}")
    return (
        (translate("deletion"), elsewhere, row.deletion),
        (translate("insertion"), elsewhere, row.insertion),
        (translate("with random weights"), alike, row.randomisation),
    )


def _check(
    name: str, words: str, check: MapCheck, left: float, right: float, top: float
) -> Iterator[Element]:
    """A line from 0 to 1: the score is a dot, what it is compared with a bar."""
    own = f"{_mark(check.good)} {name} {_number(check.value)}"
    other = words.format(number=_number(check.other))
    line, place = top + 18, Scale(0.0, 1.0, left + 5, right - 5)
    dot, bar = (place(min(max(x, 0.0), 1.0)) for x in (check.value, check.other))
    yield element("text", own, class_="ink", x=left, y=top + 6)
    yield element("text", other, class_="soft", x=right, y=top + 6, text_anchor="end")
    yield element("line", class_="grid", x1=left, x2=right, y1=line, y2=line)
    yield element("line", class_="axis", x1=bar, x2=bar, y1=line - 6, y2=line + 6)
    class_ = "dot-1" if check.good else "dot-2"
    yield element("circle", class_=class_, cx=dot, cy=line, r=5)


def _spoken(row: ReasonRow) -> str:
    parts = (
        f"{name} {_number(check.value)} ({words.format(number=_number(check.other))})"
        for name, words, check in _checks(row)
    )
    return ", ".join(parts)


def _mark(good: bool) -> str:
    return "✓" if good else "✗"


def _wrapped(text: str) -> list[str]:
    return wrap(plain_text(text), _VERDICT_LETTERS)


def _number(value: float) -> str:
    text = f"{value:.2f}"
    text = "0.00" if text == "-0.00" else text
    return text.replace(".", ",") if current_language() == "es" else text
