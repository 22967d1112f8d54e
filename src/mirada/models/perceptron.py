"""Fully connected networks, the ones that were there before convolution.

Source: Rumelhart, Hinton, Williams, "Learning representations by back-propagating
errors", Nature 323 (1986).
"""

from collections.abc import Iterator, Sequence

from mirada.errors import UsageError
from mirada.network import Layer, Linear, Network, ReLU

__all__ = ["perceptron"]

_LONGEST_NAME = 80


def perceptron(sizes: Sequence[int]) -> Network:
    """A fully connected network of these layer sizes, the input's first.

    Between two layers stands a ReLU, which learns nothing; the outputs are scores.
    Raises `UsageError` for fewer than two sizes and `FieldError` for one out of range.

    >>> perceptron([784, 100, 10]).output, perceptron([3, 4, 2]).name
    ((10,), '3-4-2')
    """
    if len(sizes) < 2:
        raise UsageError(
            "perceptron-sizes",
            "A fully connected network has the size of its input and of at least one "
            "layer, as in 784-100-10; got {count} of them.",
            count=len(sizes),
        )
    name = "-".join(map(str, sizes))
    short = name if len(name) <= _LONGEST_NAME else "perceptron"
    return Network(short, (sizes[0],), tuple(_layers(sizes[1:])))


def _layers(sizes: Sequence[int]) -> Iterator[Layer]:
    for place, size in enumerate(sizes):
        if place:
            yield ReLU()
        yield Linear(size)
