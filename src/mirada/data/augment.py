"""Random changes of the training images, the same wherever they are made.

What happens to a sample depends on the seed, the epoch and the number of the sample in
its dataset, and on nothing else: not on the batch it is in, nor on what came before.
Only whom it is mixed with (mixup, cutmix) depends on the samples of its batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mirada.data.augment_colour import Colours, coloured
from mirada.data.augment_draws import Draw, Draws, alternating, draw
from mirada.data.augment_geometry import Moves, Sources, moved, sources_of, ways_of
from mirada.data.augment_limits import LIMITS, MOST_PIXELS, checked
from mirada.data.augment_mixing import mixed, partners
from mirada.data.augment_policy import changed, pushes_of
from mirada.data.augment_resampling import Ways
from mirada.data.augment_text import fields_of, text_of
from mirada.data.augment_texture import blurred, cut_out, noisy
from mirada.errors import ConfigurationError
from mirada.mixing import Mixing

__all__ = ["MOST_PIXELS", "Augmentation"]

_ALWAYS = ("shift", "crop", "flip", "fill")
"""Written in every file: those of the first version, which reads no others."""
_FEW = Draw.FLIP + 1
_COPIES = (*_ALWAYS, "alternating_flip", "flip_vertical", "reflect")
"""What only copies pixels to another place."""


@dataclass(frozen=True)
class Augmentation:
    """What may happen to a training image, in this order; 0 and False mean nothing.

    Places; all that are not by whole pixels are one resampling together:
    - `resized_crop` (least area, most area, least aspect, most aspect): a box of that
      share of the area and that width to height, in proportion to the image's own
      (its logarithm is drawn), is cut out anywhere and drawn to the image's size;
    - `scale` s: it grows by a factor from 1/(1 + s) to 1 + s (its logarithm is drawn);
    - `rotate`: it turns by up to so many degrees to either side;
    - `shear`: it is slanted by up to so many degrees, across and down;
    - `crop`: it is padded by so many pixels of its own reflection on each side, and
      its size is cut out at a random place;
    - `shift`: it moves by up to so many pixels down or up, and right or left;
    - `flip`: left and right are exchanged for every second image on average;
      `alternating_flip`: by chance in the first epoch, then in every second one;
      `flip_vertical`: above and below.

    What comes in from outside is the grey level `fill`, or with `reflect`, and
    wherever there is a `crop` in a resampling, the image's reflection.

    Colours:
    - `randaugment`: two changes out of 14, of places as well, up to this strength;
    - `brightness`, `contrast`, `saturation` b: a factor from 1 - b to 1 + b;
    - `hue`: it turns by up to so much of a circle to either side;
    - `grey`: this share of the images loses its colours.

    Texture: `blur`, up to this deviation in pixels; `noise` of this deviation, as a
    share of 255; `cutout` of a square, its side a share of the shorter one.

    Pairs: `mixup` and `cutmix` with a share of Beta(a, a).

    Raises ConfigurationError (`augmentation-field`, `augmentation-flips`).

    >>> Augmentation(shift=1).apply(np.ones((1, 2, 2, 1), np.uint8), [7], 0, 0).shape
    (1, 2, 2, 1)
    >>> Augmentation.from_text("crop 4, flip, rotate 10, jitter 0.2, mixup 0.2").text()
    'rotate 10, crop 4, flip, jitter 0.2, mixup 0.2'
    """

    shift: int = 0
    crop: int = 0
    flip: bool = False
    fill: int = 0
    resized_crop: tuple[float, ...] = ()
    scale: float = 0.0
    rotate: float = 0.0
    shear: float = 0.0
    flip_vertical: bool = False
    reflect: bool = False
    randaugment: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    grey: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    cutout: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0
    alternating_flip: bool = False

    def __post_init__(self) -> None:
        for name in LIMITS:
            object.__setattr__(self, name, checked(name, getattr(self, name)))
        if self.flip and self.alternating_flip:
            raise ConfigurationError(
                "augmentation-flips",
                "The augmentation has 'flip' and 'alternating-flip', which exchange "
                "left and right each in its way. Leave one of them out.",
            )

    def __repr__(self) -> str:
        told = [f"{name}={value!r}" for name, value in self._changed().items()]
        return f"Augmentation({', '.join(told)})"

    @property
    def is_nothing(self) -> bool:
        """Whether images come out as they went in."""
        return not (self._changed().keys() - {"fill", "reflect"})

    @property
    def is_heavy(self) -> bool:
        """Whether more is done than to copy pixels to another place."""
        return bool(self._changed().keys() - set(_COPIES))

    @property
    def mixes(self) -> bool:
        """Whether images of a batch are mixed with each other."""
        return bool(self.mixup or self.cutmix)

    def apply(
        self,
        images: NDArray[np.uint8],
        samples: NDArray[np.int64] | Sequence[int],
        epoch: int,
        seed: int,
    ) -> NDArray[np.uint8]:
        """The images (n, h, w, c) of the given sample numbers, changed; not yet mixed.

        Raises ConfigurationError (`augmentation-too-large`) when they are too small.
        """
        alone = self._changed().keys() - {"fill", "reflect", "mixup", "cutmix"}
        if not alone or not len(images):
            return images
        self._require_room(images.shape[1:3])
        places = np.asarray(samples, dtype=np.int64)
        simple = alone <= {*_ALWAYS, "alternating_flip"}
        draws = self._draws(seed, epoch, places, _FEW if simple else len(Draw))
        pushes = None
        if self.randaugment:
            pushes = pushes_of(self.randaugment, draws, images.shape[1:3])
        images = moved(images, self._moves(), draws, pushes)
        if self.randaugment:
            images = changed(images, self.randaugment, draws)
        colours = Colours(*(getattr(self, name) for name in Colours._fields))
        if any(colours):
            images = coloured(images, colours, draws)
        if self.blur:
            images = blurred(images, self.blur, draws)
        if self.noise:
            images = noisy(images, self.noise, places, epoch, seed)
        return cut_out(images, self.cutout, draws) if self.cutout else images

    @property
    def copies(self) -> bool:
        """Whether pixels are copied and nothing else happens to them."""
        return not (self.is_heavy or self.mixes)

    def sources(
        self,
        size: tuple[int, int],
        samples: NDArray[np.int64],
        epoch: int,
        seed: int,
    ) -> Sources | None:
        """From where `apply` copies pixels; None where it does anything else.

        Raises ConfigurationError (`augmentation-too-large`).
        """
        if not self.copies:
            return None
        self._require_room(size)
        places = np.asarray(samples, dtype=np.int64)
        draws = np.empty((0, len(Draw)))
        if len(places):
            draws = self._draws(seed, epoch, places, len(Draw))
        return sources_of(self._moves(), draws, size)

    def ways(
        self,
        size: tuple[int, int],
        samples: NDArray[np.int64],
        epoch: int,
        seed: int,
    ) -> Ways | None:
        """All that `apply` does to images of a size, where it mixes rows and columns.

        None where it does anything else as well.
        """
        moves = self._moves()
        if not (moves.resized_crop or moves.scale) or moves.rotate or moves.shear:
            return None
        if not len(samples):
            return None
        if self._changed().keys() - {
            *Moves._fields,
            "alternating_flip",
            "mixup",
            "cutmix",
        }:
            return None
        return ways_of(moves, self._draws(seed, epoch, samples, len(Draw)), size)

    def mix(
        self,
        images: NDArray[np.float32],
        labels: NDArray[np.int64],
        samples: NDArray[np.int64],
        epoch: int,
        seed: int,
        own: NDArray[np.intp] | None = None,
        held: NDArray[np.intp] | None = None,
    ) -> tuple[NDArray[np.float32], Mixing | None]:
        """The images (n, c, h, w) of a batch mixed, and the labels of the second.

        `own` and `held` are as in `augment_mixing.mixed`.
        """
        if not self.mixes:
            return images, None
        return mixed(
            images,
            labels,
            samples,
            mixup=self.mixup,
            cutmix=self.cutmix,
            epoch=epoch,
            seed=seed,
            own=own,
            held=held,
        )

    def needed(
        self,
        own: NDArray[np.intp],
        samples: NDArray[np.int64],
        epoch: int,
        seed: int,
    ) -> NDArray[np.intp]:
        """The places of a batch whose images those at the places `own` are made of."""
        if not self.mixes:
            return own
        return np.union1d(own, partners(samples, epoch, seed)[own])

    def text(self) -> str:
        """What happens as a line of text, in its order; "none" for nothing."""
        return text_of(self._changed())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The augmentation that a line of text names.

        Raises ConfigurationError: `augmentation-word`, `augmentation-numbers`,
        `augmentation-twice`, `augmentation-field`.

        >>> Augmentation.from_text("none").is_nothing
        True
        """
        values: dict[str, Any] = fields_of(text)
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The augmentation as JSON holds it; what is not there is nothing."""
        always = {name: getattr(self, name) for name in _ALWAYS}
        rest = {n: v for n, v in self._changed().items() if n not in always}
        return {**always, **rest} | (
            {"resized_crop": [*self.resized_crop]} if self.resized_crop else {}
        )

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """The augmentation that `to_dict` wrote, now or in an older version.

        Raises ConfigurationError: `augmentation-fields` for missing or unknown fields,
        `augmentation-field` for one that is wrong.
        """
        if not isinstance(values, dict) or not (
            {*_ALWAYS} <= values.keys() <= LIMITS.keys()
        ):
            came = sorted(map(str, values)) if isinstance(values, dict) else values
            raise ConfigurationError(
                "augmentation-fields",
                "The augmentation has {came}; it needs {wanted}, and may have {more}. "
                "Take it from a file that mirada wrote.",
                came=f"{came!r:.200}",
                wanted=", ".join(_ALWAYS),
                more=", ".join(name for name in LIMITS if name not in _ALWAYS),
            )
        return cls(**values)

    def _changed(self) -> dict[str, object]:
        """The fields that are not what they are by default."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }

    def _draws(
        self, seed: int, epoch: int, samples: NDArray[np.int64], count: int
    ) -> Draws:
        draws = draw(seed, epoch, samples, count)
        if self.alternating_flip:
            draws = alternating(draws, seed, epoch, samples)
        return draws

    def _moves(self) -> Moves:
        moves = Moves(*(getattr(self, name) for name in Moves._fields))
        return moves._replace(flip=self.flip or self.alternating_flip)

    def _require_room(self, size: tuple[int, ...]) -> None:
        height, width = size
        most = max(self.shift, self.crop)
        if most and most >= min(height, width):
            raise ConfigurationError(
                "augmentation-too-large",
                "Images of {height}x{width} cannot be moved by {pixels} pixels. Choose "
                "a shift and a crop below {side}.",
                height=height,
                width=width,
                pixels=most,
                side=min(height, width),
            )
