import numpy as np
import pytest

from mirada.network import (
    Conv2d,
    CrossEntropy,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Loss,
    MeanSquaredError,
    Network,
    Softmax,
)
from mirada.reference import loss_and_gradients
from mirada.training.scores import LossSum, class_count, probabilities

SCORES = Network("scores", (3,), (Linear(4),))
SHARES = Network("shares", (3,), (Linear(4), Softmax()))


def test_class_count() -> None:
    image = (1, 4, 4)
    assert class_count(SCORES) == 4
    assert class_count(Network("n", image, (Conv2d(5, 3), GlobalAvgPool2d()))) == 5
    assert class_count(Network("n", image, (Conv2d(5, 3),))) == 0
    assert class_count(Network("n", image, (Flatten(),))) == 16


def test_probabilities_are_the_softmax_of_scores() -> None:
    found = probabilities(SCORES, np.array([[0, 0, 0, 0], [1000, 0, 0, 0]], np.float32))
    assert found[0].tolist() == [0.25] * 4
    assert found[1].tolist() == [1, 0, 0, 0]
    one = probabilities(SCORES, np.log(np.array([[1.0, 2.0, 3.0, 4.0]])))
    np.testing.assert_allclose(one, [[0.1, 0.2, 0.3, 0.4]])


def test_a_network_that_ends_in_softmax_gives_them_itself() -> None:
    shares = np.array([[0.1, 0.2, 0.3, 0.4]])
    assert probabilities(SHARES, shares).tolist() == shares.tolist()


def test_no_images_have_no_loss() -> None:
    total = LossSum(CrossEntropy(), ends_in_softmax=False)
    assert total.mean == 0
    total.add(np.empty((0, 4), np.float32), np.empty(0, np.int64))
    assert total.mean == 0


@pytest.mark.parametrize(
    "loss",
    [
        CrossEntropy(),
        CrossEntropy(label_smoothing=0.2),
        CrossEntropy(class_weights=(1.0, 2.0, 0.5, 3.0)),
        CrossEntropy(label_smoothing=0.1, class_weights=(1.0, 2.0, 0.5, 3.0)),
        MeanSquaredError(),
    ],
)
@pytest.mark.parametrize("network", [SCORES, SHARES])
def test_the_loss_is_that_of_the_reference(network: Network, loss: Loss) -> None:
    draw = np.random.default_rng(3)
    images, labels = draw.standard_normal((7, 3)), draw.integers(0, 4, 7)
    parameters = {
        "linear1.weight": draw.standard_normal((4, 3)),
        "linear1.bias": draw.standard_normal(4),
    }
    wanted = loss_and_gradients(network, loss, parameters, images, labels)
    outputs = wanted.activations[network.nodes[-1].name]
    total = LossSum(loss, ends_in_softmax=network is SHARES)
    for piece in (slice(0, 3), slice(3, 7)):
        total.add(outputs[piece], labels[piece])
    assert total.mean == pytest.approx(wanted.loss, rel=1e-12)
