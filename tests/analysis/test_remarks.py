"""What is worth knowing about a network before it runs."""

from mirada.analysis import Remark, summarize
from mirada.models import alexnet, resnet18, vgg19
from mirada.network import (
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
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


def test_the_first_field_beyond_the_input() -> None:
    summary = summarize(vgg19())
    found = {remark.code: remark for remark in summary.remarks}["field-beyond-input"]
    assert found.layer == "conv16"
    assert "(252x252) is larger than the input (224x224)" in str(found.text)


def test_one_layer_with_most_parameters() -> None:
    (found,) = summarize(alexnet()).remarks
    assert found.code == "most-parameters"
    assert "'linear1' holds 62 % of all parameters (37752832 of 61100840)" in str(
        found.text
    )


def test_a_single_learning_layer_is_not_remarked() -> None:
    assert not remarks(Flatten(), Linear(3))


def test_an_even_share_is_not_remarked() -> None:
    two = [Linear(81, bias=False), Linear(81, bias=False)]
    assert not remarks(Flatten(), *two)
