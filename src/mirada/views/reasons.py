"""Why an answer was given: the image, the map, both together, and the map's scores.

A map is never drawn without its scores. Plain data in, a figure out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.numbers import decimal_text
from mirada.views.png import data_uri
from mirada.views.scale import Scale
from mirada.views.shades import overlaid, signed
from mirada.views.svg import Element, element, figure, plain_text, shorten, text_width

__all__ = ["MapCheck", "ReasonRow", "reasons_figure"]

_EDGE, _GAP = 14.0, 14.0
_SCORES = 302.0
_TITLE, _CAPTION, _LINE = 30.0, 22.0, 18.0
_CHECK, _MARK = 42.0, 18.0


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
    *,
    narrow: bool = False,
) -> Element:
    """A figure of the image (h, w, c) and a row for each method.

    `title` says which answer is explained, `note` of which image. Scores stand beside
    the pictures, or under them in a `narrow` figure, which a telephone shows whole.
    """
    return _Drawing(title, note, pixels, tuple(rows), key, narrow).figure()


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Where things stand in the figure of one image."""

    title: str
    note: str
    pixels: NDArray[np.uint8]
    rows: tuple[ReasonRow, ...]
    key: str
    narrow: bool

    @cached_property
    def side(self) -> float:
        """The longer side of every picture."""
        return 88.0 if self.narrow else 160.0

    @cached_property
    def size(self) -> tuple[float, float]:
        """Width and height of every picture."""
        height, width = self.pixels.shape[:2]
        longer = max(height, width)
        return self.side * width / longer, self.side * height / longer

    @cached_property
    def left(self) -> float:
        """Where the scores begin."""
        return _EDGE if self.narrow else _EDGE + 3 * (self.side + _GAP) + 4

    @cached_property
    def right(self) -> float:
        """Where everything ends."""
        if self.narrow:
            return _EDGE + 3 * self.side + 2 * _GAP
        return self.left + _SCORES

    @cached_property
    def legend(self) -> list[str]:
        """What the colours mean, in lines."""
        words = translate("orange: strong · white: nothing")
        if any(row.signed for row in self.rows):
            words = translate(
                "orange: strong, or for the class · blue: against it · white: nothing"
            )
        return _lines(words, self.right - _EDGE)

    @cached_property
    def head(self) -> float:
        """Where the first row begins."""
        return 64 + _LINE * len(self.legend)

    def figure(self) -> Element:
        """The whole figure."""
        parts: list[Element] = []
        top = self.head
        for number, row in enumerate(self.rows):
            parts += self._row(number, row, top)
            top += self._height(row)
        room = self.right - _EDGE
        title, note = shorten(self.title, room, 14), shorten(self.note, room)
        return figure(
            self.key,
            (self.right + _EDGE, top),
            plain_text(self.title),
            self._about(),
            element("text", title, class_="ink title", x=_EDGE, y=24),
            element("text", note, class_="soft", x=_EDGE, y=44),
            *_texts(self.legend, "soft", _EDGE, 62),
            *parts,
        )

    def _about(self) -> str:
        rows = (f"{row.title}: {_spoken(row)}. {row.verdict}" for row in self.rows)
        return plain_text(" ".join([self.note + ".", *rows]))

    def _verdict(self, row: ReasonRow) -> list[str]:
        return _lines(row.verdict, self.right - self.left - _MARK)

    def _height(self, row: ReasonRow) -> float:
        text = 3 * _CHECK + 8 + _LINE * len(self._verdict(row))
        picture = self.size[1]
        both = picture + _GAP + text if self.narrow else max(picture, text)
        return _TITLE + _CAPTION + both + 14

    def _row(self, number: int, row: ReasonRow, top: float) -> Iterator[Element]:
        title = shorten(row.title, self.right - _EDGE, 14)
        ends = {"x1": _EDGE, "x2": self.right, "y1": top, "y2": top}
        yield element("line", class_="grid", **ends)
        yield element("text", title, class_="ink title", x=_EDGE, y=top + 22)
        below = top + _TITLE + _CAPTION
        yield from self._pictures(number, row, below)
        under = self.size[1] + _GAP if self.narrow else 0.0
        yield from self._scores(row, below + under)

    def _pictures(self, number: int, row: ReasonRow, top: float) -> Iterator[Element]:
        values = row.values if row.signed else row.values - row.values.min()
        shown = (
            (translate("the image"), None),
            (translate("the map"), signed(values)),
            (translate("together"), overlaid(self.pixels, values, 0.75)),
        )
        width, height = self.size
        for place, (caption, pixels) in enumerate(shown):
            left = _EDGE + place * (self.side + _GAP)
            text = shorten(caption, self.side + _GAP - 2)
            yield element("text", text, class_="soft", x=left, y=top - 6)
            yield self._picture(number, pixels, left, top)
            box = {"x": left, "y": top, "width": width, "height": height}
            yield element("rect", class_="grid", **box)

    def _picture(
        self, number: int, pixels: NDArray[np.uint8] | None, left: float, top: float
    ) -> Element:
        """A picture; the image itself is held once and used again."""
        if pixels is None and number:
            first = self.head + _TITLE + _CAPTION
            return element("use", href=f"#{self.key}-image", x=0, y=top - first)
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

    def _scores(self, row: ReasonRow, top: float) -> Iterator[Element]:
        y = top + 4
        for name, words, check in _checks(row):
            yield from _check(name, words, check, self.left, self.right, y)
            y += _CHECK
        kind, mark = "right" if row.good else "wrong", _mark(row.good)
        yield element("text", mark, class_=f"{kind} title", x=self.left, y=y + 12)
        yield from _texts(self._verdict(row), "ink", self.left + _MARK, y + 12)


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
    own = f"{_mark(check.good)} {name} {decimal_text(check.value)}"
    other = words.format(number=decimal_text(check.other))
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
        (f"{name} {decimal_text(check.value)}", words, decimal_text(check.other))
        for name, words, check in _checks(row)
    )
    return ", ".join(f"{own} ({w.format(number=other)})" for own, w, other in parts)


def _mark(good: bool) -> str:
    return "✓" if good else "✗"


def _lines(text: str, room: float) -> list[str]:
    """The text in lines of so many pixels at most."""
    return wrap(plain_text(text), int(room / text_width("m")))


def _texts(lines: list[str], kind: str, left: float, top: float) -> Iterator[Element]:
    for number, line in enumerate(lines):
        yield element("text", line, class_=kind, x=left, y=top + _LINE * number)
