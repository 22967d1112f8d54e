"""The search for a learning rate: the loss over the rate, on a logarithmic axis."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mirada.errors import UsageError
from mirada.language import translate
from mirada.views.numbers import digits_text
from mirada.views.scale import Scale, round_range, round_ticks, tick_texts
from mirada.views.svg import Element, element, figure, text_width

__all__ = ["RateCurve", "rate_figure"]

_WIDTH, _HEIGHT = 560.0, 320.0
_TOP, _RIGHT, _BOTTOM = 62.0, 18.0, 46.0
_ROOM = 1.6
"""The axis ends so many times above the first smoothed loss: what runs away leaves."""


@dataclass(frozen=True)
class RateCurve:
    """The rates that were tried, ascending, the smoothed loss at each, and the advice.

    Raises UsageError (`rates-length`).
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float | None = None

    def __post_init__(self) -> None:
        if not self.rates or len(self.rates) != len(self.losses):
            raise UsageError(
                "rates-length",
                "RateCurve has {rates} rates and {losses} losses. It needs a loss for "
                "every rate, and one rate at least.",
                rates=len(self.rates),
                losses=len(self.losses),
            )


def rate_figure(curve: RateCurve, key: str = "rates") -> Element:
    """The figure, 560 by 320 pixels; `key` begins its ids."""
    shown = [loss for loss in curve.losses if math.isfinite(loss)]
    high = min(max(shown, default=1.0), _ROOM * shown[0]) if shown else 1.0
    low, high = round_range(min([0.0, *shown]), high)
    ticks = round_ticks(low, high)
    texts = tick_texts(ticks)
    first, last = math.log10(curve.rates[0]), math.log10(curve.rates[-1])
    left = 14 + max(map(text_width, texts))
    across = Scale(first, last, left, _WIDTH - _RIGHT)
    up = Scale(low, high, _HEIGHT - _BOTTOM, _TOP)
    title = translate("Loss by learning rate")
    return figure(
        key,
        (_WIDTH, _HEIGHT),
        title,
        _spoken(curve),
        element("text", title, class_="ink title", x=10, y=22),
        *_value_axis(ticks, texts, across, up),
        *_rate_axis(across),
        *_suggested(curve, across, up),
        _line(curve, across, up),
    )


def _spoken(curve: RateCurve) -> str:
    least = min(range(len(curve.losses)), key=curve.losses.__getitem__)
    text = translate(
        "The smoothed loss is least, {loss}, at a learning rate of {rate}."
    )
    rate, loss = curve.rates[least], curve.losses[least]
    return text.format(loss=digits_text(loss, 4), rate=digits_text(rate, 2))


def _value_axis(
    ticks: list[float], texts: list[str], across: Scale, up: Scale
) -> Iterator[Element]:
    for tick, text in zip(ticks, texts, strict=True):
        y = up(tick)
        yield element("line", class_="grid", x1=across.start, x2=across.end, y1=y, y2=y)
        place = {"x": across.start - 6, "y": y + 4}
        yield element("text", text, class_="soft", text_anchor="end", **place)


def _rate_axis(across: Scale) -> Iterator[Element]:
    y = _HEIGHT - _BOTTOM
    yield element("line", class_="axis", x1=across.start, x2=across.end, y1=y, y2=y)
    powers = range(math.ceil(across.low - 1e-9), math.floor(across.high + 1e-9) + 1)
    for power in powers:
        x = across(power)
        yield element("line", class_="axis", x1=x, x2=x, y1=y, y2=y + 4)
        place = {"x": x, "y": y + 17}
        words = digits_text(10.0**power)
        yield element("text", words, class_="soft", text_anchor="middle", **place)
    middle = {"x": (across.start + across.end) / 2, "y": y + 35}
    words = translate("learning rate")
    yield element("text", words, class_="soft", text_anchor="middle", **middle)


def _suggested(curve: RateCurve, across: Scale, up: Scale) -> Iterator[Element]:
    """A dotted line at the suggestion, with its words above."""
    if curve.suggestion is None:
        return
    words = translate("suggested: {rate}").format(rate=digits_text(curve.suggestion, 6))
    x = across(math.log10(curve.suggestion))
    yield element("line", class_="mark", x1=x, x2=x, y1=up.end - 4, y2=up.start)
    half = text_width(words) / 2
    middle = min(max(x, half + 4), across.end + _RIGHT - 4 - half)
    place = {"x": middle, "y": up.end - 8}
    yield element("text", words, class_="soft", text_anchor="middle", **place)


def _line(curve: RateCurve, across: Scale, up: Scale) -> Element:
    """The line, cut where the loss leaves the figure."""
    points = [
        f"{across(math.log10(rate)):.2f} {up(min(loss, up.high)):.2f}"
        for rate, loss in zip(curve.rates, curve.losses, strict=True)
        if math.isfinite(loss)
    ]
    return element("path", class_="line-1", d="M" + "L".join(points))
