"""Steps of the PyTorch engine: those of plain PyTorch, one or twenty, or later."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.engines import Engine, create
from mirada.errors import DivergenceError
from mirada.network import (
    SGD,
    AdamW,
    Conv2d,
    CrossEntropy,
    Dropout,
    Flatten,
    Linear,
    Network,
    Optimizer,
    Recipe,
    ReLU,
)
from tests.engines.drawn import MIXED
from tests.peer import peer_knows, peer_optimizer, peer_step, tensors
from tests.refusal import refuses
from tests.strategies import batch, lively_parameters, networks

torch = pytest.importorskip("torch")
graph = pytest.importorskip("mirada.engines.torch.graph")
results = pytest.importorskip("mirada.engines.torch.results")
module = pytest.importorskip("mirada.engines.torch.engine")

OPTIMIZERS = (SGD(0.02, 0.9), AdamW(0.002, epsilon=1e-4))
SEED = 11
ONE_THREAD = module.Settings(torch.device("cpu"), 1)


def engine_of(network: Network, recipe: Recipe, **options: Any) -> Any:
    engine = module.TorchEngine(network, recipe, 1, "cpu", **options)
    engine.load_parameters(lively_parameters(network, 3))
    return engine


def stepped(engine: Engine, steps: range, count: int = 4) -> list[float]:
    """The losses of some steps on the same images."""
    images, labels = batch(engine.network, count, 1)
    return [
        engine.train_step(images, labels, step=step, learning_rate=0.02).loss
        for step in steps
    ]


def apart(engine: Engine, theirs: dict[str, Any]) -> float:
    """The largest difference of a learned parameter, next to its largest number."""
    found = []
    for name, value in engine.parameters().items():
        other = theirs[name].detach().numpy()
        size = max(float(np.abs(other).max(initial=0.0)), 0.01)
        found.append(float(np.abs(value - other).max(initial=0.0)) / size)
    return max(found, default=0.0)


@settings(max_examples=50)
@given(networks(scores=True, most_layers=5), st.integers(0, 1000))
def test_twenty_steps_are_those_of_plain_pytorch(network: Network, seed: int) -> None:
    """In float64, by its own layers and optimizers: promise D4."""
    assume(peer_knows(network, 4))
    with ONE_THREAD.used():
        for optimizer in OPTIMIZERS:
            _hold(network, optimizer, seed, ("torch",))


@settings(max_examples=3)
@given(networks(scores=True, most_layers=5), st.integers(0, 1000))
def test_every_engine_takes_these_steps(network: Network, seed: int) -> None:
    assume(peer_knows(network, 4))
    _hold(network, OPTIMIZERS[seed % 2], seed, ("native", "reference", "torch"))


def _hold(
    network: Network, optimizer: Optimizer, seed: int, names: tuple[str, ...]
) -> None:
    recipe = Recipe(optimizer=optimizer, batch_size=4, seed=SEED)
    held = [create(name, network, recipe, 1) for name in names]
    theirs = tensors(network, held[0].parameters())
    learned = [tensor for tensor in theirs.values() if tensor.requires_grad]
    assume(learned)
    peer = peer_optimizer(optimizer, learned)
    images, labels = batch(network, 4, seed)
    rate = optimizer.learning_rate
    for step in range(20):
        peer.zero_grad()
        known = peer_step(
            network, CrossEntropy(), theirs, images, labels, seed=SEED, step=step
        )
        for tensor in learned:
            if tensor.grad is None:
                tensor.grad = torch.zeros_like(tensor)
        peer.step()
        for engine in held:
            found = engine.train_step(images, labels, step=step, learning_rate=rate)
            assert found.loss == pytest.approx(known.loss, rel=5e-4, abs=1e-6)
            if step in (0, 19):
                assert apart(engine, theirs) <= (5e-4 if step else 5e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda rule: rule.kind)
def test_what_one_engine_learned_another_goes_on_with(optimizer: Optimizer) -> None:
    recipe = Recipe(optimizer=optimizer, batch_size=4, ema=0.9, gradient_clip=1.0)
    first = create("torch", MIXED, recipe, 1, device="cpu")
    stepped(first, range(2))
    for name in ("native", "torch"):
        other = create(name, MIXED, recipe, 1)
        other.load_parameters(first.parameters())
        other.load_optimizer_state(first.optimizer_state())
        known = {**first.parameters(), **first.optimizer_state()}
        for values in (other.parameters(), other.optimizer_state()):
            assert values.keys() <= known.keys()
        losses = stepped(other, range(2, 4))
        again = create("torch", MIXED, recipe, 1, device="cpu")
        again.load_parameters(first.parameters())
        again.load_optimizer_state(first.optimizer_state())
        assert stepped(again, range(2, 4)) == pytest.approx(losses, rel=1e-4)
        close(other.averaged_parameters(), again.averaged_parameters())


def close(
    found: dict[str, NDArray[np.float32]], wanted: dict[str, NDArray[np.float32]]
) -> None:
    for name, value in wanted.items():
        size = max(float(np.abs(value).max()), 0.1)
        assert np.abs(found[name] - value).max() <= 1e-3 * size, name


def test_the_same_steps_end_in_the_same_bytes() -> None:
    recipe = Recipe(optimizer=AdamW(0.01), batch_size=4)
    one, other = (engine_of(MIXED, recipe) for _ in range(2))
    assert stepped(one, range(3)) == stepped(other, range(3))
    for values, others in (
        (one.parameters(), other.parameters()),
        (one.optimizer_state(), other.optimizer_state()),
    ):
        assert all(values[n].tobytes() == others[n].tobytes() for n in values)


def test_a_loss_that_is_not_finite_names_step_and_layer_and_moves_nothing() -> None:
    network = Network("small", (1, 6, 6), (Conv2d(2, 3), ReLU(), Flatten(), Linear(3)))
    engine = engine_of(network, Recipe(batch_size=4, optimizer=AdamW(0.01)))
    whole = engine.parameters()
    broken = engine.parameters()
    broken["linear1.bias"][1] = np.inf
    engine.load_parameters(broken)
    with refuses(DivergenceError, "loss-not-finite", "Step 6", "layer 'linear1'"):
        stepped(engine, range(5, 6))
    after = engine.parameters()
    assert all(after[name].tobytes() == broken[name].tobytes() for name in broken)
    images, labels = batch(network, 2, 0)
    images[1, 0, 2, 2] = np.nan
    engine.load_parameters(whole)
    with refuses(DivergenceError, "loss-not-finite", "the batch of images"):
        engine.train_step(images, labels, step=0, learning_rate=0.1)
    engine.load_parameters(whole)
    assert np.isfinite(stepped(engine, range(2))).all()
    assert not np.array_equal(
        engine.parameters()["linear1.bias"], whole["linear1.bias"]
    )


class _Played(graph.Recorded):  # type: ignore[name-defined]
    """What a GPU records and plays, called again here: warmed up, in its own places."""

    def _record(
        self, function: Callable[[], tuple[Any, ...]]
    ) -> tuple[Callable[[], object], tuple[Any, ...]]:
        for _ in range(3):
            found = function()
        places = tuple(torch.empty_like(tensor) for tensor in found)

        def play() -> None:
            for place, tensor in zip(places, function(), strict=True):
                place.copy_(tensor)

        return play, places


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda rule: rule.kind)
def test_a_recorded_step_is_the_step(
    optimizer: Optimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recording leaves everything as it was; a smaller last batch is not recorded."""
    recipe = Recipe(optimizer=optimizer, batch_size=4, ema=0.9, gradient_clip=2.0)
    plain, played = engine_of(MIXED, recipe), engine_of(MIXED, recipe)
    monkeypatch.setattr(module, "Recorded", _Played)
    monkeypatch.setattr(played, "_is_recorded", lambda count: count == 4)
    for steps, count in ((range(3), 4), (range(3, 4), 3), (range(4, 6), 4)):
        assert stepped(plain, steps, count) == stepped(played, steps, count)
    assert len(played._recorded) == 1
    wanted = {**plain.parameters(), **plain.optimizer_state()}
    for name, value in {**played.parameters(), **played.optimizer_state()}.items():
        assert value.tobytes() == wanted[name].tobytes(), name


