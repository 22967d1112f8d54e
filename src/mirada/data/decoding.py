"""From an image file, or an open image, to pixels of the wanted size.

Whatever a decoder does with a hostile file, what comes out is pixels or a DataError.
Only the formats named here are tried: Pillow would hand an EPS to Ghostscript.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from io import BytesIO
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from mirada.data.fitting import draft, fit
from mirada.data.gate import open_plain, read_plain
from mirada.data.guard import decoder_guard
from mirada.data.limits import Limits
from mirada.data.naming import shown, shown_path
from mirada.data.pixels import has_colour, to_8bit
from mirada.errors import DataError, MiradaError, Phrase

__all__ = ["FORMATS", "Header", "ImageSource", "decode", "probe"]

ImageSource: TypeAlias = str | os.PathLike[str] | Image.Image

FORMATS = (
    *("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000"),
    *("PPM", "ICO", "QOI", "PSD", "PCX", "DIB", "TGA"),  # TGA has no mark: it is last
)

for _plugin in (
    *("Jpeg", "Png", "Gif", "WebP", "Bmp", "Tiff", "Avif", "Jpeg2K"),
    *("Ppm", "Ico", "Qoi", "Psd", "Pcx", "Tga"),
):
    with suppress(ImportError):  # AVIF came with Pillow 11.2
        import_module(f"PIL.{_plugin}ImagePlugin")

_LARGE_PIXELS = 16_000_000
_one_large_at_a_time = threading.Lock()


class Header(NamedTuple):
    """What an image says of itself before it is decoded."""

    height: int
    width: int
    colour: bool


def decode(
    source: ImageSource,
    size: tuple[int, int] | None = None,
    *,
    channels: int = 3,
    rule: str = "crop",
    limits: Limits | None = None,
) -> NDArray[np.uint8]:
    """Pixels (h, w, channels) of a file or an open image, fitted to `size` if given.

    A file gives the same pixels whether it is trained on or predicted. An open image is
    decoded whole, where a JPEG file may be decoded smaller (see `fitting.draft`): the
    two differ by a few levels.

    Raises DataError: `image-unknown-format`, `image-broken`, `image-unusable`, and
    those of `gate.read_plain`.
    """
    bounds = limits or Limits()
    with _refusing(source, bounds), _opened(source, bounds) as image:
        if size is not None and image is not source:
            draft(image, size)
        _require_size(image, bounds)
        large = image.width * image.height > _LARGE_PIXELS
        with _one_large_at_a_time if large else nullcontext():
            whole = to_8bit(image)
            fitted = whole if size is None else fit(whole, size, rule)
            pixels = np.asarray(fitted.convert("L" if channels == 1 else "RGB"))
    return pixels.reshape(*pixels.shape[:2], channels)


def probe(path: str | os.PathLike[str], limits: Limits | None = None) -> Header:
    """The size and kind of an image file, read from its header alone."""
    bounds = limits or Limits()
    with (
        _refusing(path, bounds),
        open_plain(path) as stream,
        Image.open(stream, formats=_formats()) as image,
    ):
        return Header(image.height, image.width, has_colour(image))


def _formats() -> tuple[str, ...]:
    return tuple(name for name in FORMATS if name in Image.OPEN)


@contextmanager
def _opened(source: ImageSource, limits: Limits) -> Iterator[Image.Image]:
    if isinstance(source, Image.Image):
        yield source
        return
    content = BytesIO(read_plain(source, limits.file_bytes))
    with Image.open(content, formats=_formats()) as image:
        yield image


def _require_size(image: Image.Image, limits: Limits) -> None:
    if not 0 < image.width * image.height <= limits.pixels:
        raise DataError(
            "image-size-refused",
            "It is {width} pixels wide and {height} high; from 1 to {most} pixels in "
            "all are accepted. Save it smaller, or raise the limit.",
            width=image.width,
            height=image.height,
            most=limits.pixels,
        )


@contextmanager
def _refusing(source: ImageSource, limits: Limits) -> Iterator[None]:
    """Turns everything a decoder can raise into one refusal that names the file."""
    try:
        with decoder_guard(limits.pixels):
            yield
    except DataError as error:
        if "file" in error.values:  # the gate has named it already
            raise
        raise _unusable(source, error) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        reason = Phrase(
            "It has more than the {most} pixels that are accepted. Save it smaller, or "
            "raise the limit.",
            most=limits.pixels,
        )
        raise _unusable(source, reason) from None
    except UnidentifiedImageError:
        raise DataError(
            "image-unknown-format",
            "'{file}' is not an image of a known format ({formats}). Save it as PNG "
            "or JPEG, or delete it.",
            file=_name(source),
            formats=", ".join(_formats()),
        ) from None
    except MemoryError:
        reason = Phrase("There is not enough memory to decode it; save it smaller.")
        raise _unusable(source, reason) from None
    except Exception as error:  # decoders raise almost anything on broken files
        raise DataError(
            "image-broken",
            "'{file}' is broken ({reason}). Copy it again from its source, or delete "
            "it.",
            file=_name(source),
            reason=shown(str(error))[:200] or type(error).__name__,
        ) from None


def _unusable(source: ImageSource, reason: MiradaError | Phrase) -> DataError:
    return DataError(
        "image-unusable",
        "'{file}' cannot be used. {reason}",
        file=_name(source),
        reason=reason,
    )


def _name(source: ImageSource) -> str:
    if isinstance(source, Image.Image):
        return shown_path(getattr(source, "filename", "") or "image")
    return shown_path(source)
