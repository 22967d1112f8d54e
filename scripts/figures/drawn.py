"""Every figure by its name, and the text of each in a language."""

from collections.abc import Callable, Mapping

from mirada.language import use_language
from mirada.views.svg import Element, write
from scripts.figures.functions import relu, softmax
from scripts.figures.networks import fields, fully_connected, lenet, shares
from scripts.figures.orientation import orientations, shifted

__all__ = ["FIGURES", "drawn"]

FIGURES: Mapping[str, Callable[[], Element]] = {
    "orientations": orientations,
    "shifted": shifted,
    "fields": fields,
    "fully-connected": fully_connected,
    "relu": relu,
    "softmax": softmax,
    "lenet": lenet,
    "shares": shares,
}
"""Those that are the same on every computer."""


def drawn(name: str, language: str) -> str:
    """The SVG of one figure in a language.

    >>> drawn("relu", "en").startswith("<svg")
    True
    """
    use_language(language)
    try:
        return write(FIGURES[name]()) + "\n"
    finally:
        use_language("en")
