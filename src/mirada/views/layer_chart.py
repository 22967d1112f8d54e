"""One number a layer, in the order of the network: a chart with the layers' names."""

from collections.abc import Iterator
from dataclasses import dataclass

from mirada.views.numbers import digits_text
from mirada.views.scale import (
    Scale,
    round_range,
    round_ticks,
    share_text,
    share_texts,
    tick_texts,
)
from mirada.views.svg import (
    Element,
    element,
    figure,
    plain_text,
    shorten,
    text_width,
)

__all__ = ["LayerChart", "LayerSeries", "layer_chart"]

_LEAST_STEP, _WIDTH = 34.0, 640.0
_TOP, _RIGHT, _HEIGHT = 66.0, 26.0, 220.0
_NAME = 110.0
_SLANT = 0.7072


@dataclass(frozen=True)
class LayerSeries:
    """A value for every layer, None where there is none; intervals where known."""

    label: str
    values: tuple[float | None, ...]
    intervals: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class LayerChart:
    """One or two series over the same layers.

    `is_share` says that the values are shares, shown from 0 to 100 %. `baseline` is a
    value to compare with, and its words; `chosen` the number of a layer to mark.
    """

    title: str
    layers: tuple[str, ...]
    series: tuple[LayerSeries, ...]
    is_share: bool = False
    baseline: tuple[float, str] | None = None
    chosen: int | None = None


def layer_chart(chart: LayerChart, key: str) -> Element:
    """The chart as a figure; `key` begins its ids.

    >>> series = LayerSeries("accuracy", (0.5, 0.9))
    >>> drawn = layer_chart(LayerChart("Probes", ("input", "conv1"), (series,)), "p")
    >>> drawn.name
    'svg'
    """
    return _Drawing(chart).figure(key)


class _Drawing:
    """Where things stand in one chart."""

    def __init__(self, chart: LayerChart) -> None:
        self.chart = chart
        self.names = [shorten(name, _NAME) for name in chart.layers]
        self.ticks, low, high = _ticks(chart)
        texts = share_texts if chart.is_share else tick_texts
        self.texts = texts(self.ticks)
        widest = max(map(text_width, self.names), default=0.0)
        drop = _SLANT * widest
        first = text_width(self.names[0]) if self.names else 0.0
        self.left = max(16 + max(map(text_width, self.texts)), _SLANT * first)
        count = max(len(chart.layers) - 1, 1)
        self.width = max(_WIDTH, self.left + 20 + count * _LEAST_STEP + _RIGHT)
        self.across = Scale(0, count, self.left + 20, self.width - _RIGHT)
        self.up = Scale(low, high, _TOP + _HEIGHT, _TOP)
        self.height = _TOP + _HEIGHT + 26 + drop

    def figure(self, key: str) -> Element:
        title = self.chart.title
        return figure(
            key,
            (self.width, self.height),
            title,
            self._spoken(),
            element("text", title, class_="ink title", x=10, y=22),
            *self._legend(),
            *self._axis(),
            *self._layers(),
            *self._baseline(),
            *(x for i, s in enumerate(self.chart.series, 1) for x in self._line(i, s)),
        )

    def _spoken(self) -> str:
        pieces = []
        for series in self.chart.series:
            known = [
                f"{plain_text(name)} {self._text(value)}"
                for name, value in zip(self.chart.layers, series.values, strict=True)
                if value is not None
            ]
            pieces.append(f"{series.label}: {', '.join(known)}.")
        return " ".join(pieces)

    def _text(self, value: float) -> str:
        return share_text(value) if self.chart.is_share else digits_text(value)

    def _legend(self) -> Iterator[Element]:
        x = 10.0
        for number, series in enumerate(self.chart.series, 1):
            yield element(
                "line", class_=f"line-{number}", x1=x, x2=x + 24, y1=40, y2=40
            )
            yield element("text", series.label, class_="ink", x=x + 30, y=44)
            x += 48 + text_width(series.label)
        if self.chart.baseline is not None:
            words = self.chart.baseline[1]
            yield element("line", class_="mark", x1=x, x2=x + 24, y1=40, y2=40)
            yield element("text", words, class_="ink", x=x + 30, y=44)

    def _axis(self) -> Iterator[Element]:
        for tick, text in zip(self.ticks, self.texts, strict=True):
            y = self.up(tick)
            ends = {"x1": self.left, "x2": self.width - _RIGHT + 10}
            yield element("line", class_="grid", y1=y, y2=y, **ends)
            place = {"x": self.left - 6, "y": y + 4}
            yield element("text", text, class_="soft", text_anchor="end", **place)

    def _layers(self) -> Iterator[Element]:
        y = self.up.start + 16
        for number, name in enumerate(self.names):
            x = self.across(number) + 4
            whole = self.chart.layers[number]
            tip = [element("title", plain_text(whole))] if whole != name else []
            kind = "ink title" if number == self.chart.chosen else "ink"
            turn = f"rotate(-45 {x:.2f} {y:.2f})"
            place = {"x": x, "y": y}
            yield element(
                "text",
                *tip,
                name,
                class_=kind,
                text_anchor="end",
                transform=turn,
                **place,
            )

    def _baseline(self) -> Iterator[Element]:
        if self.chart.baseline is not None:
            y = self.up(self.chart.baseline[0])
            ends = {"x1": self.left, "x2": self.width - _RIGHT + 10}
            yield element("line", class_="mark", y1=y, y2=y, **ends)

    def _line(self, number: int, series: LayerSeries) -> Iterator[Element]:
        points = [
            (place, self.across(place), value)
            for place, value in enumerate(series.values)
            if value is not None
        ]
        path = "L".join(f"{x:.2f} {self.up(value):.2f}" for _, x, value in points)
        if len(points) > 1:
            yield element("path", class_=f"line-{number}", d="M" + path)
        for place, x, value in points:
            if series.intervals:
                ends = map(self.up, series.intervals[place])
                ys = dict(zip(("y1", "y2"), ends, strict=True))
                yield element("line", class_="axis", x1=x, x2=x, **ys)
            words = f"{plain_text(self.chart.layers[place])}: {self._text(value)}"
            radius = 6 if place == self.chart.chosen else 3.5
            yield element(
                "circle",
                element("title", words),
                class_=f"dot-{number}",
                cx=x,
                cy=self.up(value),
                r=radius,
            )


def _ticks(chart: LayerChart) -> tuple[list[float], float, float]:
    """The ticks of the value axis and the range they stand in."""
    if chart.is_share:
        return round_ticks(0.0, 1.0, 5), 0.0, 1.0
    known = [v for series in chart.series for v in series.values if v is not None]
    low, high = round_range(min([0.0, *known]), max([*known, 0.0]) or 1.0)
    return round_ticks(low, high), low, high
