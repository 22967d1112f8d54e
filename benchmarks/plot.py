"""Lines over logarithmic axes as SVG, panels two by two."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mirada.views.scale import Scale
from mirada.views.svg import Element, element, figure, text_width

__all__ = ["Panel", "plot"]

_WIDTH, _HEIGHT = 440.0, 320.0
_TOP, _RIGHT, _BOTTOM, _LEFT = 58.0, 20.0, 44.0, 62.0
_COLUMNS = 2
_ROW = 18.0
_COLOURS = (
    *("#0969da", "#bc4c00", "#1a7f37", "#8250df"),
    *("#bf3989", "#9a6700", "#57606a", "#0a7ea4"),
)
_DASHES = ("", "6 3", "2 3", "8 3 2 3")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """One set of axes: what is drawn, by label, and what the axes count."""

    title: str
    across: str
    up: str
    lines: Mapping[str, Points]


def plot(key: str, title: str, panels: Sequence[Panel]) -> Element:
    """The panels two by two, with one legend for all of them beneath."""
    labels = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    columns = min(len(panels), _COLUMNS)
    height = _HEIGHT * -(-len(panels) // _COLUMNS)
    legend = [*_legend(labels, _WIDTH * columns, height)]
    rows = 1 + max((row for row, _ in legend), default=0)
    about = " ".join(_spoken(panel) for panel in panels)
    drawn = [
        element("g", *_panel(panel, labels), transform=f"translate({_corner(place)})")
        for place, panel in enumerate(panels)
    ]
    size = (_WIDTH * columns, height + rows * _ROW + 10)
    return figure(key, size, title, about, *drawn, *(part for _, part in legend))


def _corner(place: int) -> str:
    row, column = divmod(place, _COLUMNS)
    return f"{_WIDTH * column:g} {_HEIGHT * row:g}"


def _spoken(panel: Panel) -> str:
    ends = (
        f"{name}: {points[0][1]:.4g} at {points[0][0]:g}, "
        f"{points[-1][1]:.4g} at {points[-1][0]:g}."
        for name, points in panel.lines.items()
        if points
    )
    return " ".join([f"{panel.title} ({panel.up} by {panel.across}).", *ends])


def _panel(panel: Panel, labels: Sequence[str]) -> Iterator[Element]:
    xs = [x for points in panel.lines.values() for x, _ in points] or [1.0]
    ys = [y for points in panel.lines.values() for _, y in points] or [1.0]
    low, high = _decade(min(ys), -1), _decade(max(ys), 1)
    across = Scale(*_logs(min(xs), max(xs)), _LEFT, _WIDTH - _RIGHT)
    up = Scale(*_logs(low, high), _HEIGHT - _BOTTOM, _TOP)
    yield element("text", panel.title, class_="ink title", x=10, y=24)
    yield from _value_axis(low, high, across, up, panel.up)
    yield from _other_axis(sorted(set(xs)), across, panel.across)
    for name, points in panel.lines.items():
        placed = [(across(math.log10(x)), up(math.log10(y))) for x, y in points]
        yield from _line(labels.index(name), placed)


def _logs(low: float, high: float) -> tuple[float, float]:
    return math.log10(low), math.log10(high)


def _decade(value: float, way: int) -> float:
    """The next of 1, 2, 5, 10, ... below the value, or above it."""
    magnitude = 10.0 ** math.floor(math.log10(value))
    rounds = [m * magnitude for m in (1.0, 2.0, 5.0, 10.0)]
    if way < 0:
        return max(r for r in rounds if r <= value * (1 + 1e-9))
    return min(r for r in rounds if r >= value * (1 - 1e-9))


def _value_axis(
    low: float, high: float, across: Scale, up: Scale, unit: str
) -> Iterator[Element]:
    tick = low
    while tick <= high * (1 + 1e-9):
        y = up(math.log10(tick))
        ends = {"x1": across.start, "x2": across.end, "y1": y, "y2": y}
        yield element("line", class_="grid", **ends)
        place = {"x": across.start - 6, "y": y + 4}
        text = f"{tick:,.0f}" if tick >= 10 else f"{tick:g}"
        yield element("text", text, class_="soft", text_anchor="end", **place)
        tick = _decade(tick * 1.5, 1)
    yield element("text", unit, class_="soft", x=10, y=_TOP - 14)


def _other_axis(xs: Sequence[float], across: Scale, unit: str) -> Iterator[Element]:
    y, free = _HEIGHT - _BOTTOM, -math.inf
    yield element("line", class_="axis", x1=across.start, x2=across.end, y1=y, y2=y)
    for value in xs:
        x, text = across(math.log10(value)), f"{value:g}"
        half = text_width(text) / 2
        if x - half < free:
            continue
        free = x + half + 4
        yield element("line", class_="axis", x1=x, x2=x, y1=y, y2=y + 4)
        place = {"x": x, "y": y + 17}
        yield element("text", text, class_="soft", text_anchor="middle", **place)
    middle = {"x": (across.start + across.end) / 2, "y": y + 35}
    yield element("text", unit, class_="soft", text_anchor="middle", **middle)


def _style(place: int) -> dict[str, str | float | None]:
    colour = _COLOURS[place % len(_COLOURS)]
    dash = _DASHES[place % len(_DASHES)]
    width = 3.0 if place == 0 else 1.5
    return {"stroke": colour, "stroke_dasharray": dash or None, "stroke_width": width}


def _line(place: int, points: Points) -> Iterator[Element]:
    path = "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    yield element("path", d="M" + path, fill="none", **_style(place))
    for x, y in points:
        colour = _COLOURS[place % len(_COLOURS)]
        yield element("circle", cx=x, cy=y, r=2.5, fill=colour)


def _legend(
    labels: Sequence[str], width: float, top: float
) -> Iterator[tuple[int, Element]]:
    """Every label with a sample of its line, and the row it stands in."""
    x, row = _LEFT, 0
    for place, label in enumerate(labels):
        needed = 44 + text_width(label)
        if x + needed > width and x > _LEFT:
            x, row = _LEFT, row + 1
        y = top + row * _ROW
        line = element("line", x1=x, x2=x + 24, y1=y, y2=y, **_style(place))
        text = element("text", label, class_="ink", x=x + 30, y=y + 4)
        yield row, element("g", line, text)
        x += needed
