"""Bilinear resampling of uint8 images in whole numbers: the same on every computer.

A place between pixels is known to 1/65536 of a pixel and weighs its four neighbours in
256ths that add up to 256, so what is of one level stays so, and an image that does not
move keeps its bytes.
"""

import sys
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Affine", "Axis", "Ways", "resampled", "straight_ways"]

Pixels = NDArray[np.uint8]
Whole = NDArray[np.int64]
Doubles = NDArray[np.float64]

_ONE = 65536
_HALF_WEIGHT = 128
_SMALL = 48 * 48
"""Images of fewer pixels are better off many together."""
_BLOCK = 2**14
"""Pixels that are looked up together: their tables stay in cache."""
_ROUND = np.uint64(0x0080008000800080)


class Affine(NamedTuple):
    """Where the pixels of results come from, one map an image.

    The pixel at (x, y) from the centre comes from linear @ (x, y) + offset from the
    centre; x to the right, y down, in pixels.
    """

    linear: Doubles
    """(n, 2, 2)"""
    offset: Doubles
    """(n, 2)"""


class Axis(NamedTuple):
    """Both neighbours of places along an axis, a row an image (n, size).

    A place is worth ((256 - weight) first + weight second + 128) >> 8.
    """

    first: Whole
    second: Whole
    weight: NDArray[np.uint16]
    outside: NDArray[np.bool_]
    """Whether a frame around the image is counted in."""


class Ways(NamedTuple):
    """Where straight images come from: first the rows are mixed, then the columns."""

    rows: Axis
    columns: Axis
    fill: int = 0
    """The level beyond the border."""


