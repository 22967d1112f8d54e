"""A sheet of labelled images is a PNG that shows each in its place."""

from io import BytesIO

import numpy as np
from PIL import Image

from mirada.data.sheet import Row, Tile, sheet_png


def sheet(rows: list[Row], side: int = 48) -> np.ndarray:
    """The pixels of a sheet."""
    return np.asarray(Image.open(BytesIO(sheet_png("Title", rows, side))))


def test_images_are_shown_enlarged_by_whole_pixels() -> None:
    image = np.array([[[255, 0, 0], [0, 255, 0]]], dtype=np.uint8)
    seen = sheet([Row("row", (Tile(image, "name"),))])
    for colour in image[0]:
        mask = (seen == colour).all(axis=2)
        assert mask.sum() == 24 * 24  # 48 / 2 on each side


def test_a_large_image_keeps_its_shape() -> None:
    image = np.full((20, 200, 1), 90, dtype=np.uint8)
    mask = (sheet([Row("row", (Tile(image),))]) == 90).all(axis=2)
    assert (mask.any(axis=1).sum(), mask.any(axis=0).sum()) == (5, 48)


def test_each_row_and_tile_has_its_place() -> None:
    grey = [np.full((4, 4, 1), level, dtype=np.uint8) for level in (40, 80, 120)]
    rows = [
        Row("one", (Tile(grey[0]), Tile(grey[1], "b"))),
        Row("two", (Tile(grey[2]),)),
    ]
    seen = sheet(rows)
    corners = [np.argwhere((seen == level).all(axis=2))[0] for level in (40, 80, 120)]
    assert corners[0][0] == corners[1][0] < corners[2][0]
    assert corners[0][1] == corners[2][1] == corners[1][1] - 56


def test_nothing_can_be_shown() -> None:
    assert sheet([]).shape[2] == 3
    assert sheet([Row("empty", ())]).shape[0] > sheet([]).shape[0]
