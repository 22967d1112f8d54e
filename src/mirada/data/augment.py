"""Small random changes of the training images, the same wherever they are made.

What happens to a sample depends on the seed, the epoch and the number of the sample in
its dataset, and on nothing else: not on the batch it is in, nor on what came before.
"""

from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mirada.errors import DataError, Phrase
from mirada.randomness import Purpose, uniform

__all__ = ["MOST_PIXELS", "Augmentation"]

MOST_PIXELS = 64
_TABLE_PIECE = 2**16
_DRAWS = 5  # a sample and epoch: crop down, crop right, shift down, shift right, flip


@dataclass(frozen=True)
class Augmentation:
    """What may happen to a training image, in this order; 0 and False mean nothing.

    - `crop`: it is padded by so many pixels of its own reflection on each side, and its
      size is cut out at a random place;
    - `shift`: it moves by up to so many pixels down or up, and right or left; the place
      it leaves takes the grey level `fill`;
    - `flip`: left and right are exchanged for every second image on average.

    Raises DataError (`augmentation-field`).

    >>> Augmentation(shift=1).apply(np.ones((1, 2, 2, 1), np.uint8), [7], 0, 0).shape
    (1, 2, 2, 1)
    """

    shift: int = 0
    crop: int = 0
    flip: bool = False
    fill: int = 0

    def __post_init__(self) -> None:
        pixels = Phrase("a whole number of pixels from 0 to {most}", most=MOST_PIXELS)
        for name, wanted, holds in (
            ("shift", pixels, _is_whole(self.shift, MOST_PIXELS)),
            ("crop", pixels, _is_whole(self.crop, MOST_PIXELS)),
            ("flip", Phrase("true or false"), isinstance(self.flip, bool)),
            ("fill", Phrase("a grey level from 0 to 255"), _is_whole(self.fill, 255)),
        ):
            if not holds:
                raise DataError(
                    "augmentation-field",
                    "Augmentation.{name} must be {wanted}; got {came}.",
                    name=name,
                    wanted=wanted,
                    came=f"{getattr(self, name)!r:.80}",
                )

    @property
    def is_nothing(self) -> bool:
        """Whether images come out as they went in."""
        return not (self.shift or self.crop or self.flip)

    def apply(
        self,
        images: NDArray[np.uint8],
        samples: NDArray[np.int64] | list[int],
        epoch: int,
        seed: int,
    ) -> NDArray[np.uint8]:
        """The images (n, h, w, c) of the given sample numbers, changed.

        Raises DataError (`augmentation-too-large`) when they are too small for it.
        """
        if self.is_nothing or not len(images):
            return images
        self._require_room(images)
        places = np.asarray(samples)
        draws = _draws(_length(int(places.max())), seed, epoch)[places]
        if self.crop:
            padded = self._reflected(images)
            images = _cut(padded, draws[:, :2], 2 * self.crop, images.shape)
        if self.shift:
            padded = self._filled(images)
            images = _cut(padded, draws[:, 2:4], 2 * self.shift, images.shape)
        return _flipped(images, draws[:, 4]) if self.flip else images

    def to_dict(self) -> dict[str, Any]:
        """The augmentation as JSON holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """The augmentation that `to_dict` wrote.

        Raises DataError: `augmentation-fields` for missing or unknown fields,
        `augmentation-field` for one that is wrong.
        """
        names = [field.name for field in fields(cls)]
        if not isinstance(values, dict) or set(values) != set(names):
            came = sorted(map(str, values)) if isinstance(values, dict) else values
            raise DataError(
                "augmentation-fields",
                "The augmentation has {came}; it needs exactly {wanted}. Take it from "
                "a file that mirada wrote.",
                came=f"{came!r:.200}",
                wanted=", ".join(names),
            )
        return cls(**values)

    def _require_room(self, images: NDArray[np.uint8]) -> None:
        height, width = images.shape[1:3]
        most = max(self.shift, self.crop)
        if most >= min(height, width):
            raise DataError(
                "augmentation-too-large",
                "Images of {height}x{width} cannot be moved by {pixels} pixels. Choose "
                "a shift and a crop below {side}.",
                height=height,
                width=width,
                pixels=most,
                side=min(height, width),
            )

    def _reflected(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        around = (self.crop, self.crop)
        padded = np.pad(_whole(images), ((0, 0), around, around), mode="reflect")
        return padded.view(np.uint8).reshape(*padded.shape, -1)

    def _filled(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        n, h, w, c = images.shape
        edge = self.shift
        padded = np.full((n, h + 2 * edge, w + 2 * edge, c), self.fill, dtype=np.uint8)
        padded[:, edge : edge + h, edge : edge + w] = images
        return padded


def _is_whole(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _whole(images: NDArray[np.uint8]) -> NDArray[Any]:
    """The images (n, h, w) with pixels that move as one item, several times faster."""
    channels = images.shape[3]
    kind = np.dtype(np.uint8 if channels == 1 else f"V{channels}")
    return np.ascontiguousarray(images).view(kind)[..., 0]


def _flipped(
    images: NDArray[np.uint8], draws: NDArray[np.float64]
) -> NDArray[np.uint8]:
    images = images.copy()
    pixels = _whole(images)
    turned = np.flatnonzero(draws >= 0.5)
    pixels[turned] = pixels[turned, :, ::-1]
    return images


def _cut(
    padded: NDArray[np.uint8],
    draws: NDArray[np.float64],
    room: int,
    shape: tuple[int, ...],
) -> NDArray[np.uint8]:
    """Windows of `shape` whose corner lies anywhere from 0 to `room`, by two draws."""
    n, h, w, c = shape
    corner = (draws * (room + 1)).astype(np.int64)
    rows = padded.reshape(*padded.shape[:2], -1)  # a row of pixels as one run of bytes
    windows = sliding_window_view(rows, (h, w * c), axis=(1, 2))
    return windows[np.arange(n), corner[:, 0], corner[:, 1] * c].reshape(shape)


def _length(largest: int) -> int:
    """A power of two above `largest`: batches of one epoch share one table."""
    return 1 << max(10, largest.bit_length())


@lru_cache(maxsize=2)
def _draws(count: int, seed: int, epoch: int) -> NDArray[np.float64]:
    """The draws of samples 0 to `count` in one epoch, kept: Philox has a start-up."""
    table = np.empty((count, _DRAWS))
    for start in range(0, count, _TABLE_PIECE):
        piece = np.arange(start, min(count, start + _TABLE_PIECE))
        table[piece] = uniform(seed, Purpose.AUGMENT, _DRAWS, epoch=epoch, sample=piece)
    table.flags.writeable = False
    return table
