"""A network chosen for images of a given size."""

from mirada.errors import DescriptionError, Phrase
from mirada.models.small import digits, normalized_blocks, pooled_blocks
from mirada.network import (
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Network,
    ReLU,
    Shape,
)

__all__ = ["automatic", "automatic_reason"]

_TINY = 12
_SMALL = 36
_LARGE = 160
_ENDS_BELOW = 8
_MOST_CHANNELS = 256
_BLOCKS = (32, 64, 128)


def automatic(input: Shape, classes: int) -> Network:
    """A network that learns images of this size in minutes on a laptop.

    `automatic_reason` says why it is this one.

    >>> automatic((1, 8, 8), 10).name, automatic((3, 128, 128), 5).shapes["maxpool5"]
    ('digits', (256, 4, 4))
    """
    side = _side(input)
    if side <= _TINY:
        return digits(input, classes)
    if side <= _SMALL:
        return _small(input, classes)
    return _deeper(input, classes)


def automatic_reason(input: Shape) -> Phrase:
    """Why `automatic` takes the network it takes for such images."""
    side = _side(input)
    if side <= _TINY:
        return Phrase(
            "images of {side} pixels hold little to pool: two convolutions at full "
            "size, then one pooling",
            side=side,
        )
    if side <= _SMALL:
        return Phrase("small images: three blocks of 32, 64 and 128 filters")
    count = _halvings(side)
    return Phrase(
        "{count} blocks of convolution, batch normalization and pooling bring {side} "
        "pixels down to {last}, of which the mean is taken",
        count=count,
        side=side,
        last=side >> count,
    )


def _small(input: Shape, classes: int) -> Network:
    head = [Flatten(), Dropout(0.5), Linear(128), ReLU(), Linear(classes)]
    return Network("automatic", input, [*pooled_blocks(_BLOCKS), *head])


def _deeper(input: Shape, classes: int) -> Network:
    """A block for every halving; few filters first where the images are large."""
    side = _side(input)
    first = 16 if side >= _LARGE else 32
    blocks = range(_halvings(side))
    channels = [min(first << place, _MOST_CHANNELS) for place in blocks]
    head = [GlobalAvgPool2d(), Flatten(), Dropout(0.5), Linear(classes)]
    return Network("automatic", input, [*normalized_blocks(channels), *head])


def _halvings(side: int) -> int:
    """How often a side is halved until it is below 8."""
    return max(side.bit_length() - _ENDS_BELOW.bit_length() + 1, 0)


def _side(input: Shape) -> int:
    if len(input) != 3 or min(input[1:]) < 2:
        raise DescriptionError(
            "automatic-input",
            "An automatic network needs images of at least 2x2 pixels as channels x "
            "height x width; got {given}. Describe a network for other inputs.",
            given="x".join(map(str, input)),
        )
    return min(input[1:])
