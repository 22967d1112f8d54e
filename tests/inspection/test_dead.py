"""Dead units and linear ones: planted by their biases."""

import numpy as np

from mirada.inspection.dead import activity, rectified, relu_after
from mirada.network import Add, BatchNorm2d, Conv2d, MaxPool2d, Network, ReLU, join
from tests.inspection.hand_made import held, noise


def test_biases_decide() -> None:
    engine = held((1, 6, 6), Conv2d(3, 3), ReLU(), conv1_bias=[-100.0, 0.0, 100.0])
    (found,) = activity(engine, noise(50, 1, 6, 6), ["relu1"])
    assert (found.dead, found.always_on, found.images) == ((0,), (2,), 50)
    assert found.awake[0] == 0 and found.awake[2] == 1
    assert 0 < found.above[1] < 1


def test_shares_are_those_of_images_and_of_values() -> None:
    engine = held((2, 1, 2), ReLU())
    images = np.array([[[[1, -1]], [[-1, -1]]], [[[-1, -1]], [[-1, -1]]]], np.float32)
    (found,) = activity(engine, images, ["relu1"])
    assert found.awake.tolist() == [0.5, 0]
    assert found.above.tolist() == [0.25, 0]


def test_pieces_add_up() -> None:
    engine, images = held((1, 6, 6), Conv2d(4, 3), ReLU()), noise(100, 1, 6, 6)
    (whole,) = activity(engine, images, ["relu1"])
    halves = [
        activity(engine, part, ["relu1"])[0] for part in (images[:50], images[50:])
    ]
    np.testing.assert_allclose(whole.above, (halves[0].above + halves[1].above) / 2)


def test_the_relu_that_follows() -> None:
    network = Network(
        "some",
        (1, 8, 8),
        (Conv2d(2, 3), BatchNorm2d(), ReLU(), MaxPool2d(2), Conv2d(2, 1), ReLU()),
    )
    assert rectified(network) == ("relu1", "relu2")
    assert relu_after(network, "conv1") == "relu1"
    assert relu_after(network, "relu1") is None
    assert relu_after(network, "maxpool1") is None
    assert relu_after(network, "relu2") is None


def test_a_branch_has_no_relu_of_its_own() -> None:
    layers = (Conv2d(2, 1), ReLU(), join(Add(), "conv1"))
    assert relu_after(Network("branch", (1, 4, 4), layers), "conv1") is None
