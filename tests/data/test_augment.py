"""Random changes that depend on seed, epoch and sample, and on nothing else."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.data import augment, augment_geometry, augment_resampling
from mirada.data.augment import Augmentation
from mirada.data.augment_draws import draw
from mirada.errors import ConfigurationError
from mirada.randomness import Purpose, uniform
from tests.refusal import refuses

ALL = Augmentation(shift=2, crop=3, flip=True, fill=9)


def drawn(count: int, side: int = 8, channels: int = 1) -> NDArray[np.uint8]:
    """So many images without two equal neighbours."""
    shape = (count, side, side + 1, channels)
    return np.random.default_rng(4).integers(0, 256, shape, dtype=np.uint8)


def shifted(
    image: NDArray[np.uint8], down: int, right: int, fill: int
) -> NDArray[np.uint8]:
    """One image moved by hand."""
    out = np.full_like(image, fill)
    h, w, _ = image.shape
    for y in range(h):
        for x in range(w):
            if 0 <= y - down < h and 0 <= x - right < w:
                out[y, x] = image[y - down, x - right]
    return out


@pytest.mark.parametrize("channels", [1, 3])
def test_a_shift_moves_the_image_over_its_fill(channels: int) -> None:
    images = drawn(200, channels=channels)
    found = Augmentation(shift=1, fill=9).apply(images, list(range(200)), 0, 0)
    seen = set()
    for image, moved in zip(images, found, strict=True):
        where = [
            (down, right)
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
            if np.array_equal(moved, shifted(image, down, right, 9))
        ]
        assert len(where) == 1
        seen.add(where[0])
    assert len(seen) == 9


@pytest.mark.parametrize("channels", [1, 3])
def test_a_crop_cuts_from_the_reflected_image(channels: int) -> None:
    images = drawn(200, channels=channels)
    found = Augmentation(crop=2).apply(images, list(range(200)), 3, 1)
    seen = set()
    for image, cut in zip(images, found, strict=True):
        around = np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="reflect")
        h, w, _ = image.shape
        where = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if np.array_equal(cut, around[y : y + h, x : x + w])
        ]
        assert len(where) == 1
        seen.add(where[0])
    assert len(seen) == 25


@pytest.mark.parametrize("channels", [1, 3])
def test_a_flip_exchanges_left_and_right_of_about_half(channels: int) -> None:
    images = drawn(400, channels=channels)
    before = images.copy()
    found = Augmentation(flip=True).apply(images, list(range(400)), 0, 0)
    turned = np.array(
        [
            np.array_equal(new, old[:, ::-1])
            for new, old in zip(found, images, strict=True)
        ]
    )
    kept = np.array(
        [np.array_equal(new, old) for new, old in zip(found, images, strict=True)]
    )
    assert (turned ^ kept).all()
    assert 160 <= turned.sum() <= 240  # 200 expected, four deviations of 10
    assert np.array_equal(images, before)


@given(
    samples=st.lists(st.integers(0, 5000), min_size=1, max_size=12, unique=True),
    epoch=st.integers(0, 1000),
    seed=st.integers(0, 2**32 - 1),
    cut=st.integers(0, 12),
)
def test_the_batch_does_not_matter(
    samples: list[int], epoch: int, seed: int, cut: int
) -> None:
    images = drawn(len(samples))
    whole = ALL.apply(images, samples, epoch, seed)
    parts = [
        ALL.apply(images[where], samples[where], epoch, seed)
        for where in (slice(cut), slice(cut, None))
    ]
    assert np.array_equal(np.concatenate(parts), whole)
    backwards = ALL.apply(images[::-1], samples[::-1], epoch, seed)
    assert np.array_equal(backwards[::-1], whole)


def test_a_planted_draw_of_the_batch_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Draws that depend on the place in the batch: the property no longer holds."""

    def planted(seed: int, epoch: int, samples: Any, count: int) -> Any:
        return draw(seed, epoch, np.arange(len(samples)), count)

    check = test_the_batch_does_not_matter.hypothesis.inner_test  # type: ignore[attr-defined]
    check(samples=[5, 9, 2, 7], epoch=0, seed=0, cut=2)
    monkeypatch.setattr(augment, "draw", planted)
    with pytest.raises(AssertionError):
        check(samples=[5, 9, 2, 7], epoch=0, seed=0, cut=2)


def test_seed_epoch_and_sample_matter() -> None:
    images = np.repeat(drawn(1), 60, axis=0)
    first = ALL.apply(images, list(range(60)), 0, 0)
    assert not np.array_equal(first, ALL.apply(images, list(range(60)), 1, 0))
    assert not np.array_equal(first, ALL.apply(images, list(range(60)), 0, 1))
    assert not np.array_equal(first, ALL.apply(images, list(range(1, 61)), 0, 0))
    assert len(np.unique(first.reshape(60, -1), axis=0)) > 40


