"""Mixed batches: shares of Beta, partners in a ring, and labels to match."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.data.augment_mixing import beta, mixed, partners

IMAGES = np.random.default_rng(0).normal(size=(9, 3, 12, 10)).astype(np.float32)
LABELS = np.arange(9) % 4
SAMPLES = np.array([70, 3, 15, 8, 200, 41, 5, 99, 12])


@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.5, 1.0, 2.0, 10.0])
def test_shares_are_of_beta(alpha: float) -> None:
    """The moments of Beta(a, a): 1/2, and 1/4 / (2a + 1) about it."""
    draws = (np.arange(200_000) + 0.5) / 200_000
    found = beta(alpha, draws)
    assert (np.diff(found) >= 0).all() and 0 <= found[0] <= found[-1] <= 1
    assert found.mean() == pytest.approx(0.5, abs=1e-4)
    assert found.var() == pytest.approx(0.25 / (2 * alpha + 1), rel=2e-3)
    fourth = ((found - 0.5) ** 4).mean() * 16
    assert fourth == pytest.approx(3 / ((2 * alpha + 1) * (2 * alpha + 3)), rel=4e-3)


def test_beta_of_one_and_two_can_be_worked_by_hand() -> None:
    draws = np.linspace(0.0, 0.999, 101)
    assert beta(1.0, draws) == pytest.approx(draws, abs=1e-6)
    shares = beta(2.0, draws)
    assert 3 * shares**2 - 2 * shares**3 == pytest.approx(draws, abs=1e-5)
    half = beta(0.5, draws)
    assert np.sin(np.pi * draws / 2) ** 2 == pytest.approx(half, abs=1e-4)


@given(
    samples=st.lists(st.integers(0, 10**6), min_size=1, max_size=12, unique=True),
    epoch=st.integers(0, 500),
    seed=st.integers(0, 2**32 - 1),
)
def test_partners_are_of_the_samples_in_any_order(
    samples: list[int], epoch: int, seed: int
) -> None:
    batch = np.array(samples)
    found = partners(batch, epoch, seed)
    assert sorted(found.tolist()) == [*range(len(batch))]
    assert len(batch) == 1 or (found != np.arange(len(batch))).all()
    turned = batch[::-1].copy()
    known = dict(zip(batch.tolist(), batch[found].tolist(), strict=True))
    for sample, other in zip(
        turned, turned[partners(turned, epoch, seed)], strict=True
    ):
        assert known[int(sample)] == int(other)


def test_partners_change_with_the_epoch() -> None:
    found = {tuple(partners(SAMPLES, epoch, 0).tolist()) for epoch in range(20)}
    assert len(found) > 15


def test_mixup_is_a_mean_of_two() -> None:
    found, mixing = mixed(
        IMAGES, LABELS, SAMPLES, mixup=0.4, cutmix=0.0, epoch=3, seed=1
    )
    others = partners(SAMPLES, 3, 1)
    assert np.array_equal(mixing.labels, LABELS[others])
    assert mixing.shares.dtype == np.float32 and found.dtype == np.float32
    share = mixing.shares[:, None, None, None]
    wanted = (1 - share) * IMAGES + share * IMAGES[others]
    assert np.abs(found - wanted).max() < 1e-6
    assert len(set(mixing.shares.tolist())) == 9


def test_cutmix_is_a_box_of_the_other() -> None:
    shares = []
    for epoch in range(40):
        found, mixing = mixed(
            IMAGES, LABELS, SAMPLES, mixup=0.0, cutmix=1.0, epoch=epoch, seed=1
        )
        theirs = IMAGES[partners(SAMPLES, epoch, 1)]
        for image, own, other, share in zip(
            found, IMAGES, theirs, mixing.shares, strict=True
        ):
            box = (image == other).all(axis=0)
            assert np.array_equal(image[:, ~box], own[:, ~box])
            rows, columns = box.any(axis=1), box.any(axis=0)
            assert box.sum() == rows.sum() * columns.sum()
            assert share == np.float32(box.mean())
            shares.append(float(share))
    assert 0.15 < np.mean(shares) < 0.5 and max(shares) > 0.8


def test_both_take_turns() -> None:
    found, mixing = mixed(
        IMAGES, LABELS, SAMPLES, mixup=1.0, cutmix=1.0, epoch=0, seed=4
    )
    others = IMAGES[partners(SAMPLES, 0, 4)]
    boxes = ((found == IMAGES) | (found == others)).all(axis=(1, 2, 3))
    assert 1 <= boxes.sum() <= 8
    assert mixing.shares.shape == (9,)


def test_an_image_alone_is_mixed_with_itself() -> None:
    one = slice(0, 1)
    found, mixing = mixed(
        IMAGES[one], LABELS[one], SAMPLES[one], mixup=0.2, cutmix=0.0, epoch=0, seed=0
    )
    assert np.allclose(found, IMAGES[one], atol=1e-6)
    assert mixing.labels.tolist() == [LABELS[0]]
