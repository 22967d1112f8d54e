"""The one pixel policy: what any image means as eight-bit pixels.

Training and prediction both go through here, so both see the same pixels:

- orientation: turned as its EXIF says; an EXIF that cannot be read is ignored;
- animations, pages, layers: the first frame;
- transparency: laid over white;
- 16 bits and more: scaled by the declared range (12-bit TIFF by 4095), not cut;
- floating point and 32-bit integers: by the range they lie in, else refused;
- palette, 1-bit, CMYK (with Adobe's inversion), YCbCr, HSV, L*a*b*: as colour;
- colour profiles are not applied;
- grey from colour: (19595 r + 38470 g + 7471 b + 32768) >> 16 (ITU-R BT.601).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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


def to_8bit(image: Image.Image) -> Image.Image:
    """The upright image in mode L where it has no colour, else in mode RGB."""
    return upright(_opaque(image), _orientation(image))


def has_colour(image: Image.Image) -> bool:
    """Whether the image is stored in colour; no pixel is decoded."""
    return image.mode not in _GREY


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The image turned as an EXIF orientation (1 to 8) asks.

    Source: CIPA DC-008 (Exif 2.32), section 4.6.4.
    """
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """Asked for after the pixels: a TIFF turns itself while it is decoded."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # a broken EXIF hides no pixels, and fails in many ways
        return 1


def _opaque(image: Image.Image) -> Image.Image:
    image.load()
    mode = image.mode
    if mode in _SIXTEEN_BITS:
        return _sixteen_bits(image)
    if mode == "I" and image.format in ("PNG", "PPM"):  # Pillow gives 0..65535
        return Image.fromarray(integers_to_8bit(np.asarray(image)))
    if mode in ("I", "F"):
        return Image.fromarray(numbers_to_8bit(np.asarray(image)))
    if mode == "LAB":
        # Band by band: as a whole, a* and b* come out as signed bytes.
        bands = np.stack([np.asarray(band) for band in image.split()], axis=-1)
        return Image.fromarray(lab_to_rgb8(bands))
    if mode in _ALPHA or "transparency" in image.info:
        return _over_white(image)
    if mode in ("1", "L"):
        return image.convert("L")
    return _coloured(image)


def _sixteen_bits(image: Image.Image) -> Image.Image:
    samples = np.asarray(image)
    tags = getattr(image, "tag_v2", {})
    bits = max(tags.get(_TIFF_BITS, (16,)))
    white = 2**bits - 1 if 8 < bits < 16 else WHITE_LEVEL_16
    grey = integers_to_8bit(samples, white)
    if tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO:
        grey = 255 - grey
    clear = image.info.get("transparency")
    if isinstance(clear, int):  # one level stands for "nothing here" (PNG tRNS)
        grey[samples == clear] = 255
    return Image.fromarray(grey)


def _over_white(image: Image.Image) -> Image.Image:
    kind: Literal["L", "RGB"] = "L" if image.mode in _GREY else "RGB"
    full = image.convert("RGBA")
    white = Image.new(kind, full.size, "white")
    white.paste(full.convert(kind), mask=full.getchannel("A"))
    return white


def _coloured(image: Image.Image) -> Image.Image:
    try:
        return image.convert("RGB")
    except ValueError:
        raise DataError(
            "image-mode",
            "The pixels are stored as '{mode}', which has no known colours. Save the "
            "image as PNG or JPEG.",
            mode=image.mode,
        ) from None
