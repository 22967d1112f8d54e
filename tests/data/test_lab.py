"""L*a*b* becomes the colour that littlecms makes of it."""

import numpy as np
import pytest
from PIL import Image, features

from mirada.data.lab import lab_to_rgb8


def test_greys_keep_their_lightness() -> None:
    grey = np.array([[[0, 128, 128], [255, 128, 128], [137, 128, 128]]], dtype=np.uint8)
    black, white, middle = lab_to_rgb8(grey)[0].astype(int)
    assert black.max() == 0 and white.min() >= 254
    assert np.ptp(middle) <= 1 and abs(middle[0] - 128) <= 1  # L* 53.7 is sRGB 128


def test_colours_equal_those_of_littlecms() -> None:
    if not features.check("littlecms2"):
        pytest.skip("Pillow was built without littlecms")
    from PIL import ImageCms

    levels = np.random.default_rng(1).integers(96, 160, (40, 40, 3), dtype=np.uint8)
    lab = ImageCms.createProfile("LAB")
    rgb = ImageCms.createProfile("sRGB")
    exact = ImageCms.Flags.NOOPTIMIZE  # else it interpolates in a coarse table
    turn = ImageCms.buildTransform(
        lab, rgb, "LAB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC, exact
    )
    bands = [Image.fromarray(levels[..., band]) for band in range(3)]
    image = Image.merge("LAB", bands)
    wanted = np.asarray(ImageCms.applyTransform(image, turn)).astype(int)
    found = lab_to_rgb8(levels).astype(int)
    assert np.abs(found - wanted).max() <= 1
