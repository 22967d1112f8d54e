"""What is done to every image before a network sees it; part of the model file."""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mirada.data.decoding import ImageSource, decode
from mirada.data.fitting import LARGEST_SIDE, RESIZE_RULES
from mirada.data.limits import Limits
from mirada.errors import DataError, Phrase

__all__ = ["Preprocessing"]

_CHUNK = 2**20


@dataclass(frozen=True)
class Preprocessing:
    """Size (height, width), channels (1 grey, 3 RGB), resize rule, mean and std.

    A pixel p of channel c becomes (p / 255 - mean[c]) / std[c], computed in float32 as
    p * scale[c] + offset[c] with scale = 1 / (255 std) and offset = -mean / std.

    Raises DataError (`preprocessing-field`).

    >>> from PIL import Image
    >>> grey = Preprocessing((8, 8), 1, mean=(0.5,), std=(0.25,))
    >>> grey.apply(Image.new("L", (8, 8), 255))[0, 0, 0]
    np.float32(2.0)
    """

    size: tuple[int, int]
    channels: int
    resize: str = "crop"
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            object.__setattr__(self, name, _spread(getattr(self, name), self.channels))
        for name, wanted, holds in _rules(self):
            if not holds:
                raise _field_error(name, wanted, getattr(self, name))

    @classmethod
    def measured(cls, images: NDArray[np.uint8], resize: str = "crop") -> Self:
        """For uint8 images (n, h, w, c): their size, and mean and std a channel.

        The sums are exact integers, so the order of the images does not matter. A std
        below one grey level (1/255) is raised to it.
        """
        height, width, channels = images.shape[1:]
        moments = [_moments(images[..., c]) for c in range(channels)]
        return cls(
            size=(height, width),
            channels=channels,
            resize=resize,
            mean=tuple(mean for mean, _ in moments),
            std=tuple(std for _, std in moments),
        )

    def pixels(
        self, source: ImageSource, limits: Limits | None = None
    ) -> NDArray[np.uint8]:
        """The fitted pixels (h, w, channels) of an image file or an open image."""
        return decode(
            source,
            self.size,
            channels=self.channels,
            rule=self.resize,
            limits=limits,
        )

    def apply(
        self, source: ImageSource, limits: Limits | None = None
    ) -> NDArray[np.float32]:
        """What the network sees of one image: float32 (channels, h, w)."""
        batch = self.normalize(self.pixels(source, limits)[None])
        return batch.reshape(batch.shape[1:])

    def normalize(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """A batch uint8 (n, h, w, c) as float32 (n, c, h, w), contiguous.

        Raises DataError (`batch-size-differs`) for images of another size.
        """
        if images.shape[1:] != (*self.size, self.channels):
            raise DataError(
                "batch-size-differs",
                "The images are {came}, but the model takes {wanted} (height x width x "
                "channels). Load the data at the size of the model.",
                came=_by(images.shape[1:]),
                wanted=_by((*self.size, self.channels)),
            )
        scale, offset = self.coefficients()
        n, h, w, c = images.shape
        order = images.reshape(n, 1, h, w) if c == 1 else images.transpose(0, 3, 1, 2)
        out = order.astype(np.float32, order="C")
        out *= scale[:, None, None]
        out += offset[:, None, None]
        return out

    def coefficients(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The scale and offset of every channel, for pixels from 0 to 255."""
        std = np.array(self.std)
        scale, offset = 1 / (255 * std), -np.array(self.mean) / std
        return scale.astype(np.float32), offset.astype(np.float32)

    def to_dict(self) -> dict[str, Any]:
        """The preprocessing as JSON holds it."""
        return {
            "size": list(self.size),
            "channels": self.channels,
            "resize": self.resize,
            "mean": list(self.mean),
            "std": list(self.std),
        }

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """The preprocessing that `to_dict` wrote.

        Raises DataError: `preprocessing-fields` for missing or unknown fields,
        `preprocessing-field` for one that is wrong.
        """
        names = ["size", "channels", "resize", "mean", "std"]
        if not isinstance(values, dict) or set(values) != set(names):
            came = sorted(map(str, values)) if isinstance(values, dict) else values
            raise DataError(
                "preprocessing-fields",
                "The preprocessing has {came}; it needs exactly {wanted}. Take it from "
                "a model file that mirada wrote.",
                came=f"{came!r:.200}",
                wanted=", ".join(names),
            )
        fields: dict[str, Any] = {name: _frozen(values[name]) for name in names}
        return cls(**fields)


def _rules(value: Preprocessing) -> list[tuple[str, Phrase, bool]]:
    n = value.channels
    low_mean, high, low_std = -1000.0, 1000.0, 0.001
    return [
        (
            "size",
            Phrase("height and width from 1 to {most}", most=LARGEST_SIDE),
            _is_size(value.size),
        ),
        ("channels", Phrase("1 (grey) or 3 (RGB)"), type(n) is int and n in (1, 3)),
        (
            "resize",
            Phrase("one of {rules}", rules=", ".join(RESIZE_RULES)),
            value.resize in RESIZE_RULES,
        ),
        (
            "mean",
            Phrase(
                "{count} numbers from {low:g} to {high:g}",
                count=n,
                low=low_mean,
                high=high,
            ),
            _are_numbers(value.mean, n, low_mean, high),
        ),
        (
            "std",
            Phrase(
                "{count} numbers from {low:g} to {high:g}",
                count=n,
                low=low_std,
                high=high,
            ),
            _are_numbers(value.std, n, low_std, high),
        ),
    ]


def _is_size(size: object) -> bool:
    return (
        isinstance(size, tuple)
        and len(size) == 2
        and all(type(side) is int and 1 <= side <= LARGEST_SIDE for side in size)
    )


def _are_numbers(values: object, count: int, low: float, high: float) -> bool:
    return (
        isinstance(values, tuple)
        and len(values) == count
        and all(type(value) is float and low <= value <= high for value in values)
    )


def _field_error(name: str, wanted: Phrase, came: object) -> DataError:
    return DataError(
        "preprocessing-field",
        "Preprocessing.{name} must be {wanted}; got {came}.",
        name=name,
        wanted=wanted,
        came=f"{came!r:.200}",
    )


def _spread(values: object, channels: int) -> object:
    """Whole numbers as floats, and one number for all channels as one for each."""
    if not isinstance(values, tuple):
        return values
    floats = tuple(float(v) if type(v) is int and abs(v) < 2**53 else v for v in values)
    return floats * channels if len(floats) == 1 and channels == 3 else floats


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _moments(channel: NDArray[np.uint8]) -> tuple[float, float]:
    counts = np.zeros(256, dtype=np.int64)
    step = max(1, _CHUNK // max(1, channel[0].size))
    for start in range(0, len(channel), step):
        counts += np.bincount(channel[start : start + step].ravel(), minlength=256)
    levels = [int(count) for count in counts]
    total = sum(levels)
    first = sum(count * level for level, count in enumerate(levels))
    second = sum(count * level * level for level, count in enumerate(levels))
    variance = (second * total - first * first) / (total * total)
    return first / total / 255, max(math.sqrt(variance), 1.0) / 255


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