@pytest.mark.parametrize("sample", [0, 1, 70_000])
def test_each_draw_has_its_use(sample: int) -> None:
    image = drawn(1, channels=3)[0]
    u = uniform(5, Purpose.AUGMENT, 5, epoch=2, sample=sample)
    y, x, down, right = (u[:4] * [7, 7, 5, 5]).astype(int)
    around = np.pad(image, ((3, 3), (3, 3), (0, 0)), mode="reflect")
    cut = around[y : y + image.shape[0], x : x + image.shape[1]]
    moved = shifted(cut, 2 - down, 2 - right, 9)
    wanted = moved[:, ::-1] if u[4] >= 0.5 else moved
    assert np.array_equal(ALL.apply(image[None], [sample], 2, 5)[0], wanted)


def test_nothing_to_do_gives_the_images_themselves() -> None:
    images = drawn(2)
    assert Augmentation().is_nothing and not ALL.is_nothing
    assert Augmentation(fill=7).apply(images, [0, 1], 0, 0) is images
    assert len(ALL.apply(images[:0], [], 0, 0)) == 0


def test_images_too_small_to_move_are_refused() -> None:
    words = ("Images of 3x4 cannot be moved by 3 pixels", "below 3")
    with refuses(ConfigurationError, "augmentation-too-large", *words):
        Augmentation(crop=3).apply(drawn(1, 3), [0], 0, 0)


def test_it_goes_into_json_and_back() -> None:
    assert Augmentation.from_dict(json.loads(json.dumps(ALL.to_dict()))) == ALL


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("shift", -1, "a whole number of pixels from 0 to 64; got -1"),
        ("shift", 1.5, "got 1.5"),
        ("crop", 65, "from 0 to 64; got 65"),
        ("flip", 1, "true or false; got 1"),
        ("fill", 256, "a grey level from 0 to 255; got 256"),
        ("fill", True, "got True"),
        ("rotate", 181, "a number of degrees from 0 to 180; got 181"),
        ("shear", float("nan"), "a number of degrees from 0 to 45; got nan"),
        ("blur", -1.0, "a number of pixels from 0 to 8; got -1.0"),
        ("hue", 0.6, "a number from 0 to 0.5; got 0.6"),
        ("mixup", "0.2", "a number from 0 to 10; got '0.2'"),
        ("grey", True, "a number from 0 to 1; got True"),
        ("reflect", 1, "true or false; got 1"),
        ("resized_crop", [0.0], "the least and the most share of the area"),
        ("resized_crop", [0.5, 0.4], "got [0.5, 0.4]"),
        ("resized_crop", [0.5, 1.0, 2.0], "got [0.5, 1.0, 2.0]"),
        ("resized_crop", [0.5, 1.0, 0.2, 2.0], "from 0.25 to 4"),
        ("resized_crop", 0.5, "got 0.5"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object, words: str) -> None:
    with refuses(
        ConfigurationError, "augmentation-field", f"Augmentation.{field}", words
    ):
        Augmentation.from_dict({**ALL.to_dict(), field: value})


@pytest.mark.parametrize("values", [None, [], {}, {**ALL.to_dict(), "turn": 1}])
def test_other_fields_are_refused(values: object) -> None:
    words = ("needs shift, crop, flip, fill", "may have resized_crop, scale")
    with refuses(ConfigurationError, "augmentation-fields", *words):
        Augmentation.from_dict(values)


EVERYTHING = Augmentation.from_text(
    "resized-crop 0.3, scale 0.2, rotate 15, shear 5, crop 2, shift 1, flip, "
    "flip-vertical, reflect, fill 9, randaugment 0.7, brightness 0.3, contrast 0.3, "
    "saturation 0.4, hue 0.1, grey 0.3, blur 1, noise 0.05, cutout 0.4, mixup 0.2, "
    "cutmix 1"
)


def test_what_older_runs_wrote_can_be_read() -> None:
    old = {"shift": 0, "crop": 4, "flip": True, "fill": 0}
    assert Augmentation.from_dict(old) == Augmentation(crop=4, flip=True)
    assert Augmentation(crop=4, flip=True).to_dict() == old


def test_everything_goes_into_json_and_back() -> None:
    told = json.loads(json.dumps(EVERYTHING.to_dict()))
    assert Augmentation.from_dict(told) == EVERYTHING
    assert told["resized_crop"] == [0.3, 1.0, 0.75, 4 / 3] and len(told) == 21


