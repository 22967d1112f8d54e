"""The confusion matrix as a picture: a cell for every pair of classes that met."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from mirada.language import translate
from mirada.views.confusion import Confusion, most_confused
from mirada.views.scale import share_text
from mirada.views.svg import Element, element, figure, plain_text, shorten, text_width

__all__ = ["confusion_figure", "ink_on"]

_LABEL_WIDTH = 130.0
_GAP = 8.0
_FAINTEST = 0.2
_MOST_WITH_NUMBERS = 24


def confusion_figure(
    confusion: Confusion, key: str = "confusion", most: int = 60
) -> Element:
    """The matrix as a figure: rows true, columns predicted, shaded by share of the row.

    Right answers and mistakes differ in colour and in place. Of more than `most`
    classes it shows those with most mistakes, and says so. Counts are in the tip of
    every cell, and written in the cells of up to 24 classes.
    """
    return _Drawing(confusion, most_confused(confusion, most)).figure(key)


def ink_on(strength: float) -> str:
    """The class of a number that is legible on a cell of this opacity, light or dark.

    The limits keep a contrast of 4.5 to 1 (WCAG 2.1, 1.4.3) with both colours.
    """
    if strength < 0.7:
        return "on-weak"
    return "on-middle" if strength < 0.94 else "on-strong"


class _Drawing:
    """Where things stand in the figure of one matrix, some of its classes shown."""

    def __init__(self, confusion: Confusion, shown: list[int]) -> None:
        self.confusion = confusion
        self.shown = shown
        self.totals = confusion.array.sum(axis=1)[shown]
        self.counts = confusion.array[np.ix_(shown, shown)]
        self.whole_names = [plain_text(confusion.classes[i]) for i in shown]
        self.names = [shorten(name, _LABEL_WIDTH) for name in self.whole_names]
        self.has_numbers = len(shown) <= _MOST_WITH_NUMBERS
        self.cell = self._cell_side()
        self.side = self.cell * len(shown)
        widest = max(map(text_width, self.names), default=0.0)
        self.angle = self._label_angle(widest)
        self.left = 28 + widest + _GAP
        rise = {0: 12.0, 45: 0.75 * (widest + 12), 90: widest}[self.angle]
        self.top = 66 + rise + _GAP
        self.overhang = max(20.0, 0.75 * widest if self.angle == 45 else 0.0)

    def _cell_side(self) -> float:
        """The side of a cell: room for the largest count, where counts are written."""
        if not self.has_numbers:
            return 14.0
        least = 34.0 if len(self.shown) <= 12 else 26.0
        return max(least, text_width(str(self.counts.max(initial=0))) + 8)

    def _label_angle(self, widest: float) -> int:
        """How far the names over the columns are turned to the left."""
        if widest <= self.cell - 4:
            return 0
        return 45 if self.cell > 20 else 90

    def figure(self, key: str) -> Element:
        title, note = translate("Confusion matrix"), self._note()
        words = max(text_width(note), text_width(title, 14)) + 24
        width = max(self.left + self.side + self.overhang, words)
        box = {"x": self.left, "y": self.top, "width": self.side, "height": self.side}
        return figure(
            key,
            (width, self.top + self.side + 16),
            title,
            self._about(),
            element("text", title, class_="ink title", x=10, y=22),
            element("text", note, class_="soft", x=10, y=42),
            *self._axis_words(),
            *self._row_labels(),
            *self._column_labels(),
            self._grid(),
            *self._cells(),
            element("rect", class_="axis", **box),
        )

    def _note(self) -> str:
        total = len(self.confusion.classes)
        if len(self.shown) == total:
            return translate("rows: true class · columns: predicted class")
        return translate(
            "rows: true class · columns: predicted class · "
            "the {count} of {total} classes with most mistakes"
        ).format(count=len(self.shown), total=total)

    def _about(self) -> str:
        counts = self.confusion.array
        return translate("{right} of {all} images lie on the diagonal.").format(
            right=int(np.trace(counts)), all=int(counts.sum())
        )

    def _axis_words(self) -> Iterator[Element]:
        word = partial(element, "text", class_="soft", text_anchor="middle")
        y = self.top + self.side / 2
        yield word(translate("true"), x=18, y=y, transform=f"rotate(-90 18 {y:.2f})")
        yield word(translate("predicted"), x=self.left + self.side / 2, y=62)

    def _row_labels(self) -> Iterator[Element]:
        for i in range(len(self.shown)):
            x, y = self.left - _GAP, self.top + (i + 0.5) * self.cell + 4
            yield self._label(i, x=x, y=y, text_anchor="end")

    def _column_labels(self) -> Iterator[Element]:
        for i in range(len(self.shown)):
            x, y = self.left + (i + 0.5) * self.cell, self.top - _GAP
            if self.angle:
                x += 4
                turn = f"rotate(-{self.angle} {x:.2f} {y:.2f})"
                yield self._label(i, x=x, y=y, text_anchor="start", transform=turn)
            else:
                yield self._label(i, x=x, y=y, text_anchor="middle")

    def _label(self, index: int, **place: float | str) -> Element:
        """A class name; its whole length is in the tip where it was cut."""
        name, whole = self.names[index], self.whole_names[index]
        tip = [element("title", whole)] if name != whole else []
        return element("text", *tip, name, class_="ink", **place)

    def _grid(self) -> Element:
        """The lines between cells, as one path."""
        left, top, side = f"{self.left:.2f}", f"{self.top:.2f}", f"{self.side:.2f}"
        steps = [i * self.cell for i in range(1, len(self.shown))]
        rows = (f"M{left} {self.top + step:.2f}h{side}" for step in steps)
        columns = (f"M{self.left + step:.2f} {top}v{side}" for step in steps)
        return element("path", class_="grid", d="".join([*rows, *columns]))

    def _cells(self) -> Iterator[Element]:
        """A cell for every count above zero, shaded by its share of the whole row."""
        for row, column in zip(*np.nonzero(self.counts), strict=True):
            count = int(self.counts[row, column])
            yield self._cell(
                int(row), int(column), count, count / int(self.totals[row])
            )

    def _cell(self, row: int, column: int, count: int, share: float) -> Element:
        x, y = self.left + column * self.cell, self.top + row * self.cell
        strength = _FAINTEST + (1 - _FAINTEST) * share
        tip = translate("{true} taken for {predicted}: {count} ({share})").format(
            true=self.whole_names[row],
            predicted=self.whole_names[column],
            count=count,
            share=share_text(share),
        )
        square = element(
            "rect",
            class_="right" if row == column else "wrong",
            x=x,
            y=y,
            width=self.cell,
            height=self.cell,
            fill_opacity=strength,
        )
        middle = {"x": x + self.cell / 2, "y": y + self.cell / 2 + 4}
        ink = ink_on(strength)
        number = element("text", str(count), class_=ink, text_anchor="middle", **middle)
        written = [number] if self.has_numbers else []
        return element("g", element("title", tip), square, *written)
