"""The whole summary: totals of known networks, rows, and the JSON interface."""

import json

import pytest

from mirada.analysis import summarize
from mirada.models import (
    MODELS,
    build,
    lenet5,
    lenet5_lecture,
    perceptron,
    unet,
    vgg16,
)
from mirada.network import BatchNorm2d, Conv2d, Network, ReLU


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("lenet5_lecture", 62_006),
        ("lenet5", 61_706),
        ("alexnet", 61_100_840),
        ("vgg11", 132_863_336),
        ("vgg11_bn", 132_868_840),
        ("vgg16", 138_357_544),
        ("vgg16_bn", 138_365_992),
        ("resnet18", 11_689_512),
        ("resnet34", 21_797_672),
        ("resnet50", 25_557_032),
        ("resnet50_v1", 25_557_032),
        ("unet", 31_030_658),
    ],
)
def test_totals_to_reproduce(name: str, parameters: int) -> None:
    assert summarize(build(name)).totals.parameters == parameters


@pytest.mark.parametrize(
    ("name", "macs"),
    [
        ("lenet5_lecture", 651_720),
        ("alexnet", 714_188_480),
        ("vgg16", 15_470_264_320),
        ("resnet18", 1_814_073_344),
        ("resnet50", 4_089_184_256),
        ("mobilenet", 568_740_352),
    ],
)
def test_macs_of_known_networks(name: str, macs: int) -> None:
    """As others count them: torchvision's notes give 0.71, 15.47, 1.81, 4.09 G."""
    assert summarize(build(name)).totals.macs == macs


def test_the_convolutions_of_vgg16() -> None:
    rows = [row for row in summarize(vgg16()).layers if row.kind == "conv"]
    assert sum(row.parameters.total for row in rows) == 14_714_688


def test_unet_gives_388_from_572() -> None:
    network = unet()
    assert network.input == (1, 572, 572) and network.output == (2, 388, 388)


def test_the_lectures_network_row_by_row() -> None:
    summary = summarize(lenet5_lecture())
    shapes = [row.output_shape for row in summary.layers if row.kind != "relu"]
    assert shapes == [
        (6, 28, 28),
        (6, 14, 14),
        (16, 10, 10),
        (16, 5, 5),
        (400,),
        (120,),
        (84,),
        (10,),
    ]
    counts = [row.parameters.total for row in summary.layers if row.kind != "relu"]
    assert counts == [456, 0, 2_416, 0, 0, 48_120, 10_164, 850]
    macs = [row.operations.macs for row in summary.layers if row.operations.macs]
    assert macs == [352_800, 240_000, 48_000, 10_080, 840]


def test_a_convolution_says_what_fully_connected_would_cost() -> None:
    summary = summarize(lenet5_lecture())
    assert summary.layer("conv1").fully_connected == 14_455_392
    assert summary.layer("linear1").fully_connected is None


def test_weights_biases_and_statistics_are_apart() -> None:
    network = Network("n", (3, 8, 8), [Conv2d(4, 3), BatchNorm2d(), ReLU()])
    totals = summarize(network).totals
    assert (totals.weights, totals.biases, totals.statistics) == (112, 8, 8)
    assert totals.parameters == 120


def test_the_interface_of_the_command() -> None:
    plain = summarize(lenet5()).to_dict()
    assert plain["schema"] == 1
    assert plain["totals"] == {
        "parameters": 61_706,
        "weights": 61_470,
        "biases": 236,
        "statistics": 0,
        "macs": 416_520,
        "memory_bytes": {
            "parameters": 246_824,
            "inference_per_image": 37_632,
            "training_per_image": 61_544 + 37_632,
        },
    }
    assert plain["layers"][0] == {
        "name": "conv1",
        "kind": "conv",
        "text": "conv 6 5x5 pad 2",
        "inputs": ["input"],
        "output_shape": [6, 28, 28],
        "output_formulas": ["(28 - 5 + 2 + 2)/1 + 1 = 28"] * 2,
        "dropped": [0, 0],
        "parameters": {
            "weights": 150,
            "biases": 6,
            "total": 156,
            "statistics": 0,
            "formula": "(5*5*1 + 1)*6 = 156",
        },
        "macs": 117_600,
        "macs_formula": "28*28*6 * 5*5*1 = 117600",
        "receptive_field": 5,
        "receptive_field_detail": {
            "size": [5, 5],
            "smallest": [5, 5],
            "start": [-2, -2],
            "jump": [1, 1],
            "aligned": True,
        },
        "fully_connected": (28 * 28 + 1) * 6 * 28 * 28,
    }
    assert plain["warnings"][0]["code"] == "most-parameters"


@pytest.mark.parametrize("name", MODELS)
def test_every_summary_is_json(name: str) -> None:
    plain = summarize(build(name)).to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    rows = plain["layers"]
    assert plain["totals"]["macs"] == sum(row["macs"] for row in rows)
    total = sum(row["parameters"]["total"] for row in rows)
    assert plain["totals"]["parameters"] == total


def test_every_formula_is_true() -> None:
    """Read as Python, left and right of each equation agree."""
    checked = 0
    for name in MODELS:
        for row in summarize(build(name)).layers:
            formulas = [row.parameters.formula, row.operations.formula]
            formulas += [size.formula for size in row.sizes]
            for formula in filter(None, formulas):
                left, right = formula.split(" = ")
                assert eval(left) == eval(right), formula
                checked += 1
    assert checked > 1000


def test_totals_are_sums_over_the_layers() -> None:
    lecture = summarize(lenet5_lecture())
    assert lecture.parameters_formula == "456 + 2416 + 48120 + 10164 + 850 = 62006"
    assert lecture.macs_formula == "352800 + 240000 + 48000 + 10080 + 840 = 651720"
    assert not lecture.is_fully_connected
    dense = summarize(perceptron([784, 100, 10]))
    assert dense.is_fully_connected
    assert dense.parameters_formula == "(784 + 1)*100 + (100 + 1)*10 = 79510"
    nothing = summarize(Network("n", (3,), [ReLU()]))
    assert nothing.parameters_formula == nothing.macs_formula == "0 = 0"
    assert not nothing.is_fully_connected


def test_what_a_row_knows() -> None:
    row = summarize(lenet5_lecture()).layer("conv1")
    assert row.input_shapes == ((3, 32, 32),)
    assert (row.kind, row.text) == ("conv", "conv 6 5x5")
    assert row.matrix is not None and row.matrix.nonzero == 352_800
    up = summarize(unet()).layer("up4")
    assert up.matrix is None and up.sizes[0].output == 56
