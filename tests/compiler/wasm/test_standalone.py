"""Modules that stand alone answer what the law says, within the bound, in Node."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mirada.compiler.wasm import standalone
from mirada.models import build
from mirada.network import Network
from tests.bounds import forward_bounds
from tests.compiler.programs import CASES
from tests.compiler.wasm.nodes import Asked, answers
from tests.strategies import lively_parameters, networks
from tests.tolerance import assert_within

LEVELS = np.random.default_rng(9).normal(size=(5, 256)).astype(np.float32)
IMAGES = 3


def asked(network: Network, seed: int = 0, kept: bool = True) -> Asked:
    """A network with drawn numbers, all of its layers kept, or none."""
    channels, height, width = network.input
    levels = tuple(map(tuple, LEVELS[:channels].tolist()))
    names = [node.name for node in network.nodes] if kept else []
    module = standalone(network, names, levels)
    noise = np.random.default_rng(seed)
    pixels = noise.integers(0, 256, (IMAGES, height, width, channels), np.uint8)
    return Asked(module, lively_parameters(network, seed), pixels)


def agree(network: Network, one: Asked, found: dict[str, np.ndarray]) -> None:
    """Every layer's values are within the bound of the law's."""
    channels = (LEVELS[c, one.pixels[..., c]] for c in range(network.input[0]))
    images = np.stack([*channels], axis=1)
    wanted = forward_bounds(network, one.parameters, images, np.float32)
    last = network.nodes[-1].name
    for name, mine in found.items():
        exact = wanted[last if name == "outputs" else name]
        assert_within(mine.reshape(exact.value.shape), exact.value, exact.bound)


def test_every_layer(tmp_path: Path) -> None:
    chosen = [case.network for case in CASES.values() if len(case.network.input) == 3]
    chosen += [build("lenet5", (1, 28, 28), 10), build("digits", (1, 20, 20), 3)]
    # What nobody wants to see is computed together with what follows it.
    kept = [(network, kept) for network in chosen for kept in (True, False)]
    jobs = [asked(network, kept=kept) for network, kept in kept]
    for one, job, found in zip(kept, jobs, answers(jobs, tmp_path), strict=True):
        assert set(found) > {"outputs"} if one[1] else set(found) == {"outputs"}
        agree(one[0], job, found)


@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(networks().filter(lambda n: len(n.input) == 3), min_size=3, max_size=3))
def test_drawn_networks(tmp_path: Path, drawn: list[Network]) -> None:
    jobs = [asked(network, seed) for seed, network in enumerate(drawn)]
    for network, one, found in zip(drawn, jobs, answers(jobs, tmp_path), strict=True):
        agree(network, one, found)


def test_a_difference_is_noticed(tmp_path: Path) -> None:
    network = CASES["block"].network
    one = asked(network)
    (found,) = answers([one], tmp_path)
    found["conv1"][0, 0] += 0.01
    with pytest.raises(AssertionError):
        agree(network, one, found)


def test_memory_is_laid_out_apart() -> None:
    module = asked(build("lenet5", (1, 28, 28), 10)).module
    ends = 0
    for at, size in module.arenas.values():
        assert at >= ends and at % 64 == 0
        ends = at + size
    assert ends <= module.memory_bytes and module.memory_bytes % 65536 == 0
    assert len(module.code) < 20_000
