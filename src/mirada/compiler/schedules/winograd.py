"""How Winograd's convolution is cut for a processor: from shapes and target alone."""

from mirada.compiler.lowering.winograd_tiling import Panels, Tiling
from mirada.compiler.lowering.winograd_transform import of_size
from mirada.compiler.target import Target

__all__ = ["tiling", "weight_tiling"]

_LEAST, _MOST = 12, 48


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
    """Items for `images` images of `height` x `width` outputs."""
    rows, columns = -(-height // size), -(-width // size)
    together, band = _together(_most(size, inputs, outputs, target), images, rows, columns)
    items = -(-images // together) * -(-rows // band)
    panels = Panels.of(outputs, target).count
    groups = next(
        (g for g in _divisors(panels) if g * items >= items_wanted), panels
    )
    return Tiling(size, together, rows, columns, band, groups)


def _most(size: int, inputs: int, outputs: int, target: Target) -> int:
    """Tiles whose transformed inputs and products of a panel stay in the cache."""
    panel = Panels.of(outputs, target).width
    held = 4 * of_size(size).places * (inputs + panel)
    return max(_LEAST, min(_MOST, 2 * target.l2_bytes // held))


def _together(most: int, images: int, rows: int, columns: int) -> tuple[int, int]:
    """Images and tile rows that are taken together."""
    if rows * columns <= most:
        return min(images, most // (rows * columns)), rows
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
    items_wanted: int = 4,
) -> Tiling:
    """Parts of the weight gradient over the batch."""
    rows, columns = -(-height // size), -(-width // size)
    together, band = _together(32, images, rows, columns)
    groups = _group(outputs, 64, target)
    inner = _group(inputs, 128, target)
    return Tiling(size, together, rows, columns, band, groups, inner)


def _group(channels: int, most: int, target: Target) -> int:
    """Groups of whole vectors, none with more than `most` channels."""
    lanes = target.vector(channels)
    if channels % lanes:
        return 1
    return next(g for g in _divisors(channels // lanes) if channels // g <= max(most, lanes))
