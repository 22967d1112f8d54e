"""Batches are the same bytes however they are cut."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.data.ahead import Ahead
from mirada.data.augment import Augmentation
from mirada.data.augment_mixing import partners
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
        images = np.concatenate([batch.images for batch in made])
        assert np.concatenate([batch.labels for batch in made]).dtype == np.int64
        assert not any(batch.mixing for batch in made)
        cut[size] = images.tobytes()
    assert len(set(cut.values())) == 1


def test_images_come_as_the_engine_takes_them() -> None:
    data = load("digits")
    to = Preprocessing((8, 8), 1, mean=(0.5,), std=(0.5,))
    images, labels, mixing = assemble(data, np.array([5, 0]), to)
    assert mixing is None
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
    plain = assemble(data, samples, to)
    moved = assemble(data, samples, to, Augmentation(shift=1, flip=True))
    assert not np.array_equal(plain.images, moved.images)
    assert load("digits").fingerprint == before
    assert np.array_equal(assemble(data, samples, to).images, plain.images)


@pytest.mark.parametrize("text", ["mixup 0.4", "rotate 20, cutmix 1, mixup 0.4"])
def test_a_batch_is_mixed_in_itself(text: str) -> None:
    data, to = load("digits"), Preprocessing((8, 8), 1, mean=(0.5,), std=(0.5,))
    change, samples = Augmentation.from_text(text), np.arange(20, 33)
    found = assemble(data, samples, to, change, epoch=2, seed=3)
    assert found.images.flags.c_contiguous and found.mixing is not None
    plain = to.normalize(change.apply(data.images[samples], samples, 2, 3))
    others = partners(samples, 2, 3)
    assert np.array_equal(found.mixing.labels, data.labels[samples][others])
    for image, own, other in zip(found.images, plain, plain[others], strict=True):
        between = np.minimum(own, other) - 1e-6 <= image
        assert (between & (image <= np.maximum(own, other) + 1e-6)).all()
    backwards = assemble(data, samples[::-1], to, change, epoch=2, seed=3)
    assert np.array_equal(backwards.images[::-1], found.images)
    assert backwards.mixing is not None
    assert np.array_equal(backwards.mixing.shares[::-1], found.mixing.shares)
    assert np.array_equal(backwards.mixing.labels[::-1], found.mixing.labels)


def test_who_makes_a_batch_does_not_matter() -> None:
    data, to = load("digits"), Preprocessing((8, 8), 1)
    change = Augmentation.from_text("rotate 20, jitter 0.2, noise 0.1, mixup 0.4")
    order = batches(epoch_order(np.arange(300), 1, 0), 32)

    def make(samples: NDArray[np.int64]) -> bytes:
        found = assemble(data, samples, to, change, seed=1)
        assert found.mixing is not None
        return found.images.tobytes() + found.mixing.shares.tobytes()

    wanted = [make(samples) for samples in order]
    for threads in (1, 3):
        with Ahead(make, order, threads) as made:
            assert [*made] == wanted
