"""Receptive fields: published values, worked ones, and brute force."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.analysis import AxisField, ReceptiveField, receptive_fields
from mirada.analysis.receptive import seen_along
from mirada.models import MODELS, build, lenet5_lecture, unet
from mirada.network import (
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Multiply,
    Network,
    Node,
    ReLU,
    Softmax,
    Upsample,
    named,
)
from mirada.network.graph import join
from mirada.reference import forward


def field(network: Network, name: str) -> ReceptiveField:
    found = receptive_fields(network)[name]
    assert found is not None
    return found


def chain(*layers: Layer | Node, side: int = 32) -> AxisField:
    network = Network("chain", (1, side, side), layers)
    return field(network, network.nodes[-1].name).height


def test_stacked_3x3_convolutions() -> None:
    assert chain(Conv2d(1, 3), Conv2d(1, 3)).size == 5
    assert chain(Conv2d(1, 3), Conv2d(1, 3), Conv2d(1, 3)).size == 7


def test_the_lectures_network() -> None:
    fields = receptive_fields(lenet5_lecture())
    names = ("conv1", "maxpool1", "conv2", "maxpool2")
    found = [f for name in names if (f := fields[name]) is not None]
    assert [f.size for f in found] == [5, 6, 14, 16]
    assert [f.height.jump for f in found] == [1, 2, 2, 4]
    assert [f.height.start for f in found] == [0, 0, 0, 0]


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
def test_published_fields(model: str, layer: str, size: int) -> None:
    found = field(build(model), layer)
    assert found.size == found.height.size == found.width.size == size
    assert found.aligned


@pytest.mark.parametrize("name", MODELS)
def test_every_join_of_the_known_networks_is_aligned(name: str) -> None:
    fields = receptive_fields(build(name))
    assert all(found is not None and found.aligned for found in fields.values())


def test_padding_moves_the_start() -> None:
    found = chain(Conv2d(1, 5, padding=2), MaxPool2d(2), Conv2d(1, 3, padding=1))
    assert found == AxisField(10, 10, -4, Fraction(2))


def test_dilation_spreads_the_field() -> None:
    assert chain(Conv2d(1, 3, dilation=4)).size == 9
    assert chain(Conv2d(1, 3), Conv2d(1, 3, dilation=2)).size == 7


def test_axes_are_apart() -> None:
    network = Network("n", (1, 9, 9), [Conv2d(1, (3, 1), stride=(2, 1))])
    found = field(network, "conv1")
    assert found.height == AxisField(3, 3, 0, Fraction(2))
    assert found.width == AxisField(1, 1, 0, Fraction(1))
    assert found.size == 3


def test_transposed_convolution_halves_the_jump() -> None:
    found = chain(MaxPool2d(2), ConvTranspose2d(1, 2, stride=2))
    assert found == AxisField(2, 2, 0, Fraction(1))


def test_transposed_convolution_with_overlap_sees_more_or_less() -> None:
    """Kernel 3, stride 2: even outputs read two inputs, odd ones one."""
    found = chain(ConvTranspose2d(1, 3, stride=2))
    assert (found.size, found.smallest) == (2, 1)
    assert found.jump == Fraction(1, 2)


def test_outputs_that_read_nothing_are_left_out() -> None:
    found = chain(ConvTranspose2d(1, 1, stride=3))
    assert (found.size, found.smallest, found.jump) == (1, 1, Fraction(1, 3))


@pytest.mark.parametrize(("mode", "size"), [("nearest", 1), ("bilinear", 2)])
def test_upsampling(mode: str, size: int) -> None:
    found = chain(Upsample(2, mode=mode))
    assert (found.size, found.jump) == (size, Fraction(1, 2))


def test_linear_layers_and_global_pooling_see_the_whole_input() -> None:
    assert chain(Conv2d(1, 3), GlobalAvgPool2d()).size == 32
    assert chain(Conv2d(1, 3), Flatten(), Linear(2), ReLU(), Softmax()).size == 32


def test_what_no_window_reads_is_not_seen() -> None:
    found = chain(MaxPool2d(5), Flatten(), Linear(1))
    assert (found.size, found.start) == (30, 0)


def test_the_widest_branch_counts() -> None:
    network = Network(
        "branch",
        (1, 16, 16),
        [
            named(Conv2d(1, 3, padding=1), "stem"),
            named(Conv2d(1, 5, padding=2), "wide"),
            join(Add(), "stem", name="sum"),
        ],
    )
    found = field(network, "sum")
    assert found.height == AxisField(7, 7, -3, Fraction(1))
    assert found.aligned


def test_branches_with_other_centres_are_not_aligned() -> None:
    network = Network(
        "shifted",
        (1, 16, 16),
        [
            named(Conv2d(1, 3, padding=(2, 0, 1, 1)), "up"),
            join(Add(), "input", name="sum"),
        ],
    )
    found = field(network, "sum")
    assert not found.aligned
    assert (found.height.start, found.height.size) == (-2, 3)
    assert found.width.start == -1


def test_branches_that_move_differently_are_not_aligned() -> None:
    """Stride 2 on padded pixels gives as many outputs as stride 1."""
    network = Network(
        "drift",
        (1, 4, 4),
        [
            named(Conv2d(1, 1, stride=2, padding=(2, 2, 2, 2)), "fast"),
            join(Add(), "input", name="sum"),
        ],
    )
    found = field(network, "sum")
    assert not found.aligned and found.height.jump is None
    # Output 0 sees -2 and 0, output 2 sees 2 alone, output 3 sees 4 and 3.
    assert found.height == AxisField(3, 1, -2, None)


def test_a_global_branch_covers_the_image() -> None:
    network = Network(
        "context",
        (1, 8, 8),
        [
            named(Conv2d(1, 3, padding=1), "local"),
            GlobalAvgPool2d(),
            named(Upsample(8), "spread"),
            join(Concat(), "local", name="both"),
        ],
    )
    found = field(network, "both")
    assert found.height.size == 9 and found.aligned


def test_a_gate_makes_every_output_see_the_whole_image() -> None:
    """What moves is aligned still, in the layers behind it too."""
    layers: list[Layer | Node] = [
        named(Conv2d(1, 3, padding=1), "local"),
        *(GlobalAvgPool2d(), Conv2d(1, 1), join(Multiply(), "local", name="gated")),
        *(Conv2d(1, 1), join(Add(), "local", name="sum")),
    ]
    network = Network("gates", (1, 8, 8), layers)
    for name in ("gated", "sum"):
        found = field(network, name)
        assert (found.height.size, found.height.smallest) == (9, 8) and found.aligned
    shifted = named(Conv2d(1, 3, padding=(2, 0, 1, 1)), "shifted", source="local")
    network = Network(
        "gates", (1, 8, 8), [*layers, shifted, join(Add(), "sum", name="end")]
    )
    assert not field(network, "end").aligned


def test_cropping_keeps_the_centre() -> None:
    assert field(unet(), "join4").aligned
    layers = [named(Conv2d(1, 3), "small"), join(Concat(crop=True), "input")]
    assert field(Network("even", (1, 9, 9), layers), "concat1").aligned
    layers = [named(Conv2d(1, 2), "small"), join(Concat(crop=True), "input")]
    assert not field(Network("odd", (1, 9, 9), layers), "concat1").aligned


def test_a_vector_has_no_pixels() -> None:
    assert receptive_fields(Network("fc", (8,), [Linear(2)])) == {"linear1": None}


def test_a_period_of_many_thousands_is_given_up() -> None:
    layers = [Upsample((64, 1)) for _ in range(3)]
    fields = receptive_fields(Network("tall", (1, 1, 1), layers))
    assert fields["upsample2"] is not None and fields["upsample3"] is None


def test_a_join_of_what_was_given_up_is_given_up() -> None:
    ups = [Upsample((64, 1)) for _ in range(3)]
    network = Network("tall", (1, 1, 1), [*ups, join(Add(), "upsample3")])
    assert receptive_fields(network)["add1"] is None


def touched(network: Network) -> NDArray[np.bool_]:
    """Which outputs change with which input row: (input rows, output rows).

    All weights are one, so that a large pixel shows in every output that reads it.
    """
    height = network.input[1]
    images = np.zeros((height + 1, *network.input))
    images[np.arange(height), :, np.arange(height)] = 1e3
    parameters = {
        name: np.zeros(p.shape) if name.endswith("running_mean") else np.ones(p.shape)
        for name, p in network.parameters.items()
    }
    output = forward(network, parameters, images)[network.nodes[-1].name]
    changed = output[:-1] != output[-1:]
    rows: NDArray[np.bool_] = changed.any(axis=(1, 3))
    return rows


def tall(layers: Sequence[Layer | Node], height: int = 61) -> Network:
    try:
        return Network("tall", (1, height, 1), layers)
    except ValueError:
        assume(False)
        raise


KERNEL = st.integers(1, 4).map(lambda k: (k, 1))
STRIDE = st.integers(1, 3).map(lambda s: (s, 1))
SIDES = st.tuples(st.integers(0, 2), st.integers(0, 2), st.just(0), st.just(0))
READING = st.one_of(
    st.builds(Conv2d, st.just(1), KERNEL, STRIDE, SIDES, STRIDE),
    st.builds(MaxPool2d, KERNEL, STRIDE, dilation=STRIDE),
    st.builds(AvgPool2d, KERNEL, STRIDE, ceil=st.booleans()),
    st.builds(ConvTranspose2d, st.just(1), KERNEL, STRIDE, dilation=STRIDE),
    st.builds(Upsample, STRIDE, st.sampled_from(["nearest", "bilinear"])),
    st.sampled_from([ReLU(), BatchNorm2d()]),
)


def agrees_where_no_border_is_near(network: Network) -> None:
    """Compares every output that sees only the middle of the input."""
    seen = seen_along(network, 0)[network.nodes[-1].name]
    assert seen is not None
    checked = 0
    for place, column in enumerate(touched(network).T):
        expected = seen.at(place)
        pixels = np.flatnonzero(column)
        if expected is not None and expected[0] >= 16 and expected[1] < 45:
            assert expected == (pixels[0], pixels[-1]), place
            checked += 1
        elif len(pixels):
            assert expected is not None
            assert expected[0] <= pixels[0] and pixels[-1] <= expected[1], place
    assume(checked)


@given(st.lists(READING, min_size=1, max_size=4))
def test_brute_force_on_drawn_chains(layers: list[Layer]) -> None:
    agrees_where_no_border_is_near(tall(layers))


@given(st.lists(READING, max_size=1), KERNEL, STRIDE, SIDES, STRIDE)
def test_brute_force_on_transposed_convolutions_that_cut(
    layers: list[Layer],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    sides: tuple[int, int, int, int],
    dilation: tuple[int, int],
) -> None:
    """Last, since a later padding would read zeros where output was cut off."""
    last = ConvTranspose2d(1, kernel, stride, sides, dilation=dilation)
    agrees_where_no_border_is_near(tall([*layers, last]))


@given(st.lists(READING, min_size=1, max_size=2), st.integers(1, 4))
def test_brute_force_on_drawn_branches(layers: list[Layer], size: int) -> None:
    """A branch joined with a plain convolution, cropped to the same size."""
    beside = Node(Conv2d(1, (size, 1)), "beside", "input")
    first = Node(layers[0], "", "input")
    end = join(Concat(crop=True), "beside", name="end")
    agrees_where_no_border_is_near(tall([beside, first, *layers[1:], end]))
