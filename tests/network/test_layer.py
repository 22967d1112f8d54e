"""What layers refuse of their inputs, with the arithmetic; and their parameters."""

import pytest

from mirada.errors import ShapeError
from mirada.language import use_language
from mirada.network import (
    AvgPool2d,
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
from mirada.network.layer import Parameter
from tests.refusal import refuses


@pytest.mark.parametrize(
    "layer",
    [
        *(Conv2d(6, 3), ConvTranspose2d(6, 3), MaxPool2d(2), AvgPool2d(2)),
        *(GlobalAvgPool2d(), BatchNorm2d(), Upsample(2)),
    ],
)
def test_a_vector_where_an_image_is_needed(layer: Layer) -> None:
    words = "needs channels, height and width", "'flat' gives a vector of 12"
    with refuses(ShapeError, "needs-image", *words, "before the flatten layer"):
        Network("n", (3, 2, 2), (named(Flatten(), "flat"), layer))


def test_an_image_where_a_vector_is_needed() -> None:
    words = "Layer 'linear1' needs a vector", "the network's input gives 3x2x2"
    with refuses(ShapeError, "needs-vector", *words, "Put a flatten layer before it"):
        Network("n", (3, 2, 2), (Linear(5),))


def test_a_window_larger_than_its_input_with_the_arithmetic() -> None:
    words = "at least 5x5, but 'pool' gives 4x4: (4 - 5 + 0 + 0)/1 + 1 < 1."
    with refuses(ShapeError, "window-too-large", "Layer 'conv1' needs", words):
        Network("n", (1, 8, 8), (named(MaxPool2d(2), "pool"), Conv2d(6, 5)))


def test_the_arithmetic_has_stride_dilation_and_padding() -> None:
    layer = Conv2d(6, 5, stride=2, padding=(1, 0, 2, 2), dilation=(3, 1))
    with refuses(ShapeError, "window-too-large", "(9 - 13 + 1 + 0)/2 + 1 < 1", "12x1"):
        layer.output((1, 9, 9))


def test_in_ceil_mode_a_smaller_input_fits() -> None:
    pool = MaxPool2d(3, stride=2, ceil=True)
    assert pool.output((1, 2, 2)) == (1, 1, 1)
    with refuses(ShapeError, "window-too-large", "at least 2x2", "gives 1x4"):
        pool.output((1, 1, 4))


def test_groups_divide_both_sides() -> None:
    words = "has 4 groups", "its 6 input channels and its 8 output channels"
    for layer in (Conv2d(8, 3, groups=4), ConvTranspose2d(8, 3, groups=4)):
        with refuses(ShapeError, "groups-divide", *words, "a divisor of both"):
            layer.output((6, 5, 5))


def test_pytorchs_same_has_no_stride() -> None:
    words = "exists for stride 1 only; its stride is 2x1. Write 'same'"
    with refuses(ShapeError, "same-torch-stride", words):
        Conv2d(8, 3, (2, 1), "same-torch").output((6, 5, 5))


def test_a_transposed_convolution_that_leaves_nothing() -> None:
    with refuses(
        ShapeError, "transpose-size", "would give 0x2 from 1x3", "at least 1x1"
    ):
        ConvTranspose2d(4, 2, padding=1).output((1, 1, 3))
    with refuses(ShapeError, "transpose-size", "an output padding of 2x0"):
        ConvTranspose2d(4, 2, 2, output_padding=(2, 0)).output((1, 3, 3))


def test_pooling_pads_at_most_half_its_window() -> None:
    words = "pads (0, 0, 2, 0), more than half of its 2x3 window", "Pad at most 1x1"
    for layer in (
        MaxPool2d((2, 3), padding=(0, 0, 2, 0)),
        AvgPool2d((2, 3), padding=(0, 0, 2, 0)),
    ):
        with refuses(ShapeError, "pool-padding", *words):
            layer.output((1, 9, 9))


def test_a_dilated_window_may_not_step_over_its_input() -> None:
    layer = MaxPool2d(2, stride=1, padding=1, dilation=3)
    with refuses(ShapeError, "pool-blind", "sees only padding", "2x2 that its input"):
        layer.output((1, 2, 2))
    assert layer.output((1, 3, 3)) == (1, 2, 2)


def test_fans_follow_the_groups() -> None:
    weight, bias = Conv2d(8, (3, 2), groups=4).parameters((12, 9, 9))
    assert weight == Parameter("weight", (8, 3, 3, 2), "weight", 18, 12)
    assert bias == Parameter("bias", (8,), "bias", 18, 12)
    (weight,) = ConvTranspose2d(6, 2, groups=3, bias=False).parameters((9, 4, 4))
    assert weight == Parameter("weight", (9, 2, 2, 2), "weight", 8, 12)
    weight, _ = Linear(5).parameters((7,))
    assert weight == Parameter("weight", (5, 7), "weight", 7, 5)


def test_messages_change_language_after_they_were_made() -> None:
    with pytest.raises(ShapeError) as caught:
        Network("n", (1, 4, 4), (ReLU(), Conv2d(6, 5)))
    english = str(caught.value)
    use_language("es")
    spanish = str(caught.value)
    assert english.startswith("Layer 'conv1' needs an input of at least 5x5")
    assert "5x5" in spanish
    assert "'conv1'" in spanish
