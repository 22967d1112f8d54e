"""Known networks: each can be built, adapted, and written and read without loss."""

from math import prod

import pytest

from mirada.analysis.operations import count_operations
from mirada.errors import ShapeError, UsageError
from mirada.models import MODELS, build, lenet5, lenet5_lecture, unet
from mirada.network import Network, Shape
from mirada.network.file import from_toml, to_toml
from tests.refusal import refuses

SMALL: dict[str, Shape] = {
    "lenet5": (3, 32, 32),
    "lenet5_lecture": (1, 28, 28),
    "digits": (3, 10, 12),
    "cifar": (1, 28, 28),
    "alexnet": (1, 96, 96),
    "unet": (3, 188, 204),
    "unet_padded": (3, 64, 32),
}


def learned(network: Network) -> int:
    """How many numbers the network learns, straight from its parameters."""
    parameters = network.parameters.values()
    return sum(prod(p.shape) for p in parameters if p.role != "statistic")


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("lenet5", 61_706),
        ("lenet5_lecture", 62_006),
        ("digits", 151_306),
        ("cifar", 356_810),
        ("alexnet", 61_100_840),
        ("vgg11", 132_863_336),
        ("vgg11_bn", 132_868_840),
        ("vgg13", 133_047_848),
        ("vgg13_bn", 133_053_736),
        ("vgg16", 138_357_544),
        ("vgg16_bn", 138_365_992),
        ("vgg19", 143_667_240),
        ("vgg19_bn", 143_678_248),
        ("resnet18", 11_689_512),
        ("resnet18_cifar", 11_173_962),
        ("resnet34", 21_797_672),
        ("resnet50", 25_557_032),
        ("resnet50_v1", 25_557_032),
        ("mobilenet", 4_231_976),
        ("unet", 31_030_658),
        ("unet_padded", 31_030_658),
    ],
)
def test_parameters(name: str, parameters: int) -> None:
    assert learned(build(name)) == parameters


@pytest.mark.parametrize("name", MODELS)
def test_the_name_of_a_network_is_its_name(name: str) -> None:
    assert build(name).name == name


@pytest.mark.parametrize("name", MODELS)
def test_input_and_classes_can_be_changed(name: str) -> None:
    shape = SMALL.get(name, (3, 64, 64))
    network = build(name, shape, 7)
    assert network.input == shape
    assert network.output[0] == 7


@pytest.mark.parametrize(
    ("name", "parameters", "gigaflops"),
    [
        ("resnet18", 11_689_512, 1.81),
        ("resnet34", 21_797_672, 3.66),
        ("resnet50", 25_557_032, 4.09),
        ("resnet101", 44_549_160, 7.80),
        ("resnet152", 60_192_808, 11.51),
        ("vgg16_bn", 138_365_992, 15.47),
        ("mobilenet_v2", 3_504_872, 0.30),
        ("mobilenet_v3_small", 2_542_856, 0.06),
        ("mobilenet_v3_large", 5_483_032, 0.22),
        ("efficientnet_b0", 5_288_548, 0.39),
        ("efficientnet_b1", 7_794_184, 0.69),
        ("efficientnet_b2", 9_109_994, 1.09),
        ("efficientnet_b3", 12_233_232, 1.83),
        ("efficientnet_b4", 19_341_616, 4.39),
        ("efficientnet_b5", 30_389_784, 10.27),
        ("efficientnet_b6", 43_040_704, 19.07),
        ("efficientnet_b7", 66_347_960, 37.75),
    ],
)
def test_counts_are_those_that_torchvision_publishes(
    name: str, parameters: int, gigaflops: float
) -> None:
    """Parameters exactly, multiply-accumulates as its rounded GFLOPS.

    Source: torchvision documentation, "Models and pre-trained weights", table of all
    available classification weights (its GFLOPS count one for a product and its sum).
    """
    network = build(name)
    assert learned(network) == parameters
    macs = sum(count_operations(network, node).macs for node in network.nodes)
    assert round(macs / 1e9, 2) == gigaflops


def test_efficientnets_take_the_images_they_were_trained_for() -> None:
    sides = [build(f"efficientnet_b{place}").input[1] for place in range(8)]
    assert sides == [224, 240, 288, 300, 380, 456, 528, 600]
    small = build("efficientnet_b7", (3, 64, 64))
    assert small.parameters == build("efficientnet_b7").parameters


@pytest.mark.parametrize("name", MODELS)
def test_a_file_holds_every_known_network(name: str) -> None:
    network = build(name)
    assert from_toml(to_toml(network)).network == network


def test_lenet_pads_only_small_images() -> None:
    assert lenet5().shapes["conv1"] == (6, 28, 28)
    assert lenet5((3, 32, 32)).shapes == lenet5_lecture().shapes


def test_unet_keeps_or_loses_its_border() -> None:
    assert unet((1, 188, 188), 3).output == (3, 4, 4)
    assert build("unet_padded", (1, 64, 96)).output == (2, 64, 96)


def test_residual_networks_differ_in_the_place_of_the_stride() -> None:
    ours, paper = build("resnet50"), build("resnet50_v1")
    names = ("layer2_0_conv1", "layer2_0_conv2")
    assert [ours.shapes[name][1] for name in names] == [56, 28]
    assert [paper.shapes[name][1] for name in names] == [28, 28]


def test_an_input_that_is_too_small_is_refused_with_the_layer() -> None:
    with refuses(ShapeError, "window-too-large", "'maxpool3'"):
        build("alexnet", (3, 48, 48))


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with refuses(UsageError, "model-unknown", "'resnet8'", "Did you mean resnet18"):
        build("resnet8")
    with refuses(UsageError, "model-unknown", "there are lenet5"):
        build("zzz")
