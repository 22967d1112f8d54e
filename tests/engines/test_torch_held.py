"""A data set that lies on the device: the same images as the processor's."""

from pathlib import Path

import numpy as np
import pytest

from mirada.data import Augmentation, Dataset, Preprocessing, assemble
from mirada.engines.group import Alone
from mirada.training import RunFolder, Wishes, engine_for, train
from tests.training.example import few_digits, files, plan

torch = pytest.importorskip("torch")
held = pytest.importorskip("mirada.engines.torch.held")

SAMPLES = np.array([7, 3, 120, 41, 5])


class Second(Alone):
    """The second of two processes."""

    rank, size = 1, 2


def colours() -> Dataset:
    images = np.random.default_rng(3).integers(0, 256, (130, 6, 7, 3), np.uint8)
    return Dataset.of(images, np.arange(130) % 4, ("a", "b", "c", "d"), name="some")


@pytest.mark.parametrize(
    "text",
    ("none", "flip", "crop 2, flip", "shift 3", "crop 1, shift 2, flip, flip-vertical"),
)
@pytest.mark.parametrize("data", (few_digits(), colours()), ids=("grey", "colour"))
def test_images_are_those_of_the_processor(text: str, data: Dataset) -> None:
    for more in ({}, {"fill": 9}, {"reflect": True}):
        augmentation = Augmentation(**{**vars(Augmentation.from_text(text)), **more})
        given = Preprocessing.measured(data.images), augmentation
        images = held.HeldImages(torch.device("cpu"), data, *given, 5)
        batch = images.batch(SAMPLES, 2)
        wanted = assemble(data, SAMPLES, *given, epoch=2, seed=5)
        found = batch.images.contiguous().numpy()
        np.testing.assert_array_equal(found, wanted.images)
        np.testing.assert_array_equal(batch.labels, wanted.labels)


def test_other_draws_are_other_images() -> None:
    data, moved = few_digits(), Augmentation(shift=2)
    images = held.HeldImages(
        torch.device("cpu"), data, Preprocessing.measured(data.images), moved, 5
    )
    one, other = (images.changed(SAMPLES, epoch) for epoch in (2, 3))
    assert bool((one != other).any())


def test_a_rank_has_its_share() -> None:
    data = few_digits()
    given = data, Preprocessing.measured(data.images), Augmentation(flip=True)
    whole = held.HeldImages(torch.device("cpu"), *given, 5).batch(SAMPLES, 0)
    share = held.HeldImages(torch.device("cpu"), *given, 5, Second()).batch(SAMPLES, 0)
    assert bool((share.images == whole.images[2:]).all())
    np.testing.assert_array_equal(share.labels, whole.labels)


@pytest.mark.parametrize(
    ("text", "free", "words", "is_ahead"),
    (
        ("flip", 10**9, "all images lie on the device (0 MiB of 953 MiB", False),
        ("flip", 20_000, "of its memory 0 MiB are free", True),
        ("rotate 5", 10**9, "it does not know this augmentation", True),
        ("mixup 0.2", 10**9, "it does not know this augmentation", True),
    ),
)
def test_the_way_is_told_with_its_reason(
    text: str,
    free: int,
    words: str,
    is_ahead: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held, "free_bytes", lambda device: free)
    data, device = few_digits(), torch.device("cpu")
    given = Preprocessing.measured(data.images), Augmentation.from_text(text), 0
    found = held.feeder_for(device, data, *given, lambda *asked: None)
    assert words in str(found.why)
    assert found.is_ahead is is_ahead


def test_training_on_them_ends_in_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes = Wishes(epochs=2, batch_size=64, threads=1, engine="torch", device="cpu")
    of = plan(wishes=wishes, augmentation=Augmentation(shift=1, flip=True))
    ends = []
    for free in (None, 10**9):
        monkeypatch.setattr(held, "free_bytes", lambda device, free=free: free)
        with RunFolder.new(tmp_path / f"{free}") as folder:
            train(of, engine_for(of.configuration), folder)
        ends.append(files(tmp_path / f"{free}"))
    assert ends[0] == ends[1]


def test_the_processor_needs_no_second_copy() -> None:
    data = few_digits()
    given = Preprocessing.measured(data.images), Augmentation(), 0
    found = held.feeder_for(torch.device("cpu"), data, *given, lambda *asked: None)
    assert found.why is None
