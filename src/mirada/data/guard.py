"""What is global in Pillow, set while mirada decodes and put back afterwards."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

__all__ = ["decoder_guard"]

_lock = threading.Lock()
_inside: list[int] = []
_before: list[tuple["warnings.catch_warnings[None]", int | None]] = []


@contextmanager
def decoder_guard(most_pixels: int) -> Iterator[None]:
    """Silences Pillow's warnings and sets its pixel limit for the block.

    Both belong to the whole process: the first block in sets them and the last one out
    puts them back, so threads that decode at the same time do not undo each other.
    """
    with _lock:
        if not _inside:
            _set(most_pixels)
        _inside.append(most_pixels)
    try:
        yield
    finally:
        with _lock:
            _inside.pop()
            if not _inside:
                _put_back()


def _set(most_pixels: int) -> None:
    quiet = warnings.catch_warnings()
    quiet.__enter__()
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    _before.append((quiet, Image.MAX_IMAGE_PIXELS))
    Image.MAX_IMAGE_PIXELS = most_pixels


def _put_back() -> None:
    quiet, most_pixels = _before.pop()
    Image.MAX_IMAGE_PIXELS = most_pixels
    quiet.__exit__(None, None, None)
