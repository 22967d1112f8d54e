"""The reference engine: the contract of every engine, and PyTorch's steps."""

from dataclasses import replace

import numpy as np
import pytest

from mirada.engines import Engine, StepResult
from mirada.engines.reference import ReferenceEngine
from mirada.errors import DivergenceError, FileError, UsageError
from mirada.network import (
    SGD,
    AdamW,
    BatchNorm2d,
    Conv2d,
    CrossEntropy,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Optimizer,
    Recipe,
    ReLU,
    Softmax,
)
from mirada.reference import forward, initial_parameters, loss_and_gradients
from tests.peer import peer_optimizer, peer_step, tensors
from tests.refusal import refuses
from tests.strategies import batch, lively_parameters

NETWORK = Network(
    "small",
    (2, 6, 6),
    (
        *(Conv2d(4, 3, padding=1), BatchNorm2d(), ReLU(), MaxPool2d(2)),
        *(Flatten(), Dropout(0.25), Linear(5), Softmax()),
    ),
)
RECIPE = Recipe(optimizer=AdamW(0.01), batch_size=8, seed=11)
OPTIMIZERS = (SGD(0.05), SGD(0.1, 0.0), SGD(0.05, nesterov=True), AdamW(0.01))


def trained(engine: Engine, steps: range) -> list[StepResult]:
    """The engine after these steps, each on a batch of its own."""
    images, labels = batch(NETWORK, 6, 0)
    return [
        engine.train_step(images, labels, step=step, learning_rate=0.02)
        for step in steps
    ]


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    """Whether two sets of arrays have the same names and bytes."""
    return [*first] == [*second] and all(
        first[name].dtype == second[name].dtype
        and first[name].tobytes() == second[name].tobytes()
        for name in first
    )


def test_a_new_engine_holds_the_initial_parameters() -> None:
    engine = ReferenceEngine(NETWORK, RECIPE)
    assert same(engine.parameters(), initial_parameters(NETWORK, 11))
    assert not any(value.any() for value in engine.optimizer_state().values())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_optimizers_state_has_its_names(optimizer: Optimizer) -> None:
    engine = ReferenceEngine(NETWORK, replace(RECIPE, optimizer=optimizer))
    kinds = ["momentum"] if isinstance(optimizer, SGD) else ["mean", "square"]
    if isinstance(optimizer, SGD) and not optimizer.momentum:
        kinds = []
    own = ("conv1", "batchnorm1", "linear1")
    names = [f"{k}.{o}.{p}" for k in kinds for o in own for p in ("weight", "bias")]
    trained(engine, range(1))
    state = engine.optimizer_state()
    assert [*state] == names
    assert all(value.any() and value.dtype == np.float32 for value in state.values())


def test_what_is_given_out_is_a_copy() -> None:
    engine = ReferenceEngine(NETWORK, RECIPE)
    before = engine.parameters()
    for values in (engine.parameters(), engine.optimizer_state()):
        for value in values.values():
            value += 1
    assert same(engine.parameters(), before)
    assert not any(value.any() for value in engine.optimizer_state().values())


@pytest.mark.parametrize("ema", [0.0, 0.75])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_stored_run_ends_in_the_same_bytes(optimizer: Optimizer, ema: float) -> None:
    recipe = replace(RECIPE, optimizer=optimizer, gradient_clip=0.5, ema=ema)
    whole = ReferenceEngine(NETWORK, recipe)
    expected = trained(whole, range(6))
    first, second = ReferenceEngine(NETWORK, recipe), ReferenceEngine(NETWORK, recipe)
    assert trained(first, range(3)) == expected[:3]
    second.load_parameters(first.parameters())
    second.load_optimizer_state(first.optimizer_state())
    assert trained(second, range(3, 6)) == expected[3:]
    assert same(second.parameters(), whole.parameters())
    assert same(second.optimizer_state(), whole.optimizer_state())


def test_training_lowers_the_loss_and_answers_right() -> None:
    results = trained(ReferenceEngine(NETWORK, RECIPE), range(60))
    assert results[-1].loss < results[0].loss / 2
    assert max(result.correct for result in results) == 6


def test_the_step_counts_what_was_right_before_it() -> None:
    network = Network("plain", (5,), (Linear(3),))
    engine = ReferenceEngine(network, RECIPE)
    images, labels = batch(network, 8, 5)
    right = int((engine.predict(images).argmax(axis=1) == labels).sum())
    assert engine.train_step(images, labels, step=0, learning_rate=1).correct == right


def test_training_moves_the_running_statistics() -> None:
    engine = ReferenceEngine(NETWORK, RECIPE)
    before = engine.parameters()
    images, labels = batch(NETWORK, 6, 0)
    engine.gradients(images, labels)
    assert same(engine.parameters(), before)
    trained(engine, range(1))
    moved = engine.parameters()
    for name in ("batchnorm1.running_mean", "batchnorm1.running_var"):
        assert (moved[name] != before[name]).any()


@pytest.mark.parametrize("count", [0, 1, 8, 19])
def test_prediction_takes_any_number_of_images(count: int) -> None:
    engine = ReferenceEngine(NETWORK, RECIPE)
    images, _ = batch(NETWORK, count, 3)
    found = engine.predict(images)
    assert found.shape == (count, 5)
    assert found.dtype == np.float32
    exact = forward(NETWORK, engine.parameters(), images)["softmax1"]
    assert np.array_equal(found, exact.astype(np.float32))
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)


