"""Optimizers: hand-worked steps, and PyTorch's after one and twenty of them."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mirada.network import SGD, AdamW, CrossEntropy, Network, Optimizer
from mirada.network.rate import frozen_layers, rate_factors
from mirada.reference import (
    Array,
    averaged,
    clipped,
    first_memory,
    loss_and_gradients,
    optimizer_step,
    statistics,
)
from tests.peer import peer_knows, peer_optimizer, peer_step, tensors
from tests.strategies import batch, lively_parameters, lively_rates, networks

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


def test_a_parameter_has_a_rate_of_its_own() -> None:
    """W - factor * 0.1 * (g + decay * w), where it has a factor; else factor 1."""
    own = {"body": W["w"], "head": W["w"]}
    found, _ = optimizer_step(
        SGD(momentum=0, weight_decay=0.1),
        own,
        dict.fromkeys(own, G["w"]),
        {},
        learning_rate=0.1,
        step=0,
        factors={"body": 0.5},
    )
    assert found["body"].tolist() == pytest.approx([1 - 0.05 * 0.6, -2 - 0.05 * 0.05])
    assert found["head"].tolist() == pytest.approx([1 - 0.1 * 0.6, -2 - 0.1 * 0.05])


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
    """The promise D4, held in float64; frozen and at rates of their own too."""
    assume(peer_knows(network, 3))
    images, labels = batch(network, 3, seed)
    drawn = lively_parameters(network, seed)
    theirs, loss = tensors(network, drawn), CrossEntropy()
    rates = lively_rates(network, seed)
    factors, fixed = rate_factors(network, rates), frozen_layers(network, rates)
    learned = [name for name, factor in factors.items() if factor]
    groups = [
        {"params": [theirs[n]], "lr": factors[n] * optimizer.learning_rate}
        for n in learned
    ]
    for name in factors.keys() - set(learned):
        theirs[name].requires_grad_(False)
    peer = peer_optimizer(optimizer, groups)
    own = {name: drawn[name].astype(np.float64) for name in drawn}
    memory = first_memory(optimizer, {name: own[name] for name in learned})
    for step in range(steps):
        peer.zero_grad()
        about: Any = {"step": step, "fixed": fixed}
        peer_step(network, loss, theirs, images, labels, **about)
        peer.step()
        found = loss_and_gradients(network, loss, own, images, labels, **about)
        own |= statistics(network, own, found.activations, fixed)
        moving, memory = optimizer_step(
            optimizer,
            {name: own[name] for name in learned},
            found.gradients,
            memory,
            learning_rate=optimizer.learning_rate,
            step=step,
            factors=factors,
        )
        own |= moving
    for name in own:
        other = theirs[name].detach().numpy()
        size = max(float(np.abs(other).max()), 1e-3)
        assert np.abs(own[name] - other).max() <= relative * size, name


def test_a_long_gradient_is_shortened_whole() -> None:
    slopes = {"a": np.array([3.0, 0.0]), "b": np.array([[4.0]])}
    found = clipped(slopes, 1.0)
    assert found["a"].tolist() == pytest.approx([0.6, 0.0], rel=1e-6)
    assert found["b"].tolist() == [pytest.approx([0.8], rel=1e-6)]
    for most in (0.0, 6.0):
        same = clipped(slopes, most)
        assert all(np.array_equal(same[name], slopes[name]) for name in slopes)
    hidden = clipped({"a": np.array([1.0]), "b": np.array([np.nan])}, 1.0)
    assert np.isnan(hidden["a"]).all()


def test_an_average_goes_its_share_of_the_way() -> None:
    found = averaged({"w": np.array([1.0, 0.0])}, {"w": np.array([3.0, 8.0])}, 0.75)
    assert found["w"].tolist() == [1.5, 2.0]


@given(most=st.sampled_from((0.1, 1.0, 3.0, 100.0)), seed=SEEDS)
def test_pytorch_clips_alike(most: float, seed: int) -> None:
    noise = np.random.default_rng(seed)
    slopes = {name: noise.normal(size=(3, 2)) for name in "abc"}
    theirs = {name: torch.zeros(3, 2, dtype=torch.float64) for name in "abc"}
    for name, leaf in theirs.items():
        leaf.requires_grad_()
        leaf.grad = torch.tensor(slopes[name])
    torch.nn.utils.clip_grad_norm_([*theirs.values()], most)
    for name, found in clipped(slopes, most).items():
        other = theirs[name].grad
        assert other is not None
        np.testing.assert_allclose(found, other.numpy(), rtol=1e-12)


@settings(max_examples=20)
@given(decay=st.sampled_from((0.5, 0.9, 0.999)), seed=SEEDS)
def test_pytorch_averages_alike(decay: float, seed: int) -> None:
    """Its average begins as what it is first shown: here the initial parameters."""
    noise, model = np.random.default_rng(seed), torch.nn.Linear(3, 2).double()
    peer = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay)
    )
    peer.update_parameters(model)
    own = {name: p.detach().numpy().copy() for name, p in model.named_parameters()}
    average = dict(own)
    for _ in range(10):
        own = {
            name: value + noise.normal(size=value.shape) for name, value in own.items()
        }
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(torch.tensor(own[name]))
        peer.update_parameters(model)
        average = averaged(average, own, decay)
    for name, parameter in peer.module.named_parameters():
        other = parameter.detach().numpy()
        np.testing.assert_allclose(average[name], other, rtol=1e-11, atol=1e-13)
