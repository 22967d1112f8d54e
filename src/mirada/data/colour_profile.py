"""Colours brought to sRGB: embedded ICC profiles and the `gAMA` and `cHRM` of PNG.

As in a browser: a profile that fits the samples is applied; one that is broken, too
large, or made for other samples is ignored; untagged colours are sRGB already. In a
PNG an ICC profile goes before `sRGB`, and `sRGB` before `gAMA` and `cHRM`.
"""

from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from mirada.data.icc import (
    SRGB_CHROMATICITY,
    SRGB_CURVE,
    colour_profile,
    gamma_curve,
    grey_profile,
)

__all__ = ["grey_levels", "profile_of", "to_srgb"]

_MOST_BYTES = 4 * 2**20  # the largest profiles of printers are below this
_GAMMAS = (0.05, 20.0)  # beyond these a picture would be black or white
_SPACES = {"L": "GRAY", "I;16": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
# As browsers do: white stays white, and the black of a printer stays as light as it is.
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_SAME = 2  # levels: a profile that changes no more than this is sRGB's


def profile_of(image: Image.Image, *, grey: bool) -> bytes | None:
    """The ICC profile that the samples of an image are made for, if it has one.

    >>> profile_of(Image.new("L", (1, 1)), grey=True) is None
    True
    """
    embedded = image.info.get("icc_profile")
    if isinstance(embedded, bytes) and embedded:
        return embedded if len(embedded) <= _MOST_BYTES else None
    gamma = image.info.get("gamma")
    if image.format != "PNG" or "srgb" in image.info or gamma is None:
        return None
    if not _GAMMAS[0] <= gamma <= _GAMMAS[1]:
        return None
    if grey:
        return grey_profile(gamma_curve(gamma))
    chromaticity = image.info.get("chromaticity", SRGB_CHROMATICITY)
    try:
        return colour_profile(gamma_curve(gamma), chromaticity)
    except (ArithmeticError, ValueError):  # primaries that span no colours
        return None


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An image of mode L, RGB or CMYK in sRGB: of mode L or RGB.

    What has no profile, or none that can be applied, comes back as it is.
    """
    if profile is None or image.mode not in _SPACES:
        return image
    if image.mode == "L":
        levels = grey_levels(profile, 256)
        return image if levels is None else image.point(levels.tolist())
    transform = _colours(profile, image.mode)
    return image if transform is None else transform.apply(image)


@lru_cache(maxsize=4)
def grey_levels(profile: bytes | None, count: int) -> NDArray[np.uint8] | None:
    """What each of 256 or 65,536 grey levels is in sRGB; None: what it was."""
    if profile is None:
        return None
    levels = _grey_ramp(profile, count)
    if levels is None:
        levels = _coloured_ramp(profile, count)
    unchanged = levels is None or _close(levels, np.linspace(0, 255, count))
    return None if unchanged else levels


def _grey_ramp(profile: bytes, count: int) -> NDArray[np.uint8] | None:
    deep = count > 256
    transform = _transform(profile, "I;16" if deep else "L")
    if transform is None:
        return None
    ramp = np.arange(count, dtype=np.uint16 if deep else np.uint8)[None]
    levels: NDArray[np.uint8] = np.asarray(transform.apply(Image.fromarray(ramp)))
    return levels.ravel()


def _coloured_ramp(profile: bytes, count: int) -> NDArray[np.uint8] | None:
    """A profile for colours holds for the greys among them."""
    transform = _transform(profile, "RGB")
    if transform is None:
        return None
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None]).convert("RGB")
    levels = np.asarray(transform.apply(ramp).convert("L"), dtype=np.float64)[0]
    between = np.interp(np.linspace(0, 255, count), np.arange(256), levels)
    rounded: NDArray[np.uint8] = np.floor(between + 0.5).astype(np.uint8)
    return rounded


@lru_cache(maxsize=64)  # photos from many cameras; each takes milliseconds to prepare
def _colours(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    transform = _transform(profile, mode)
    if transform is None or mode == "CMYK":
        return transform
    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(9, 81, 3)
    mapped = np.asarray(transform.apply(Image.fromarray(grid)))
    return None if _close(mapped, grid) else transform


def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES[mode]:
            return None
        if _SPACES[mode] == "GRAY":
            grey = ImageCms.ImageCmsProfile(BytesIO(grey_profile(SRGB_CURVE)))
            exact = ImageCms.Flags.NOOPTIMIZE  # else dark levels are 10 off
            return ImageCms.ImageCmsTransform(
                source, grey, mode, "L", intent=_INTENT, flags=exact
            )
        colour = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        return ImageCms.ImageCmsTransform(source, colour, mode, "RGB", intent=_INTENT)
    except Exception:  # a profile that cannot be read hides no pixels
        return None


def _close(mapped: NDArray[np.uint8], levels: NDArray[np.number]) -> bool:
    return bool(np.abs(mapped.astype(np.float64) - levels).max() <= _SAME)
