"""Which layer is chosen for a class activation map, and what is refused."""

import pytest

from mirada.errors import UsageError
from mirada.inspection.cam_layer import cam_layer, mapped_layers
from mirada.models import digits, lenet5, mobilenet, resnet18, resnet18_cifar, vgg16
from mirada.network import (
    INPUT,
    Add,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Upsample,
    join,
    named,
)
from tests.refusal import refuses


@pytest.mark.parametrize(
    ("network", "name", "size"),
    [
        (lenet5(), "relu2", (10, 10)),
        (digits(), "relu2", (8, 8)),
        (vgg16((3, 224, 224)), "relu13", (14, 14)),
        (resnet18((3, 224, 224)), "layer4_1_out", (7, 7)),
        (resnet18((3, 64, 64)), "layer2_1_out", (8, 8)),
        (resnet18_cifar((3, 32, 32)), "layer3_1_out", (8, 8)),
        (mobilenet((3, 224, 224)), "block13_pointwise_relu", (7, 7)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_last_fine_layer_is_chosen(
    network: Network, name: str, size: tuple[int, int]
) -> None:
    found = cam_layer(network)
    assert (found.name, found.size, found.chosen) == (name, size, True)
    assert found.fine
    assert f"{size[0]}x{size[1]}" in str(found.why)
    assert "the last one whose maps" in str(found.why)


def test_what_one_place_sees_is_told() -> None:
    assert str(cam_layer(lenet5()).sees) == (
        "One place of a map sees 14x14 pixels of the image."
    )


def test_where_no_layer_is_fine_the_finest_is_taken() -> None:
    layers = (MaxPool2d(8), Conv2d(4, 1), ReLU(), Conv2d(4, 3), Flatten(), Linear(2))
    found = cam_layer(Network("coarse", (1, 32, 32), layers))
    assert (found.name, found.size, found.fine) == ("relu1", (4, 4), False)
    assert "no layer has maps of 7x7 or more" in str(found.why)


def test_a_layer_beside_the_only_way_is_not_chosen() -> None:
    """What the short cut carries, the branch does not see."""
    network = Network(
        "beside",
        (1, 16, 16),
        (
            *(named(Conv2d(3, 3, padding=1), "stem"), MaxPool2d(4)),
            named(Conv2d(3, 3, padding=1), "branch", source="stem"),
            join(Add(), "stem", name="sum"),
            *(MaxPool2d(4), Flatten(), Linear(2)),
        ),
    )
    assert cam_layer(network).name == "sum"
    assert "branch" in mapped_layers(network)


def test_a_layer_that_nothing_reads_will_not_do() -> None:
    layers = (named(Conv2d(2, 3), "used"), named(Conv2d(2, 3), "idle"))
    read = (named(Flatten(), source="used"), Linear(2))
    network = Network("idle", (1, 16, 16), (*layers, *read))
    assert mapped_layers(network) == ["used"]
    with refuses(
        UsageError, "cam-layer", "'idle' gives 2x12x12", "the answer does not"
    ):
        cam_layer(network, "idle")


def test_only_pools_will_do_if_there_is_nothing_else() -> None:
    network = Network("pool", (1, 8, 8), (MaxPool2d(2), Flatten(), Linear(2)))
    assert cam_layer(network).name == "maxpool1"


def test_pools_enlarging_and_dropout_bring_nothing_new() -> None:
    layers = (Conv2d(2, 3, padding=1), ReLU(), MaxPool2d(2), Upsample(2), Dropout(0.5))
    network = Network("same", (1, 16, 16), (*layers, Flatten(), Linear(2)))
    assert cam_layer(network).name == "relu1"


@pytest.mark.parametrize("name", ["conv1", "maxpool2", INPUT])
def test_a_layer_that_is_asked_for_is_taken(name: str) -> None:
    found = cam_layer(lenet5(), name)
    assert (found.name, found.chosen) == (name, False)
    assert f"Layer {name} was asked for" in str(found.why)


@pytest.mark.parametrize(
    ("name", "shape"), [("linear1", "120"), ("flatten1", "400"), ("conv9", "-")]
)
def test_a_layer_without_maps_is_refused(name: str, shape: str) -> None:
    words = f"Layer '{name}' gives {shape}", "conv1, relu1, maxpool1, conv2"
    with refuses(UsageError, "cam-layer", *words):
        cam_layer(lenet5(), name)


def test_a_network_without_maps_is_refused() -> None:
    network = Network("plain", (1, 4, 4), (Flatten(), Linear(2)))
    with refuses(UsageError, "cam-no-layer", "'plain'", "saliency", "rise"):
        cam_layer(network)


def test_places_that_do_not_follow_evenly_have_no_axes() -> None:
    layers = (Upsample(2, "bilinear"), Conv2d(2, 2), Flatten(), Linear(2))
    network = Network("uneven", (1, 8, 8), layers)
    assert cam_layer(network, "conv1").axes is None
    assert cam_layer(network, INPUT).axes is None
