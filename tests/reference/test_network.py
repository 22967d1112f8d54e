"""Whole networks: drawn ones against PyTorch, branches, moments, what is not finite."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import (
    Add,
    Conv2d,
    CrossEntropy,
    Dropout,
    Flatten,
    Linear,
    MeanSquaredError,
    Network,
    ReLU,
    Softmax,
    join,
    named,
)
from mirada.network.text import LAYERS
from mirada.reference import (
    RULES,
    backward,
    first_not_finite,
    forward,
    loss_and_gradients,
)
from tests.reference.laws import check_peer, check_slopes
from tests.strategies import batch, lively_parameters, networks

SEEDS = st.integers(0, 2**16)
COUNTS = st.integers(1, 3)


def test_every_kind_of_layer_has_a_law() -> None:
    assert {*RULES} == {*LAYERS.values()}


@given(networks(), COUNTS, SEEDS, st.booleans())
def test_gradients_are_slopes(
    network: Network, count: int, seed: int, training: bool
) -> None:
    check_slopes(network, count, seed, training=training)


@given(
    networks(scores=True),
    COUNTS,
    SEEDS,
    st.sampled_from((CrossEntropy(), CrossEntropy(0.2), MeanSquaredError())),
)
def test_pytorch_agrees(
    network: Network, count: int, seed: int, loss: CrossEntropy
) -> None:
    check_peer(network, count, seed, loss)


def test_gradients_of_branches_add_up() -> None:
    """X + x, and then the sum read twice: each path brings its own."""
    layers = (join(Add(), "input", name="twice"), join(Add(), "input", name="thrice"))
    network = Network("branches", (2,), layers)
    found = forward(network, {}, np.array([[1.0, 10.0]]))
    assert found["thrice"].tolist() == [[3, 30]]
    passed = backward(network, {}, found, {"thrice": np.array([[1.0, 2.0]])})
    assert passed.activations["input"].tolist() == [[3, 6]]
    assert passed.activations["twice"].tolist() == [[1, 2]]


def test_a_branch_that_nobody_reads_gets_no_gradient() -> None:
    layers = (Linear(2), named(ReLU(), "unread"), named(Linear(3), source="linear1"))
    network = Network("dead end", (2,), layers)
    parameters = lively_parameters(network, 1)
    images, labels = batch(network, 2, 1)
    found = loss_and_gradients(network, CrossEntropy(), parameters, images, labels)
    assert [*found.gradients] == [*network.parameters, "input"]
    assert found.gradients["linear1.weight"].any()


def test_a_softmax_at_the_end_does_not_change_training() -> None:
    plain = Network("plain", (2, 3, 3), (Flatten(), Linear(4)))
    ended = Network("ended", (2, 3, 3), (Flatten(), Linear(4), Softmax()))
    parameters, (images, labels) = lively_parameters(plain, 1), batch(plain, 3, 2)
    loss = CrossEntropy(0.1)
    first = loss_and_gradients(plain, loss, parameters, images, labels)
    second = loss_and_gradients(ended, loss, parameters, images, labels)
    assert first.loss == second.loss
    for name, gradient in first.gradients.items():
        assert (gradient == second.gradients[name]).all()


def test_training_and_inference_differ_where_they_should() -> None:
    network = Network("drops", (50,), (Dropout(0.5),))
    image = np.ones((1, 50))
    still = forward(network, {}, image)["dropout1"]
    first = forward(network, {}, image, training=True, step=0)["dropout1"]
    second = forward(network, {}, image, training=True, step=1)["dropout1"]
    assert (still == 1).all()
    assert {*np.unique(first)} == {0.0, 2.0}
    assert (first != second).any()


def test_the_first_output_that_is_not_finite_is_named() -> None:
    network = Network("n", (1, 3, 3), (Conv2d(1, 2), ReLU(), Flatten(), Linear(2)))
    parameters = lively_parameters(network, 1)
    images, _ = batch(network, 1, 1)
    good = forward(network, parameters, images)
    assert first_not_finite(network, good) is None
    parameters["linear1.weight"][0, 0] = np.inf
    assert first_not_finite(network, forward(network, parameters, images)) == "linear1"
    parameters["conv1.bias"][0] = np.nan
    assert first_not_finite(network, forward(network, parameters, images)) == "conv1"
    images[0, 0, 0, 0] = np.nan
    assert first_not_finite(network, forward(network, parameters, images)) == "input"
