"""A photo before and after: images in the figure, the kernel in numbers or colours."""

import base64
from io import BytesIO

import numpy as np
from PIL import Image

from mirada.views.filtered import Panel, filtered_figure
from tests.views.geometry import SVG, parsed, sticking_out, texts

BEFORE = Panel("image", np.full((40, 20, 3), 9, np.uint8))
AFTER = Panel("result", np.full((38, 18), 90, np.uint8))


def test_images_stand_beside_each_other() -> None:
    kernel = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    root = parsed(filtered_figure("sharpen", [BEFORE, AFTER], kernel))
    images = [*root.iter(f"{SVG}image")]
    assert len(images) == 2
    assert [image.attrib["height"] for image in images] == ["300", "300"]
    assert float(images[0].attrib["x"]) < float(images[1].attrib["x"])
    assert {"sharpen", "image", "kernel", "result", "5", "-1"} <= set(texts(root))
    assert not sticking_out(root)


def test_a_large_kernel_is_drawn_in_colours() -> None:
    kernel = np.outer(np.hanning(9), np.arange(9))
    root = parsed(filtered_figure("gabor", [BEFORE, AFTER], kernel))
    assert len([*root.iter(f"{SVG}image")]) == 3
    assert texts(root) == ["gabor", "image", "kernel", "result"]


def test_many_panels_are_smaller_and_none_has_a_kernel() -> None:
    root = parsed(filtered_figure("pool", [BEFORE, AFTER, AFTER, AFTER], None))
    images = [*root.iter(f"{SVG}image")]
    assert [image.attrib["height"] for image in images] == ["200"] * 4
    assert "kernel" not in texts(root)


def test_a_large_photo_is_thinned_out() -> None:
    large = Panel("image", np.zeros((1300, 900), np.uint8))
    root = parsed(filtered_figure("x", [large, AFTER], None))
    address = next(root.iter(f"{SVG}image")).attrib["href"]
    content = base64.b64decode(address.partition(",")[2])
    with Image.open(BytesIO(content)) as image:
        assert image.size == (300, 434)
