"""Copies that are resized or recompressed are found; other images are left apart."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mirada.data import likeness
from mirada.data.likeness import image_hashes, near_pairs, shrink
from mirada.data.sources import load
from tests.data.copied import photo, recompressed
from tests.shared import shared_data

Change = Callable[[Image.Image], Image.Image]

COPIES: dict[str, Change] = {
    "half": lambda image: image.resize((60, 45), Image.Resampling.LANCZOS),
    "double": lambda image: image.resize((240, 180), Image.Resampling.BICUBIC),
    "square": lambda image: image.resize((64, 64)),
    "quality 75": lambda image: recompressed(image, 75),
    "quality 30": lambda image: recompressed(image, 30),
    "half, quality 50": lambda image: recompressed(image.resize((60, 45)), 50),
    "grey": lambda image: image.convert("L"),
}
OTHERS: dict[str, Change] = {
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "upside down": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "cut": lambda image: image.crop((15, 10, 105, 80)),
    "negative": lambda image: image.point(lambda level: 255 - level),
}


def small(images: list[Image.Image]) -> NDArray[np.uint8]:
    """The small grey levels of images of any size."""
    arrays = [
        np.asarray(image).reshape(image.height, image.width, -1) for image in images
    ]
    return np.concatenate([shrink(array[None]) for array in arrays])


def pairs_of(change: Change, count: int = 40) -> set[tuple[int, int]]:
    """The pairs among `count` photos and a changed copy of each."""
    photos = [photo(number) for number in range(count)]
    found = near_pairs(small(photos + [change(image) for image in photos]))
    return {(int(first), int(second)) for first, second in found}


@pytest.mark.parametrize("name", COPIES)
def test_every_copy_is_found_and_nothing_else(name: str) -> None:
    assert pairs_of(COPIES[name]) == {(n, n + 40) for n in range(40)}


@pytest.mark.parametrize("name", OTHERS)
def test_another_image_is_no_copy(name: str) -> None:
    assert pairs_of(OTHERS[name]) == set()


def test_a_planted_fault_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "_LEAST_LIKENESS", 0.99999)
    monkeypatch.setattr(likeness, "_MOST_APART", 2e-5)
    assert len(pairs_of(COPIES["quality 30"])) < 40


def test_what_is_found_is_what_comparing_all_would_find() -> None:
    drawn = np.random.default_rng(5)
    base = small([photo(number) for number in range(60)]).astype(np.float64)
    noisy = base[drawn.integers(0, 60, 300)] + drawn.normal(0, 1.5, (300, 24, 24))
    images = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    flat = images.reshape(300, -1) - images.reshape(300, -1).mean(1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    wanted = np.argwhere(np.triu(flat @ flat.T >= 0.995, 1))
    wanted_pairs, found = {*map(tuple, wanted)}, {*map(tuple, near_pairs(images))}
    assert len(wanted_pairs) > 100
    assert found <= wanted_pairs and len(found) >= 0.98 * len(wanted_pairs)


def test_crowds_are_compared_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    same = np.repeat(small([photo(1)]), 200, axis=0)
    assert len(near_pairs(same)) == 200 * 199 // 2
    monkeypatch.setattr(likeness, "_MOST_LOOKED_UP", 1)
    assert 100 < len(near_pairs(same)) < 200 * 199 // 2


def test_flat_images_and_none_have_no_pairs() -> None:
    assert near_pairs(np.full((5, 24, 24), 7, dtype=np.uint8)).shape == (0, 2)
    assert near_pairs(np.empty((0, 24, 24), dtype=np.uint8)).shape == (0, 2)


def test_the_hash_of_a_copy_differs_little() -> None:
    image = photo(3)
    one, copy, other = image_hashes(
        small([image, COPIES["half, quality 50"](image), photo(4)])
    )
    assert np.bitwise_count(one ^ copy) <= 6 < 16 < np.bitwise_count(one ^ other)


def test_shrinking_keeps_grey_levels() -> None:
    levels = np.arange(4, dtype=np.uint8)[:, None, None, None] * 80
    images = np.broadcast_to(levels, (4, 31, 77, 3))
    assert (shrink(images) == levels[..., 0]).all()


def test_few_digits_are_taken_for_copies() -> None:
    data = load(shared_data("mnist"))
    pairs = near_pairs(shrink(data.images[:20_000]))
    assert len(pairs) <= 2  # of 200 million; see docs/interfaces.md


def test_flowers_have_one_true_pair() -> None:
    data = load(shared_data("flowers"), size=96, channels=3)
    found = [
        {data.names[place] for place in pair}
        for pair in near_pairs(shrink(data.images))
    ]
    names = ("17161833794_e1d92259d2_m.jpg", "18304194360_2a4a0be631_m.jpg")
    assert found == [{f"dandelion/{name}" for name in names}]
