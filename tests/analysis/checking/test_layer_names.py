"""Which layer a row is about: names, kinds and numbers, and what is refused."""

import pytest

from mirada.analysis.checking.layer_names import Row, place_rows
from mirada.errors import DataError
from mirada.models import build
from mirada.network import (
    Add,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Softmax,
    join,
    named,
)
from tests.refusal import refuses

LENET = build("lenet5_lecture")
CONVS, POOLS = ["conv1", "conv2"], ["maxpool1", "maxpool2"]
LINEARS = ["linear1", "linear2", "linear3"]


def placed(network: Network, *names: str, parameters: str = "1") -> list[str]:
    return place_rows(network, [Row(name, "", parameters, 2) for name in names])


@pytest.mark.parametrize(
    "name",
    [
        "conv2",
        "Conv 2",
        "CONV2",
        "conv_2",
        "Conv2D 2",
        "capa convolucional 2",
        "Capa Convolucional Nº 2",
        "Convolución 2",
        "2nd convolution",
        "2ª convolución",
        "second conv layer",
        "segunda capa convolucional",
        "CONV2 (f=5, s=1)",
        "Conv 2 + ReLU",
        "conv 2: 5x5",
    ],
)
def test_one_layer_by_many_names(name: str) -> None:
    assert placed(LENET, name) == ["conv2"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["conv", "pool", "conv", "pool"], ["conv1", "maxpool1", "conv2", "maxpool2"]),
        (["POOL1", "Max pooling 2"], POOLS),
        (["FC1", "FC2", "FC3"], LINEARS),
        (["FC3", "FC4", "FC5"], LINEARS),
        (["FC3", "FC4", "Softmax"], LINEARS),
        (["dense", "dense_1", "dense_2"], LINEARS),
        (["Conv2d-1", "Conv2d-4"], CONVS),
        (["fully connected 1", "salida"], ["linear1", "linear3"]),
        (["FC1", "FC2", "FC3", "Softmax"], [*LINEARS, "softmax"]),
        (["ReLU 2", "flatten", "Aplanado 1"][:2], ["relu2", "flatten1"]),
        (["Input:", "Total"], ["input", "total"]),
        (["Imagen de entrada", "Parámetros totales"][:1], ["input"]),
        (["Entrada", "Suma"], ["input", "total"]),
        (["FC2"], ["linear2"]),
        (["FC4", "FC5"], ["linear2", "linear3"]),
    ],
    ids=" ".join,
)
def test_rows_by_kind_number_and_order(names: list[str], found: list[str]) -> None:
    assert placed(LENET, *names) == found


def test_a_softmax_layer_or_the_scores_before_it() -> None:
    layers = [Flatten(), Linear(20), Linear(10), Softmax()]
    net = Network("scores", (1, 4, 4), layers)
    assert placed(net, "FC1", "FC2", "Softmax") == ["linear1", "linear2", "softmax1"]
    assert placed(net, "FC1", "Softmax") == ["linear1", "linear2"]
    assert placed(net, "FC1", "Softmax", parameters="0") == ["linear1", "softmax1"]


def test_names_of_the_networks_own_come_first() -> None:
    layers = [named(Conv2d(4, 3, padding=1), "total"), named(Conv2d(4, 3), "pool2")]
    net = Network("odd", (4, 8, 8), [*layers, BatchNorm2d(), MaxPool2d(2)])
    assert placed(net, "pool2", "Total", "bn", "pool") == [
        *("pool2", "total", "batchnorm1", "maxpool1"),
    ]


def test_suma_is_a_layer_where_there_is_one() -> None:
    net = Network(
        "sum", (1, 4, 4), [named(ReLU(), "a"), ReLU(), join(Add(), "a", name="plus")]
    )
    assert placed(net, "suma") == ["plus"]


def test_a_row_that_names_no_layer() -> None:
    with refuses(DataError, "check-row-unknown", "Line 2", "'conv3'", "Did you mean"):
        placed(LENET, "conv3")
    with refuses(DataError, "check-row-unknown", "'conv7'"):
        placed(LENET, "conv1", "conv7")
    with refuses(DataError, "check-row-unknown", "'pool4'"):
        placed(Network("one", (1, 8, 8), [MaxPool2d(2)]), "pool4")
    with refuses(DataError, "check-row-unknown", "'banana'", "and 'total'"):
        placed(LENET, "banana")
    with refuses(DataError, "check-row-unknown", "'batchnorm1'"):
        placed(LENET, "batchnorm1")


def test_a_row_that_could_be_two_layers() -> None:
    with refuses(DataError, "check-row-ambiguous", "any of linear3, linear1"):
        placed(LENET, "FC3")
    with refuses(DataError, "check-row-ambiguous", "'conv'", "conv1, conv2"):
        placed(LENET, "conv")


def test_two_rows_for_one_layer() -> None:
    with refuses(DataError, "check-row-twice", "'CONV1'", "'conv1'", "line 2"):
        placed(LENET, "conv1", "CONV1")
