"""The arithmetic of one output: what is shown is what the network computes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.engines.native import NativeEngine
from mirada.errors import UsageError
from mirada.inspection import Arithmetic, arithmetic, layers_needed
from mirada.inspection.point_terms import FUNCTIONS
from mirada.network import (
    INPUT,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Multiply,
    Network,
    Node,
    Recipe,
    ReLU,
    Softmax,
    Upsample,
    join,
    named,
)
from mirada.network.activation import Activation
from mirada.reference import Moment, forward
from tests.engines.drawn import compiled_networks
from tests.layer_bounds import bound_of
from tests.refusal import refuses
from tests.strategies import batch, lively_parameters, networks
from tests.tolerance import Bounded, unit

Numbers = NDArray[np.floating]


def found_at(
    layers: Sequence[Layer | Node],
    images: Any,
    name: str,
    *place: int,
    **own: object,
) -> Arithmetic:
    """The arithmetic in a network of these layers on one image, its weights given."""
    image = np.array(images, np.float64)
    network = Network("small", image.shape, layers)
    parameters = {key.replace("__", "."): np.array(value) for key, value in own.items()}
    seen = forward(network, parameters, image[None])
    return arithmetic(network, parameters, seen, name, place)


def bounds_of(
    network: Network,
    parameters: Mapping[str, Numbers],
    seen: Mapping[str, Numbers],
    name: str,
    dtype: type[np.floating],
) -> Bounded:
    """What a layer exactly gives for the inputs that were seen, and the error bound."""
    place = [node.name for node in network.nodes].index(name)
    node = network.nodes[place]
    u = unit(dtype) + unit(np.float64)
    inputs = tuple(Bounded.exact(seen[source], u) for source in node.inputs)
    own = {
        key.removeprefix(f"{name}."): np.asarray(value, np.float64)
        for key, value in parameters.items()
        if key.startswith(f"{name}.")
    }
    return bound_of(node.layer).forward(node.layer, inputs, own, Moment(place=place))


def check_every_layer(
    network: Network,
    parameters: Mapping[str, Numbers],
    seen: Mapping[str, Numbers],
    dtype: type[np.floating],
    noise: np.random.Generator,
) -> None:
    """Some outputs of every layer: the sum shown, and the activation after it."""
    for node in network.nodes:
        exact = bounds_of(network, parameters, seen, node.name, dtype)
        shape = network.shapes[node.name]
        for _ in range(6):
            place = tuple(int(noise.integers(length)) for length in shape)
            shown = arithmetic(network, parameters, seen, node.name, place)
            at = (0, *place)
            allowed = 2 * exact.bound[at]
            assert abs(shown.value - exact.value[at]) <= allowed
            assert abs(shown.value - shown.computed) <= allowed
            check_parts(shown, allowed)
            check_walk_back(shown, seen)
            if shown.activation is not None:
                after = bounds_of(
                    network, parameters, seen, shown.activation.layer, dtype
                )
                gap = abs(shown.activation.value - after.value[at])
                assert gap <= 2 * after.bound[at]


def check_parts(shown: Arithmetic, allowed: float) -> None:
    """Products, their sum and the bias add up to the value."""
    terms = shown.terms
    if terms.weights is not None:
        assert terms.products is not None and terms.sum is not None
        assert terms.window.shape == terms.weights.shape == terms.inside.shape
        assert abs(terms.products.sum() - terms.sum) <= allowed
        assert abs(terms.sum + (terms.bias or 0.0) - terms.value) <= allowed
    assert not terms.window[~terms.inside].any()


def check_walk_back(shown: Arithmetic, seen: Mapping[str, Numbers]) -> None:
    """Every entry of the window is the output of the place that it names."""
    for index in map(tuple, np.argwhere(shown.terms.inside)):
        source, place = shown.origin(index)
        assert shown.terms.window[index] == float(seen[source][(0, *place)])


@settings(max_examples=60)
@given(networks(), st.integers(0, 1000))
def test_drawn_networks_beside_the_law(network: Network, seed: int) -> None:
    parameters = lively_parameters(network, seed)
    images, _ = batch(network, 1, seed)
    seen = forward(network, parameters, images)
    noise = np.random.default_rng(seed)
    check_every_layer(network, parameters, seen, np.float64, noise)


@settings(max_examples=8)
@given(compiled_networks(), st.integers(0, 1000))
def test_drawn_networks_beside_the_compiled_engine(network: Network, seed: int) -> None:
    engine = NativeEngine(network, Recipe(batch_size=1), 1)
    parameters = lively_parameters(network, seed)
    engine.load_parameters(parameters)
    images, _ = batch(network, 1, seed)
    seen = engine.activations(images, [*network.shapes])
    noise = np.random.default_rng(seed)
    check_every_layer(network, parameters, seen, np.float32, noise)


LECTURE = [
    [1, 1, 1, 0, 0],
    [0, 1, 1, 1, 0],
    [0, 0, 1, 1, 1],
    [0, 0, 1, 1, 0],
    [0, 1, 1, 0, 0],
]
KERNEL = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]


def test_the_lectures_first_cell() -> None:
    own = {"conv1__weight": [[KERNEL]], "conv1__bias": [-6]}
    shown = found_at([Conv2d(1, 3), ReLU()], [LECTURE], "conv1", 0, 0, 0, **own)
    assert shown.terms.window.tolist() == [[[1, 1, 1], [0, 1, 1], [0, 0, 1]]]
    assert shown.terms.products is not None
    assert shown.terms.products.tolist() == [[[1, 0, 1], [0, 1, 0], [0, 0, 1]]]
    assert (shown.terms.sum, shown.terms.bias, shown.value) == (4, -6, -2)
    assert shown.terms.formula == "4 + (-6) = -2"
    assert shown.activation is not None
    assert shown.activation == ("relu1", "relu", 0.0, "max(0, -2) = 0")
    assert shown.box is not None
    assert (shown.box.rows, shown.box.columns) == ((0, 2), (0, 2))


def test_padding_is_told_apart_from_a_pixel_of_zero() -> None:
    layer = Conv2d(1, 3, padding=(1, 0, 2, 0), bias=False)
    shown = found_at([layer], [LECTURE], "conv1", 0, 0, 0, conv1__weight=[[KERNEL]])
    assert shown.terms.axes == ((0,), (-1, 0, 1), (-2, -1, 0))
    assert shown.terms.inside[0].tolist() == [
        [False, False, False],
        [False, False, True],
        [False, False, True],
    ]
    assert shown.terms.bias is None and shown.terms.formula == "0"
    assert shown.box is not None and shown.box.in_padding
    assert shown.box.rows == (0, 1) and shown.box.field_rows == (-1, 1)


def test_the_winner_of_a_maximum_and_its_ties() -> None:
    rows = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 3, 3, 4]]
    layers: list[Layer] = [MaxPool2d(2)]
    shown = found_at(layers, [rows], "maxpool1", 0, 0, 1)
    assert shown.terms.formula == "max(2, 4, 7, 8) = 8"
    assert shown.terms.weights is None and shown.terms.products is None
    assert shown.origin(shown.strongest or ()) == (INPUT, (0, 1, 3))
    tied = found_at(layers, [rows], "maxpool1", 0, 1, 0)
    assert tied.terms.winners == ((0, 0, 0), (0, 1, 1))


@pytest.mark.parametrize(
    ("counted", "formula"), [(True, "(1 + 5)/4 = 1.5"), (False, "(1 + 5)/2 = 3")]
)
def test_a_mean_counts_its_padding_or_not(counted: bool, formula: str) -> None:
    layer = AvgPool2d(2, padding=(0, 0, 1, 0), count_padding=counted)
    shown = found_at([layer], [[[1, 1], [5, 6]]], "avgpool1", 0, 0, 0)
    assert shown.terms.formula == formula and shown.terms.sum == 6


def test_batch_normalization_is_written_out() -> None:
    own = {
        "batchnorm1__weight": [2.0],
        "batchnorm1__bias": [-1.0],
        "batchnorm1__running_mean": [1.0],
        "batchnorm1__running_var": [4.0],
    }
    shown = found_at([BatchNorm2d()], [[[5.0]]], "batchnorm1", 0, 0, 0, **own)
    assert shown.terms.formula == "(5 - 1)/sqrt(4 + 1e-05)*2 + (-1) = 3"
    facts = dict(shown.terms.facts)
    assert facts["running_mean"] == 1 and facts["running_var"] == 4
    assert facts["normalized"] == pytest.approx(2, abs=1e-4)


def test_softmax_shows_every_exponential() -> None:
    scores = [[[1.0]], [[2.0]], [[3.0]]]
    shown = found_at([Softmax()], scores, "softmax1", 1, 0, 0)
    assert shown.value == pytest.approx(0.2447, abs=5e-5)
    assert shown.terms.exponentials is not None
    assert shown.terms.exponentials == pytest.approx(np.exp([-2.0, -1.0, 0.0]))
    large = [[[1000.0]], [[1001.0]], [[1002.0]]]
    assert found_at([Softmax()], large, "softmax1", 1, 0, 0).value == shown.value


def test_where_flattened_and_joined_values_come_from() -> None:
    image = np.arange(18.0).reshape(2, 3, 3).tolist()
    shown = found_at([Flatten(), Dropout(0.5)], image, "flatten1", 14)
    assert shown.origin((0, 0, 0)) == (INPUT, (1, 1, 2)) and shown.value == 14
    network = Network(
        "joined",
        (2, 3, 3),
        [
            named(MaxPool2d(1), "same"),
            named(MaxPool2d(2, stride=1), "small"),
            join(Concat(crop=True), "same", name="both"),
            join(Add(), "both", name="sum", source="both"),
        ],
    )
    seen = forward(network, {}, np.array([image]))
    both = arithmetic(network, {}, seen, "both", (3, 1, 1))
    assert both.origin((0, 0, 0)) == ("same", (1, 1, 1)) and both.value == 13
    total = arithmetic(network, {}, seen, "sum", (3, 1, 1))
    assert total.terms.formula == "13 + 13 = 26"
    assert total.origin((1,)) == ("both", (3, 1, 1))


def test_a_gate_is_read_at_its_only_pixel() -> None:
    image = [[[1.0, -2.0]], [[3.0, 5.0]]]
    layers = [named(GlobalAvgPool2d(), "gate"), join(Multiply(), INPUT)]
    shown = found_at(layers, image, "multiply1", 1, 0, 1)
    assert shown.terms.formula == "4*5 = 20" and shown.value == 20
    assert shown.origin((0,)) == ("gate", (1, 0, 0))
    assert shown.origin((1,)) == (INPUT, (1, 0, 1))


def test_a_transposed_convolution_shows_who_reaches_the_place() -> None:
    layer = ConvTranspose2d(1, 3, stride=2)
    weight = np.arange(9).reshape(1, 1, 3, 3)
    own: dict[str, Any] = {
        "convtranspose1__weight": weight,
        "convtranspose1__bias": [10],
    }
    shown = found_at([layer], [[[1, 2], [3, 4]]], "convtranspose1", 0, 2, 1, **own)
    assert shown.terms.axes == ((0,), (1, 0), (0,))
    assert shown.terms.window.tolist() == [[[3], [1]]]
    assert shown.terms.weights is not None
    assert shown.terms.weights.tolist() == [[[1], [7]]]
    assert shown.terms.formula == "10 + 10 = 20"


def test_an_enlarged_pixel_is_a_mixture() -> None:
    layer = Upsample(2, "bilinear")
    shown = found_at([layer], [[[0, 4], [8, 12]]], "upsample1", 0, 1, 1)
    assert shown.terms.weights is not None
    assert shown.terms.weights.tolist() == [[[0.5625, 0.1875], [0.1875, 0.0625]]]
    assert shown.value == 3


def test_the_input_is_a_layer_too() -> None:
    shown = found_at([ReLU()], [LECTURE], INPUT, 0, 1, 2)
    assert (shown.kind, shown.value, shown.activation) == (INPUT, 1, None)
    assert layers_needed(Network("n", (1, 5, 5), [ReLU()]), INPUT) == (INPUT,)


def test_what_is_not_finite_is_null_in_json() -> None:
    own = {"linear1__weight": [[np.nan, 1.0]], "linear1__bias": [0.0]}
    network = Network("n", (2,), [Linear(1)])
    parameters = {key.replace("__", "."): np.array(v) for key, v in own.items()}
    seen = forward(network, parameters, np.ones((1, 2)))
    plain = arithmetic(network, parameters, seen, "linear1", (0,)).to_dict()
    assert plain["weights"] == [None, 1.0] and plain["value"] is None


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        ("conv1", (1, 0, 0), "a channel from 0 to 0, a row from 0 to 2"),
        ("conv1", (0, 3, 0), "got 0 3 0"),
        ("conv1", (0,), "gives 1x3x3"),
        ("flatten1", (9,), "a feature from 0 to 8"),
        ("flatten1", (0, 0, 0), "got 0 0 0"),
    ],
)
def test_a_place_outside_is_refused(
    name: str, place: tuple[int, ...], words: str
) -> None:
    network = Network("n", (1, 5, 5), [Conv2d(1, 3), Flatten()])
    with refuses(UsageError, "place-outside", f"Layer '{name}'", words):
        arithmetic(network, {}, {}, name, place)


def test_every_kind_of_activation_is_written_out() -> None:
    kinds = {kind for kind in Activation.__subclasses__() if kind is not Softmax}
    assert set(FUNCTIONS) == kinds
