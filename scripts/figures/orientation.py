"""What a simple cell answers to, and how a complex cell stands a small shift."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.gabor import gabor
from mirada.views import data_uri
from mirada.views.shades import clipped, signed
from mirada.views.svg import Element, element, figure
from scripts.figures.words import decimal, said

__all__ = ["orientations", "shifted"]

_SIDE, _KERNEL, _ZOOM, _GAP = 48, 9, 2, 20
_ANGLES = (0, 45, 90, 135)
_LEFT, _BOTTOM, _WIDE, _HIGH = 46.0, 220.0, 440.0, 168.0

Map = NDArray[np.float64]


def disc(side: int = _SIDE, radius: float = 16.0, right: float = 0.0) -> Map:
    """A bright disc on dark ground, its edge one pixel soft, moved to the right."""
    middle = (side - 1) / 2
    y, x = np.mgrid[:side, :side] - middle
    found: Map = np.clip(radius + 0.5 - np.hypot(y, x - right), 0.0, 1.0)
    return found


def edge_filter(degrees: float) -> Map:
    """An odd Gabor filter, which answers to an edge and to nothing even."""
    return gabor(
        _KERNEL,
        _KERNEL,
        angle=math.radians(degrees),
        wavelength=8.0,
        sigma=2.0,
        phase=math.pi / 2,
    )


def answer(image: Map, kernel: Map) -> Map:
    """The correlation of both, without padding."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    found: Map = np.einsum("yxab,ab->yx", windows, kernel)
    return found


def _picture(pixels: NDArray[np.uint8], x: float, y: float, zoom: float) -> Element:
    return element(
        "image",
        class_="pixels",
        x=x,
        y=y,
        width=pixels.shape[1] * zoom,
        height=pixels.shape[0] * zoom,
        href=data_uri(pixels),
    )


def orientations() -> Element:
    """A disc, four oriented filters, and what each of them answers."""
    image = disc()
    filters = [edge_filter(degrees) for degrees in _ANGLES]
    maps = [answer(image, kernel) for kernel in filters]
    largest = max(float(np.abs(found).max()) for found in maps)
    step, left, top = maps[0].shape[1] * _ZOOM + _GAP, 140.0, 100.0
    content = [_picture(clipped(255 * image), 12, top - 8, _ZOOM)]
    for place, (degrees, kernel, found) in enumerate(
        zip(_ANGLES, filters, maps, strict=True)
    ):
        x = left + place * step
        middle = x + found.shape[1] * _ZOOM / 2
        content += [
            _picture(signed(kernel), middle - 27, 34, 6),
            _picture(signed(found, largest), x, top, _ZOOM),
            element("text", f"{degrees}°", class_="ink number", x=middle, y=26),
        ]
    words = said("the image", "la imagen")
    content.append(element("text", words, class_="soft", x=12, y=top - 16))
    title = said("Oriented filters and their answers", "Filtros orientados")
    about = said(
        "A disc and the answers of four filters turned by 45 degrees each: every "
        "filter answers on the part of the edge that has its own orientation.",
        "Un disco y las respuestas de cuatro filtros girados de a 45 grados: cada "
        "filtro responde en la parte del borde que tiene su orientación.",
    )
    return figure("orientations", (left + 4 * step, 192), title, about, *content)


def responses(most: int) -> tuple[list[float], list[float]]:
    """The answer at one place, and the largest around it, for each shift."""
    simple, complex_ = [], []
    for right in range(most + 1):
        found = np.maximum(answer(disc(right=float(right)), edge_filter(0)), 0)
        row, column = found.shape[0] // 2, int(found[found.shape[0] // 2].argmax())
        column = column if right == 0 else column - right
        around = found[row - 3 : row + 4, column - 3 : column + 4]
        simple.append(float(found[row, column]))
        complex_.append(float(around.max()))
    return simple, complex_


def shifted() -> Element:
    """The answer of one place and of the largest around it when the disc moves."""
    simple, complex_ = responses(6)
    largest = max(complex_)
    xs = [_LEFT + _WIDE * place / (len(simple) - 1) for place in range(len(simple))]

    def points(values: list[float]) -> str:
        ys = [_BOTTOM - _HIGH * value / largest for value in values]
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))

    title = said(
        "Share of the answer that is left after a shift",
        "Parte de la respuesta que queda tras un desplazamiento",
    )
    about = said(
        "One place answers less with every pixel that the disc moves; the largest "
        "answer around it stays the same for three pixels.",
        "Un solo lugar responde menos con cada píxel que se mueve el disco; la mayor "
        "respuesta a su alrededor se mantiene igual por tres píxeles.",
    )
    return figure(
        "shifted",
        (520, 270),
        title,
        about,
        element("text", title, class_="ink title", x=10, y=22),
        *_axes(xs),
        element("polyline", class_="line-1", points=points(simple)),
        element("polyline", class_="line-2", points=points(complex_)),
        *_names(xs),
    )


def _axes(xs: list[float]) -> Iterator[Element]:
    """The axis of the shift with its pixels, and the shares at its left."""
    right = _LEFT + _WIDE
    yield element("line", class_="axis", x1=_LEFT, x2=right, y1=_BOTTOM, y2=_BOTTOM)
    for pixels, x in enumerate(xs):
        yield element("text", str(pixels), class_="soft number", x=x, y=_BOTTOM + 18)
    words = said("pixels that the disc has moved", "píxeles que se movió el disco")
    middle = _LEFT + _WIDE / 2
    yield element("text", words, class_="soft number", x=middle, y=_BOTTOM + 36)
    for share in (0.0, 0.5, 1.0):
        y = _BOTTOM - _HIGH * share + 4
        words = decimal(share, 1)
        yield element("text", words, class_="soft", text_anchor="end", x=_LEFT - 8, y=y)


def _names(xs: list[float]) -> Iterator[Element]:
    """What each curve is, beside it."""
    words = said("one place (simple cell)", "un solo lugar (célula simple)")
    yield element("text", words, class_="ink", x=xs[2] + 16, y=_BOTTOM - 44)
    words = said(
        "largest of 7x7 places (complex cell)", "mayor de 7x7 lugares (célula compleja)"
    )
    yield element("text", words, class_="ink", x=xs[1], y=_BOTTOM - _HIGH - 8)