@settings(max_examples=25)
@given(
    samples=st.lists(st.integers(0, 3000), min_size=1, max_size=6, unique=True),
    epoch=st.integers(0, 1000),
    seed=st.integers(0, 2**32 - 1),
    cut=st.integers(0, 6),
    side=st.sampled_from((10, 50)),
    channels=st.sampled_from((1, 3)),
)
def test_everything_depends_on_seed_epoch_and_sample_alone(
    samples: list[int], epoch: int, seed: int, cut: int, side: int, channels: int
) -> None:
    images = drawn(len(samples), side, channels)
    before = images.copy()
    whole = EVERYTHING.apply(images, samples, epoch, seed)
    assert whole.shape == images.shape and whole.dtype == np.uint8
    assert np.array_equal(images, before)
    parts = [
        EVERYTHING.apply(images[where], samples[where], epoch, seed)
        for where in (slice(cut), slice(cut, None))
    ]
    assert np.array_equal(np.concatenate(parts), whole)
    backwards = EVERYTHING.apply(images[::-1], samples[::-1], epoch, seed)
    assert np.array_equal(backwards[::-1], whole)
    assert not np.array_equal(EVERYTHING.apply(images, samples, epoch + 1, seed), whole)


WORDS = EVERYTHING.text().split(", ")


@pytest.mark.parametrize("word", [w for w in WORDS if w[:4] not in ("fill", "refl")])
def test_every_word_changes_something(word: str) -> None:
    images = drawn(8, 20, 3)
    one = Augmentation.from_text(word)
    assert not one.is_nothing
    samples, labels = np.arange(8), np.arange(8) % 3
    applied = one.apply(images, samples, 0, 0)
    floats = np.ascontiguousarray(applied.transpose(0, 3, 1, 2), np.float32)
    found, mixing = one.mix(floats, labels, samples, 0, 0)
    assert (mixing is not None) == one.mixes == word.startswith(("mixup", "cutmix"))
    still = np.array_equal(applied, images) and np.array_equal(found, floats)
    assert not still


@pytest.mark.parametrize(
    "word",
    [f"{w.split()[0]} 0" for w in WORDS if len(w.split()) == 2 and w[0] not in "mr"],
)
def test_a_strength_of_nothing_changes_nothing(word: str) -> None:
    nothing, images = Augmentation.from_text(word), drawn(4, 20, 3)
    assert nothing.is_nothing and nothing.text() == "none"
    assert nothing.apply(images, range(4), 0, 0) is images


def test_it_is_heavy_where_it_computes() -> None:
    for light in (
        "none",
        "crop 4, shift 2, flip, flip-vertical, reflect, fill 3",
        "alternating-flip",
    ):
        assert not Augmentation.from_text(light).is_heavy
    for heavy in ("rotate 1", "resized-crop 0.5", "noise 0.1", "mixup 0.2", "grey 1"):
        assert Augmentation.from_text(heavy).is_heavy


ALTERNATING = Augmentation(alternating_flip=True)


@pytest.mark.parametrize("rest", ["", ", crop 1", ", rotate 5", ", scale 0.2"])
def test_alternating_flips_turn_every_image_in_every_second_epoch(rest: str) -> None:
    images, samples = drawn(40, 12, 3), [*range(3, 43)]
    found = Augmentation.from_text(f"alternating-flip{rest}")
    assert Augmentation.from_dict(found.to_dict()) == found
    assert Augmentation.from_text(found.text()) == found
    alone = ALTERNATING.apply(images, samples, 0, 7)
    turned = (alone != images).any(axis=(1, 2, 3))
    assert 5 < turned.sum() < 35, "chance decides in the first epoch"
    mirrored = np.ascontiguousarray(images[:, :, ::-1])
    for epoch in range(4):
        wanted = np.where(
            (turned ^ bool(epoch % 2))[:, None, None, None], mirrored, images
        )
        assert np.array_equal(ALTERNATING.apply(images, samples, epoch, 7), wanted)
    if rest:
        assert not np.array_equal(
            found.apply(images, samples, 0, 7), found.apply(images, samples, 2, 7)
        ), "everything else goes on by chance"


def test_two_ways_to_flip_are_refused() -> None:
    with refuses(ConfigurationError, "augmentation-flips", "Leave one of them out"):
        Augmentation.from_text("flip, alternating-flip")


def test_all_moves_are_one_resampling(monkeypatch: pytest.MonkeyPatch) -> None:
    times = []
    real = augment_resampling.resampled

    def counted(*given: Any) -> Any:
        times.append(len(given[0]))
        return real(*given)

    monkeypatch.setattr(augment_geometry, "resampled", counted)
    EVERYTHING.apply(drawn(5, 20, 3), range(5), 0, 0)
    assert times == [5]
