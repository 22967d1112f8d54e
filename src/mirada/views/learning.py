"""The learning curve: what was measured by number of images, and where it leads."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mirada.language import translate
from mirada.views.scale import Scale, round_range, round_ticks, share_text, share_texts
from mirada.views.svg import Element, element, figure, plain_text, text_width

__all__ = ["BandPoint", "LearningPicture", "MeasuredPoint", "learning_figure"]

_WIDTH, _HEIGHT = 560.0, 340.0
_TOP, _RIGHT, _BOTTOM = 70.0, 20.0, 50.0


class MeasuredPoint(NamedTuple):
    """One run: how many images it was trained with, its share of right answers."""

    images: int
    accuracy: float


class BandPoint(NamedTuple):
    """The fitted curve at a number of images, and what else would fit."""

    images: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningPicture:
    """What the figure shows; `band` is empty where no curve was fitted."""

    measured: tuple[MeasuredPoint, ...]
    band: tuple[BandPoint, ...] = ()


def learning_figure(picture: LearningPicture, key: str = "learning") -> Element:
    """The figure: accuracy over images on a logarithmic axis, 560 by 340 pixels.

    Measured runs are dots; the fitted curve is a line, dashed beyond the most images
    that were measured, with a band of what else would fit.
    """
    title = translate("Learning curve")
    return figure(
        key,
        (_WIDTH, _HEIGHT),
        title,
        _spoken(picture),
        element("text", title, class_="ink title", x=10, y=22),
        *_parts(picture),
    )


def _spoken(picture: LearningPicture) -> str:
    text = translate("{images} images: {share} right.")
    spoken = [
        text.format(images=images, share=share_text(accuracy))
        for images, accuracy in _means(picture.measured)
    ]
    if picture.band:
        last = picture.band[-1]
        words = translate(
            "Expected with {images} images: {share}, from {low} to {high}."
        )
        spoken.append(
            words.format(
                images=last.images,
                share=share_text(last.accuracy),
                low=share_text(last.low),
                high=share_text(last.high),
            )
        )
    return plain_text(" ".join(spoken))


def _means(measured: Sequence[MeasuredPoint]) -> list[tuple[int, float]]:
    sizes: dict[int, list[float]] = {}
    for images, accuracy in sorted(measured):
        sizes.setdefault(images, []).append(accuracy)
    return [(images, sum(v) / len(v)) for images, v in sizes.items()]


def _parts(picture: LearningPicture) -> Iterator[Element]:
    measured, band = picture.measured, picture.band
    sizes = [p.images for p in measured] + [p.images for p in band]
    values = [p.accuracy for p in measured]
    values += [v for p in band for v in (p.low, p.high)]
    low, high = round_range(min(values), max(values))
    low, high = max(low, 0.0), min(high, 1.0)
    ticks = round_ticks(low, high)
    texts = share_texts(ticks)
    left = 14 + max(map(text_width, texts))
    first, last = math.log(min(sizes)), math.log(max(sizes))
    across = Scale(first, last, left + 10, _WIDTH - _RIGHT - 10)
    up = Scale(low, high, _HEIGHT - _BOTTOM, _TOP)
    yield from _legend(bool(band))
    yield from _value_axis(ticks, texts, left, up)
    yield from _images_axis(picture, left, across)
    if band:
        yield from _band(band, max(p.images for p in measured), across, up)
    for images, accuracy in measured:
        place = {"cx": across(math.log(images)), "cy": up(accuracy)}
        yield element("circle", class_="dot-1", r=3, **place)


def _legend(has_curve: bool) -> Iterator[Element]:
    yield element("circle", class_="dot-1", cx=16, cy=38, r=3)
    label = translate("measured")
    yield element("text", label, class_="ink", x=26, y=42)
    if has_curve:
        x = 46 + text_width(label)
        yield element("line", class_="line-2", x1=x, x2=x + 24, y1=38, y2=38)
        words = translate("fitted, and beyond what was measured")
        yield element("text", words, class_="ink", x=x + 30, y=42)


def _value_axis(
    ticks: list[float], texts: list[str], left: float, up: Scale
) -> Iterator[Element]:
    for tick, text in zip(ticks, texts, strict=True):
        y = up(tick)
        yield element("line", class_="grid", x1=left, x2=_WIDTH - _RIGHT, y1=y, y2=y)
        place = {"x": left - 6, "y": y + 4}
        yield element("text", text, class_="soft", text_anchor="end", **place)


def _images_axis(
    picture: LearningPicture, left: float, across: Scale
) -> Iterator[Element]:
    """A tick at every size that was measured, and at the last of the curve."""
    y = _HEIGHT - _BOTTOM
    yield element("line", class_="axis", x1=left, x2=_WIDTH - _RIGHT, y1=y, y2=y)
    sizes = {p.images for p in picture.measured} | {p.images for p in picture.band[-1:]}
    free = -math.inf
    for images in sorted(sizes):
        x, half = across(math.log(images)), text_width(str(images)) / 2
        yield element("line", class_="axis", x1=x, x2=x, y1=y, y2=y + 4)
        if x - half > free:
            place = {"x": min(x, _WIDTH - 4 - half), "y": y + 17}
            words = {"class_": "soft", "text_anchor": "middle"}
            yield element("text", str(images), **words, **place)
            free = x + half + 6
    place = {"x": (left + _WIDTH - _RIGHT) / 2, "y": y + 37}
    label = translate("training images")
    yield element("text", label, class_="soft", text_anchor="middle", **place)


def _band(
    band: Sequence[BandPoint], known: int, across: Scale, up: Scale
) -> Iterator[Element]:
    """The edges of the band as thin lines, and the curve in two pieces."""
    for edge in ("low", "high"):
        points = [(p.images, getattr(p, edge)) for p in band]
        yield element("path", class_="mark", d=_path(points, across, up))
    curve = [(p.images, p.accuracy) for p in band]
    inside = [point for point in curve if point[0] <= known]
    beyond = curve[max(len(inside) - 1, 0) :]
    if len(inside) > 1:
        yield element("path", class_="line-1", d=_path(inside, across, up))
    if len(beyond) > 1:
        yield element("path", class_="line-2", d=_path(beyond, across, up))


def _path(points: list[tuple[int, float]], across: Scale, up: Scale) -> str:
    placed = ((across(math.log(images)), up(value)) for images, value in points)
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in placed)
