"""Activations: values known elsewhere, identities, slopes, PyTorch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import (
    GELU,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    Network,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from mirada.reference import RULES, Moment
from tests.reference.laws import check_peer, check_slopes, computed
from tests.strategies import networks

KINDS = (
    *("relu", "leakyrelu", "relu6", "sigmoid", "tanh", "gelu", "silu"),
    *("hardsigmoid", "hardswish", "softmax"),
)
SEEDS = st.integers(0, 2**16)
COUNTS = st.integers(1, 3)


def shares(*scores: float) -> list[float]:
    """Softmax of scores, to four digits."""
    found: list[float] = computed(Softmax(), [scores])[0].round(4).tolist()
    return found


def test_the_lectures_softmax() -> None:
    assert shares(1, 2, 3) == [0.09, 0.2447, 0.6652]
    assert shares(1000, 1001, 1002) == [0.09, 0.2447, 0.6652]
    assert shares(5, 2, -1, 3) == [0.8420, 0.0419, 0.0021, 0.1140]
    assert shares(7, 7, 7, 7) == [0.25, 0.25, 0.25, 0.25]


def test_softmax_of_an_image_goes_over_the_channels() -> None:
    image = np.random.default_rng(1).normal(size=(2, 3, 4, 5))
    found = computed(Softmax(), image)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-14)
    column = computed(Softmax(), image[:, :, 1, 2])
    np.testing.assert_allclose(found[:, :, 1, 2], column, rtol=1e-14)


@pytest.mark.parametrize(
    ("layer", "at", "value"),
    [
        (ReLU(), -2.0, 0.0),
        (ReLU(), 3.0, 3.0),
        (LeakyReLU(), -2.0, -0.02),
        (LeakyReLU(0.5), 3.0, 3.0),
        (Sigmoid(), 0.0, 0.5),
        (Sigmoid(), 1.0, 0.7310585786300049),
        (Sigmoid(), -800.0, 0.0),
        (Sigmoid(), 800.0, 1.0),
        (Tanh(), 1.0, 0.7615941559557649),
        (SiLU(), 1.0, 0.7310585786300049),
        (SiLU(), -2.0, -0.23840584404423515),
        (GELU(), 1.0, 0.8413447460685429),
        (GELU(), -1.0, -0.15865525393145707),
        (GELU("tanh"), 1.0, 0.8411919906082768),
        (ReLU6(), 5.5, 5.5),
        (ReLU6(), 7.0, 6.0),
        (Hardsigmoid(), 1.5, 0.75),
        (Hardsigmoid(), -4.0, 0.0),
        (Hardswish(), -1.5, -0.375),
        (Hardswish(), 4.0, 4.0),
    ],
)
def test_values_that_are_known(layer: Layer, at: float, value: float) -> None:
    assert computed(layer, [[at]])[0, 0] == pytest.approx(value, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(("layer", "slope"), [(ReLU(), 0.0), (LeakyReLU(0.25), 0.25)])
def test_the_slope_at_zero_is_the_one_below(layer: Layer, slope: float) -> None:
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    (found,), _ = RULES[type(layer)].backward(layer, (zero,), {}, Moment(), one)
    assert found.item() == slope


@pytest.mark.parametrize("layer", [ReLU6(), Hardsigmoid(), Hardswish()], ids=str)
def test_the_slope_at_a_kink_is_pytorchs(layer: Layer) -> None:
    kinks = np.array([[0.0, 6.0] if isinstance(layer, ReLU6) else [-3.0, 3.0]])
    one = np.ones_like(kinks)
    (found,), _ = RULES[type(layer)].backward(layer, (kinks,), {}, Moment(), one)
    assert found.tolist() == [[0, 1 if isinstance(layer, Hardswish) else 0]]


@given(st.floats(-30, 30))
def test_identities(x: float) -> None:
    def at(layer: Layer, value: float) -> float:
        return float(computed(layer, [[value]])[0, 0])

    assert at(Sigmoid(), x) + at(Sigmoid(), -x) == pytest.approx(1, rel=1e-14)
    assert at(Tanh(), x) == pytest.approx(2 * at(Sigmoid(), 2 * x) - 1, abs=1e-14)
    assert at(SiLU(), x) == pytest.approx(x * at(Sigmoid(), x), rel=1e-14)
    # Phi(x) + Phi(-x) = 1, so the GELU of x and -x differ by x.
    assert at(GELU(), x) - at(GELU(), -x) == pytest.approx(x, rel=1e-14, abs=1e-14)
    assert at(GELU("tanh"), x) == pytest.approx(at(GELU(), x), abs=1e-3)
    assert at(ReLU(), x) - at(ReLU(), -x) == x


@given(networks(KINDS, most_layers=1), COUNTS, SEEDS)
def test_gradients_are_slopes(network: Network, count: int, seed: int) -> None:
    check_slopes(network, count, seed, training=True)


@given(networks((*KINDS, "linear"), most_layers=3, scores=True), COUNTS, SEEDS)
def test_pytorch_agrees(network: Network, count: int, seed: int) -> None:
    check_peer(network, count, seed)