def test_gradients_are_the_references() -> None:
    engine = ReferenceEngine(NETWORK, RECIPE)
    parameters = lively_parameters(NETWORK, 2)
    engine.load_parameters(parameters)
    images, labels = batch(NETWORK, 5, 4)
    loss, found = engine.gradients(images, labels, step=9)
    exact = loss_and_gradients(
        NETWORK, CrossEntropy(), parameters, images, labels, seed=11, step=9
    )
    assert loss == exact.loss
    rounded = {name: g.astype(np.float32) for name, g in exact.gradients.items()}
    assert same(found, rounded)
    _, other = engine.gradients(images, labels, step=10)
    assert not same(found, other)


@pytest.mark.parametrize("optimizer", [SGD(0.05, 0.9), AdamW(0.01, epsilon=1e-4)])
@pytest.mark.parametrize(("steps", "relative"), [(1, 5e-6), (20, 5e-4)])
def test_pytorch_takes_the_same_steps(
    optimizer: Optimizer, steps: int, relative: float
) -> None:
    engine = ReferenceEngine(NETWORK, replace(RECIPE, optimizer=optimizer))
    theirs = tensors(NETWORK, engine.parameters())
    peer = peer_optimizer(optimizer, [p for p in theirs.values() if p.requires_grad])
    images, labels = batch(NETWORK, 8, 1)
    for step in range(steps):
        peer.zero_grad()
        known = peer_step(
            NETWORK, CrossEntropy(), theirs, images, labels, seed=11, step=step
        )
        peer.step()
        ours = engine.train_step(
            images, labels, step=step, learning_rate=optimizer.learning_rate
        )
        assert ours.loss == pytest.approx(known.loss, rel=relative)
    for name, value in engine.parameters().items():
        other = theirs[name].detach().numpy()
        size = max(float(np.abs(other).max()), 0.01)
        assert np.abs(value - other).max() <= relative * size, name


def test_a_loss_that_is_not_finite_names_step_and_layer() -> None:
    engine = ReferenceEngine(NETWORK, RECIPE)
    before = engine.parameters()
    broken = engine.parameters()
    broken["linear1.bias"][2] = np.inf
    engine.load_parameters(broken)
    words = "Step 5", "layer 'linear1' is the first"
    with refuses(DivergenceError, "loss-not-finite", *words):
        trained(engine, range(4, 5))
    assert same(engine.parameters(), broken)
    engine.load_parameters(before)
    images, labels = batch(NETWORK, 2, 0)
    images[1, 0, 3, 3] = np.nan
    with refuses(DivergenceError, "loss-not-finite", "the batch of images"):
        engine.train_step(images, labels, step=0, learning_rate=0.1)


def test_a_rate_beyond_reason_diverges_in_its_next_step() -> None:
    engine = ReferenceEngine(NETWORK, replace(RECIPE, optimizer=SGD()))
    images, labels = batch(NETWORK, 4, 0)
    engine.train_step(images, labels, step=0, learning_rate=1e300)
    with refuses(DivergenceError, "loss-not-finite", "Step 2", "'conv1'"):
        engine.train_step(images, labels, step=1, learning_rate=1e300)


def test_what_does_not_fit_is_refused() -> None:
    engine = ReferenceEngine(NETWORK, RECIPE)
    images, labels = batch(NETWORK, 9, 0)
    with refuses(UsageError, "batch-size", "1 to 8 images"):
        engine.train_step(images, labels, step=0, learning_rate=0.1)
    with refuses(UsageError, "batch-images", "'small' takes"):
        engine.predict(images[:, :1])
    parameters = engine.parameters()
    del parameters["conv1.bias"]
    with refuses(FileError, "weights-names", "lack 'conv1.bias'"):
        engine.load_parameters(parameters)
    state = engine.optimizer_state()
    state["mean.conv1.bias"] = np.zeros(3, np.float32)
    with refuses(FileError, "weights-shape", "'mean.conv1.bias'", "needs (4,)"):
        engine.load_optimizer_state(state)


def test_the_average_begins_as_the_parameters_and_follows_them() -> None:
    engine = ReferenceEngine(NETWORK, replace(RECIPE, ema=0.75))
    first = engine.parameters()
    learned = [n for n, p in NETWORK.parameters.items() if p.role != "statistic"]
    assert same(engine.averaged_parameters(), first)
    assert [*engine.optimizer_state()][-len(learned) :] == [
        f"average.{name}" for name in learned
    ]
    trained(engine, range(1))
    second, found = engine.parameters(), engine.averaged_parameters()
    for name, value in found.items():
        start = first if name in learned else second
        exact = 0.75 * start[name].astype(np.float64) + 0.25 * second[name]
        np.testing.assert_allclose(value, exact, rtol=1e-6, atol=1e-7)
    engine.load_parameters(first)
    kept = engine.averaged_parameters()
    assert all(np.array_equal(kept[name], found[name]) for name in learned)


def test_without_an_average_the_parameters_stand_for_it() -> None:
    engine = ReferenceEngine(NETWORK, RECIPE)
    trained(engine, range(2))
    assert same(engine.averaged_parameters(), engine.parameters())


def test_a_clipped_step_is_as_long_as_it_may_be() -> None:
    """Plain descent with a rate of 1 moves by the clipped gradient itself."""
    recipe = replace(RECIPE, optimizer=SGD(1.0, 0.0), gradient_clip=0.125)
    engine = ReferenceEngine(NETWORK, recipe)
    images, labels = batch(NETWORK, 6, 0)
    before = engine.parameters()
    _, slopes = engine.gradients(images, labels)
    engine.train_step(images, labels, step=0, learning_rate=1.0)
    after = engine.parameters()
    own = [name for name in slopes if name != "input"]
    length = np.sqrt(sum(np.square(slopes[name].astype(float)).sum() for name in own))
    assert length > 0.125
    for name in own:
        moved = before[name].astype(float) - after[name]
        np.testing.assert_allclose(moved, slopes[name] * 0.125 / length, atol=1e-6)
