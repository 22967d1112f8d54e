"""The pixels behind one output: nothing outside the box can change it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.inspection import InputBox, input_box
from mirada.network import (
    INPUT,
    Add,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Softmax,
    join,
    named,
)
from mirada.reference import forward
from tests.strategies import batch, lively_parameters, networks


@settings(max_examples=60)
@given(networks(), st.integers(0, 1000))
def test_what_lies_outside_the_box_changes_nothing(network: Network, seed: int) -> None:
    parameters = lively_parameters(network, seed)
    images = batch(network, 1, seed)[0].astype(np.float64)
    whole = forward(network, parameters, images)
    noise = np.random.default_rng(seed)
    for node in network.nodes:
        shape = network.shapes[node.name]
        place = tuple(int(noise.integers(length)) for length in shape)
        box = input_box(network, node.name, place)
        if box is None:
            continue
        hidden = noise.normal(size=images.shape)
        rows, columns = (slice(first, last + 1) for first, last in box[:2])
        hidden[..., rows, columns] = images[..., rows, columns]
        seen = forward(network, parameters, hidden)[node.name]
        assert seen[(0, *place)] == whole[node.name][(0, *place)]


def test_the_box_is_the_receptive_field() -> None:
    layers = [Conv2d(6, 5, padding=2), ReLU(), MaxPool2d(2), Conv2d(16, 5), Flatten()]
    network = Network("lenet", (1, 28, 28), layers)
    box = input_box(network, "conv2", (3, 4, 9))
    assert box == InputBox((6, 19), (16, 27), (6, 19), (16, 29))
    assert box.in_padding and box.size == (14, 12)
    feature = (3 * 10 + 4) * 10 + 9
    assert input_box(network, "flatten1", (feature,)) == box
    assert input_box(network, INPUT, (0, 3, 4)) == InputBox(*((3, 3), (4, 4)) * 2)


def test_vectors_are_followed_to_the_pixels_they_come_from() -> None:
    network = Network(
        "vectors",
        (1, 3, 4),
        [
            named(Flatten(), "flat"),
            named(ReLU(), "on"),
            join(Concat(), "flat", name="both"),
            named(Softmax(), "shares"),
            named(Linear(12), "dense", source="on"),
            join(Add(), "on", name="sum"),
        ],
    )
    pixel, everything = ((1, 1), (2, 2)), ((0, 2), (0, 3))
    for name, place in (("on", 6), ("both", 18)):
        assert input_box(network, name, (place,)) == InputBox(*pixel, *pixel)
    for name in ("shares", "dense", "sum"):
        assert input_box(network, name, (6,)) == InputBox(*everything, *everything)


def test_there_may_be_no_box() -> None:
    assert input_box(Network("v", (3,), [Linear(2)]), "linear1", (0,)) is None
    blind = Network("blind", (1, 3, 3), [Conv2d(1, 1, padding=2)])
    assert input_box(blind, "conv1", (0, 0, 0)) is None


def test_what_is_joined_with_something_not_followed_has_no_box(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mirada.analysis.track.MOST_POSITIONS", 1)
    network = Network(
        "joined",
        (1, 4, 4),
        [
            named(ConvTranspose2d(1, 2, stride=2), "up"),
            named(Conv2d(1, 2, stride=2), "down"),
            named(Flatten(), "far"),
            named(Flatten(), "near", source=INPUT),
            join(Add(), "far", name="sum"),
        ],
    )
    assert input_box(network, "near", (5,)) is not None
    assert input_box(network, "far", (5,)) is None
    assert input_box(network, "sum", (5,)) is None
