"""Changes of place: all of those of an image become one map, and one resampling.

Where every change is by whole pixels (crop, shift, flips), pixels are copied as they
are. With any other, all go into one affine map, read backwards from a result to its
image: undo the flips, the shift, the crop, the shear, the rotation, the scale and the
resized crop, in this order.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mirada.data.augment_draws import Draw, Draws, either_way
from mirada.data.augment_resampling import Affine, Ways, resampled, straight_ways

__all__ = ["Moves", "Pushes", "Sources", "affine_of", "moved", "sources_of", "ways_of"]

Pixels = NDArray[np.uint8]
Doubles = NDArray[np.float64]


class Moves(NamedTuple):
    """What may happen to the place of pixels; see `Augmentation` for each."""

    resized_crop: tuple[float, ...] = ()
    scale: float = 0.0
    rotate: float = 0.0
    shear: float = 0.0
    crop: int = 0
    shift: int = 0
    flip: bool = False
    flip_vertical: bool = False
    reflect: bool = False
    fill: int = 0

    @property
    def resamples(self) -> bool:
        """Whether places between pixels are read."""
        return bool(self.resized_crop or self.scale or self.rotate or self.shear)

    @property
    def border(self) -> int | None:
        """The level beyond what is resampled; None for its reflection."""
        # Who crops alone reads the reflection, so there is one with other moves, too.
        return None if self.reflect or self.crop else self.fill


class Sources(NamedTuple):
    """From where each row and column of a result is copied; -1 is filled."""

    rows: NDArray[np.int64]
    """(n, height)"""
    columns: NDArray[np.int64]
    """(n, width)"""


class Pushes(NamedTuple):
    """Moves that a policy has drawn already, an image a number."""

    turn: Doubles
    """Degrees."""
    across: Doubles
    """Shear: pixels to the right for a pixel down."""
    down: Doubles
    right: Doubles
    """Pixels."""
    below: Doubles


def moved(
    images: Pixels, moves: Moves, draws: Draws, pushes: Pushes | None = None
) -> Pixels:
    """The images (n, h, w, c) after their moves, uint8 again."""
    if moves.resamples or pushes is not None:
        affine = affine_of(moves, draws, images.shape[1:3], pushes)
        return resampled(images, affine, moves.border)
    if moves.crop:
        around = _surrounded(images, moves.crop, None)
        images = _cut(around, draws[:, Draw.CROP_DOWN :], moves.crop, images.shape)
    if moves.shift:
        fill = None if moves.reflect else moves.fill
        around = _surrounded(images, moves.shift, fill)
        images = _cut(around, draws[:, Draw.SHIFT_DOWN :], moves.shift, images.shape)
    if moves.flip or moves.flip_vertical:
        images = _flipped(images, moves, draws)
    return images


def sources_of(moves: Moves, draws: Draws, size: tuple[int, int]) -> Sources:
    """From where `moved` copies, where it does not resample."""
    found = []
    for axis, (side, down, turns) in enumerate(
        (
            (size[0], (Draw.CROP_DOWN, Draw.SHIFT_DOWN), "flip_vertical"),
            (size[1], (Draw.CROP_RIGHT, Draw.SHIFT_RIGHT), "flip"),
        )
    ):
        places = np.broadcast_to(np.arange(side), (len(draws), side))
        for most, column, fills in (
            (moves.crop, down[0], False),
            (moves.shift, down[1], not moves.reflect),
        ):
            if most:
                corner = _corner(draws[:, column], most) - most
                places = _looked_up(places, np.arange(side) + corner[:, None], fills)
        if getattr(moves, turns):
            column = (Draw.FLIP_VERTICAL, Draw.FLIP)[axis]
            turned = draws[:, column] >= 0.5
            places = np.where(turned[:, None], places[:, ::-1], places)
        found.append(np.ascontiguousarray(places))
    return Sources(*found)


def _looked_up(
    places: NDArray[np.int64], wanted: NDArray[np.int64], fills: bool
) -> NDArray[np.int64]:
    """What stands at the wanted places; beyond the ends -1, or the reflection."""
    last = places.shape[1] - 1
    inside = last - np.abs(last - np.abs(wanted))
    found = np.take_along_axis(places, inside, axis=1)
    return np.where(fills & (inside != wanted), -1, found)


def ways_of(moves: Moves, draws: Draws, size: tuple[int, int]) -> Ways | None:
    """What `moved` reads, where all of it is mixed along the axes; else None."""
    return straight_ways(affine_of(moves, draws, size), size, moves.border)


def affine_of(
    moves: Moves, draws: Draws, size: tuple[int, ...], pushes: Pushes | None = None
) -> Affine:
    """The map of every image, from a pixel of the result to its place in the image."""
    height, width = size
    count = len(draws)
    linear = np.tile(np.eye(2), (count, 1, 1))
    offset = np.zeros((count, 2))
    for name, column, axis in (
        ("flip", Draw.FLIP, 0),
        ("flip_vertical", Draw.FLIP_VERTICAL, 1),
    ):
        if getattr(moves, name):
            linear[draws[:, column] >= 0.5, axis, axis] = -1.0
    for most, down, right in (
        (moves.shift, Draw.SHIFT_DOWN, Draw.SHIFT_RIGHT),
        (moves.crop, Draw.CROP_DOWN, Draw.CROP_RIGHT),
    ):
        if most:
            offset[:, 0] += _corner(draws[:, right], most) - most
            offset[:, 1] += _corner(draws[:, down], most) - most
    for step in _steps(moves, draws, pushes):
        linear, offset = step @ linear, (step @ offset[..., None])[..., 0]
    if pushes is not None:
        offset += np.stack([pushes.right, pushes.below], axis=1)
    if moves.resized_crop:
        box, centre = _boxes(moves.resized_crop, draws)
        linear = box[:, :, None] * linear
        offset = box * offset + centre * np.array([width, height])
    return Affine(linear, offset)


def _steps(moves: Moves, draws: Draws, pushes: Pushes | None) -> list[Doubles]:
    """Shear, rotation and scale as matrices (n, 2, 2), each the inverse of a move."""
    steps = []
    across, down, turn = (np.zeros(len(draws)) for _ in range(3))
    if moves.shear:
        bound = np.radians(moves.shear)
        across += np.tan(bound * either_way(draws[:, Draw.SHEAR_ACROSS]))
        down += np.tan(bound * either_way(draws[:, Draw.SHEAR_DOWN]))
    if moves.rotate:
        turn += moves.rotate * either_way(draws[:, Draw.ROTATE])
    if pushes is not None:
        across, down, turn = across + pushes.across, down + pushes.down, turn
        turn = turn + pushes.turn
    one, none = np.ones(len(draws)), np.zeros(len(draws))
    if moves.shear or pushes is not None:
        # One after the other: the area stays as it is.
        steps += [_matrices(one, none, down, one), _matrices(one, across, none, one)]
    if moves.rotate or pushes is not None:
        cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        steps.append(_matrices(cosine, -sine, sine, cosine))
    if moves.scale:
        exponent = either_way(draws[:, Draw.SCALE])
        factor = (1.0 + moves.scale) ** -exponent
        steps.append(_matrices(factor, none, none, factor))
    return steps


def _matrices(xx: Doubles, xy: Doubles, yx: Doubles, yy: Doubles) -> Doubles:
    return np.stack([np.stack([xx, xy], -1), np.stack([yx, yy], -1)], -2)


def _boxes(resized_crop: tuple[float, ...], draws: Draws) -> tuple[Doubles, Doubles]:
    """Sides (n, 2) of boxes, x first, and their centres from the middle; shares."""
    least, most, narrow, wide = resized_crop
    area = least + (most - least) * draws[:, Draw.AREA]
    low, high = np.log(narrow), np.log(wide)
    aspect = np.exp(low + (high - low) * draws[:, Draw.ASPECT])
    sides = np.sqrt(np.stack([area * aspect, area / aspect], axis=1)).clip(None, 1.0)
    place = draws[:, [Draw.BOX_RIGHT, Draw.BOX_DOWN]]
    return sides, (1.0 - sides) * (place - 0.5)


def _corner(draws: Draws, most: int) -> NDArray[np.int64]:
    return (draws * (2 * most + 1)).astype(np.int64)


def _surrounded(images: Pixels, edge: int, fill: int | None) -> Pixels:
    """The images with a frame: of the level `fill`, or of their own reflection."""
    n, h, w, c = images.shape
    if fill is None:
        around = (edge, edge)
        padded = np.pad(_whole(images), ((0, 0), around, around), mode="reflect")
        return padded.view(np.uint8).reshape(*padded.shape, -1)
    framed = np.full((n, h + 2 * edge, w + 2 * edge, c), fill, dtype=np.uint8)
    framed[:, edge : edge + h, edge : edge + w] = images
    return framed


def _cut(around: Pixels, draws: Draws, most: int, shape: tuple[int, ...]) -> Pixels:
    """Windows of `shape` whose corner lies anywhere in the frame, by two draws."""
    n, h, w, c = shape
    corner = _corner(draws[:, :2], most)
    rows = around.reshape(*around.shape[:2], -1)  # a row of pixels as one run of bytes
    windows = sliding_window_view(rows, (h, w * c), axis=(1, 2))
    return windows[np.arange(n), corner[:, 0], corner[:, 1] * c].reshape(shape)


def _flipped(images: Pixels, moves: Moves, draws: Draws) -> Pixels:
    images = images.copy()
    pixels = _whole(images)
    if moves.flip:
        turned = np.flatnonzero(draws[:, Draw.FLIP] >= 0.5)
        pixels[turned] = pixels[turned, :, ::-1]
    if moves.flip_vertical:
        turned = np.flatnonzero(draws[:, Draw.FLIP_VERTICAL] >= 0.5)
        pixels[turned] = pixels[turned, ::-1]
    return images


def _whole(images: Pixels) -> NDArray[Any]:
    """The images (n, h, w) with pixels that move as one item, several times faster."""
    channels = images.shape[3]
    kind = np.dtype(np.uint8 if channels == 1 else f"V{channels}")
    return np.ascontiguousarray(images).view(kind)[..., 0]
