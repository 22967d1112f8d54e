"""From an image file, or an open image, to pixels of the wanted size.

Whatever a decoder does with a hostile file, what comes out is pixels or a DataError.
Only the formats named here are tried: Pillow would hand an EPS to Ghostscript.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import lru_cache, partial
from importlib import import_module
from io import BytesIO
from typing import BinaryIO, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from mirada.data.encoded import Content, Encoded
from mirada.data.essentials import MARK as PNG_MARK
from mirada.data.essentials import essentials
from mirada.data.fitting import draft, fit
from mirada.data.gate import open_plain, read_plain, require_length
from mirada.data.guard import decoder_guard
from mirada.data.limits import Limits
from mirada.data.naming import shown, shown_path
from mirada.data.pixels import has_colour, to_8bit
from mirada.data.starved import HEAD_BYTES, is_starved
from mirada.data.traps import require_no_trap
from mirada.errors import DataError, MiradaError, Phrase

__all__ = ["FORMATS", "Header", "ImageSource", "decode", "opened", "probe"]

ImageSource: TypeAlias = str | os.PathLike[str] | Content | Image.Image

FORMATS = (
    *("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000"),
    *("PPM", "ICO", "QOI", "PSD", "PCX", "DIB", "TGA"),  # TGA has no mark: it is last
)

_PLUGINS = (
    *("Jpeg", "Png", "Gif", "WebP", "Bmp", "Tiff", "Avif", "Jpeg2K"),
    *("Ppm", "Ico", "Qoi", "Psd", "Pcx", "Tga"),
)
_MARKS = {b"\xff\xd8\xff": "JPEG", PNG_MARK: "PNG"}
_LARGE_PIXELS = 16_000_000
_MARK_BYTES = 16  # what Pillow shows to each format
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
            scaled = None if size is None else partial(fit, size=size, rule=rule)
            fitted = to_8bit(image, scaled)
            mode = "L" if channels == 1 else "RGB"
            pixels = np.asarray(fitted if fitted.mode == mode else fitted.convert(mode))
    return pixels.reshape(*pixels.shape[:2], channels)


def probe(
    source: str | os.PathLike[str] | Content, limits: Limits | None = None
) -> Header:
    """The size and kind of an image, read from its header alone."""
    bounds = limits or Limits()
    with (
        _refusing(source, bounds),
        _stream(source) as stream,
        _open(stream) as image,
    ):
        return Header(image.height, image.width, has_colour(image))


@contextmanager
def opened(source: Encoded, limits: Limits) -> Iterator[tuple[bytes, Image.Image]]:
    """The bytes of an image and the open image, of which nothing is decoded yet.

    What goes wrong in the block is refused as `decode` refuses it.
    """
    with _refusing(source, limits):
        content = _content(source, limits)
        with _open(content) as image:
            _require_size(image, limits)
            yield content.getvalue(), image


def _stream(source: str | os.PathLike[str] | Content) -> BinaryIO:
    return BytesIO(source.data) if isinstance(source, Content) else open_plain(source)


@lru_cache(maxsize=1)
def _formats() -> tuple[str, ...]:
    """All that this Pillow has; most folders need none beyond those of `_MARKS`."""
    for plugin in _PLUGINS:
        with suppress(ImportError):  # AVIF came with Pillow 11.2
            import_module(f"PIL.{plugin}ImagePlugin")
    return tuple(name for name in FORMATS if name in Image.OPEN)


@contextmanager
def _opened(source: ImageSource, limits: Limits) -> Iterator[Image.Image]:
    if isinstance(source, Image.Image):
        yield source
        return
    with _open(_content(source, limits)) as image:
        yield image


def _open(stream: BinaryIO) -> Image.Image:
    """The image in a stream; a PNG whose notes cannot be read, without its notes."""
    try:
        return _identified(stream)
    except (OSError, SyntaxError, ValueError):
        stream.seek(0)
        rest = essentials(stream.read(Limits().file_bytes))
        if not rest:
            raise
    return _identified(BytesIO(rest))


def _identified(stream: BinaryIO) -> Image.Image:
    start = stream.read(_MARK_BYTES).ljust(_MARK_BYTES, b"\0")
    stream.seek(0)
    marked = [name for mark, name in _MARKS.items() if start.startswith(mark)]
    try:
        return Image.open(stream, formats=marked or _formats())
    except UnidentifiedImageError:
        if _bears_a_mark(start):
            raise OSError("its header is wrong or of an unknown kind") from None
        raise


def _bears_a_mark(start: bytes) -> bool:
    """Whether some format would take a file that starts so for its own."""
    accepts = (Image.OPEN[name][1] for name in _formats())
    return any(accept is not None and accept(start) is True for accept in accepts)


def _content(source: str | os.PathLike[str] | Content, limits: Limits) -> BytesIO:
    if isinstance(source, Content):
        require_length(source.name, len(source.data), limits.file_bytes)
        data = source.data
    else:
        data = read_plain(source, limits.file_bytes)
    require_no_trap(data)
    return BytesIO(data)


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
    except Exception as error:  # decoders raise almost anything on broken files
        if isinstance(error, MemoryError) or _is_starved(error, source, limits):
            reason = Phrase("There is not enough memory to decode it; save it smaller.")
            raise _unusable(source, reason) from None
        raise DataError(
            "image-broken",
            "'{file}' is broken ({reason}). Copy it again from its source, or delete "
            "it.",
            file=_name(source),
            reason=shown(str(error))[:200] or type(error).__name__,
        ) from None


def _is_starved(error: Exception, source: ImageSource, limits: Limits) -> bool:
    if isinstance(source, Image.Image):
        return False
    try:
        with _stream(source) as stream:
            head = stream.read(HEAD_BYTES)
    except (OSError, MiradaError):
        return False
    return is_starved(error, head, limits.image_bytes)


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
    if isinstance(source, Content):
        return shown_path(source.name)
    return shown_path(source)
