"""Convolution: the lecture's numbers, algebra, slopes, PyTorch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import Conv2d, ConvTranspose2d, Network
from mirada.reference import RULES, Array, Moment
from tests.reference.laws import (
    check_adjoint,
    check_peer,
    check_slopes,
    computed,
)
from tests.strategies import networks

IMAGE = np.array(
    [
        [1, 1, 1, 0, 0],
        [0, 1, 1, 1, 0],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 0],
        [0, 1, 1, 0, 0],
    ],
    float,
)
"""The lecture's image."""

CROSS = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]

CONVS = networks(("conv",), most_layers=1)
TRANSPOSES = networks(("convtranspose",), most_layers=1)
SEEDS = st.integers(0, 2**16)
COUNTS = st.integers(1, 3)


def filtered(image: object, kernel: object, **options: object) -> list[list[float]]:
    """One channel through one kernel."""
    weight = np.asarray(kernel, float)
    layer = Conv2d(1, weight.shape, bias=False, **options)  # type: ignore[arg-type]
    images = np.asarray(image, float)[None, None]
    found: list[list[float]] = computed(layer, images, weight=weight[None, None])[
        0, 0
    ].tolist()
    return found


def test_the_lectures_filter() -> None:
    assert filtered(IMAGE, CROSS) == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_the_lectures_filter_with_padding() -> None:
    assert filtered(IMAGE, CROSS, padding=1) == [
        [2, 2, 3, 1, 1],
        [1, 4, 3, 4, 1],
        [1, 2, 4, 3, 3],
        [1, 2, 3, 4, 1],
        [0, 2, 2, 1, 1],
    ]
    assert filtered(IMAGE, CROSS, padding="same") == filtered(IMAGE, CROSS, padding=1)


def test_the_lectures_filter_with_stride() -> None:
    assert filtered(IMAGE, CROSS, stride=2) == [[4, 4], [2, 4]]
    assert filtered(IMAGE, CROSS, padding=1, stride=2) == [
        [2, 3, 1],
        [1, 4, 3],
        [0, 2, 1],
    ]


def test_the_lectures_filter_in_full() -> None:
    full = filtered(IMAGE, CROSS, padding=2)
    assert len(full) == len(full[0]) == 7
    assert full[0] == [1, 1, 2, 1, 1, 0, 0]


def test_it_is_cross_correlation() -> None:
    """A kernel that is not symmetric tells: it is not flipped."""
    assert filtered(IMAGE, SOBEL) == [[3, 0, -3], [4, 3, -2], [4, 2, -3]]
    flipped = np.flip(SOBEL).tolist()
    assert filtered(IMAGE, flipped) == [[-3, 0, 3], [-4, -3, 2], [-4, -2, 3]]


def test_the_lectures_edges() -> None:
    assert filtered(IMAGE, [[-1, 1]]) == [
        [0, 0, -1, 0],
        [1, 0, 0, -1],
        [0, 1, 0, 0],
        [0, 1, 0, -1],
        [1, 0, -1, 0],
    ]


def test_the_lectures_edges_of_a_photograph() -> None:
    """320x280 becomes 319x280; each pixel takes two products and one sum."""
    _, height, width = Conv2d(1, (1, 2)).output((1, 280, 320))
    assert (width, height) == (319, 280)
    assert 3 * height * width == 267_960
    assert (height * width) * (280 * 320) == 8_003_072_000
    assert 2 * height * width == 178_640


def test_the_edges_matrix_is_mostly_zero() -> None:
    """As a dense matrix the edge filter of an (h, w) image has 2 (w-1) h entries."""
    h, w = 3, 5
    columns = [filtered(unit.reshape(h, w), [[-1, 1]]) for unit in np.eye(h * w)]
    matrix = np.array([np.ravel(column) for column in columns]).T
    assert matrix.shape == (h * (w - 1), h * w)
    assert np.count_nonzero(matrix) == 2 * h * (w - 1)


def test_the_lectures_sharpening() -> None:
    assert filtered(IMAGE, SHARPEN) == [[3, 1, 3], [-2, 2, 1], [-2, 2, 3]]
    assert filtered(IMAGE, SHARPEN, padding=1) == [
        [4, 2, 3, -2, 0],
        [-2, 3, 1, 3, -2],
        [0, -2, 2, 1, 4],
        [0, -2, 2, 3, -2],
        [-1, 4, 3, -2, 0],
    ]


def test_sharpening_what_is_constant() -> None:
    found = np.array(filtered(np.full((5, 5), 7), SHARPEN, padding=1))
    assert (found[1:-1, 1:-1] == 7).all()
    assert (found[0, 1:-1] == 14).all()
    assert found[0, 0] == found[0, -1] == found[-1, 0] == found[-1, -1] == 21


@pytest.mark.parametrize("kernel", [SHARPEN, CROSS])
def test_an_impulse_returns_a_symmetric_kernel(kernel: list[list[int]]) -> None:
    impulse = np.zeros((3, 3))
    impulse[1, 1] = 1
    assert filtered(impulse, kernel, padding=1) == kernel


def test_the_lectures_colours() -> None:
    """The slices of a filter are summed over the channels, then the bias is added."""
    image = np.stack([IMAGE, IMAGE.T, np.ones((5, 5))])
    centre = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    weight = np.array([CROSS, SHARPEN, centre], float)
    maps = computed(
        Conv2d(3, 3, groups=3, bias=False), image[None], weight=weight[:, None]
    )
    summed = computed(Conv2d(1, 3), image[None], weight=weight[None], bias=[1])
    assert (maps[0].sum(axis=0) + 1 == summed[0, 0]).all()
    assert summed[0, 0].tolist() == [[9, 3, 4], [5, 8, 7], [7, 6, 9]]
    less = computed(Conv2d(1, 3), image[None], weight=weight[None], bias=[-5])
    assert np.maximum(less, 0)[0, 0].tolist() == [[3, 0, 0], [0, 2, 1], [1, 0, 3]]


