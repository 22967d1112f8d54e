"""Peers compute what the reference computes: who does less is no peer.

A library may add in any order and take any algorithm, so what is asked is that numbers
agree to the few parts in a thousand that a wrong layer never reaches.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.peers import FAMILIES, OURS, members
from benchmarks.peers.folding import folded
from benchmarks.peers.peer import NotOfferedError, Peer
from benchmarks.works import recipe, sample
from mirada.engines import create
from mirada.errors import UnsupportedError
from mirada.network import (
    Add,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    join,
    named,
)
from mirada.reference import backward, forward, initial_parameters

BATCH = 5
TOLERANCES = {"fp32": 1e-3, "bf16": 5e-2}
NETWORKS = {
    network.name: network
    for network in (
        Network(
            "chain",
            (2, 10, 12),
            (
                *(Conv2d(6, 5, padding=2), ReLU(), MaxPool2d(2)),
                *(Conv2d(8, 3), ReLU(), Flatten(), Linear(12), ReLU(), Linear(4)),
            ),
        ),
        Network(
            "residual",
            (3, 9, 9),
            (
                named(Conv2d(8, 3, padding=1, bias=False), "stem"),
                *(named(BatchNorm2d(), "norm"), named(ReLU(), "start")),
                named(MaxPool2d(3, stride=2, padding=1), "pool"),
                named(Conv2d(8, 3, padding=1, groups=8), "side"),
                join(Add(), "pool", name="sum", source="side"),
                *(named(Conv2d(8, 3, stride=2), "down"), named(BatchNorm2d(), "norm2")),
                *(GlobalAvgPool2d(), Flatten(), Linear(4)),
            ),
        ),
    )
}
LAYER = Network("layer", (8, 9, 7), (Conv2d(16, 3, stride=2, padding=1),))


@cache
def crew(family: str) -> tuple[Peer, ...]:
    """A family's peers; a library takes its number of threads only once."""
    lacking = FAMILIES[family].missing
    if lacking:
        pytest.skip(f"{', '.join(lacking)} not installed")
    return tuple(members(family, 2))


# Compiling through gcc takes a minute, and the networks are those of "pytorch".
@pytest.fixture(params=[family for family in FAMILIES if family != "torch-compile"])
def peers(request: pytest.FixtureRequest) -> tuple[Peer, ...]:
    return crew(request.param)


pytestmark = pytest.mark.filterwarnings("ignore")


def works(peers: tuple[Peer, ...], make: Any) -> Iterator[tuple[Peer, Any]]:
    """Each peer with what `make` gives for it, where it offers that."""
    for peer in peers:
        try:
            yield peer, make(peer)
        except NotOfferedError:
            continue
        except UnsupportedError:
            assert peer.name.startswith(OURS)


def spread(values: NDArray[np.floating]) -> float:
    return float(np.abs(values).max())


@pytest.mark.parametrize("name", NETWORKS)
def test_predictions_are_the_reference_s(name: str, peers: tuple[Peer, ...]) -> None:
    network = NETWORKS[name]
    images, _ = sample(network, BATCH)
    expected = forward(network, initial_parameters(network, 0), images)
    scores = expected[network.nodes[-1].name]
    for peer, work in works(peers, lambda peer: peer.predict(network, BATCH)):
        off = spread(np.asarray(work(), np.float64) - scores)
        assert off <= TOLERANCES[peer.precision] * spread(scores), (peer.name, off)


@pytest.mark.parametrize("name", NETWORKS)
def test_losses_of_three_steps_are_the_reference_s(
    name: str, peers: tuple[Peer, ...]
) -> None:
    network, how = NETWORKS[name], recipe(BATCH)
    images, labels = sample(network, BATCH)
    law = create("reference", network, how)
    expected = [
        law.train_step(images, labels, step=step, learning_rate=0.01).loss
        for step in range(3)
    ]
    assert len(set(expected)) == 3
    for peer, work in works(peers, lambda peer: peer.train(network, how, BATCH)):
        found = [float(work()) for _ in range(3)]
        near = pytest.approx(expected, rel=TOLERANCES[peer.precision])
        assert found == near, peer.name


def test_a_backward_pass_makes_every_gradient(peers: tuple[Peer, ...]) -> None:
    images, _ = sample(LAYER, BATCH)
    parameters = initial_parameters(LAYER, 0)
    values = forward(LAYER, parameters, images, training=True)
    end = LAYER.nodes[-1].name
    ones = {end: np.ones_like(values[end])}
    law = backward(LAYER, parameters, values, ones, training=True)
    expected = [law.activations["input"], *law.parameters.values()]
    # Layouts differ from peer to peer: sorted numbers do not.
    for peer, work in works(peers, lambda peer: peer.backward(LAYER, BATCH)):
        wanted = sorted((flat(g) for g in expected), key=len)
        found = sorted((flat(g) for g in arrays(work())), key=len)
        assert [len(g) for g in found] == [len(g) for g in wanted], peer.name
        for one, other in zip(found, wanted, strict=True):
            off = spread(np.subtract(one, other))
            scale = TOLERANCES[peer.precision] * spread(np.array(other))
            assert off <= scale, (peer.name, off)


def flat(gradient: Any) -> tuple[float, ...]:
    return tuple(np.sort(np.asarray(gradient, np.float64).ravel()).tolist())


def arrays(found: Any) -> Iterator[Any]:
    """The arrays of a tree of lists, tuples and dicts."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list | tuple):
        for part in found:
            yield from arrays(part)
    else:
        yield found.detach().float().numpy() if hasattr(found, "detach") else found


def test_folding_changes_no_output() -> None:
    network = NETWORKS["residual"]
    images, _ = sample(network, BATCH)
    noise = np.random.default_rng(0)
    parameters = {
        name: value + noise.uniform(0.1, 1.0, value.shape).astype(np.float32)
        for name, value in initial_parameters(network, 0).items()
    }
    small, known = folded(network, parameters)
    assert not any(isinstance(node.layer, BatchNorm2d) for node in small.nodes)
    assert set(known) == set(small.parameters)
    whole = forward(network, parameters, images)[network.nodes[-1].name]
    off = forward(small, known, images)[small.nodes[-1].name] - whole
    # Weights are folded in float32, so it is its roundings that differ.
    assert spread(off) <= 1e-4 * spread(whole)
