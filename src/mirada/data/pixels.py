"""The one pixel policy: what any image means as eight-bit pixels.

Training and prediction both go through here, so both see the same pixels:

- orientation: turned as its EXIF says; an EXIF that cannot be read is ignored;
- animations and pages: the first frame; layers: as composed in the file; icons: the
  largest;
- colour profiles, and the gamma of a PNG: brought to sRGB (see `colour_profile`),
  where nothing else depends on it after the image was scaled;
- transparency: laid over white;
- 16 bits and more: scaled by the declared range (12-bit TIFF by 4095), not cut;
- floating point and 32-bit integers: by the range they lie in, else refused;
- palette, 1-bit, CMYK (with Adobe's inversion), YCbCr, HSV, L*a*b*: as colour;
- grey from colour: (19595 r + 38470 g + 7471 b + 32768) >> 16 (ITU-R BT.601).
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from mirada.data.colour_profile import grey_levels, profile_of, to_srgb
from mirada.data.depth import WHITE_LEVEL_16, integers_to_8bit, numbers_to_8bit
from mirada.data.lab import lab_to_rgb8
from mirada.errors import DataError

__all__ = ["has_colour", "to_8bit", "to_grey8", "to_rgb8", "upright"]

_EXIF_ORIENTATION = 0x0112
_TIFF_BITS, _TIFF_PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0
_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")
_ALPHA = ("RGBA", "LA", "PA", "La", "RGBa")
_GREY = ("1", "L", "LA", "La", "I", "F", *_SIXTEEN_BITS)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def to_rgb8(image: Image.Image) -> NDArray[np.uint8]:
    """The pixels of an image as a viewer shows them: (h, w, 3).

    Raises DataError (`image-range`, `image-mode`).

    >>> to_rgb8(Image.new("LA", (2, 1), (0, 0))).tolist()
    [[[255, 255, 255], [255, 255, 255]]]
    """
    return np.asarray(to_8bit(image).convert("RGB"))


def to_grey8(image: Image.Image) -> NDArray[np.uint8]:
    """The brightness of an image as a viewer shows it: (h, w, 1).

    >>> to_grey8(Image.new("RGB", (1, 1), (255, 0, 0))).tolist()
    [[[76]]]
    """
    return np.asarray(to_8bit(image).convert("L"))[..., None]


def to_8bit(
    image: Image.Image, scaled: Callable[[Image.Image], Image.Image] | None = None
) -> Image.Image:
    """The upright image in mode L where it has no colour, else in mode RGB.

    `scaled` is applied to it, before its profile where that can wait: there is less
    of the image then.
    """
    plain, profile = _opaque(image)
    whole = upright(plain, _orientation(image))
    return to_srgb(whole if scaled is None else scaled(whole), profile)


def has_colour(image: Image.Image) -> bool:
    """Whether the image is stored in colour; no pixel is decoded.

    >>> has_colour(Image.new("LA", (1, 1)))
    False
    """
    return image.mode not in _GREY and not _deep_grey_alpha(image)


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The image turned as an EXIF orientation (1 to 8) asks.

    Source: CIPA DC-008 (Exif 2.32), section 4.6.4.
    """
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _deep_grey_alpha(image: Image.Image) -> bool:
    """A PNG of 16-bit grey and alpha, which Pillow opens as RGBA."""
    return any(tile[3] == "LA;16B" for tile in getattr(image, "tile", ()))


def _orientation(image: Image.Image) -> int:
    """Asked for after the pixels: a TIFF turns itself while it is decoded."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # a broken EXIF hides no pixels, and fails in many ways
        return 1


def _opaque(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """The image in mode L or RGB, and the profile that is still to be applied."""
    _first_frame(image)
    _load(image)
    mode = image.mode
    if mode in _SIXTEEN_BITS or (mode == "I" and image.format in ("PNG", "PPM")):
        return _sixteen_bits(image), None
    if mode in ("I", "F"):
        return Image.fromarray(numbers_to_8bit(np.asarray(image))), None
    if mode == "LAB":
        # Band by band: as a whole, a* and b* come out as signed bytes.
        bands = np.stack([np.asarray(band) for band in image.split()], axis=-1)
        return Image.fromarray(lab_to_rgb8(bands)), None
    if mode in _ALPHA or "transparency" in image.info:
        return _over_white(image), None
    grey = mode in ("1", "L")
    profile = profile_of(image, grey=grey)
    if mode == "CMYK":
        return _rgb(to_srgb(image, profile)), None
    return _levels(image) if grey else _rgb(image), profile


def _first_frame(image: Image.Image) -> None:
    """Goes past the still picture of an animated PNG: it is for viewers of old."""
    if not isinstance(image, PngImageFile) or not image.default_image or image.tell():
        return
    try:
        image.seek(1)
        image.load()
    except Exception:  # a broken animation: the still picture is what is left
        image.seek(0)


def _load(image: Image.Image) -> None:
    """Decodes; what is broken in a PNG after its last pixel hides no pixels."""
    if not isinstance(image, PngImageFile):
        image.load()
        return
    finish = image.load_end

    def load_end() -> None:
        with suppress(OSError, SyntaxError, ValueError):
            finish()

    vars(image)["load_end"] = load_end
    try:
        image.load()
    finally:
        del vars(image)["load_end"]  # the image would hold itself in memory


def _sixteen_bits(image: Image.Image) -> Image.Image:
    samples = np.asarray(image)
    tags = getattr(image, "tag_v2", {})
    bits = max(tags.get(_TIFF_BITS, (16,)))
    white = 2**bits - 1 if 8 < bits < 16 else WHITE_LEVEL_16
    if tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO:
        samples = white - np.minimum(samples, white)
    levels = grey_levels(profile_of(image, grey=True), WHITE_LEVEL_16 + 1)
    grey = integers_to_8bit(samples, white, levels)
    clear = image.info.get("transparency")
    if isinstance(clear, int):  # one level stands for "nothing here" (PNG tRNS)
        grey[samples == clear] = 255
    return Image.fromarray(grey)


def _over_white(image: Image.Image) -> Image.Image:
    kind: Literal["L", "RGB"] = "L" if image.mode in _GREY else "RGB"
    full = image if image.mode == "RGBA" else image.convert("RGBA")
    colours = to_srgb(full.convert(kind), profile_of(image, grey=kind == "L"))
    alpha = full.getchannel("A")
    if image.format == "TGA" and alpha.getextrema() == (0, 0):
        return colours  # a fourth byte that nobody filled is no transparency
    white = Image.new(kind, full.size, "white")
    white.paste(colours, mask=alpha)
    return white


def _levels(image: Image.Image) -> Image.Image:
    return image if image.mode == "L" else image.convert("L")


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":  # no copy of what may be a quarter of a gigabyte
        return image
    try:
        return image.convert("RGB")
    except ValueError:
        raise DataError(
            "image-mode",
            "The pixels are stored as '{mode}', which has no known colours. Save the "
            "image as PNG or JPEG.",
            mode=image.mode,
        ) from None
