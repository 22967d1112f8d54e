"""From an image file, or an open image, to pixels of the wanted size.

Whatever a decoder does with a hostile file, what comes out is pixels or a DataError.
Only the formats named here are tried: Pillow would hand an EPS to Ghostscript.
"""

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PcxImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    PsdImagePlugin,
    QoiImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from mirada.data.fitting import draft, fit
from mirada.data.gate import open_plain, read_plain
from mirada.data.limits import Limits
from mirada.data.naming import shown_path
from mirada.data.pixels import has_colour, to_8bit
from mirada.errors import DataError, MiradaError, Phrase

with suppress(ImportError):  # Pillow 11.2 and later
    from PIL import AvifImagePlugin  # noqa: F401

__all__ = ["FORMATS", "ImageSource", "decode", "decoder_guard", "probe"]

type ImageSource = str | os.PathLike[str] | Image.Image
