"""What one output of a layer is made of, and numbers as its formula writes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.analysis.arithmetic import bracketed

__all__ = ["Array", "Flags", "Place", "Terms", "factor_text", "number_text"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Place = tuple[int, ...]
"""(channel, row, column) in an image, (feature,) in a vector."""


@dataclass(frozen=True, eq=False)
class Terms:
    """The values that a layer reads for one output, and what it makes of them.

    `window` holds the values, (channels, rows, columns) or (features,); `axes` says
    along each of its axes where they stand in the layer that is read. `inside` is False
    where a tap falls on padding. A layer that sums products has `weights` of the same
    shape; `bias` is what it adds to their sum. `winners` are the entries of the window
    that are the largest, where the largest counts; `facts` are further numbers by
    name; `formula` is how the value comes about.

    A join that adds or multiplies reads one value of each of its inputs: `window` is
    then (inputs,), and `axes` are those of the one place.
    """

    window: Array
    axes: tuple[tuple[int, ...], ...]
    value: float
    formula: str
    inside: Flags
    weights: Array | None = None
    sum: float | None = None
    bias: float | None = None
    winners: tuple[tuple[int, ...], ...] = ()
    facts: tuple[tuple[str, float], ...] = ()
    exponentials: Array | None = None
    """Of the window's values, in softmax."""
    source: int | None = 0
    """Which of the layer's inputs is read; None where it is one value of each."""
    gates: tuple[int, ...] = ()
    """Inputs that are read at their only pixel, whatever the place."""

    @property
    def products(self) -> Array | None:
        """Each value times its weight, where the layer weighs."""
        return None if self.weights is None else self.window * self.weights


def number_text(value: float) -> str:
    """A number with six digits, whole numbers whole.

    >>> number_text(4.0), number_text(-0.123456789), number_text(267960)
    ('4', '-0.123457', '267960')
    """
    exact = float(value)
    if exact.is_integer() and abs(exact) < 1e15:
        return str(int(exact))
    return f"{exact:.6g}"


def factor_text(value: float) -> str:
    """A number as it stands after a sign: a negative one in brackets.

    >>> factor_text(-2), factor_text(3.5)
    ('(-2)', '3.5')
    """
    return bracketed(number_text(value))
