"""What is worth knowing about a network before it runs."""

import re

import pytest

from mirada.analysis import Remark, summarize, window_size
from mirada.models import alexnet, resnet18, vgg19
from mirada.network import (
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Softmax,
)


def remarks(*layers: Layer, side: int = 9) -> dict[str, Remark]:
    summary = summarize(Network("n", (1, side, side), layers))
    return {remark.code: remark for remark in summary.remarks}


def test_pixels_dropped() -> None:
    found = remarks(MaxPool2d((2, 4)))["pixels-dropped"]
    assert found.layer == "maxpool1"
    assert "(rows: 1, columns: 1)" in str(found.text)
    assert "4.5x2.25 is rounded down to 4x2" in str(found.text)
    assert str(found.text).endswith("An input of 8x8 or 10x12 would fit exactly.")


@pytest.mark.parametrize("side", range(5, 20))
def test_inputs_that_fit_exactly(side: int) -> None:
    pool = MaxPool2d(3, stride=3, padding=1)
    found = remarks(pool, side=side).get("pixels-dropped")
    if found is None:
        return
    smaller, larger = re.findall(r"(\d+)x\d+ or (\d+)x", str(found.text))[0]
    assert int(smaller) < side < int(larger) == int(smaller) + 3
    for length in (int(smaller), int(larger)):
        assert window_size(length, 3, 3, 1).exact.denominator == 1


def test_padding_left_over_is_not_remarked() -> None:
    assert not remarks(Conv2d(1, 3, stride=2, padding=1), side=10)


def test_skipping_on_purpose_is_not_remarked() -> None:
    """The 1x1 convolutions of stride 2 in residual networks leave pixels out."""
    codes = {remark.code for remark in summarize(resnet18()).remarks}
    assert codes == {"field-beyond-input"}


def test_softmax() -> None:
    found = remarks(Flatten(), Linear(3), Softmax())["softmax-inside"]
    assert found.layer == "softmax1"
    assert "trained on the scores before it" in str(found.text)
    inside = remarks(Flatten(), Linear(3), Softmax(), Linear(2))["softmax-inside"]
    assert "in the middle of the network" in str(inside.text)


def test_the_first_field_beyond_the_input() -> None:
    summary = summarize(vgg19())
    found = {remark.code: remark for remark in summary.remarks}["field-beyond-input"]
    assert found.layer == "conv16"
    assert "(252x252) is larger than the input (224x224)" in str(found.text)


def test_one_layer_with_most_parameters() -> None:
    (found,) = summarize(alexnet()).remarks
    assert found.code == "most-parameters"
    assert str(found.text) == (
        "'linear1' holds 62 % of all parameters (37,752,832 of 61,100,840). It reads "
        "every place of a map of 256x6x6; after global average pooling it would learn "
        "(256 + 1)*4096 = 1,052,672."
    )


def test_pooling_is_advised_only_where_a_map_is_flattened() -> None:
    layers = [Flatten(), Linear(4), ReLU(), Linear(300), ReLU(), Linear(2)]
    text = str(remarks(*layers)["most-parameters"].text)
    assert text.startswith("'linear2' holds") and text.endswith(").")
    single = [Conv2d(4, 9), Flatten(), Linear(300)]
    assert str(remarks(*single)["most-parameters"].text).endswith(").")
    heavy = [Conv2d(64, 9), Linear(2)]
    heavy.insert(1, Flatten())
    assert str(remarks(*heavy)["most-parameters"].text).endswith(").")


def test_a_single_learning_layer_is_not_remarked() -> None:
    assert not remarks(Flatten(), Linear(3))


def test_an_even_share_is_not_remarked() -> None:
    two = [Linear(81, bias=False), Linear(81, bias=False)]
    assert not remarks(Flatten(), *two)
