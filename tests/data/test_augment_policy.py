"""The changes of the policy, each against Pillow's, and how they are drawn."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

from mirada.data.augment_draws import Draw
from mirada.data.augment_policy import CHANGES, changed, pushes_of

Pixels = NDArray[np.uint8]
NAMES = [*CHANGES]


def photo(channels: int = 3, seed: int = 6) -> Pixels:
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:24, 0:32]
    base = (rows * 4 + columns * 2)[..., None]
    levels = np.clip(base + rng.integers(0, 60, (24, 32, channels)), 0, 230)
    return np.asarray(levels, dtype=np.uint8)


def applied(name: str, image: Pixels, amount: float) -> Pixels:
    change = CHANGES[name]
    assert change is not None
    return change(image, amount)


def pillow(image: Pixels) -> Image.Image:
    return Image.fromarray(image if image.shape[2] == 3 else image[..., 0])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("amount", [-1.0, -0.4, 0.3, 1.0])
@pytest.mark.parametrize(
    ("name", "wanted", "off"),
    [
        ("brightness", lambda p, m: ImageEnhance.Brightness(p).enhance(1 + 0.9 * m), 1),
        ("contrast", lambda p, m: ImageEnhance.Contrast(p).enhance(1 + 0.9 * m), 2),
        ("saturation", lambda p, m: ImageEnhance.Color(p).enhance(1 + 0.9 * m), 2),
        ("sharpness", lambda p, m: ImageEnhance.Sharpness(p).enhance(1 + 0.9 * m), 1),
        ("posterize", lambda p, m: ImageOps.posterize(p, 8 - round(4 * abs(m))), 0),
        ("solarize", lambda p, m: ImageOps.solarize(p, round(256 - 256 * abs(m))), 0),
        ("autocontrast", lambda p, m: ImageOps.autocontrast(p), 1),
        ("equalize", lambda p, m: ImageOps.equalize(p), 0),
    ],
)
def test_a_change_is_that_of_pillow(
    name: str, wanted: object, off: int, amount: float, channels: int
) -> None:
    image = photo(channels)
    found = applied(name, image, amount)
    assert callable(wanted)
    theirs = np.asarray(wanted(pillow(image), amount)).reshape(image.shape)
    assert np.abs(found.astype(int) - theirs.astype(int)).max() <= off


@pytest.mark.parametrize("name", [n for n, change in CHANGES.items() if change])
def test_an_image_of_one_level_is_survived(name: str) -> None:
    flat = np.full((8, 9, 3), 77, np.uint8)
    found = applied(name, flat, 0.2)
    assert found.shape == flat.shape and (found == found[0, 0]).all()


def drawn(first: str, second: str, *much: float) -> NDArray[np.float64]:
    found = np.full((1, len(Draw)), 0.5)
    for name, column in ((first, Draw.FIRST_CHANGE), (second, Draw.SECOND_CHANGE)):
        found[0, column] = (NAMES.index(name) + 0.5) / len(NAMES)
    found[0, Draw.FIRST_STRENGTH], found[0, Draw.SECOND_STRENGTH] = much
    return found


def test_the_first_change_comes_first() -> None:
    image = photo()
    draws = drawn("solarize", "brightness", 1.0, 0.25)
    wanted = applied("brightness", applied("solarize", image, 0.5), -0.25)
    assert np.array_equal(changed(image[None], 0.5, draws)[0], wanted)
    other = drawn("brightness", "solarize", 0.25, 1.0)
    assert not np.array_equal(changed(image[None], 0.5, other)[0], wanted)


def test_moves_are_left_to_the_resampling() -> None:
    image = photo()[None]
    draws = drawn("rotate", "move-down", 1.0, 0.0)
    assert np.array_equal(changed(image, 1.0, draws), image)
    pushes = pushes_of(0.5, draws, (24, 32))
    assert [float(v[0]) for v in pushes] == pytest.approx([15, 0, 0, 0, -0.15 * 24])
    pushes = pushes_of(1.0, drawn("shear-across", "shear-down", 1.0, 0.0), (24, 32))
    assert [float(v[0]) for v in pushes] == pytest.approx([0, 0.3, -0.3, 0, 0])
    pushes = pushes_of(1.0, drawn("move-across", "move-across", 1.0, 0.5), (24, 32))
    assert [float(v[0]) for v in pushes] == pytest.approx([0, 0, 0, 0.3 * 32, 0])
    assert not np.array(
        pushes_of(1.0, drawn("nothing", "equalize", 1, 1), (9, 9))
    ).any()


def test_all_changes_are_drawn_alike() -> None:
    draws = np.random.default_rng(0).random((14_000, len(Draw)))
    places = (draws[:, Draw.FIRST_CHANGE] * len(NAMES)).astype(int)
    assert len(NAMES) == 14 and abs(np.bincount(places) - 1000).max() < 130
