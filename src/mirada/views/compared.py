"""The validation accuracy of several runs by epoch, in one figure."""

from collections.abc import Iterator
from dataclasses import dataclass

from mirada.language import translate
from mirada.views.chart import is_drawable
from mirada.views.scale import Scale, round_range, round_ticks, share_text, share_texts
from mirada.views.svg import Element, element, figure, plain_text, shorten

__all__ = ["ComparedRun", "compared_figure"]

_WIDTH, _LEFT, _RIGHT, _TOP, _PLOT = 640.0, 62.0, 16.0, 40.0, 260.0
_ROW = 18.0
_COLOURS = (
    *("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#cf222e", "#9a6700", "#1b7c83"),
    *("#bf3989", "#57606a", "#4d2d00"),
)
_DASHES = ("", "6 3", "2 2", "8 3 2 3")
MOST_RUNS = 40
"""More lines than this cannot be told apart."""


@dataclass(frozen=True)
class ComparedRun:
    """A run's name and its validation accuracy after each epoch, None where none."""

    name: str
    accuracies: tuple[float | None, ...]


def compared_figure(runs: tuple[ComparedRun, ...], key: str = "compared") -> Element:
    """The figure: one line a run, 640 pixels wide, its names below.

    Lines differ in colour and in dashes, so that neither alone has to tell them apart;
    of more than 40 runs the first are drawn.
    """
    drawn = runs[:MOST_RUNS]
    title = translate("Validation accuracy")
    height = _TOP + _PLOT + 48 + _ROW * len(drawn)
    return figure(
        key,
        (_WIDTH, height),
        title,
        " ".join(map(_spoken, drawn)),
        element("text", title, class_="ink title", x=10, y=22),
        *_plot(drawn),
        *_legend(drawn),
    )


def _spoken(run: ComparedRun) -> str:
    known = [value for value in run.accuracies if value is not None]
    if not known:
        return translate("{label}: no values.").format(label=plain_text(run.name))
    text = translate("{label}: at best {share} after {epochs} epochs.")
    share, epochs = share_text(max(known)), len(run.accuracies)
    return text.format(label=plain_text(run.name), share=share, epochs=epochs)


def _plot(runs: tuple[ComparedRun, ...]) -> Iterator[Element]:
    values = [v for run in runs for v in run.accuracies if v is not None]
    low, high = round_range(min(values, default=0.0), max(values, default=1.0))
    low, high = max(low, 0.0), min(high, 1.0)
    longest = max((len(run.accuracies) for run in runs), default=1)
    across = Scale(1, max(longest, 2), _LEFT, _WIDTH - _RIGHT)
    up = Scale(low, high, _TOP + _PLOT, _TOP)
    ticks = round_ticks(low, high)
    for tick, text in zip(ticks, share_texts(ticks), strict=True):
        ends = {"x1": _LEFT, "x2": _WIDTH - _RIGHT, "y1": up(tick), "y2": up(tick)}
        yield element("line", class_="grid", **ends)
        beside = {"x": _LEFT - 6, "y": up(tick) + 4}
        yield element("text", text, class_="soft", text_anchor="end", **beside)
    for tick in round_ticks(1, max(longest, 2), 10):
        if tick == int(tick):
            below = {"x": across(tick), "y": _TOP + _PLOT + 17}
            text = f"{tick:.0f}"
            yield element("text", text, class_="soft", text_anchor="middle", **below)
    middle = {"x": (_LEFT + _WIDTH - _RIGHT) / 2, "y": _TOP + _PLOT + 34}
    words = translate("epoch")
    yield element("text", words, class_="soft", text_anchor="middle", **middle)
    for place, run in enumerate(runs):
        yield from _line(place, run, across, up)


def _line(place: int, run: ComparedRun, across: Scale, up: Scale) -> Iterator[Element]:
    points = [
        (across(epoch), up(value))
        for epoch, value in enumerate(run.accuracies, 1)
        if value is not None and is_drawable(value)
    ]
    if len(points) == 1:
        (x, y) = points[0]
        yield element("circle", cx=x, cy=y, r=3, fill=_COLOURS[place % len(_COLOURS)])
    elif points:
        path = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
        yield element("path", d=path, fill="none", **_style(place))


def _legend(runs: tuple[ComparedRun, ...]) -> Iterator[Element]:
    for place, run in enumerate(runs):
        y = _TOP + _PLOT + 48 + _ROW * place
        ends = {"x1": 12.0, "x2": 44.0, "y1": y, "y2": y}
        yield element("line", **ends, **_style(place))
        label = shorten(run.name, _WIDTH - 70)
        yield element("text", label, class_="ink", x=52, y=y + 4)


def _style(place: int) -> dict[str, str | float | None]:
    dashes = _DASHES[place // len(_COLOURS) % len(_DASHES)]
    return {
        "stroke": _COLOURS[place % len(_COLOURS)],
        "stroke_width": 2.0,
        "stroke_dasharray": dashes or None,
    }
