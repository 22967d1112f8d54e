"""Batches are the same bytes however they are cut."""

import numpy as np
import pytest

from mirada.data.augment import Augmentation
from mirada.data.batches import assemble, batches, epoch_order
from mirada.data.preprocessing import Preprocessing
from mirada.data.sources import load
from mirada.data.split import divide
from mirada.errors import DataError
from tests.refusal import refuses


def test_every_epoch_has_its_own_order_of_all_samples() -> None:
    samples = np.arange(100, 200)
    orders = [epoch_order(samples, 3, epoch) for epoch in range(3)]
    for order in orders:
        assert sorted(order.tolist()) == list(range(100, 200))
    assert not np.array_equal(orders[0], orders[1])
    assert np.array_equal(orders[2], epoch_order(samples, 3, 2))
    assert not np.array_equal(orders[0], epoch_order(samples, 4, 0))


def test_batches_hold_all_that_is_left() -> None:
    found = batches(np.arange(10), 4)
    assert [batch.tolist() for batch in found] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
    ]
    assert batches(np.arange(0), 4) == []
    with refuses(DataError, "batches-of-none", "a whole number from 1; got 0"):
        batches(np.arange(3), 0)


@pytest.mark.parametrize("augmentation", [None, Augmentation(shift=1)])
def test_the_size_of_the_batch_does_not_matter(
    augmentation: Augmentation | None,
) -> None:
    data = load("digits")
    split = divide(data)
    to = Preprocessing.measured(data.images[split.train])
    order = epoch_order(split.train, 0, 5)[:100]
    cut = {}
    for size in (1, 7, 64, 100):
        made = [
            assemble(data, batch, to, augmentation, epoch=5, seed=0)
            for batch in batches(order, size)
        ]
        images = np.concatenate([images for images, _ in made])
        assert np.concatenate([labels for _, labels in made]).dtype == np.int64
        cut[size] = images.tobytes()
    assert len(set(cut.values())) == 1


def test_images_come_as_the_engine_takes_them() -> None:
    data = load("digits")
    to = Preprocessing((8, 8), 1, mean=(0.5,), std=(0.5,))
    images, labels = assemble(data, np.array([5, 0]), to)
    assert images.shape == (2, 1, 8, 8) and images.dtype == np.float32
    assert images.flags.c_contiguous and images.flags.writeable
    assert labels.tolist() == [5, 0]
    wanted = data.images[5, :, :, 0] / 127.5 - 1
    assert np.allclose(images[0, 0], wanted, atol=1e-6)


def test_augmentation_changes_images_and_not_the_dataset() -> None:
    data = load("digits")
    before = data.fingerprint
    to = Preprocessing((8, 8), 1)
    samples = np.arange(50)
    plain, _ = assemble(data, samples, to)
    moved, _ = assemble(data, samples, to, Augmentation(shift=1, flip=True))
    assert not np.array_equal(plain, moved)
    assert load("digits").fingerprint == before
    assert np.array_equal(assemble(data, samples, to)[0], plain)
