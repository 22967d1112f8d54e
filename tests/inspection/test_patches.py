"""The patches that excite filters: planted ones are found, boxes are what is seen."""

import numpy as np
import pytest

from mirada.inspection.input_box import InputBox, InputBoxes
from mirada.inspection.patches import best_patches
from mirada.network import (
    AvgPool2d,
    Conv2d,
    Flatten,
    Linear,
    ReLU,
)
from tests.inspection.hand_made import held, noise

DEEP = (
    *(Conv2d(2, 3, padding=1), ReLU(), AvgPool2d(2)),
    *(Conv2d(2, 3, stride=2, dilation=2), Flatten(), Linear(3)),
)


def edges(box: InputBox | None) -> tuple[int, ...]:
    assert box is not None
    return box.edges


def test_the_planted_patch_is_found() -> None:
    engine = held(
        (1, 9, 9),
        Conv2d(1, 3, bias=False),
        conv1_weight=np.ones((1, 1, 3, 3)),
    )
    images = 0.01 * noise(20, 1, 9, 9)
    images[13, 0, 4:7, 2:5] = 5
    images[6, 0, 0:3, 6:9] = 2
    first, second, _ = best_patches(engine, images, ["conv1"], most=3)["conv1"][0]
    assert (first.image, first.row, first.column) == (13, 4, 2)
    assert edges(first.box) == (4, 2, 7, 5)
    assert first.value == pytest.approx(45)
    assert (second.image, edges(second.box)) == (6, (0, 6, 3, 9))


def test_an_image_counts_once_and_the_largest_first() -> None:
    engine, images = held((1, 8, 8), Conv2d(3, 3)), noise(30, 1, 8, 8)
    found = best_patches(engine, images, ["conv1"], most=5)["conv1"]
    values = engine.activations(images, ["conv1"])["conv1"]
    for unit, patches in enumerate(found):
        assert len({patch.image for patch in patches}) == 5
        best = np.sort(values[:, unit].max(axis=(1, 2)))[::-1][:5]
        np.testing.assert_allclose([patch.value for patch in patches], best)


def test_pieces_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, images = held((1, 12, 12), *DEEP[:4]), noise(70, 1, 12, 12)
    whole = best_patches(engine, images, ["conv1", "conv2"])
    monkeypatch.setattr("mirada.inspection.reading._PIECE_BYTES", 1)
    assert best_patches(engine, images, ["conv1", "conv2"]) == whole


def test_of_equal_images_the_earlier_is_kept() -> None:
    engine = held((1, 2, 2), ReLU())
    images = np.ones((40, 1, 2, 2), np.float32)
    found = best_patches(engine, images, ["relu1"], most=2)["relu1"][0]
    assert [(p.image, p.row, p.column) for p in found] == [(0, 0, 0), (1, 0, 0)]


def test_fewer_images_than_asked_for() -> None:
    engine = held((1, 2, 2), ReLU())
    assert len(best_patches(engine, noise(3, 1, 2, 2), ["relu1"])["relu1"][0]) == 3


@pytest.mark.parametrize("layer", ["conv1", "avgpool1", "conv2"])
def test_boxes_are_the_pixels_that_change_the_output(layer: str) -> None:
    """Of a network without ReLU, which would hide some pixels at some places."""
    engine = held((1, 12, 11), *(each for each in DEEP if not isinstance(each, ReLU)))
    image = noise(1, 1, 12, 11)
    moved = image + 50 * np.eye(12 * 11, dtype=np.float32).reshape(-1, 1, 12, 11)
    still = engine.activations(image, [layer])[layer]
    changes = (engine.activations(moved, [layer])[layer] != still).any(axis=1)
    boxes, (_, rows, columns) = InputBoxes(engine.network), engine.network.shapes[layer]
    for row, column in np.ndindex(rows, columns):
        seen = changes[:, row, column].reshape(12, 11)
        tops, lefts = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        hull = (tops[0], lefts[0], tops[-1] + 1, lefts[-1] + 1)
        assert edges(boxes.of(layer, (0, row, column))) == hull, (row, column)


def test_a_vectors_best_images() -> None:
    engine = held((1, 2, 2), Flatten(), Linear(2))
    images = noise(10, 1, 2, 2)
    found = best_patches(engine, images, ["linear1"], most=1)["linear1"]
    values = engine.predict(images)
    assert [unit[0].image for unit in found] == values.argmax(axis=0).tolist()
    assert edges(found[0][0].box) == (0, 0, 2, 2)


def test_a_place_that_sees_no_pixel_has_no_box() -> None:
    engine = held((1, 3, 3), Conv2d(1, 1, padding=2), conv1_weight=np.zeros((1,) * 4))
    ((only,),) = best_patches(engine, noise(1, 1, 3, 3), ["conv1"], most=1)["conv1"]
    assert (only.row, only.column, only.box) == (0, 0, None)
