"""Networks as values: names, joins, shapes, and what they refuse."""

from typing import Any

import pytest
from hypothesis import given

from mirada import network as package
from mirada.errors import DescriptionError, FieldError, ShapeError
from mirada.network import (
    INPUT,
    Add,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Node,
    ReLU,
    ReLU6,
    Upsample,
    join,
    named,
)
from mirada.network.graph import MOST_ELEMENTS, MOST_LAYERS, walk
from mirada.network.text import automatic_names
from tests.refusal import refuses
from tests.strategies import networks

LENET = Network(
    "lenet",
    (3, 32, 32),
    (
        *(Conv2d(6, 5), ReLU(), MaxPool2d(2), Conv2d(16, 5), ReLU(), MaxPool2d(2)),
        *(Flatten(), Linear(120), ReLU(), Linear(84), ReLU(), Linear(10)),
    ),
)


def test_the_lectures_shapes() -> None:
    assert [*LENET.shapes.values()] == [
        *((3, 32, 32), (6, 28, 28), (6, 28, 28), (6, 14, 14)),
        *((16, 10, 10), (16, 10, 10), (16, 5, 5), (400,)),
        *((120,), (120,), (84,), (84,), (10,)),
    ]
    assert LENET.output == (10,)


def test_parameters_have_names_and_shapes() -> None:
    shapes = {name: p.shape for name, p in LENET.parameters.items()}
    assert shapes["conv1.weight"] == (6, 3, 5, 5)
    assert shapes["linear1.weight"] == (120, 400)
    assert [*shapes][:3] == ["conv1.weight", "conv1.bias", "conv2.weight"]


def test_transposed_weights_have_pytorchs_layout() -> None:
    network = Network("n", (4, 3, 3), (ConvTranspose2d(6, (2, 3), groups=2),))
    assert network.parameters["convtranspose1.weight"].shape == (4, 3, 2, 3)


def test_names_of_a_kind_that_ends_in_a_number_are_its_own() -> None:
    network = Network("n", (2,), (*(ReLU() for _ in range(61)), ReLU6(), ReLU6()))
    assert [*network.by_name][-3:] == ["relu61", "relu6_1", "relu6_2"]
    assert automatic_names(network) == [*network.by_name]


def test_readers_are_known() -> None:
    layers = (ReLU(), join(Add(), INPUT), join(Concat(), "relu1", INPUT))
    network = Network("n", (2,), layers)
    assert network.readers == {
        INPUT: ("relu1", "add1", "concat1"),
        "relu1": ("add1", "concat1"),
        "add1": ("concat1",),
        "concat1": (),
    }
    assert network.input_shapes(network.nodes[2]) == ((2,), (2,), (2,))


def test_the_function_join_is_not_hidden_by_the_module() -> None:
    assert package.join is join
    assert callable(package.join)


@given(networks())
def test_equal_by_content(network: Network) -> None:
    again = Network(network.name, (*network.input,), [*network.nodes])
    assert again == network
    assert hash(again) == hash(network)
    assert again != Network("other", network.input, network.layers)


@given(networks())
def test_walking_gives_the_shapes(network: Network) -> None:
    assert walk(network.input, network.nodes) == network.shapes
    assert all(min(shape) >= 1 for shape in network.shapes.values())


@pytest.mark.parametrize(
    "shape",
    [(), (1, 2), (0, 5, 5), (1, 2, 3, 4), (1, 2.0, 3), "1x2", (True,), (65537,)],
)
def test_input_shapes_that_are_refused(shape: Any) -> None:
    with refuses(FieldError, "input-shape", "channels, height and width", "got "):
        Network("n", shape, (ReLU(),))


@pytest.mark.parametrize("name", ["", "a/b", "ñ", "x" * 81, 3, "a\n"])
def test_names_of_networks_that_are_refused(name: Any) -> None:
    with refuses(
        FieldError, "field-name", "Network.name must be", "'_', '-', ' ', '.'"
    ):
        Network(name, (3,), (ReLU(),))


@pytest.mark.parametrize("name", ["a b", "a.b", "x" * 81])
def test_names_of_layers_that_are_refused(name: str) -> None:
    with refuses(FieldError, "field-name", "Node.name must be 1 to 80", repr(name)[:9]):
        Network("n", (3,), (named(ReLU(), name),))


@pytest.mark.parametrize("name", ["as", "from", "crop", "nocrop"])
def test_names_that_mean_something_else(name: str) -> None:
    with refuses(DescriptionError, "name-reserved", f"called {name!r}, which means"):
        Network("n", (3,), (named(ReLU(), name),))


def test_names_that_are_taken() -> None:
    for name in ("a", INPUT):
        with refuses(DescriptionError, "name-twice", f"Two layers are called {name!r}"):
            Network("n", (3,), (named(ReLU(), "a"), named(ReLU(), name)))


def test_names_that_nobody_has() -> None:
    words = "Layer 'relu2' takes 'stem'", "Earlier names: input, relu1"
    with refuses(DescriptionError, "name-unknown", *words):
        Network("n", (3,), (ReLU(), named(ReLU(), source="stem")))
    with refuses(DescriptionError, "name-unknown", "Layer 'add1' takes 'add1'"):
        Network("n", (3,), (join(Add(), "add1"),))


def test_only_joins_take_several() -> None:
    with refuses(
        DescriptionError, "not-a-join", "Layer 'relu1' (relu) takes one input"
    ):
        Network("n", (3,), (join(ReLU(), INPUT),))


@pytest.mark.parametrize("count", [0, MOST_LAYERS + 1])
def test_too_few_and_too_many_layers(count: int) -> None:
    with refuses(DescriptionError, "layer-count", "1 to 4096 layers", f"has {count}"):
        Network("n", (3,), (ReLU(),) * count)


def test_what_is_no_layer() -> None:
    with refuses(FieldError, "layer-kind", "must hold layers", "'conv 6 5x5'"):
        Network("n", (3,), ("conv 6 5x5",))  # type: ignore[arg-type]


def test_outputs_beyond_reason() -> None:
    layers = [Upsample(64)] * 4
    with refuses(
        ShapeError, "output-too-large", "Layer 'upsample4'", str(MOST_ELEMENTS)
    ):
        Network("n", (1, 1, 1), layers)


def test_the_first_impossible_layer_is_named_with_its_place() -> None:
    with pytest.raises(ShapeError) as caught:
        Network("n", (1, 4, 4), (ReLU(), MaxPool2d(2), Conv2d(1, 3), Conv2d(1, 9)))
    assert caught.value.values["place"] == 2
    assert str(caught.value).startswith("Layer 'conv1' needs an input of at least 3x3")


def test_a_deep_network_is_described_at_once() -> None:
    network = Network("deep", (3,), (Dropout(0.1),) * MOST_LAYERS)
    assert network.nodes[-1] == Node(Dropout(0.1), "dropout4096", "dropout4095")