def test_as_many_filters_as_maps() -> None:
    """One layer of the lecture: 3*3*3*2 weights and 2 biases, 6x6x3 to 4x4x2."""
    network = Network("two filters", (3, 6, 6), (Conv2d(2, 3),))
    sizes = {n: int(np.prod(p.shape)) for n, p in network.parameters.items()}
    assert sizes == {"conv1.weight": 54, "conv1.bias": 2}
    assert network.output == (2, 4, 4)


@given(CONVS | TRANSPOSES, COUNTS, SEEDS)
def test_gradients_are_slopes(network: Network, count: int, seed: int) -> None:
    check_slopes(network, count, seed, training=True)


@given(CONVS | TRANSPOSES, COUNTS, SEEDS)
def test_backward_is_the_adjoint(network: Network, count: int, seed: int) -> None:
    check_adjoint(network, count, seed)


@given(
    networks(("conv",), most_layers=2, scores=True)
    | networks(("convtranspose",), most_layers=2, scores=True),
    COUNTS,
    SEEDS,
)
def test_pytorch_agrees(network: Network, count: int, seed: int) -> None:
    check_peer(network, count, seed)


@given(SEEDS, st.integers(1, 3), st.integers(1, 3))
def test_it_is_linear_in_image_and_kernel(seed: int, stride: int, pad: int) -> None:
    noise = np.random.default_rng(seed)
    layer = Conv2d(2, 3, stride=stride, padding=pad, bias=False)
    x, y = noise.integers(-9, 9, (2, 1, 3, 6, 5))
    v, w = noise.integers(-9, 9, (2, 2, 3, 3, 3))

    def conv(image: Array, weight: Array) -> Array:
        return computed(layer, image, weight=weight)

    assert (conv(2 * x + y, w) == 2 * conv(x, w) + conv(y, w)).all()
    assert (conv(x, 3 * v - w) == 3 * conv(x, v) - conv(x, w)).all()


@given(SEEDS, st.integers(1, 3), st.integers(1, 2))
def test_it_moves_with_its_image(seed: int, stride: int, dilation: int) -> None:
    """An image moved by the stride gives a result moved by one."""
    noise = np.random.default_rng(seed)
    x, w = noise.integers(-9, 9, (1, 2, 12, 12)), noise.integers(-9, 9, (3, 2, 3, 2))
    layer = Conv2d(3, (3, 2), stride=stride, dilation=dilation, bias=False)
    still = computed(layer, x, weight=w)
    moved = computed(layer, np.roll(x, stride, axis=(2, 3)), weight=w)
    assert (moved[:, :, 1:, 1:] == still[:, :, :-1, :-1]).all()


@given(SEEDS)
def test_groups_are_convolutions_apart(seed: int) -> None:
    noise = np.random.default_rng(seed)
    x, w = noise.normal(size=(2, 4, 5, 5)), noise.normal(size=(6, 2, 3, 3))
    together = computed(Conv2d(6, 3, groups=2, bias=False), x, weight=w)
    apart = [
        computed(
            Conv2d(3, 3, bias=False),
            x[:, 2 * g : 2 * g + 2],
            weight=w[3 * g : 3 * g + 3],
        )
        for g in (0, 1)
    ]
    assert np.array_equal(together, np.concatenate(apart, axis=1))


@given(SEEDS)
def test_dilation_is_a_kernel_with_holes(seed: int) -> None:
    noise = np.random.default_rng(seed)
    x, w = noise.integers(-9, 9, (1, 2, 8, 9)), noise.integers(-9, 9, (2, 2, 2, 3))
    holes = np.zeros((2, 2, 3, 5))
    holes[:, :, ::2, ::2] = w
    dilated = computed(Conv2d(2, (2, 3), dilation=2, bias=False), x, weight=w)
    plain = computed(Conv2d(2, (3, 5), bias=False), x, weight=holes)
    assert (dilated == plain).all()


@given(SEEDS, st.integers(1, 3), st.integers(0, 1))
def test_transposed_convolution_is_a_convolutions_gradient(
    seed: int, stride: int, pad: int
) -> None:
    noise = np.random.default_rng(seed)
    w = noise.normal(size=(4, 3, 3, 2))
    conv = Conv2d(4, (3, 2), stride=stride, padding=pad, bias=False)
    x = noise.normal(size=(2, 3, 7, 8))
    y = noise.normal(size=computed(conv, x, weight=w).shape)
    (by_image,), _ = RULES[Conv2d].backward(conv, (x,), {"weight": w}, Moment(), y)
    extra = [n - k for n, k in zip(x.shape[2:], transposed_size(conv, y), strict=True)]
    layer = ConvTranspose2d(
        3, (3, 2), stride=stride, padding=pad, output_padding=extra, bias=False
    )
    np.testing.assert_allclose(computed(layer, y, weight=w), by_image, atol=1e-13)


def transposed_size(conv: Conv2d, output: Array) -> tuple[int, int]:
    """S (I - 1) + F - P_start - P_end, without output padding."""
    layer = ConvTranspose2d(3, conv.kernel_size, conv.stride, conv.padding)
    _, height, width = layer.output(output.shape[1:])
    return height, width
