"""Weights of eight bits: whole numbers times a scale for every output channel."""

import numpy as np

from mirada.export.quantization import int8_parameters, int8_scales
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Linear,
    Network,
)
from tests.strategies import lively_parameters

NETWORK = Network(
    "mixed",
    (3, 6, 6),
    (Conv2d(4, 3), BatchNorm2d(), ConvTranspose2d(5, 2), Flatten(), Linear(3)),
)


def test_every_weight_is_within_half_a_step_and_the_largest_stays() -> None:
    given = lively_parameters(NETWORK, 2)
    found, scales = int8_parameters(NETWORK, given), int8_scales(NETWORK, given)
    assert {*scales} == {"conv1.weight", "convtranspose1.weight", "linear1.weight"}
    for name, value in given.items():
        if name not in scales:
            assert found[name] is value
            continue
        steps = found[name] / scales[name]
        assert np.abs(steps - np.rint(steps)).max() < 1e-4 and steps.max() <= 127.001
        assert (np.abs(found[name] - value) <= 0.5001 * scales[name]).all()
        axis = 1 if "transpose" in name else 0
        others = tuple(n for n in range(value.ndim) if n != axis)
        most = np.abs(value).max(axis=others)
        assert np.allclose(np.abs(found[name]).max(axis=others), most, rtol=1e-6)
        assert np.unique(scales[name]).size == value.shape[axis]


def test_rounding_twice_is_rounding_once_and_zeros_stay() -> None:
    given = lively_parameters(NETWORK, 2)
    given["linear1.weight"] = np.zeros_like(given["linear1.weight"])
    given["conv1.weight"][0] = 1e-45
    once = int8_parameters(NETWORK, given)
    assert not once["linear1.weight"].any()
    assert all(np.isfinite(value).all() for value in once.values())
    twice = int8_parameters(NETWORK, once)
    for name, value in once.items():
        assert np.allclose(value, twice[name], rtol=1e-6, atol=0)
