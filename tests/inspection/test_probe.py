"""Linear probes: all of what lies apart, chance of what does not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.errors import UsageError
from mirada.inspection.probe import Probe, chance, pooled, probe, probe_layers
from mirada.network import Conv2d, Flatten, Linear, ReLU
from tests.inspection.hand_made import held, noise
from tests.refusal import refuses


def labels(count: int, classes: int = 4) -> NDArray[np.int64]:
    return np.random.default_rng(3).integers(0, classes, count)


def test_what_a_plane_separates_is_all_right() -> None:
    truth = labels(300)
    rows = noise(300, 20)
    rows[:, :4] += 8 * np.eye(4, dtype=np.float32)[truth]
    assert probe(rows, truth).all()


def test_noise_is_about_chance() -> None:
    truth = labels(2000)
    right = probe(noise(2000, 50), truth).mean()
    assert right == pytest.approx(0.25, abs=0.04)


def test_more_features_than_images_do_not_overfit() -> None:
    truth = labels(60, 2)
    assert probe(noise(60, 300), truth).mean() == pytest.approx(0.5, abs=0.2)


def test_what_no_plane_separates_is_not_learned() -> None:
    rows = noise(1000, 2)
    truth = ((rows[:, 0] > 0) ^ (rows[:, 1] > 0)).astype(np.int64)
    assert probe(rows, truth).mean() < 0.6
    product = rows[:, :1] * rows[:, 1:]
    assert probe(np.sign(product), truth).all()


def test_scale_and_constants_do_not_matter() -> None:
    truth, rows = labels(200), noise(200, 6)
    rows[:, :4] += 2 * np.eye(4, dtype=np.float32)[truth]
    wide = np.concatenate([rows * [1e4, 1, 1e-4, 1, 1, 1] + 7, np.ones((200, 3))], 1)
    assert (probe(rows, truth) == probe(wide, truth)).mean() > 0.99


def test_leaving_one_out_is_exact() -> None:
    """The formula's residuals are those of refits without the row."""
    from mirada.inspection.probe import _left_out

    rows, wanted = noise(12, 3).astype(float), noise(12, 2, seed=5).astype(float)
    rows -= rows.mean(axis=0)
    wanted -= wanted.mean(axis=0)
    penalty = 0.7
    errors = []
    for out in range(12):
        kept = np.delete(np.arange(12), out)
        x, y = rows[kept], wanted[kept]
        mean, offset = x.mean(axis=0), y.mean(axis=0)
        x, y = x - mean, y - offset
        weights = np.linalg.solve(x.T @ x + penalty * np.eye(3), x.T @ y)
        errors.append((wanted[out] - offset - (rows[out] - mean) @ weights) ** 2)
    sizes, vectors = np.linalg.eigh(rows.T @ rows)
    turned = rows @ vectors
    found = _left_out(turned, 1 / (sizes + penalty), turned.T @ wanted, wanted)
    assert found == pytest.approx(float(np.mean(errors)))


def test_maps_are_averaged_to_what_there_is_room_for() -> None:
    values = np.arange(2 * 3 * 5 * 7, dtype=np.float32).reshape(2, 3, 5, 7)
    np.testing.assert_array_equal(pooled(values, 200), values.reshape(2, -1))
    few = pooled(values, 12)
    assert few.shape == (2, 12)
    first = values[:, :, :2, :3].mean(axis=(2, 3))
    np.testing.assert_allclose(few.reshape(2, 3, 2, 2)[:, :, 0, 0], first)


def test_many_channels_go_through_one_projection() -> None:
    values = noise(4, 1000)
    found = pooled(values, 50)
    assert found.shape == (4, 50)
    np.testing.assert_array_equal(found, pooled(values, 50))
    np.testing.assert_allclose(pooled(2 * values, 50), 2 * found, rtol=1e-5)
    lengths = np.linalg.norm(found, axis=1) / np.linalg.norm(values, axis=1)
    np.testing.assert_allclose(lengths, 1, atol=0.4)


def test_the_layers_of_a_network() -> None:
    """Classes by the sign of one pixel times another: only ReLU units can tell."""
    engine = held((1, 4, 4), Conv2d(3, 2), ReLU(), Flatten(), Linear(2))
    images, truth = noise(80, 1, 4, 4), labels(80, 2)
    images[:, 0, 0, 0] += 20 * truth
    found = probe_layers(engine, images, truth, ["input", "conv1", "linear1"])
    assert [(score.layer, score.features) for score in found] == [
        ("input", 16),
        ("conv1", 27),
        ("linear1", 2),
    ]
    assert found[0].accuracy == found[1].accuracy == 1


def test_chance_is_the_commonest_class() -> None:
    assert chance(np.array([2, 2, 0, 2])) == 0.75


@pytest.mark.parametrize("right", [0, 50, 100])
def test_intervals_hold_the_share(right: int) -> None:
    low, high = Probe("a", 1, right, 100).interval
    assert 0 <= low <= right / 100 <= high <= 1 and high - low < 0.21


@pytest.mark.parametrize("truth", [[0, 0, 0], [0, 1], [0, 0, 1]])
def test_too_few_images_are_refused(truth: list[int]) -> None:
    with refuses(UsageError, "probe-images", "two or more", "--data"):
        probe(np.zeros((len(truth), 2)), np.array(truth))
