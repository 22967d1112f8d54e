"""The reliability diagram: how often answers are right, over how sure they were."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from mirada.language import translate
from mirada.views.numbers import count_text, decimal_text
from mirada.views.scale import Scale
from mirada.views.scores import Measured, range_text
from mirada.views.svg import Element, element, figure

__all__ = ["ReliabilityBin", "reliability_figure"]

_WIDTH, _LEFT, _SIDE = 320.0, 46.0, 250.0
_TOP, _BARS = 62.0, 64.0
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_CAP, _DOT = 3.0, 3.5


class ReliabilityBin(Protocol):
    """The answers whose confidence lies in one range; None where there are none."""

    @property
    def low(self) -> float:
        """Where the range begins."""

    @property
    def high(self) -> float:
        """Where the range ends."""

    @property
    def count(self) -> int:
        """How many answers are in it."""

    @property
    def confidence(self) -> float | None:
        """Their mean confidence."""

    @property
    def accuracy(self) -> Measured | None:
        """The share of them that is right, with its interval."""


def reliability_figure(
    bins: Sequence[ReliabilityBin], key: str = "reliability"
) -> Element:
    """The diagram, 320 pixels wide: a dot for every bin that has answers, with counts.

    A dot stands at the mean confidence of its bin and the share that is right, with its
    interval as a line; the dotted diagonal is where both are equal. Beneath are the
    counts. `key` begins its ids.
    """
    across = Scale(0.0, 1.0, _LEFT, _LEFT + _SIDE)
    up = Scale(0.0, 1.0, _TOP + _SIDE, _TOP)
    met = [item for item in bins if item.count]
    bars = _TOP + _SIDE + 48
    return figure(
        key,
        (_WIDTH, bars + _BARS + 20),
        translate("Reliability diagram"),
        " ".join(map(_words, met)),
        element(
            "text", translate("Reliability diagram"), class_="ink title", x=10, y=22
        ),
        element("text", translate("share that is right"), class_="soft", x=10, y=44),
        *_axes(across, up),
        *(part for item in met for part in _dot(item, across, up)),
        *_counts(met, across, bars + _BARS),
    )


def _axes(across: Scale, up: Scale) -> Iterator[Element]:
    """Grid, ticks and words; the diagonal of what is right as often as it says."""
    for tick in _TICKS:
        x, y, text = across(tick), up(tick), f"{100 * tick:.0f} %"
        ends = {"x1": across.start, "x2": across.end, "y1": y, "y2": y}
        yield element("line", class_="grid", **ends)
        place = {"x": across.start - 6, "y": y + 4}
        yield element("text", text, class_="soft", text_anchor="end", **place)
        place = {"x": x, "y": up.start + 17}
        yield element("text", text, class_="soft", text_anchor="middle", **place)
    ends = {"x1": across(0), "x2": across(1), "y1": up(0), "y2": up(1)}
    yield element("line", class_="mark", **ends)
    ends = {"x1": across.start, "x2": across.end, "y1": up.start, "y2": up.start}
    yield element("line", class_="axis", **ends)
    words, middle = translate("confidence"), across(0.5)
    place = {"x": middle, "y": up.start + 35}
    yield element("text", words, class_="soft", text_anchor="middle", **place)


def _dot(item: ReliabilityBin, across: Scale, up: Scale) -> Iterator[Element]:
    """The interval of a bin as a line with caps, and the dot on it."""
    if item.accuracy is None or item.confidence is None:
        return
    x, low, high = (
        across(item.confidence),
        up(item.accuracy.low),
        up(item.accuracy.high),
    )
    caps = "".join(f"M{x - _CAP:.2f} {y:.2f}h{2 * _CAP:g}" for y in (low, high))
    yield element(
        "g",
        element("title", _words(item)),
        element("path", class_="axis", d=f"M{x:.2f} {low:.2f}V{high:.2f}{caps}"),
        element("circle", class_="dot-1", cx=x, cy=up(item.accuracy.value), r=_DOT),
    )


def _counts(
    met: Sequence[ReliabilityBin], across: Scale, floor: float
) -> Iterator[Element]:
    """A bar for every bin, its count over it, and what they count beneath."""
    most = max((item.count for item in met), default=1)
    for item in met:
        left, right = across(item.low), across(item.high)
        height = max(1.0, (_BARS - 16) * item.count / most)
        bar = {"x": left + 2, "width": right - left - 4}
        yield element(
            "rect",
            class_="right",
            y=floor - height,
            height=height,
            fill_opacity=0.55,
            **bar,
        )
        place = {"x": (left + right) / 2, "y": floor - height - 4}
        text = _short(item.count)
        yield element("text", text, class_="soft number", font_size=10, **place)
    ends = {"x1": across.start, "x2": across.end, "y1": floor, "y2": floor}
    yield element("line", class_="axis", **ends)
    words, place = translate("answers"), {"x": across(0.5), "y": floor + 16}
    yield element("text", words, class_="soft", text_anchor="middle", **place)


def _short(count: int) -> str:
    """A count of at most four letters."""
    for unit, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= 10 * unit:
            return f"{count // unit}{letter}"
    return str(count)


def _words(item: ReliabilityBin) -> str:
    if item.accuracy is None or item.confidence is None:
        return ""
    return translate(
        "{count} answers with {low} to {high} % confidence, {confidence} % on average: "
        "{accuracy} % are right ({range})."
    ).format(
        count=count_text(item.count),
        low=f"{100 * item.low:.0f}",
        high=f"{100 * item.high:.0f}",
        confidence=decimal_text(100 * item.confidence, 1),
        accuracy=decimal_text(100 * item.accuracy.value, 1),
        range=range_text(item.accuracy.low, item.accuracy.high),
    )
