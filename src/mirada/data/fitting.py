"""How an image of any size becomes one of a given size.

- `crop`: the largest centred rectangle of the wanted aspect is scaled to the size
  (the shorter side fits, what stands over on the longer side is left out evenly);
- `squash`: the whole image is scaled to the size, whatever its aspect.

Scaling is bilinear with the triangle widened when it shrinks, so nothing is skipped.
An image that has the size already is not touched.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mirada.data.limits import Limits, require_memory

__all__ = ["LARGEST_SIDE", "RESIZE_RULES", "draft", "fit", "fit_all"]

LARGEST_SIDE = 4096
RESIZE_RULES = ("crop", "squash")

_SPARE = 2  # a JPEG is never decoded below this many times the wanted size


def fit(image: Image.Image, size: tuple[int, int], rule: str) -> Image.Image:
    """The image at `size` (height, width) by a rule of `RESIZE_RULES`.

    >>> fit(Image.new("L", (40, 20)), (10, 10), "crop").size
    (10, 10)
    """
    height, width = size
    if image.size == (width, height):
        return image
    box = _centre(image.size, size) if rule == "crop" else None
    return image.resize((width, height), Image.Resampling.BILINEAR, box=box)


def fit_all(
    images: NDArray[np.uint8],
    size: tuple[int, int] | None,
    channels: int | None,
    rule: str,
    limits: Limits,
) -> NDArray[np.uint8]:
    """Images (n, h, w, c) at another size and number of channels; None keeps them.

    Raises MemoryLimitError (`dataset-memory`).
    """
    count, *have, depth = images.shape
    want, deep = size or (have[0], have[1]), channels or depth
    if (*want, deep) == (*have, depth):
        return images
    require_memory(count * want[0] * want[1] * deep, count, want, limits)
    out = np.empty((count, *want, deep), dtype=np.uint8)
    mode = "L" if deep == 1 else "RGB"
    for number, pixels in enumerate(images):
        image = Image.fromarray(pixels[..., 0] if depth == 1 else pixels)
        fitted = np.asarray(fit(image, want, rule).convert(mode))
        out[number] = fitted.reshape(out.shape[1:])
    return out


def draft(image: Image.Image, size: tuple[int, int]) -> None:
    """Lets a JPEG that is not decoded yet be decoded at 1/2, 1/4 or 1/8.

    At least twice the wanted size is left on each side, so that the scaling after it
    still has pixels to average. Other formats are decoded whole.
    """
    side = _SPARE * max(size)
    image.draft(None, (side, side))  # None keeps the mode


def _centre(
    have: tuple[int, int], want: tuple[int, int]
) -> tuple[float, float, float, float]:
    width, height = have
    scale = min(width / want[1], height / want[0])
    # A side that fits exactly may miss it by a rounding, and no box is negative.
    left = max((width - want[1] * scale) / 2, 0.0)
    top = max((height - want[0] * scale) / 2, 0.0)
    return (left, top, width - left, height - top)
