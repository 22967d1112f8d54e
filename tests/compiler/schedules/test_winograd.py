"""How Winograd's convolution is cut follows from shapes and target alone."""

import pytest

from mirada.compiler.lowering.winograd_tiling import Panels, margins
from mirada.compiler.schedules.winograd import tiling, weight_tiling
from tests.compiled import TARGETS

SHAPES = [
    (16, 28, 28, 128, 128),
    (1, 14, 14, 256, 256),
    (64, 32, 32, 64, 64),
    (32, 4, 4, 512, 512),
    (32, 8, 8, 256, 256),
    (1, 224, 224, 64, 64),
    (3, 5, 7, 3, 5),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("target", TARGETS)
def test_items_take_every_tile_once(
    shape: tuple[int, int, int, int, int], size: int, target: str
) -> None:
    images, height, width, inputs, outputs = shape
    made = tiling(size, images, height, width, inputs, outputs, TARGETS[target])
    assert made.rows * size >= height > (made.rows - 1) * size
    assert made.columns * size >= width > (made.columns - 1) * size
    assert (made.bands - 1) * made.band < made.rows <= made.bands * made.band
    assert made.bands == 1 or made.images == 1
    panels = Panels.of(outputs, TARGETS[target])
    assert panels.count % made.groups == 0
    assert made.tiles <= max(48, made.columns)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("target", TARGETS)
def test_weight_parts_are_whole_channels(
    shape: tuple[int, int, int, int, int], target: str
) -> None:
    images, height, width, inputs, outputs = shape
    made = weight_tiling(4, images, height, width, inputs, outputs, TARGETS[target])
    assert made.bands == 1 or made.images == 1
    assert outputs % made.groups == 0 and inputs % made.input_groups == 0


def test_there_are_items_enough_for_eight_threads() -> None:
    for images, height, width, inputs, outputs in SHAPES[:5]:
        made = tiling(4, images, height, width, inputs, outputs, TARGETS["host"])
        blocks = -(-images // made.images)
        panels = Panels.of(outputs, TARGETS["host"]).count
        assert made.parts * blocks >= 8 or made.groups == panels


def test_margins_reach_as_far_as_whole_tiles() -> None:
    made = tiling(4, 1, 14, 13, 16, 16, TARGETS["host"])
    # Four tiles of four outputs, and two pixels more, in both directions.
    assert margins(made, 14, 13, (1, 2)) == (1, 2, 3, 3)
