"""What every value of an augmentation may be."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from mirada.errors import ConfigurationError, Phrase

__all__ = ["LIMITS", "MOST_PIXELS", "Limit", "checked"]

MOST_PIXELS = 64
_DEFAULT_ASPECT = (3 / 4, 4 / 3)
_MOST_ASPECT = 4.0


class Limit(NamedTuple):
    """What is wanted of a value, and the value as it is kept, or None."""

    wanted: Phrase
    kept: Callable[[object], object]
    numbers: tuple[int, ...]
    """How many numbers its word takes."""


def checked(name: str, value: object) -> object:
    """The value of a field as it is kept: 10 as 10.0 where a share may come.

    Raises ConfigurationError (`augmentation-field`).
    """
    kept = LIMITS[name].kept(value)
    if kept is None:
        raise ConfigurationError(
            "augmentation-field",
            "Augmentation.{name} must be {wanted}; got {came}.",
            name=name,
            wanted=LIMITS[name].wanted,
            came=f"{value!r:.80}",
        )
    return kept


def _whole(most: int) -> Callable[[object], object]:
    return lambda v: v if type(v) is int and 0 <= v <= most else None


def _number(value: object) -> float | None:
    if type(value) not in (int, float) or abs(value) > 1e6:  # type: ignore[arg-type]
        return None
    found = float(value)  # type: ignore[arg-type]
    return None if math.isnan(found) else found + 0.0


def _real(most: float, unit: str = "") -> Limit:
    def kept(value: object) -> float | None:
        found = _number(value)
        return found if found is not None and 0.0 <= found <= most else None

    wanted = Phrase("a number from 0 to {most:g}", most=most)
    if unit == "degrees":
        wanted = Phrase("a number of degrees from 0 to {most:g}", most=most)
    if unit == "pixels":
        wanted = Phrase("a number of pixels from 0 to {most:g}", most=most)
    return Limit(wanted, kept, (1,))


def _areas(value: object) -> object:
    """Least and most share of the area, least and most aspect; none: no such crop."""
    if not isinstance(value, tuple | list) or len(value) not in (0, 1, 2, 4):
        return None
    found = [_number(one) for one in value]
    if any(one is None for one in found):
        return None
    if not found:
        return ()
    found += [1.0][len(found) - 1 :]
    found += [*_DEFAULT_ASPECT][len(found) - 2 :]
    least, most, narrow, wide = (one or 0.0 for one in found)
    fits = 0.01 <= least <= most <= 1.0
    fits &= 1 / _MOST_ASPECT <= narrow <= wide <= _MOST_ASPECT
    return (least, most, narrow, wide) if fits else None


_PIXELS = Phrase("a whole number of pixels from 0 to {most}", most=MOST_PIXELS)
_FLAG = Limit(
    Phrase("true or false"), lambda v: v if isinstance(v, bool) else None, (0,)
)

LIMITS: Mapping[str, Limit] = {
    "shift": Limit(_PIXELS, _whole(MOST_PIXELS), (1,)),
    "crop": Limit(_PIXELS, _whole(MOST_PIXELS), (1,)),
    "flip": _FLAG,
    "fill": Limit(Phrase("a grey level from 0 to 255"), _whole(255), (1,)),
    "resized_crop": Limit(
        Phrase(
            "the least and the most share of the area, from 0.01 to 1, and the least "
            "and the most aspect, from 0.25 to 4"
        ),
        _areas,
        (1, 2, 4),
    ),
    "scale": _real(1.0),
    "rotate": _real(180.0, "degrees"),
    "shear": _real(45.0, "degrees"),
    "flip_vertical": _FLAG,
    "alternating_flip": _FLAG,
    "reflect": _FLAG,
    "randaugment": _real(1.0),
    "brightness": _real(1.0),
    "contrast": _real(1.0),
    "saturation": _real(1.0),
    "hue": _real(0.5),
    "grey": _real(1.0),
    "blur": _real(8.0, "pixels"),
    "noise": _real(1.0),
    "cutout": _real(1.0),
    "mixup": _real(10.0),
    "cutmix": _real(10.0),
}
"""By the name of the field."""
