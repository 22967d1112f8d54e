"""Optimizers: hand-worked steps, and PyTorch's after one and twenty of them."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mirada.network import SGD, AdamW, CrossEntropy, Network, Optimizer
from mirada.reference import (
    Array,
    first_memory,
    loss_and_gradients,
    optimizer_step,
)
from tests.peer import peer_knows, peer_optimizer, peer_step, tensors
from tests.strategies import batch, lively_parameters, networks

SEEDS = st.integers(0, 2**16)
W = {"w": np.array([1.0, -2.0])}
G = {"w": np.array([0.5, 0.25])}


@st.composite
def optimizers(draw: st.DrawFn) -> Optimizer:
    decay = draw(st.sampled_from((0.0, 0.01, 0.3)))
    if draw(st.booleans()):
        momentum = draw(st.sampled_from((0.0, 0.5, 0.9)))
        # PyTorch refuses Nesterov without momentum; here it is plain descent.
        nesterov = draw(st.booleans()) and momentum > 0
        return SGD(0.05, momentum, nesterov, decay)
    beta = draw(st.sampled_from((0.0, 0.9)))
    return AdamW(0.01, beta, draw(st.sampled_from((0.9, 0.999))), 1e-6, decay)


def moved(optimizer: Optimizer, *gradients: Array, rate: float = 0.1) -> list[float]:
    """The parameter [1, -2] after a step with each gradient."""
    own, memory = W, first_memory(optimizer, W)
    for step, gradient in enumerate(gradients):
        own, memory = optimizer_step(
            optimizer, own, {"w": gradient}, memory, learning_rate=rate, step=step
        )
    found: list[float] = own["w"].tolist()
    return found


def test_plain_descent() -> None:
    assert moved(SGD(momentum=0), G["w"]) == pytest.approx([0.95, -2.025])
    assert first_memory(SGD(momentum=0), W) == {}


def test_the_first_velocity_is_the_gradient() -> None:
    assert moved(SGD(momentum=0.5), G["w"]) == pytest.approx([0.95, -2.025])
    # Then v = 0.5 * g + g, so that the second step is half as long again.
    both = moved(SGD(momentum=0.5), G["w"], G["w"])
    assert both == pytest.approx([0.95 - 0.075, -2.025 - 0.0375])


def test_nesterov_looks_ahead() -> None:
    found = moved(SGD(momentum=0.5, nesterov=True), G["w"])
    assert found == pytest.approx([1 - 0.1 * 0.75, -2 - 0.1 * 0.375])
    plain = moved(SGD(momentum=0, nesterov=True), G["w"])
    assert plain == pytest.approx([0.95, -2.025])


def test_decay_is_part_of_the_gradient_in_sgd() -> None:
    found = moved(SGD(momentum=0, weight_decay=0.1), G["w"])
    assert found == pytest.approx([1 - 0.1 * 0.6, -2 - 0.1 * 0.05])


def test_the_first_step_of_adamw_is_the_sign() -> None:
    found = moved(AdamW(epsilon=1e-12, weight_decay=0), G["w"])
    assert found == pytest.approx([0.9, -2.1])


def test_decay_stands_apart_in_adamw() -> None:
    zero = np.zeros(2)
    assert moved(AdamW(weight_decay=0.5), zero) == pytest.approx([0.95, -1.9])


def test_memory_has_a_name_for_every_parameter() -> None:
    own = {"a.weight": np.ones((2, 3)), "a.bias": np.ones(2)}
    assert [*first_memory(SGD(), own)] == ["momentum.a.weight", "momentum.a.bias"]
    memory = first_memory(AdamW(), own)
    assert {name: value.shape for name, value in memory.items()} == {
        "mean.a.weight": (2, 3),
        "mean.a.bias": (2,),
        "square.a.weight": (2, 3),
        "square.a.bias": (2,),
    }
    assert not any(value.any() for value in memory.values())


@pytest.mark.parametrize("steps", [1, 20])
@given(optimizer=optimizers(), seed=SEEDS)
def test_pytorch_moves_an_array_alike(
    steps: int, optimizer: Optimizer, seed: int
) -> None:
    noise = np.random.default_rng(seed)
    own: dict[str, Array] = {"w": noise.normal(size=(3, 2))}
    theirs = torch.tensor(own["w"], requires_grad=True)
    peer, memory = peer_optimizer(optimizer, [theirs]), first_memory(optimizer, own)
    for step in range(steps):
        gradient = noise.normal(size=(3, 2))
        theirs.grad = torch.tensor(gradient)
        peer.step()
        own, memory = optimizer_step(
            optimizer,
            own,
            {"w": gradient},
            memory,
            learning_rate=optimizer.learning_rate,
            step=step,
        )
    np.testing.assert_allclose(
        own["w"], theirs.detach().numpy(), rtol=1e-12, atol=1e-13
    )


@settings(max_examples=50)
@pytest.mark.parametrize("optimizer", [SGD(0.05, 0.9), AdamW(0.01, epsilon=1e-4)])
@pytest.mark.parametrize(("steps", "relative"), [(1, 5e-6), (20, 5e-4)])
@given(
    network=networks(("conv", "relu", "tanh", "maxpool", "batchnorm"), scores=True),
    seed=SEEDS,
)
def test_pytorch_trains_a_network_alike(
    optimizer: Optimizer, steps: int, relative: float, network: Network, seed: int
) -> None:
    """The promise D4, held in float64."""
    assume(peer_knows(network, 3))
    images, labels = batch(network, 3, seed)
    drawn = lively_parameters(network, seed)
    theirs, loss = tensors(network, drawn), CrossEntropy()
    peer = peer_optimizer(optimizer, [p for p in theirs.values() if p.requires_grad])
    learned = {n for n, p in network.parameters.items() if p.role != "statistic"}
    own = {name: drawn[name].astype(np.float64) for name in drawn}
    memory = first_memory(optimizer, {name: own[name] for name in learned})
    for step in range(steps):
        peer.zero_grad()
        peer_step(network, loss, theirs, images, labels, step=step)
        peer.step()
        found = loss_and_gradients(network, loss, own, images, labels, step=step)
        moving, memory = optimizer_step(
            optimizer,
            {name: own[name] for name in learned},
            found.gradients,
            memory,
            learning_rate=optimizer.learning_rate,
            step=step,
        )
        own |= moving
    for name in learned:
        other = theirs[name].detach().numpy()
        size = max(float(np.abs(other).max()), 1e-3)
        assert np.abs(own[name] - other).max() <= relative * size, name
