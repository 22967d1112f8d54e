"""Words and files that several views of `mirada look` share."""

import math
import re

from mirada.language import translate
from mirada.network import INPUT, Network
from mirada.tasks.quantities import decimal_text

__all__ = ["directions", "file_name", "layer_words", "number_text", "rounded"]

_LONGEST = 60
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


def file_name(*parts: str, suffix: str) -> str:
    """The name of a file from words of any kind: letters, digits and a few signs.

    >>> file_name("my image", "conv1", suffix=".html")
    'my_image-conv1.html'
    """
    safe = (re.sub(r"[^\w+.-]", "_", part)[:_LONGEST] or "_" for part in parts)
    return "-".join(safe) + suffix


def rounded(number: float | None) -> float | None:
    """A number as JSON shows it: six decimals, None for what is not finite."""
    return (
        None if number is None or not math.isfinite(number) else round(number, _PLACES)
    )
