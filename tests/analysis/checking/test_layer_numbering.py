"""Tables that number their layers in other ways than one number a kind."""

import pytest

from mirada.errors import DataError
from mirada.models import build
from mirada.network import Network
from tests.analysis.checking.test_layer_names import LENET, placed
from tests.refusal import refuses

VGG11, VGG16 = build("vgg11"), build("vgg16")
FRONT = ["conv1", "relu1", "maxpool1", "conv2", "relu2", "maxpool2"]
ACTIVE = ["conv1", "maxpool1", "conv2", "maxpool2", "linear1", "linear2"]
BLOCKS = ["conv1", "maxpool1", "conv2", "conv3", "conv4", "conv8"]


@pytest.mark.parametrize(
    ("network", "text", "found"),
    [
        (LENET, "conv0 conv1", ["conv1", "conv2"]),
        (LENET, "conv0 fc1", ["conv1", "linear1"]),
        (LENET, "conv2d_1", ["conv1"]),
        (LENET, "dense dense_1", ["linear1", "linear2"]),
        (LENET, "conv2d max_pooling2d conv2d_1 max_pooling2d_1", ACTIVE[:4]),
        (VGG11, "conv2d conv2d_1 conv2d_2", ["conv1", "conv2", "conv3"]),
        (LENET, "C1 S2 C3 S4 C5 F6", ACTIVE),
        (LENET, "C1 S2 C3 S4 F5 F6 OUTPUT", [*ACTIVE, "linear3"]),
        (LENET, "C1 P1 C2 P2 FC1 FC2", ACTIVE),
        (LENET, "Conv2d-1 ReLU-2 MaxPool2d-3 Conv2d-4 ReLU-5 MaxPool2d-6", FRONT),
        (VGG11, "Conv2d-1 ReLU-2 MaxPool2d-3 Conv2d-4 ReLU-5 MaxPool2d-6", FRONT),
        (VGG11, "conv1_1 pool1 conv2_1 conv3_1 conv3_2 conv5_2", BLOCKS),
        (VGG11, "block1_conv1 block1_pool block2_conv1 block3_conv2", None),
        (VGG11, "conv1 conv2 conv3-1 conv3-2", ["conv1", "conv2", "conv3", "conv4"]),
        (VGG16, "conv1_1 conv2_1 conv5_3", ["conv1", "conv3", "conv13"]),
        (VGG16, "conv1 conv11", ["conv1", "conv11"]),
        (LENET, "conv1 ReLU pool1", ["conv1", "relu1", "maxpool1"]),
        (LENET, "conv1 ReLU fc2 ReLU", ["conv1", "relu1", "linear2", "relu4"]),
    ],
)
def test_other_numbers(network: Network, text: str, found: list[str] | None) -> None:
    expected = found or ["conv1", "maxpool1", "conv2", "conv4"]
    assert placed(network, *text.split()) == expected


@pytest.mark.parametrize(
    ("network", "text", "word"),
    [
        (VGG11, "conv3_1 conv3_3", "conv3_3"),
        (LENET, "conv0 conv1 conv2", "conv2"),
        (build("resnet18"), "conv1 conv2_1", "conv2_1"),
    ],
)
def test_what_is_not_there_is_refused(network: Network, text: str, word: str) -> None:
    with refuses(DataError, "check-row-unknown", word):
        placed(network, *text.split())


@pytest.mark.parametrize("total", ["Total trainable params", "total de parámetros"])
def test_the_sum_by_other_names(total: str) -> None:
    assert placed(LENET, total) == ["total"]


def test_the_size_of_a_window_is_no_number() -> None:
    assert placed(LENET, "conv 5x5", "conv 5x5") == ["conv1", "conv2"]


def test_a_softmax_that_learns_nothing_is_no_fully_connected_layer() -> None:
    assert placed(LENET, "fc1", "softmax", parameters="0") == ["linear1", "softmax"]
    assert placed(LENET, "fc1", "softmax", parameters="850") == ["linear1", "linear3"]
