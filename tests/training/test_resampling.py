"""Batches by compiled code have the bytes of the law, and know when they cannot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.data import Augmentation, Dataset, Preprocessing, assemble
from mirada.data.augment_resampling import Ways
from mirada.errors import InternalError
from mirada.training.feed import resample
from mirada.training.resampling import CompiledResampler, compiled_resampler
from tests.refusal import refuses


def photos(count: int, height: int, width: int, channels: int) -> Dataset:
    noise = np.random.default_rng(count)
    shape = (count, height, width, channels)
    return Dataset(
        name="noise",
        images=noise.integers(0, 256, shape, dtype=np.uint8),
        labels=np.arange(count) % 2,
        classes=("a", "b"),
        names=tuple(map(str, range(count))),
    )


def prepared(data: Dataset) -> Preprocessing:
    _, height, width, channels = data.images.shape
    return Preprocessing((height, width), channels, mean=(0.45,), std=(0.23,))


WORDS = (
    "resized-crop 0.08 1, flip",
    "resized-crop 0.3 1, flip, fill 77",
    "resized-crop 0.3 1, shift 3, flip-vertical, reflect",
    "scale 0.4, fill 200",
    "scale 0.4, crop 4, mixup 0.3",
)


@settings(max_examples=25, deadline=None)
@given(
    words=st.sampled_from(WORDS),
    size=st.sampled_from(((48, 48), (49, 51), (50, 61))),
    channels=st.sampled_from((1, 3)),
    epoch=st.integers(0, 99),
)
def test_the_bytes_are_those_of_the_law(
    words: str, size: tuple[int, int], channels: int, epoch: int
) -> None:
    data = photos(9, *size, channels)
    augmentation, samples = Augmentation.from_text(words), np.array([3, 8, 0, 5])
    seen: list[Ways] = []

    def watched(images: object, ways: Ways, preprocessing: Preprocessing) -> object:
        seen.append(ways)
        return resample(images, ways, preprocessing)  # type: ignore[arg-type]

    given_ = (data, samples, prepared(data), augmentation)
    plain = assemble(*given_, epoch=epoch, seed=5)
    compiled = assemble(*given_, epoch=epoch, seed=5, resampler=watched)  # type: ignore[arg-type]
    assert len(seen) == 1
    assert compiled.images.tobytes() == plain.images.tobytes()
    assert compiled.images.flags.c_contiguous
    assert compiled.labels.tolist() == plain.labels.tolist()


def test_more_images_than_the_code_takes_at_once() -> None:
    data = photos(150, 48, 48, 1)
    samples, augmentation = np.arange(150), Augmentation.from_text(WORDS[1])
    given_ = (data, samples, prepared(data), augmentation)
    plain = assemble(*given_, epoch=1, seed=0)
    compiled = assemble(*given_, epoch=1, seed=0, resampler=resample)
    assert compiled.images.tobytes() == plain.images.tobytes()


@pytest.mark.parametrize(
    "words",
    (
        "resized-crop 0.3 1, rotate 5",
        "resized-crop 0.3 1, brightness 0.2",
        "resized-crop 0.3 1, cutout 0.2",
        "scale 0.2, randaugment 0.3",
        "flip, shift 2",
        "mixup 0.2",
    ),
)
def test_what_is_more_than_rows_and_columns_is_not_asked_for(words: str) -> None:
    def never(images: object, ways: object, preprocessing: object) -> None:
        raise AssertionError(words)

    data, samples = photos(4, 48, 48, 3), np.arange(4)
    given_ = (data, samples, prepared(data), Augmentation.from_text(words))
    plain = assemble(*given_, epoch=1, seed=0)
    same = assemble(*given_, epoch=1, seed=0, resampler=never)  # type: ignore[arg-type]
    assert same.images.tobytes() == plain.images.tobytes()


def test_small_images_are_left_to_the_law() -> None:
    augmentation = Augmentation.from_text(WORDS[0])
    assert augmentation.ways((47, 48), np.arange(3), 0, 0) is None
    assert augmentation.ways((48, 48), np.arange(3), 0, 0) is not None


def test_places_outside_of_an_image_are_never_read() -> None:
    data = photos(3, 48, 50, 3)
    ways = Augmentation.from_text(WORDS[0]).ways((48, 50), np.arange(3), 0, 0)
    assert ways is not None
    run = compiled_resampler((48, 50), 3)
    assert isinstance(run, CompiledResampler)
    run(data.images, ways, prepared(data))
    for value in (-1, 49):
        wrong = ways.rows.first.copy()
        wrong[2, 7] = value
        changed = ways._replace(rows=ways.rows._replace(first=wrong))
        with refuses(InternalError, "resampling-table", "'rows.first'"):
            run(data.images, changed, prepared(data))
    short = ways._replace(columns=ways.rows)
    with refuses(InternalError, "resampling-table", "images of 48x50"):
        run(data.images, short, prepared(data))
