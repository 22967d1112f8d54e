"""Where pixels come from: the laws of every move."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.data.augment_draws import Draw
from mirada.data.augment_geometry import Moves, Pushes, affine_of, moved

Pixels = NDArray[np.uint8]
MIDDLE = np.full((1, len(Draw)), 0.5)
SIZE = (40, 60)


def images(count: int, channels: int = 3, size: tuple[int, int] = SIZE) -> Pixels:
    shape = (count, *size, channels)
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


def draws(count: int, **known: float) -> NDArray[np.float64]:
    """Numbers of chance; those that are named are given."""
    found = np.random.default_rng(2).random((count, len(Draw)))
    for name, value in known.items():
        found[:, Draw[name]] = value
    return found


def maps(moves: Moves, **known: float) -> tuple[NDArray[np.float64], ...]:
    affine = affine_of(moves, draws(1, **known), SIZE)
    return affine.linear[0], affine.offset[0]


def test_a_move_by_nothing_changes_nothing() -> None:
    before = images(3)
    for moves in (Moves(rotate=90.0), Moves(scale=0.5), Moves(shear=30.0)):
        found = moved(before, moves, np.full((3, len(Draw)), 0.5))
        assert np.array_equal(found, before)
    whole = Moves(resized_crop=(1.0, 1.0, 1.0, 1.0))
    assert np.array_equal(moved(before, whole, draws(3)), before)


def test_a_rotation_turns_by_its_angle() -> None:
    linear, offset = maps(Moves(rotate=40.0), ROTATE=1.0)
    angle = np.degrees(np.arctan2(linear[1, 0], linear[0, 0]))
    assert angle == pytest.approx(40.0) and not offset.any()
    assert linear @ linear.T == pytest.approx(np.eye(2))
    back, _ = maps(Moves(rotate=40.0), ROTATE=0.0)
    assert back @ linear == pytest.approx(np.eye(2))


@pytest.mark.parametrize(("draw", "factor"), [(1.0, 1.5), (0.5, 1.0), (0.0, 1 / 1.5)])
def test_a_scale_makes_larger_or_smaller(draw: float, factor: float) -> None:
    linear, _ = maps(Moves(scale=0.5), SCALE=draw)
    assert linear == pytest.approx(np.eye(2) / factor)


def test_a_shear_keeps_the_area() -> None:
    for across, down in ((0.0, 1.0), (0.9, 0.8), (1.0, 1.0)):
        linear, _ = maps(Moves(shear=45.0), SHEAR_ACROSS=across, SHEAR_DOWN=down)
        assert np.linalg.det(linear) == pytest.approx(1.0)
    linear, _ = maps(Moves(shear=45.0), SHEAR_ACROSS=1.0, SHEAR_DOWN=0.5)
    assert linear == pytest.approx(np.array([[1.0, 1.0], [0.0, 1.0]]))


def test_a_resized_crop_is_a_box_inside_the_image() -> None:
    moves = Moves(resized_crop=(0.2, 0.8, 0.5, 2.0))
    affine = affine_of(moves, draws(500), SIZE)
    sides = affine.linear[:, [0, 1], [0, 1]]
    assert not affine.linear[:, 0, 1].any() and not affine.linear[:, 1, 0].any()
    areas, aspects = sides.prod(axis=1), sides[:, 0] / sides[:, 1]
    whole = (sides < 1.0).all(axis=1)
    assert whole.sum() > 400 and (sides <= 1.0).all()
    assert 0.2 <= areas.min() < 0.23 and 0.75 < areas[whole].max() <= 0.8
    assert 0.5 <= aspects[whole].min() < 0.55 and 1.8 < aspects[whole].max() <= 2.0
    assert np.log(aspects[whole]).mean() == pytest.approx(0.0, abs=0.06)
    size = np.array([60, 40])
    ends = np.abs(affine.offset) + sides * size / 2
    assert (ends <= size / 2 + 1e-9).all() and ends[:, 0].max() > 29.5


def test_copied_and_resampled_moves_are_the_same() -> None:
    """What whole steps copy is what the map says, within the image."""
    before, known = images(30, size=(20, 24)), draws(30)
    for moves in (
        Moves(crop=3, flip=True, flip_vertical=True),
        Moves(shift=4, flip=True, fill=7),
        Moves(shift=2, flip=True, reflect=True),
    ):
        copied = moved(before, moves, known)
        found = moved(before, moves._replace(rotate=90.0), _still(known))
        assert np.array_equal(copied, found)


def _still(known: NDArray[np.float64]) -> NDArray[np.float64]:
    known = known.copy()
    known[:, Draw.ROTATE] = 0.5
    return known


def test_every_move_has_its_place_in_the_order() -> None:
    """Backwards from a pixel: flip, shift and crop, shear, rotation, scale, box."""
    moves = Moves((0.25, 0.25, 1.0, 1.0), 1.0, 90.0, 45.0, 4, 3, True)
    linear, offset = maps(
        moves,
        **{"FLIP": 0.5, "SHIFT_RIGHT": 0.99, "SHIFT_DOWN": 0.0, "CROP_RIGHT": 0.99},
        **{"CROP_DOWN": 0.99, "SHEAR_ACROSS": 1.0, "SHEAR_DOWN": 0.5, "ROTATE": 1.0},
        **{"SCALE": 1.0, "BOX_RIGHT": 0.0, "BOX_DOWN": 1.0, "AREA": 0.1},
        ASPECT=0.3,
    )
    place = np.array([5.0, 2.0])
    step = np.array([-place[0] + 3 + 4, place[1] - 3 + 4])
    step = np.array([[1.0, 1.0], [0.0, 1.0]]) @ step
    step = np.array([[0.0, -1.0], [1.0, 0.0]]) @ step
    step = step / 2
    wanted = step / 2 + [-15.0, 10.0]
    assert linear @ place + offset == pytest.approx(wanted)


def test_pushes_come_on_top() -> None:
    zero, one = np.zeros(1), np.ones(1)
    both = affine_of(
        Moves(rotate=90.0), MIDDLE, SIZE, Pushes(90 * one, zero, zero, 3 * one, zero)
    )
    assert both.linear[0] == pytest.approx(np.array([[0.0, -1.0], [1.0, 0.0]]))
    assert both.offset[0] == pytest.approx([3.0, 0.0])


@pytest.mark.parametrize("channels", [1, 3])
def test_an_upside_down_image_is_so_for_half(channels: int) -> None:
    before, known = images(300, channels, (8, 9)), draws(300)
    found = moved(before, Moves(flip_vertical=True), known)
    turned = known[:, Draw.FLIP_VERTICAL] >= 0.5
    assert 110 < turned.sum() < 190
    assert np.array_equal(found[turned], before[turned, ::-1])
    assert np.array_equal(found[~turned], before[~turned])


def test_the_border_is_level_or_reflection() -> None:
    white, known = np.full((1, 60, 60, 1), 255, np.uint8), draws(1, ROTATE=1.0)
    dark = moved(white, Moves(rotate=45.0, fill=9), known)
    assert dark[0, 0, 0, 0] == dark[0, -1, -1, 0] == 9
    for moves in (Moves(rotate=45.0, reflect=True), Moves(rotate=45.0, crop=2)):
        assert (moved(white, moves, known) == 255).all()
