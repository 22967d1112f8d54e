"""One batch by heart: who can, who cannot, and what is said."""

from dataclasses import replace
from typing import Any

import numpy as np

from mirada.data import Dataset
from mirada.network import SGD, CrossEntropy, Dropout, Flatten, Linear, Network
from mirada.training import Plan, Wishes, resolve
from mirada.training.overfit import overfit_batch, without_dropout
from tests.training.example import few_digits, network, plan

FAST: dict[str, Any] = {"threads": 1, "engine": "reference"}


def test_a_network_that_learns() -> None:
    found = overfit_batch(plan())
    assert found.learned and not found.hints
    assert found.correct == found.images == 32
    assert found.loss < 0.05 and found.steps == len(found.losses) < 400
    assert found.losses[0] > found.loss


def test_smoothing_weights_dropout_and_augmentation_do_not_stand_in_the_way() -> None:
    recipe = replace(
        plan().configuration.recipe,
        loss=CrossEntropy(0.5, class_weights=(1.0,) * 9 + (0.001,)),
    )
    layers = (Flatten(), Dropout(0.9), Linear(40), Linear(10))
    hard = replace(
        plan(recipe=recipe).configuration, network=Network("hard", (1, 8, 8), layers)
    )
    found = overfit_batch(replace(plan(), configuration=hard))
    assert found.learned, found.loss


def test_names_stay_without_dropout() -> None:
    before, after = network(), without_dropout(network())
    assert [node.name for node in after.nodes] == [node.name for node in before.nodes]
    rates = [n.layer.p for n in after.nodes if isinstance(n.layer, Dropout)]
    assert rates == [0.0]


def impossible(count: int = 8) -> Plan:
    """Two images that are the same and of different classes."""
    images = np.random.default_rng(0).integers(0, 256, (count, 8, 8, 1), np.uint8)
    images[1::2] = images[::2]
    data = Dataset.of(images, np.arange(count) % 2, ["left", "right"])
    wishes = Wishes(batch_size=count, validation=0.0, test=0.0, **FAST)
    return resolve(data, network(2), wishes)


def test_twins_of_different_classes_are_named() -> None:
    found = overfit_batch(impossible(), steps=60)
    assert not found.learned
    assert "The images 0 and 1 are the same" in str(found.hints[0])


def test_images_that_are_all_alike_are_told() -> None:
    images = np.full((6, 8, 8, 1), 7, np.uint8)
    data = Dataset.of(images, [0, 1] * 3, ["a", "b"])
    wishes = Wishes(batch_size=6, validation=0.0, test=0.0, **FAST)
    found = overfit_batch(resolve(data, network(2), wishes), steps=10)
    assert any("All images of the batch are the same" in str(x) for x in found.hints)


def with_rate(rate: float) -> Plan:
    wishes = Wishes(
        optimizer=SGD(rate, momentum=0.9), batch_size=32, schedule=None, **FAST
    )
    return plan(wishes=wishes)


def test_a_rate_that_is_too_large_is_tried_smaller() -> None:
    found = overfit_batch(with_rate(1.0), steps=200)
    assert found.learned and found.rate == 0.1


def test_a_loss_that_runs_away_at_any_rate_is_told() -> None:
    layers = (Flatten(), *(Linear(20) for _ in range(5)), Linear(10))
    deep = Network("deep", (1, 8, 8), layers)
    chosen = with_rate(1000.0)
    changed = replace(chosen.configuration, network=deep)
    wild = overfit_batch(replace(chosen, configuration=changed), steps=30)
    assert not wild.learned and not np.isfinite(wild.loss)
    assert "runs away even at a learning rate of" in str(wild.hints[0])


def test_a_rate_that_is_too_small_is_told() -> None:
    slow = overfit_batch(with_rate(1e-9), steps=20)
    assert not slow.learned and "stands still" in str(slow.hints[0])
    falling = overfit_batch(with_rate(3e-2), steps=8)
    assert not falling.learned and "still falling" in str(falling.hints[0])


def test_the_data_is_the_first_batch_of_the_run() -> None:
    found = overfit_batch(plan(data=few_digits(60)), steps=3)
    assert found.images == 32 and found.steps == 3