def resampled(images: Pixels, affine: Affine, fill: int | None) -> Pixels:
    """The images (n, h, w, c) seen through their maps.

    Outside of them lies the level `fill`, or with None their own reflection.
    """
    out = images.copy()
    linear, (height, width) = affine.linear, images.shape[1:3]
    across, down = _from_centre(width), _from_centre(height)
    x = affine.offset[:, 0, None] + (width - 1) / 2
    y = affine.offset[:, 1, None] + (height - 1) / 2
    slanted = _slanted_ones(affine, height * width)
    columns = _fixed(linear[:, 0, 0, None] * across + np.where(slanted[:, None], 0, x))
    rows = _fixed(linear[:, 1, 1, None] * down + y)
    by_row = _fixed(linear[:, 0, 1, None] * down + x)
    by_column = _fixed(linear[:, 1, 0, None] * across)
    ways = Ways(_axis(rows, height, fill), _axis(columns, width, fill))
    stays = (columns == _ONE * np.arange(width)).all(axis=1)
    stays &= (rows == _ONE * np.arange(height)).all(axis=1)
    for place in np.flatnonzero(~stays & ~slanted):
        _straight(images[place], ways, int(place), fill, out[place])
    chosen = np.flatnonzero(slanted)
    size = max(1, _BLOCK // (height * width))
    for start in range(0, len(chosen), size):
        piece = chosen[start : start + size]
        places_x = columns[piece, None, :] + by_row[piece, :, None]
        places_y = by_column[piece, None, :] + rows[piece, :, None]
        out[piece] = _slanted(images[piece], places_y, places_x, fill)
    return out


def straight_ways(
    affine: Affine, size: tuple[int, int], fill: int | None
) -> Ways | None:
    """Where images (height, width) come from that `resampled` mixes along their axes.

    None where one of them turns, or is small. The place behind the last row, or column,
    is beyond the border.
    """
    height, width = size
    if _slanted_ones(affine, height * width).any():
        return None
    linear, offset = affine
    across, down = _from_centre(width), _from_centre(height)
    x = offset[:, 0, None] + (width - 1) / 2
    y = offset[:, 1, None] + (height - 1) / 2
    columns = _axis(_fixed(linear[:, 0, 0, None] * across + x), width, fill)
    rows = _axis(_fixed(linear[:, 1, 1, None] * down + y), height, fill)
    return Ways(_unframed(rows, height), _unframed(columns, width), fill or 0)


def _unframed(axis: Axis, size: int) -> Axis:
    """Both sides of the frame as the place behind the last one."""
    frame = axis.outside.astype(np.int64)[:, None]
    first, second = axis.first - frame, axis.second - frame
    first[first < 0] = size
    second[second < 0] = size
    return axis._replace(first=first, second=second)


def _from_centre(size: int) -> Doubles:
    return np.arange(size, dtype=np.float64) - (size - 1) / 2


def _slanted_ones(affine: Affine, pixels: int) -> NDArray[np.bool_]:
    """Which images take each pixel from its own four neighbours."""
    linear = affine.linear
    found: NDArray[np.bool_] = (linear[:, 0, 1] != 0.0) | (linear[:, 1, 0] != 0.0)
    return found | (pixels < _SMALL)


def _fixed(places: Doubles) -> Whole:
    """Places in units of 1/65536 pixel."""
    return np.rint(places * _ONE).astype(np.int64)


def _axis(places: Whole, size: int, fill: int | None) -> Axis:
    places = places + _HALF_WEIGHT
    before, weight = places >> 16, ((places >> 8) & 255).astype(np.uint16)
    if fill is None:
        first, second = _reflected(before, size), _reflected(before + 1, size)
        return Axis(first, second, weight, np.zeros(len(places), np.bool_))
    # The last pixel has no neighbour, and where its weight is 0 it needs none.
    beyond = before + (weight > 0)
    outside = (before.min(axis=1) < 0) | (beyond.max(axis=1) >= size)
    more = outside.astype(np.int64)[:, None]
    first = (before + more).clip(0, size - 1 + 2 * more)
    second = (before + 1 + more).clip(0, size - 1 + 2 * more)
    return Axis(first, second, weight, outside)


def _reflected(places: Whole, size: int) -> Whole:
    """Places folded back at the middle of the first and the last pixel."""
    period = max(2 * (size - 1), 1)
    return (size - 1) - np.abs((size - 1) - places % period)


def _straight(
    image: Pixels, ways: Ways, place: int, fill: int | None, to: Pixels
) -> None:
    """Rows and columns each by themselves: no pixel leaves its row for another."""
    height, width, channels = image.shape
    rows, columns, _ = ways
    if rows.outside[place] or columns.outside[place]:
        assert fill is not None
        above, beside = bool(rows.outside[place]), bool(columns.outside[place])
        image = _framed(image, above, beside, fill)
    flat = image.reshape(len(image), -1)
    mixed = _between(
        flat.take(rows.first[place], 0),
        flat.take(rows.second[place], 0),
        rows.weight[place][:, None],
    )
    near, far = columns.first[place], columns.second[place]
    weight = columns.weight[place]
    if channels > 1:
        channel = np.arange(channels)
        near = (near[:, None] * channels + channel).ravel()
        far = (far[:, None] * channels + channel).ravel()
        weight = np.repeat(weight, channels)
    mixed = _between(mixed.take(near, 1), mixed.take(far, 1), weight)
    to.reshape(height, width * channels)[...] = mixed


def _between(
    near: NDArray[np.unsignedinteger],
    far: NDArray[np.unsignedinteger],
    weight: NDArray[np.uint16],
) -> NDArray[np.uint16]:
    found = near.astype(np.uint16)
    found *= 256 - weight
    rest = far.astype(np.uint16)
    rest *= weight
    found += rest
    found += np.uint16(_HALF_WEIGHT)
    found >>= np.uint16(8)
    return found


def _framed(image: Pixels, above: bool, beside: bool, fill: int) -> Pixels:
    height, width, channels = image.shape
    shape = (height + 2 * above, width + 2 * beside, channels)
    framed = np.full(shape, fill, np.uint8)
    framed[above : above + height, beside : beside + width] = image
    return framed


def _slanted(images: Pixels, rows: Whole, columns: Whole, fill: int | None) -> Pixels:
    """Every pixel of some images from its own four neighbours."""
    count, height, width, channels = images.shape
    x = (columns + _HALF_WEIGHT).astype(np.int32)
    y = (rows + _HALF_WEIGHT).astype(np.int32)
    right, lower = (x >> 8) & 255, (y >> 8) & 255
    x >>= 16
    y >>= 16
    if fill is not None:
        # Beyond two pixels from the image there is nothing but the level.
        np.clip(x, -2, width, out=x)
        np.clip(y, -2, height, out=y)
    above, left = max(0, -int(y.min())), max(0, -int(x.min()))
    below = max(0, int(y.max()) + 2 - height)
    beyond = max(0, int(x.max()) + 2 - width)
    around = _around(_lanes(images), (above, below), (left, beyond), fill, channels)
    _, tall, wide = around.shape
    y += above + tall * np.arange(count, dtype=np.int32)[:, None, None]
    y *= wide
    y += x
    place = y.astype(np.intp)
    place += left
    flat = around.reshape(-1)
    both = right * lower
    both += _HALF_WEIGHT
    both >>= 8
    right -= both
    lower -= both
    total = flat.take(place)
    total *= (256 - right - lower - both).astype(np.uint64)
    for step, weight in ((1, right), (wide, lower), (wide + 1, both)):
        part = flat[step:].take(place)
        part *= weight.astype(np.uint64)
        total += part
    total += _ROUND
    found, out = total.view(np.uint8).reshape(-1, 8), np.empty_like(images)
    flat_out = out.reshape(-1, channels)
    for channel in range(channels):
        flat_out[:, channel] = found[:, _HIGH[channel]]
    return out


def _around(
    lanes: NDArray[np.uint64],
    rows: tuple[int, int],
    columns: tuple[int, int],
    fill: int | None,
    channels: int,
) -> NDArray[np.uint64]:
    """The pixels with so many before and behind them."""
    count, height, width = lanes.shape
    (above, below), (left, beyond) = rows, columns
    if not (above or below or left or beyond):
        return lanes
    if fill is None:
        down = _reflected(np.arange(-above, height + below), height)
        across = _reflected(np.arange(-left, width + beyond), width)
        return lanes.take(across, 2).take(down, 1)
    level = _lanes(np.full((1, 1, 1, channels), fill, np.uint8))[0, 0, 0]
    shape = (count, above + height + below, left + width + beyond)
    around = np.full(shape, level, np.uint64)
    around[:, above : above + height, left : left + width] = lanes
    return around


def _lanes(images: Pixels) -> NDArray[np.uint64]:
    """Pixels (n, h, w) with 16 bits for each channel, so that all are weighed at once.

    Four channels have room: 255 times 256 and a half fit in 16 bits.
    """
    count, height, width, channels = images.shape
    spread = np.zeros((count * height * width, 4), np.uint16)
    flat = images.reshape(-1, channels)
    for channel in range(channels):
        spread[:, channel] = flat[:, channel]
    return spread.view(np.uint64).reshape(count, height, width)


_HIGH = range(1, 8, 2) if sys.byteorder == "little" else range(0, 8, 2)
"""The bytes of a pixel's lanes that hold its 256ths as whole levels."""
