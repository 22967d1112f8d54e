"""Receptive fields as sums: published values, and never another number than found."""

import re

import pytest
from hypothesis import given

from mirada.analysis import FieldSum, FieldTerm, field_sums, receptive_fields
from mirada.analysis.field_sum import Found
from mirada.errors import Phrase
from mirada.models import MODELS, build, lenet5_lecture, unet
from mirada.network import (
    Add,
    Conv2d,
    ConvTranspose2d,
    Flatten,
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
from tests.strategies import networks


def sums(network: Network, axis: int = 0) -> dict[str, Found]:
    return dict(field_sums(network, axis, receptive_fields(network)))


def last(*layers: Layer | Node, side: int = 32) -> Found:
    network = Network("chain", (1, side, side), layers)
    return sums(network)[network.nodes[-1].name]


def formula(*layers: Layer | Node) -> str:
    found = last(*layers)
    assert isinstance(found, FieldSum)
    return found.formula


def test_the_lectures_network() -> None:
    found = sums(lenet5_lecture())
    expected = {
        "conv1": ("1 + (5 - 1)*1 = 5", "1"),
        "maxpool1": ("1 + (5 - 1)*1 + (2 - 1)*1 = 6", "2"),
        "conv2": ("1 + (5 - 1)*1 + (2 - 1)*1 + (5 - 1)*2 = 14", "2"),
        "maxpool2": (
            "1 + (5 - 1)*1 + (2 - 1)*1 + (5 - 1)*2 + (2 - 1)*2 = 16",
            "2*2 = 4",
        ),
    }
    for name, told in expected.items():
        told_sum = found[name]
        assert isinstance(told_sum, FieldSum)
        assert (told_sum.formula, told_sum.jump_formula) == told


def test_stacked_3x3_convolutions() -> None:
    two, three = [Conv2d(1, 3)] * 2, [Conv2d(1, 3)] * 3
    assert formula(*two) == "1 + (3 - 1)*1 + (3 - 1)*1 = 5"
    assert formula(*three) == "1 + (3 - 1)*1 + (3 - 1)*1 + (3 - 1)*1 = 7"


def test_dilation_is_a_factor_and_1x1_adds_nothing() -> None:
    layers = [MaxPool2d(2), Conv2d(1, 1), Conv2d(1, 3, dilation=4)]
    assert formula(*layers) == "1 + (2 - 1)*1 + (3 - 1)*4*2 = 18"
    assert formula(ConvTranspose2d(1, 3), ReLU()) == "1 + (3 - 1)*1 = 3"


@pytest.mark.parametrize(
    ("model", "layer", "size"),
    [
        ("alexnet", "maxpool3", 195),
        ("vgg16", "maxpool5", 212),
        ("resnet18", "layer4_1_out", 435),
        ("resnet50", "layer4_2_out", 427),
        ("resnet50_v1", "layer4_2_out", 483),
    ],
)
def test_published_values(model: str, layer: str, size: int) -> None:
    found = sums(build(model))[layer]
    assert isinstance(found, FieldSum)
    assert found.size == size and found.branched == model.startswith("resnet")


@pytest.mark.parametrize("model", MODELS)
def test_known_networks_agree_with_the_graph(model: str) -> None:
    agrees(build(model))


@given(networks())
def test_drawn_networks_agree_with_the_graph(network: Network) -> None:
    if len(network.input) == 3:
        agrees(network)


def agrees(network: Network) -> None:
    """Every sum is what was followed, and its text says the same."""
    fields = receptive_fields(network)
    for axis in (0, 1):
        for name, told in field_sums(network, axis, fields).items():
            field = fields.get(name)
            if field is None or not isinstance(told, FieldSum):
                continue
            along = (field.height, field.width)[axis]
            assert told.size == along.size
            assert along.jump in (None, told.jump)
            left, _, right = told.formula.partition(" = ")
            assert eval(left) == int(right) == told.size


def test_why_there_is_no_sum() -> None:
    for layer in (Upsample(2), ConvTranspose2d(1, 2, stride=2)):
        assert "enlarges" in str(last(layer, Conv2d(1, 3)))
    assert "enlarges" in str(sums(unet())["up1_conv2"])
    up = named(Conv2d(1, 3, padding=(2, 0, 1, 1)), "up")
    down = named(Conv2d(1, 3, padding=(0, 2, 1, 1)), "down", source="input")
    hull = last(up, down, join(Add(), "up"))
    assert "'add1' joins branches that see different places" in str(hull)


def test_branches_of_different_steps_have_no_sum() -> None:
    half = named(MaxPool2d(2), "half")
    other = named(MaxPool2d(1, stride=2), "other", source="input")
    assert isinstance(last(half, other, join(Add(), "half")), FieldSum)
    slow = named(Conv2d(1, 17), "slow", source="input")
    assert isinstance(last(half, slow, join(Add(), "half")), Phrase)


def test_what_reads_the_whole_map() -> None:
    lecture = sums(lenet5_lecture())
    assert str(lecture["linear1"]) == (
        "'linear1' reads the whole map: 16 + (5 - 1)*4 = 32"
    )
    assert lecture["linear3"] is lecture["linear1"]
    cut = last(Conv2d(1, 3, padding=1), Flatten(), Linear(1), side=9)
    assert str(cut) == (
        "'linear1' reads the whole map: 3 + (9 - 1)*1 = 11, of which 9 lie in the image"
    )


def test_long_sums_begin_with_an_earlier_layer() -> None:
    found = last(*[Conv2d(1, 3)] * 60, side=200)
    assert isinstance(found, FieldSum)
    assert (found.start, found.since, found.size) == (81, "conv40", 121)
    assert re.match(r"81 \+ \(3 - 1\)\*1 \+", found.formula)
    assert len(found.terms) == 20


def test_terms() -> None:
    assert str(FieldTerm(5, 1, 4)) == "(5 - 1)*4"
    assert str(FieldTerm(3, 2, 4)) == "(3 - 1)*2*4"
    assert FieldTerm(3, 2, 4).growth == 16


def test_both_axes() -> None:
    network = Network("n", (1, 9, 9), [Conv2d(1, (1, 3), stride=(1, 2))])
    height, width = sums(network, 0)["conv1"], sums(network, 1)["conv1"]
    assert isinstance(height, FieldSum) and isinstance(width, FieldSum)
    assert (height.formula, width.formula) == ("1 = 1", "1 + (3 - 1)*1 = 3")
    assert (height.places, width.places) == (9, 4)
