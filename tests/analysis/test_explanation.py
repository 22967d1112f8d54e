"""A layer in words, with its numbers."""

import pytest

from mirada.analysis import explain, summarize
from mirada.network import (
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Node,
    ReLU,
    Upsample,
    named,
)
from mirada.network.graph import join
from mirada.network.join import Add, Multiply
from mirada.network.text import LAYERS, read_node


def words(*layers: Layer | Node, channels: int = 1, side: int = 9) -> list[str]:
    """The explanation of the last layer."""
    network = Network("n", (channels, side, side), layers)
    return [str(sentence) for sentence in explain(summarize(network).layers[-1])]


def test_a_convolution() -> None:
    assert words(Conv2d(6, 5), channels=3, side=32) == [
        "convolution: slides its filters over the image; each output is the sum of "
        "products of one window with one filter, plus a bias (the filter is not "
        "flipped: strictly a cross-correlation)",
        "height and width: (32 - 5 + 0 + 0)/1 + 1 = 28; exact: nothing is dropped",
        "channels: 6, one for each filter; a filter spans all channels of the input "
        "(3)",
        "Do I need to learn parameters for this layer? Yes: (5*5*3 + 1)*6 = 456 (450 "
        "weights and 6 biases), because training finds the numbers of each filter; "
        "every place of the image uses the same ones, so the size of the image does "
        "not count",
        "multiplications with their additions (MACs): 28*28*6 * 5*5*3 = 352,800",
        "a fully connected layer between the same shapes would learn "
        "(3*32*32 + 1)*6*28*28 = 14,455,392, against 456 here",
        "as one matrix on the flattened image it would have 4,704*3,072 = 14,450,688 "
        "entries, 352,800 of them not zero; sliding the filters takes 700,896 "
        "multiplications and additions",
        "receptive field: 5x5 pixels of the input: 1 + (5 - 1)*1 = 5",
        "from one output to the next the field moves by 1; the first begins at (0, 0)",
    ]


def test_pooling_learns_nothing_and_says_what_it_drops() -> None:
    found = words(MaxPool2d(2))
    question = "Do I need to learn parameters for this layer? No: 0, because"
    assert any(sentence.startswith(question) for sentence in found)
    assert found[1] == (
        "height and width: (9 - 2 + 0 + 0)/2 + 1 = 4.5; 4.5 is rounded down to 4: the "
        "last pixel is not read"
    )


def test_axes_that_differ_are_told_apart() -> None:
    found = words(MaxPool2d((2, 3)))
    assert found[1].startswith("height: (9 - 2 + 0 + 0)/2 + 1 = 4.5; 4.5 is rounded")
    assert found[2] == "width: (9 - 3 + 0 + 0)/3 + 1 = 3; exact: nothing is dropped"
    assert found[-1].startswith("from one output to the next the field moves by 2x3")
    assert "height 1 + (2 - 1)*1 = 2; width 1 + (3 - 1)*1 = 3" in found[-2]


def test_gaps_are_told_once() -> None:
    found = words(MaxPool2d(1, stride=2))
    told = "the stride is larger than the window: it steps over 1 of every 2 pixels"
    assert found.count(told) == 1


def test_batch_normalization_keeps_statistics() -> None:
    found = words(BatchNorm2d(), channels=4)
    assert any(
        "Yes: 2*4 = 8, because" in sentence
        and "8 running statistics, kept and not learned" in sentence
        for sentence in found
    )


def test_a_vector_has_no_neighbours() -> None:
    found = words(Flatten(), Linear(3))
    assert found[1] == "length: 3, and each of them sees all 81 inputs"
    assert found[-1] == (
        "receptive field: 9x9 pixels of the input: 'linear1' reads the whole map: "
        "1 + (9 - 1)*1 = 9"
    )
    assert words(Flatten(), Linear(3), ReLU())[-1].endswith(
        "pixels of the input, as before"
    )


@pytest.mark.parametrize("layer", [ReLU(), GlobalAvgPool2d()])
def test_layers_without_a_window_that_slides(layer: Layer) -> None:
    assert not any("height" in sentence for sentence in words(layer))


def test_layers_that_enlarge() -> None:
    found = words(ConvTranspose2d(2, 3, stride=2))
    assert found[1].startswith("height and width: 2*(9 - 1) + 3 - 0 - 0 + 0 = 19; ")
    assert "the windows overlap unevenly" in found[3]
    assert words(Upsample((2, 3)))[1] == "height: 2*9 = 18; width: 3*9 = 27"
    assert "'upsample1' enlarges" in words(Upsample(2), Conv2d(1, 3))[-2]


def test_shapes_of_joins_and_groups() -> None:
    side = named(Conv2d(4, 3, padding=1), "side", source="input")
    network = Network("n", (2, 9, 9), [Conv2d(6, 5), side, join(Concat(True), "conv1")])
    found = [str(sentence) for sentence in explain(summarize(network).layers[-1])]
    assert found[1] == (
        "channels: 4 + 6 = 10; the larger maps are cut around their centre to 5x5"
    )
    assert found[-1] == "its inputs are aligned: at one place they see the same centre"
    assert words(Flatten(), join(Concat(), "flatten1"))[1] == "length: 81 + 81 = 162"
    gate = GlobalAvgPool2d(), join(Multiply(), "input")
    assert words(*gate, channels=2)[1] == (
        "shape: 2x9x9; the number of a gate goes over all pixels of its channel"
    )
    grouped = words(Conv2d(4, 3, groups=2), channels=6)
    assert "spans 6/2 = 3 of the input's channels" in grouped[2]


def test_a_field_that_is_not_followed() -> None:
    many = [ConvTranspose2d(1, 2, stride=61), ConvTranspose2d(1, 2, stride=59)]
    both = [*many, Conv2d(1, 2, stride=64), ConvTranspose2d(1, 2, stride=53)]
    summary = summarize(Network("n", (1, 9, 9), both))
    assert summary.layers[-1].receptive_field is None
    told = str(list(explain(summary.layers[-1]))[-1])
    assert told.startswith("receptive field: not followed")


def test_inputs_that_are_not_aligned() -> None:
    shifted = named(Conv2d(1, 3, padding=(2, 0, 1, 1)), "shifted")
    network = Network("n", (1, 9, 9), [shifted, join(Add(), "input")])
    found = [str(sentence) for sentence in explain(summarize(network).layers[-1])]
    assert "not aligned" in found[-1]


@pytest.mark.parametrize("kind", LAYERS)
def test_every_kind_of_layer_is_explained(kind: str) -> None:
    rest = {
        "conv": "2 3x3",
        "convtranspose": "2 2x2",
        "maxpool": "2",
        "avgpool": "2",
        "linear": "3",
        "upsample": "2",
        "add": "input",
        "multiply": "input",
        "concat": "input",
    }
    flat = ["flatten"] if kind == "linear" else ["relu"]
    layers = [read_node(text) for text in [*flat, f"{kind} {rest.get(kind, '')}"]]
    network = Network("n", (1, 8, 8), layers)
    found = list(explain(summarize(network).layers[-1]))
    assert len(found) >= 3 and all(map(str, found))
