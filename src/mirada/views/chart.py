"""A line chart: series over epochs, round ticks, a legend, the best epoch marked."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mirada.language import translate
from mirada.views.numbers import digits_text
from mirada.views.scale import (
    Scale,
    round_range,
    round_ticks,
    share_text,
    share_texts,
    tick_texts,
)
from mirada.views.svg import Element, element, plain_text, shorten, text_width

__all__ = ["Chart", "Series", "chart_panel", "describe_series", "is_drawable"]

_LARGEST = 1e30
_TOP, _RIGHT, _BOTTOM = 70.0, 14.0, 44.0


@dataclass(frozen=True)
class Series:
    """One line of a chart: a label and a value for every epoch, None where none."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Chart:
    """What a line chart shows.

    `epochs` are whole numbers in ascending order, one for each value of a series;
    `is_share` says that the values lie in [0, 1] and read as percentages; `best` is the
    epoch to mark.
    """

    title: str
    epochs: tuple[int, ...]
    series: tuple[Series, ...]
    is_share: bool = False
    best: int | None = None


def is_drawable(value: float | None) -> bool:
    """True where a value is a number that has a place on an axis."""
    return value is not None and math.isfinite(value) and abs(value) < _LARGEST


def describe_series(chart: Chart) -> str:
    """The chart in one sentence a series, for who cannot see it."""
    spoken = (_spoken(series, chart) for series in chart.series)
    return " ".join([plain_text(chart.title) + ".", *spoken])


def _spoken(series: Series, chart: Chart) -> str:
    drawn = [
        p for p in zip(chart.epochs, series.values, strict=True) if p[1] is not None
    ]
    if not drawn:
        return translate("{label}: no values.").format(label=plain_text(series.label))
    (first, start), (last, end) = drawn[0], drawn[-1]
    return translate(
        "{label}: {start} at epoch {first}, {end} at epoch {last}."
    ).format(
        label=plain_text(series.label),
        start=_number(start, chart.is_share),
        first=first,
        end=_number(end, chart.is_share),
        last=last,
    )


def _number(value: float | None, is_share: bool) -> str:
    if value is None:
        return "–"
    return share_text(value) if is_share else digits_text(value, 4)


def chart_panel(chart: Chart, width: float, height: float) -> Element:
    """The chart as a group that fills a box of `width` by `height` pixels."""
    ticks, low, high = _value_ticks(chart)
    texts = share_texts(ticks) if chart.is_share else tick_texts(ticks)
    left = 14 + max(map(text_width, texts))
    first, last = (chart.epochs[0], chart.epochs[-1]) if chart.epochs else (1, 1)
    across = Scale(first, last, left, width - _RIGHT)
    up = Scale(low, high, height - _BOTTOM, _TOP)
    return element(
        "g",
        element(
            "text", shorten(chart.title, width - 20), class_="ink title", x=10, y=22
        ),
        *_legend(chart, width),
        *_value_axis(ticks, texts, across, up),
        *_epoch_axis(across, height),
        *_best(chart, across, up),
        *(
            x
            for i, s in enumerate(chart.series)
            for x in _line(i, s, chart, across, up)
        ),
    )


def _value_ticks(chart: Chart) -> tuple[list[float], float, float]:
    """The ticks of the value axis and the range they stand in."""
    values = [
        v for s in chart.series for v in s.values if v is not None and is_drawable(v)
    ]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if chart.is_share:
        low, high = min(low, 0.9), 1.0
    else:
        low, high = min(low, 0.0), high if high > 0 else 1.0
    low, high = round_range(low, high)
    return round_ticks(low, high), low, high


def _legend(chart: Chart, width: float) -> Iterator[Element]:
    """A sample of every line beside its label, under the title."""
    room = (width - 20) / max(len(chart.series), 1)
    x = 10.0
    for index, series in enumerate(chart.series, 1):
        label = shorten(series.label, room - 44)
        yield element("line", class_=f"line-{index}", x1=x, x2=x + 24, y1=38, y2=38)
        yield element("text", label, class_="ink", x=x + 30, y=42)
        x += 44 + text_width(label)


def _value_axis(
    ticks: list[float], texts: list[str], across: Scale, up: Scale
) -> Iterator[Element]:
    for tick, text in zip(ticks, texts, strict=True):
        y = up(tick)
        yield element("line", class_="grid", x1=across.start, x2=across.end, y1=y, y2=y)
        place = {"x": across.start - 6, "y": y + 4}
        yield element("text", text, class_="soft", text_anchor="end", **place)


def _epoch_axis(across: Scale, height: float) -> Iterator[Element]:
    y = height - _BOTTOM
    yield element("line", class_="axis", x1=across.start, x2=across.end, y1=y, y2=y)
    most = max(2, int((across.end - across.start) / 48))
    ticks = round_ticks(across.low, across.high, most)
    for tick in (t for t in ticks if t == int(t)):
        x = across(tick)
        yield element("line", class_="axis", x1=x, x2=x, y1=y, y2=y + 4)
        place = {"x": x, "y": y + 17}
        yield element(
            "text", f"{tick:.0f}", class_="soft", text_anchor="middle", **place
        )
    middle = {"x": (across.start + across.end) / 2, "y": y + 35}
    words = translate("epoch")
    yield element("text", words, class_="soft", text_anchor="middle", **middle)


def _best(chart: Chart, across: Scale, up: Scale) -> Iterator[Element]:
    """A dotted line at the best epoch, its words on the side that has room."""
    if chart.best is None or chart.best not in chart.epochs:
        return
    words = translate("best: epoch {epoch}").format(epoch=chart.best)
    x = across(chart.best)
    yield element("line", class_="mark", x1=x, x2=x, y1=up.end - 4, y2=up.start)
    half = text_width(words) / 2
    middle = min(max(x, half + 4), across.end + _RIGHT - 4 - half)
    place = {"x": middle, "y": up.end - 8}
    yield element("text", words, class_="soft", text_anchor="middle", **place)


def _line(
    index: int, series: Series, chart: Chart, across: Scale, up: Scale
) -> Iterator[Element]:
    """The pieces of one line, broken where there is no value; a dot for a lone one."""
    piece: list[tuple[float, float]] = []
    for epoch, value in [*zip(chart.epochs, series.values, strict=True), (0, None)]:
        if value is not None and is_drawable(value):
            piece.append((across(epoch), up(value)))
        elif piece:
            yield _piece(index + 1, piece)
            piece = []


def _piece(number: int, points: list[tuple[float, float]]) -> Element:
    if len(points) == 1:
        (x, y) = points[0]
        return element("circle", class_=f"dot-{number}", cx=x, cy=y, r=3)
    path = "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return element("path", class_=f"line-{number}", d="M" + path)
