"""Every figure by its name, and the text of each in a language."""

from collections.abc import Callable, Mapping

from mirada.language import use_language
from mirada.views.svg import Element, write
from scripts.figures.convolved import (
    SLIDING,
    colours,
    convolved,
    filtered,
    impulse,
)
from scripts.figures.functions import relu, softmax
from scripts.figures.networks import fields, fully_connected, lenet, shares
from scripts.figures.orientation import orientations, shifted

__all__ = ["FIGURES", "drawn"]

_DRAWINGS: Mapping[str, Callable[[], Element]] = {
    "orientations": orientations,
    "shifted": shifted,
    "fields": fields,
    "fully-connected": fully_connected,
    "filtered": filtered,
    "colours": colours,
    "impulse": impulse,
    "relu": relu,
    "softmax": softmax,
    "lenet": lenet,
    "shares": shares,
}

FIGURES = (*_DRAWINGS, *SLIDING)
"""The names of those that are the same on every computer."""


def drawn(name: str, language: str) -> str:
    """The SVG of one figure in a language.

    >>> drawn("relu", "en").startswith("<svg")
    True
    """
    use_language(language)
    try:
        if name in SLIDING:
            return convolved(SLIDING[name])
        return write(_DRAWINGS[name]()) + "\n"
    finally:
        use_language("en")
