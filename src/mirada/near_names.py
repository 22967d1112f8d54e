"""The known names that a person may have meant by one that is not there."""

from collections.abc import Iterable
from difflib import get_close_matches

from mirada.errors import Phrase

__all__ = ["did_you_mean"]

_LONGEST = 80
"""Comparing grows with the square of the length, and names come from outside."""


def did_you_mean(
    name: str, known: Iterable[str], most: int = 3, likeness: float = 0.5
) -> Phrase | str:
    """A question that names up to `most` near names, the nearest first; else empty.

    `likeness`, from 0 to 1, is `difflib`'s ratio that they reach at least.

    >>> did_you_mean("lenet6", ["lenet5", "vgg16"]), did_you_mean("?", ["lenet5"])
    (Phrase('Did you mean lenet5?'), '')
    """
    near = get_close_matches(name[:_LONGEST], [*known], most, likeness)
    return Phrase("Did you mean {near}?", near=", ".join(near)) if near else ""
