"""Words and files that several views of `mirada look` share."""

import math

from mirada.cli.quantities import decimal_text
from mirada.data.naming import shown_path
from mirada.language import translate
from mirada.network import INPUT, Network

__all__ = ["directions", "layer_words", "number_text", "page_name", "rounded"]

_LONGEST = 80
_PLACES = 6


def directions() -> dict[str, str]:
    """Each direction of `inspection.shift` with its word in the language in use."""
    return {
        "up": translate("upwards"),
        "down": translate("downwards"),
        "left": translate("to the left"),
        "right": translate("to the right"),
    }


def layer_words(network: Network) -> dict[str, str]:
    """The input and every layer in short words: "conv 6 5x5 pad 2".

    >>> from mirada.network import ReLU
    >>> layer_words(Network("tiny", (1, 2, 2), (ReLU(),)))
    {'input': 'the image', 'relu1': 'relu'}
    """
    layers = {node.name: node.layer.text() for node in network.nodes}
    return {INPUT: translate("the image"), **layers}


def number_text(number: float | None, places: int = 3) -> str:
    """A number with so many decimals, a dash for none.

    >>> number_text(0.12345), number_text(None)
    ('0.123', '-')
    """
    return "-" if number is None else decimal_text(number, places)


def page_name(*parts: str) -> str:
    """The name of a page's file: its parts joined, not too long for a disk.

    >>> page_name("image", "conv1")
    'image-conv1.html'
    """
    first, *rest = parts
    return "-".join([shown_path(first).replace("/", "-")[:_LONGEST], *rest]) + ".html"


def rounded(number: float | None) -> float | None:
    """A number as JSON shows it: six decimals, None for what is not finite."""
    return (
        None if number is None or not math.isfinite(number) else round(number, _PLACES)
    )
