"""Images that a page sends: decoded as every other image is, never by the browser.

What a person drops may be no image at all, or one made to crash its decoder; it is
decoded in a process of its own, and what cannot be used is a DataError.
"""

import numpy as np
from numpy.typing import NDArray

from mirada.data.encoded import Content
from mirada.data.pool import Decoders
from mirada.errors import DataError
from mirada.language import translate
from mirada.tasks.photo import read_photo

__all__ = ["MOST_UPLOAD_BYTES", "decoded_upload"]

MOST_UPLOAD_BYTES = 64 * 2**20
"""What a request that carries an image may weigh: its `Work.most_bytes`."""

_MOST_PIXELS = 4_000_000

Pixels = NDArray[np.uint8]


def decoded_upload(
    decoders: Decoders,
    content: bytes,
    size: tuple[int, int] | None = None,
    channels: int = 3,
    *,
    rule: str = "crop",
    name: str = "",
    most_pixels: int = _MOST_PIXELS,
) -> Pixels:
    """The pixels (h, w, channels) of an image file that was sent.

    Fitted to `size` by `rule` as for training; without a size it stays as it is, but
    for one of more than `most_pixels`, which is brought down. Refusals call it by
    `name`. Raises DataError.
    """
    image = Content(name or translate("the image"), content)
    if size is None:
        return read_photo(image, decoders, most_pixels, channels).pixels
    found = next(decoders.decode([image], size, channels=channels, rule=rule))
    if isinstance(found, DataError):
        raise found
    return found
