"""A layer in words, with its numbers."""

import pytest

from mirada.analysis import explain, summarize
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Upsample,
    named,
)
from mirada.network.graph import join
from mirada.network.join import Add
from mirada.network.text import LAYERS, read_node


def words(*layers: Layer, channels: int = 1, side: int = 9) -> list[str]:
    """The explanation of the last layer."""
    network = Network("n", (channels, side, side), layers)
    return [str(sentence) for sentence in explain(summarize(network).layers[-1])]


def test_a_convolution() -> None:
    assert words(Conv2d(6, 5), channels=3, side=32) == [
        "slides its filters over the image; each output is the sum of products of one "
        "window with one filter, plus a bias (the filter is not flipped: strictly a "
        "cross-correlation)",
        "height and width: (32 - 5 + 0 + 0)/1 + 1 = 28",
        "learns (5*5*3 + 1)*6 = 456 (450 weights and 6 biases)",
        "a fully connected layer between the same shapes would learn 14455392",
        "multiplications with their additions: 28*28*6 * 5*5*3 = 352800",
        "one output sees 5x5 pixels of the input; its neighbour's field lies 1x1 "
        "further, the first begins at (0, 0)",
    ]


def test_pooling_learns_nothing_and_says_what_it_drops() -> None:
    found = words(MaxPool2d(2))
    assert "learns nothing: 0 parameters" in found
    assert "4.5 is rounded down to 4: the last pixel is not read" in found


def test_axes_that_differ_are_told_apart() -> None:
    found = words(MaxPool2d((2, 3)))
    assert "height: (9 - 2 + 0 + 0)/2 + 1 = 4.5" in found
    assert "width: (9 - 3 + 0 + 0)/3 + 1 = 3" in found


def test_batch_normalization_keeps_statistics() -> None:
    found = words(BatchNorm2d(), channels=4)
    assert "learns 2*4 = 8; 8 running statistics are kept, not learned" in found


def test_a_vector_has_no_neighbours() -> None:
    found = words(Flatten(), Linear(3))
    assert found[-1] == "one output sees 9x9 pixels of the input"


@pytest.mark.parametrize(
    "layer", [ReLU(), GlobalAvgPool2d(), Upsample(2), ConvTranspose2d(2, 2, stride=2)]
)
def test_layers_without_a_shrinking_window(layer: Layer) -> None:
    assert not any("height" in sentence for sentence in words(layer))


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
        "concat": "input",
    }
    flat = ["flatten"] if kind == "linear" else ["relu"]
    layers = [read_node(text) for text in [*flat, f"{kind} {rest.get(kind, '')}"]]
    network = Network("n", (1, 8, 8), layers)
    found = list(explain(summarize(network).layers[-1]))
    assert len(found) >= 3 and all(map(str, found))
