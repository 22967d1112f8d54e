"""How Winograd's convolution is cut for a processor: from shapes and target alone."""

from collections.abc import Iterator

from mirada.compiler.lowering.winograd_tiling import Panels, Tiling
from mirada.compiler.lowering.winograd_transform import of_size
from mirada.compiler.target import Target

__all__ = ["tiling", "weight_tiling"]

_LEAST, _MOST = 16, 48
"""Tiles that are taken together: the filters are read once for so many."""
_SUMMED = 32
"""Tiles that the weight gradient takes together: its sums are loaded once for them."""


def tiling(
    size: int,
    images: int,
    height: int,
    width: int,
    inputs: int,
    outputs: int,
    target: Target,
    items_wanted: int = 8,
) -> Tiling:
    """The items of `images` images of `height` x `width` outputs.

    Where there are few, the output channels are cut in groups besides: every group
    transforms the inputs again, but the filters are read no more often.

    >>> from mirada.compiler.targets import TARGETS
    >>> tiling(4, 32, 4, 4, 512, 512, TARGETS["x86-64-v4"]).parts
    8
    """
    rows, columns = -(-height // size), -(-width // size)
    most = _most(size, inputs, outputs, target)
    together, band = _together(most, images, rows, columns)
    items = -(-images // together) * -(-rows // band)
    panels = Panels.of(outputs, target).count
    enough = (g for g in _divisors(panels) if g * items >= items_wanted)
    return Tiling(size, together, rows, columns, band, next(enough, panels))


def _most(size: int, inputs: int, outputs: int, target: Target) -> int:
    """Tiles whose transformed inputs and products of a panel stay in the cache.

    Filters that are much larger than the cache are worth more tiles than it holds.
    """
    numbers = 4 * of_size(size).places
    if numbers * inputs * outputs > 16 * target.l2_bytes:
        return _MOST
    held = numbers * (inputs + Panels.of(outputs, target).width)
    return max(_LEAST, min(_MOST, 2 * target.l2_bytes // held))


def _together(most: int, images: int, rows: int, columns: int) -> tuple[int, int]:
    """Images and tile rows that are taken together, most evenly."""
    if rows * columns <= most:
        together = min(images, most // (rows * columns))
        even = (d for d in _divisors(images) if 3 * together <= 4 * d <= 4 * together)
        return max(even, default=together), rows
    bands = -(-rows // max(most // columns, 1))
    return 1, -(-rows // bands)


def _divisors(number: int) -> list[int]:
    return [d for d in range(1, number + 1) if number % d == 0]


def weight_tiling(
    size: int,
    images: int,
    height: int,
    width: int,
    inputs: int,
    outputs: int,
    target: Target,
    items_wanted: int = 2,
) -> Tiling:
    """The parts of the weight gradient of `images` images.

    Each group of output channels transforms all inputs, and each of input channels all
    gradients: the groups that cost least, of those whose sums stay near the processor.
    A part reads all images, so more parts than threads cost memory traffic: with 64
    channels of 32 x 32, four parts take 1.5 times as long as one, two 1.2 times.

    >>> from mirada.compiler.targets import TARGETS
    >>> made = weight_tiling(4, 64, 32, 32, 64, 64, TARGETS["x86-64-v4"])
    >>> made.groups, made.input_groups
    (1, 2)
    """
    rows, columns = -(-height // size), -(-width // size)
    together, band = _together(_SUMMED, images, rows, columns)
    transforms = of_size(size)
    fits = 5 * target.l2_bytes // (4 * transforms.places)

    def rank(groups: tuple[int, int]) -> tuple[bool, bool, int, int]:
        outer, inner = groups
        held = (outputs // outer) * (inputs // inner)
        again = outer * inputs * 2 * transforms.places
        again += inner * outputs * (transforms.places + size * size)
        return held > fits, outer * inner < items_wanted, again, outer

    groups, inner = min(_groups(outputs, inputs, target), key=rank)
    return Tiling(size, together, rows, columns, band, groups, inner)


def _groups(outputs: int, inputs: int, target: Target) -> Iterator[tuple[int, int]]:
    """All ways to cut both into groups of whole vectors."""
    for outer in _whole(outputs, target):
        for inner in _whole(inputs, target):
            yield outer, inner


def _whole(channels: int, target: Target) -> list[int]:
    lanes = target.vector(channels)
    return [1] if channels % lanes else _divisors(channels // lanes)
