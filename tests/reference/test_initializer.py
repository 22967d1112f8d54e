"""Initial parameters: their bounds, their spread, their keys."""

import numpy as np
import pytest
import torch

from mirada.network import (
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Linear,
    Network,
)
from mirada.randomness import Purpose, normal, uniform
from mirada.reference import initial_parameters
from mirada.reference.network import forward


def network(init: str = "lecun-uniform") -> Network:
    layers = (
        Conv2d(16, 3, groups=2, init=init),
        BatchNorm2d(),
        ConvTranspose2d(8, 4, init=init),
        Flatten(),
        Linear(200, init=init),
    )
    return Network("all", (4, 6, 6), layers)


def test_every_parameter_has_its_shape_and_float32() -> None:
    found = initial_parameters(network(), 3)
    shapes = {name: p.shape for name, p in network().parameters.items()}
    assert {name: value.shape for name, value in found.items()} == shapes
    assert [*found] == [*shapes]
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}


def test_normalization_begins_as_identity() -> None:
    found = initial_parameters(network("he-normal"), 3)
    assert (found["batchnorm1.weight"] == 1).all()
    assert (found["batchnorm1.bias"] == 0).all()
    assert (found["batchnorm1.running_mean"] == 0).all()
    assert (found["batchnorm1.running_var"] == 1).all()


def test_draws_are_keyed_by_the_parameters_index() -> None:
    names = [*network().parameters]
    found = initial_parameters(network(), 9)["linear1.weight"]
    place = names.index("linear1.weight")
    drawn = uniform(9, Purpose.INITIALIZE, found.size, sample=place)
    bound = 1 / np.sqrt(found.shape[1])
    expected = (bound * (2 * drawn - 1)).reshape(found.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_what_is_drawn_in_pieces_is_what_is_drawn_at_once() -> None:
    wide = Network("wide", (301,), (Linear(501, init="he-normal"), Linear(333)))
    found = initial_parameters(wide, 6)
    normals = normal(6, Purpose.INITIALIZE, 501 * 301, sample=0).reshape(501, 301)
    expected = (np.sqrt(2 / 301) * normals).astype(np.float32)
    np.testing.assert_allclose(found["linear1.weight"], expected, rtol=1e-6)
    numbers = uniform(6, Purpose.INITIALIZE, 333 * 501, sample=2).reshape(333, 501)
    spread = ((2 * numbers - 1) / np.sqrt(501)).astype(np.float32)
    np.testing.assert_allclose(found["linear2.weight"], spread, rtol=1e-6)


def test_seeds_differ_and_repeat() -> None:
    first, again = initial_parameters(network(), 1), initial_parameters(network(), 1)
    other = initial_parameters(network(), 2)
    assert all((first[name] == again[name]).all() for name in first)
    assert (first["conv1.weight"] != other["conv1.weight"]).any()


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("conv1", torch.nn.Conv2d(4, 16, 3, groups=2)),
        ("convtranspose1", torch.nn.ConvTranspose2d(16, 8, 4)),
        ("linear1", torch.nn.Linear(392, 200)),
    ],
)
def test_the_default_has_pytorchs_bounds(name: str, peer: torch.nn.Module) -> None:
    """Both draw from U(-a, a): with many draws the largest tells a, from below."""
    found = initial_parameters(network(), 5)
    weight = peer.weight.detach().numpy()
    assert found[f"{name}.weight"].shape == weight.shape
    ours, theirs = np.abs(found[f"{name}.weight"]).max(), np.abs(weight).max()
    assert ours == pytest.approx(theirs, rel=0.02)
    fan_in = int(np.prod(weight.shape[1:]))
    assert ours <= 1 / np.sqrt(fan_in)
    bias = np.abs(found[f"{name}.bias"])
    assert 0 < bias.max() <= 1 / np.sqrt(fan_in)


@pytest.mark.parametrize(
    ("init", "variance"),
    [
        ("he-uniform", 2 / 392),
        ("he-normal", 2 / 392),
        ("glorot-uniform", 2 / (392 + 200)),
        ("glorot-normal", 2 / (392 + 200)),
    ],
)
def test_weights_have_the_variance_of_their_name(init: str, variance: float) -> None:
    found = initial_parameters(network(init), 4)
    weight = found["linear1.weight"]
    assert weight.var() == pytest.approx(variance, rel=0.02)
    assert abs(weight.mean()) < 5 * np.sqrt(variance / weight.size)
    assert not found["linear1.bias"].any()
    if init.endswith("uniform"):
        assert np.abs(weight).max() <= np.sqrt(3 * variance)
    else:
        assert np.abs(weight).max() > 3 * np.sqrt(variance)


def test_zeros() -> None:
    found = initial_parameters(network("zeros"), 4)
    assert not found["conv1.weight"].any()
    assert not found["conv1.bias"].any()


def test_dirac_passes_channels_on_and_draws_the_rest() -> None:
    layers = (
        Conv2d(6, 3, padding=1, init="dirac"),
        Conv2d(4, 3, padding=1, bias=False, init="dirac"),
        Flatten(),
        Linear(2, init="dirac"),
    )
    shape = Network("identity", (4, 2, 2), layers)
    found = initial_parameters(shape, 3)
    images = np.random.default_rng(0).normal(size=(2, 4, 2, 2)).astype(np.float32)
    outputs = forward(shape, found, images)
    assert np.array_equal(outputs["conv1"][:, :4], images)
    assert np.array_equal(outputs["conv2"][:, :4], images)
    assert np.array_equal(outputs["linear1"], images.reshape(2, -1)[:, :2])
    usual = Network("usual", (4, 2, 2), (Conv2d(6, 3, padding=1),))
    drawn = initial_parameters(usual, 3)
    assert np.array_equal(found["conv1.weight"][4:], drawn["conv1.weight"][4:])
    assert not found["conv1.bias"].any()
