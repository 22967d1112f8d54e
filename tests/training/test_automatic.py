import os

import pytest

from mirada.data import Augmentation, load
from mirada.network import Constant, Cosine, OneCycle
from mirada.training import automatic


@pytest.mark.parametrize(
    ("images", "epochs"),
    [(1, 40), (1259, 40), (32_000, 25), (54_000, 15), (10**7, 5)],
)
def test_epochs(images: int, epochs: int) -> None:
    found = automatic.epochs(images)
    assert found.value == epochs
    assert f"{images} training images are seen {epochs} times" in str(found.reason)


@pytest.mark.parametrize(("images", "epochs"), [(420, 150), (3000, 25), (10**6, 10)])
def test_large_images_are_seen_less_often_in_all(images: int, epochs: int) -> None:
    assert automatic.epochs(images, 64).value == epochs


def test_batches_are_smaller_for_few_images() -> None:
    assert automatic.batch_size(4999).value == 32
    assert automatic.batch_size(5000).value == 64
    assert "4999 images" in str(automatic.batch_size(4999).reason)


def test_patience_is_for_schedules_that_do_not_fall_at_the_end() -> None:
    for plan in (OneCycle(), Cosine()):
        assert automatic.patience(plan).value is None
    assert automatic.patience(Constant()).value == 10


def test_augmentation_is_for_few_images() -> None:
    data = load("digits")
    few, many = (automatic.augmentation(data, count) for count in (1259, 20_000))
    assert few.value == Augmentation(shift=1)
    assert "No flip" in str(few.reason) and "Shift by up to 1" in str(few.reason)
    assert many.value.is_nothing and "20000 images are enough" in str(many.reason)


def test_threads_are_the_processors_of_this_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 5, 7}, raising=False)
    assert automatic.threads().value == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert automatic.threads().value == 16
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert automatic.threads().value == 1


def test_every_choice_has_a_reason() -> None:
    for choice in (automatic.optimizer(), automatic.schedule(), automatic.threads()):
        assert len(str(choice.reason)) > 10
