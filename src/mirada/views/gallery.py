"""Images side by side, each with its words: mistakes, and likely wrong labels."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.numbers import percent_text
from mirada.views.png import data_uri
from mirada.views.svg import Element, element, plain_text

__all__ = ["Doubt", "Mistake", "doubts_gallery", "mistakes_gallery"]


@dataclass(frozen=True, eq=False)
class Mistake:
    """An image that was taken for another class.

    `image` is uint8 of shape (h, w, c); `probability` is that of the predicted class.
    """

    image: NDArray[np.uint8]
    true: str
    predicted: str
    probability: float
    source: str = ""


@dataclass(frozen=True, eq=False)
class Doubt:
    """An image whose label is likely wrong; `probability` is that of `suggested`."""

    image: NDArray[np.uint8]
    given: str
    suggested: str
    probability: float
    source: str = ""


def mistakes_gallery(mistakes: Iterable[Mistake]) -> Element:
    """The images, each with what it was taken for and what it is."""
    text = translate("{predicted} ({share}), truly {true}")
    return _gallery(
        _tile(
            item.image,
            text.format(
                predicted=plain_text(item.predicted),
                share=percent_text(item.probability),
                true=plain_text(item.true),
            ),
            item.source,
        )
        for item in mistakes
    )


def doubts_gallery(doubts: Iterable[Doubt]) -> Element:
    """The images, each with the label it bears, the one it likely is of, its file."""
    text = translate("labelled {given}, likely {suggested} ({share})")
    return _gallery(
        _tile(
            item.image,
            text.format(
                given=plain_text(item.given),
                suggested=plain_text(item.suggested),
                share=percent_text(item.probability),
            ),
            item.source,
            is_named=True,
        )
        for item in doubts
    )


def _gallery(tiles: Iterable[Element]) -> Element:
    return element("ul", *tiles, class_="gallery")


def _tile(
    image: NDArray[np.uint8], words: str, source: str, *, is_named: bool = False
) -> Element:
    """An image over its words; the name of its file in its tip, or written."""
    name = plain_text(source)
    picture = element("img", src=data_uri(image), alt=words, title=name or None)
    lines = [element("bdi", words)]
    if is_named and name:
        lines.append(element("small", element("bdi", name)))
    caption = element("figcaption", *lines)
    return element("li", element("figure", picture, caption))
