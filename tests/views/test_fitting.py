"""What the page does to an image of any size is what the engine does, bit for bit."""

import numpy as np
import pytest
from PIL import Image, __version__

from mirada.data.fitting import fit
from tests.node import run_module

BODY = "return given.map(([image, wanted]) => [...it.fitted(image, wanted)]);"
SIZES = (
    *((28, 28, 28, 28), (280, 280, 28, 28), (31, 17, 8, 12), (9, 40, 12, 8)),
    *((3, 5, 16, 16), (1, 1, 4, 4), (64, 48, 48, 48), (48, 64, 48, 48)),
    *((7, 36, 2, 18), (32, 28, 31, 23), (12, 8, 12, 8)),
)


@pytest.mark.parametrize("channels", (1, 3))
def test_pixels_are_those_of_the_engine(channels: int) -> None:
    noise, given, wanted = np.random.default_rng(0), [], []
    for width, height, across, down in SIZES:
        for resize in ("crop", "squash"):
            pixels = noise.integers(0, 256, (height, width, 3), np.uint8)
            opaque = np.full((height, width, 1), 255, np.uint8)
            data = np.concatenate([pixels, opaque], axis=2).ravel().tolist()
            size = {"width": across, "height": down}
            image = {"width": width, "height": height, "data": data}
            given.append([image, {**size, "channels": channels, "resize": resize}])
            fitted = fit(Image.fromarray(pixels), (down, across), resize)
            mode = "L" if channels == 1 else "RGB"
            wanted.append(np.asarray(fitted.convert(mode)).ravel().tolist())
    found = run_module("views/fitting.js", BODY, given)
    if int(__version__.partition(".")[0]) >= 13:
        assert found == wanted
    # Before, Pillow went along the rows first, always: a rounding more or less.
    for mine, theirs in zip(found, wanted, strict=True):
        assert np.abs(np.subtract(mine, theirs)).max() <= 1


def test_a_grey_image_stays_grey() -> None:
    levels = np.arange(256, dtype=np.uint8)
    data = np.stack([levels, levels, levels, np.full_like(levels, 255)], axis=1)
    image = {"width": 16, "height": 16, "data": data.ravel().tolist()}
    wanted = {"width": 16, "height": 16, "channels": 1, "resize": "crop"}
    (found,) = run_module("views/fitting.js", BODY, [[image, wanted]])
    assert found == levels.tolist()
