"""How far Winograd's convolution in float32 may be from the exact one.

Every output is a sum of products u * v * constants, where each product has gone through
a known number of roundings: of the transforms, of the sum over channels. So with n of
them, componentwise and for every input, with gamma(n) = n u / (1 - n u),

    |Y - exact| <= gamma(n) * |A^T| [ sum of (|G| |g| |G^T|) * (|B^T| |d| |B|) ] |A|

and likewise the gradient by the weights, of A dy A^T and B^T x B, under G^T. What is
added afterwards (a bias, another image, what was there) counts one rounding more, and
its own size. Beside the direct convolution, whose bound is gamma(channels * 9) times
the sum of |g| |d|, it is the matrices that grow: `growth`.
Source: Barabasz, Anderson, Soodhalter and Gregg, "Error analysis and improving the
accuracy of Winograd convolution for deep neural networks", arXiv 1803.10986; Higham,
"Accuracy and Stability of Numerical Algorithms", 2002, lemma 3.1.
"""

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["MATRICES", "Matrices", "growth", "roundings", "weight_roundings"]

Matrix = tuple[tuple[float, ...], ...]


class Matrices(NamedTuple):
    """The matrices of a tile size, and how often their lines round."""

    inputs: Matrix
    """B^T."""
    filters: Matrix
    """G."""
    outputs: Matrix
    """A^T."""
    roundings: tuple[int, int, int, int, int]
    """Of one row by B^T, G, A^T, A and G^T; that of a constant included."""


MATRICES: Mapping[int, Matrices] = {
    2: Matrices(
        ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)),
        ((1, 0, 0), (1 / 2, 1 / 2, 1 / 2), (1 / 2, -1 / 2, 1 / 2), (0, 0, 1)),
        ((1, 1, 1, 0), (0, 1, -1, -1)),
        (1, 3, 2, 1, 2),
    ),
    4: Matrices(
        (
            (4, 0, -5, 0, 1, 0),
            (0, -4, -4, 1, 1, 0),
            (0, 4, -4, -1, 1, 0),
            (0, -2, -1, 2, 1, 0),
            (0, 2, -1, -2, 1, 0),
            (0, 4, 0, -5, 0, 1),
        ),
        (
            (1 / 4, 0, 0),
            (-1 / 6, -1 / 6, -1 / 6),
            (-1 / 6, 1 / 6, -1 / 6),
            (1 / 24, 1 / 12, 1 / 6),
            (1 / 24, -1 / 12, 1 / 6),
            (0, 0, 1),
        ),
        (
            (1, 1, 1, 1, 1, 0),
            (0, 1, -1, 2, -2, 0),
            (0, 1, 1, 4, 4, 0),
            (0, 1, -1, 8, -8, 1),
        ),
        (2, 4, 3, 2, 5),
    ),
}
"""The matrices by tile size, as `winograd_transform` computes with them."""


def roundings(size: int, channels: int) -> int:
    """The n of an output: all transforms on both sides, and a sum over channels.

    >>> roundings(4, 64)
    82
    """
    inputs, filters, outputs, _, _ = MATRICES[size].roundings
    return 2 * (inputs + filters + outputs) + channels


def weight_roundings(size: int, tiles: int) -> int:
    """The n of a weight's gradient, a sum over so many tiles."""
    inputs, _, _, gradients, back = MATRICES[size].roundings
    return 2 * (inputs + gradients + back) + tiles


def growth(size: int) -> float:
    """The largest factor of the bound beside a direct sum of numbers of one size.

    That is max |A^T| [(|G| 1 |G^T|) * (|B^T| 1 |B|)] |A| / 9.

    >>> round(growth(2), 1), round(growth(4))
    (7.1, 256)
    """
    matrices = MATRICES[size]
    side = [
        sum(map(abs, g)) * sum(map(abs, b))
        for g, b in zip(matrices.filters, matrices.inputs, strict=True)
    ]
    rows = [
        sum(abs(a) * s for a, s in zip(row, side, strict=True))
        for row in matrices.outputs
    ]
    return max(rows) ** 2 / 9