def test_a_compiled_step_is_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """With PyTorch's compiler as far as it goes without writing code."""
    compile_ = torch.compile
    monkeypatch.setattr(
        torch, "compile", lambda f, **o: compile_(f, backend="aot_eager", **o)
    )
    network = Network(
        "small", (1, 6, 6), (Conv2d(2, 3), ReLU(), Flatten(), Dropout(0.5), Linear(3))
    )
    recipe = Recipe(batch_size=4)
    plain, compiled = (
        engine_of(network, recipe),
        engine_of(network, recipe, compiled=True),
    )
    losses = stepped(plain, range(3))
    assert stepped(compiled, range(3)) == pytest.approx(losses, rel=1e-5)


def test_what_a_device_still_computes_is_waited_for() -> None:
    class Event:
        done = False

        def query(self) -> bool:
            return self.done

        def synchronize(self) -> None:
            self.done = True

    loss, right = torch.tensor(0.5), torch.tensor(3)
    found = results.PendingResult(loss, right, 4, lambda: "conv1")
    assert found.is_ready and (found.loss, found.correct) == (0.5, 3)
    late = results.PendingResult(loss, right, 4, lambda: "conv1")
    late._event = Event()
    assert not late.is_ready
    assert late.loss == 0.5 and late.is_ready
    lost = results.PendingResult(torch.tensor(np.nan), right, 4, lambda: "conv1")
    with refuses(DivergenceError, "loss-not-finite", "Step 5", "'conv1'"):
        assert lost.loss


def test_half_precision_learns_the_same_within_its_roundings() -> None:
    recipe = Recipe(batch_size=4, optimizer=SGD(0.02))
    whole = engine_of(MIXED, recipe)
    half = engine_of(MIXED, recipe, precision="bf16")
    one, other = stepped(whole, range(3)), stepped(half, range(3))
    assert one != other
    assert one == pytest.approx(other, rel=0.1)
    assert all(value.dtype == np.float32 for value in half.parameters().values())


def test_average_and_rates_are_those_of_the_recipe() -> None:
    recipe = replace(Recipe(batch_size=4), ema=0.5, rates=["conv1 0", "linear1 2"])
    engine = engine_of(MIXED, recipe)
    law = create("reference", MIXED, recipe)
    law.load_parameters(engine.parameters())
    law.load_optimizer_state(engine.optimizer_state())
    assert stepped(engine, range(2)) == pytest.approx(stepped(law, range(2)), rel=1e-5)
    close(engine.averaged_parameters(), law.averaged_parameters())
    assert "conv1.weight" not in {n.partition(".")[2] for n in engine.optimizer_state()}
