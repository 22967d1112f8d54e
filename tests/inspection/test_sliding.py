"""A sliding window: the lecture's numbers, the law, exactness, and what it costs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.errors import ShapeError, UsageError
from mirada.inspection.kernels import named_kernel
from mirada.inspection.sliding import slide_kernel, slide_pooling
from tests.refusal import refuses

Numbers = NDArray[Any]

IMAGE = np.array(
    [
        [1, 1, 1, 0, 0],
        [0, 1, 1, 1, 0],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 0],
        [0, 1, 1, 0, 0],
    ]
)[None]
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])[None]


def by_definition(image: Numbers, kernel: Numbers, padding: int, stride: int) -> Any:
    """The sums, number by number."""
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
    _, height, width = kernel.shape
    rows = range(0, padded.shape[1] - height + 1, stride)
    columns = range(0, padded.shape[2] - width + 1, stride)
    return [
        [
            int((padded[:, y : y + height, x : x + width] * kernel).sum())
            for x in columns
        ]
        for y in rows
    ]


def whole(low: int, high: int, *shape: int) -> st.SearchStrategy[Numbers]:
    count = int(np.prod(shape))
    each = st.lists(st.integers(low, high), min_size=count, max_size=count)
    return each.map(lambda numbers: np.array(numbers).reshape(shape))


@settings(max_examples=40)
@given(st.data(), st.integers(0, 2), st.integers(1, 3), st.booleans())
def test_whole_numbers_are_summed_exactly(
    data: st.DataObject, padding: int, stride: int, flipped: bool
) -> None:
    channels = data.draw(st.integers(1, 3))
    image = data.draw(whole(-(10**6), 10**6, channels, 4, 5))
    kernel = data.draw(whole(-1000, 1000, channels, 3, 2))
    found = slide_kernel(
        image, kernel, padding=(padding, padding), stride=stride, flipped=flipped
    )
    assert np.issubdtype(found.output.dtype, np.integer)
    turned = kernel[:, ::-1, ::-1] if flipped else kernel
    assert found.output.tolist() == by_definition(image, turned, padding, stride)
    assert found.output.tolist() == found.per_channel.sum(axis=0).tolist()
    for row, column in found.places:
        assert found.step(row, column).value == found.output[row, column]


def test_numbers_too_large_to_be_exact_are_not_called_whole() -> None:
    found = slide_kernel(np.full((1, 1, 2), 2**52), np.array([[[1, 1]]]))
    assert np.issubdtype(found.output.dtype, np.floating)


def test_one_slice_serves_every_channel() -> None:
    image = np.concatenate([IMAGE, 2 * IMAGE])
    found = slide_kernel(image, CROSS)
    assert found.per_channel[1].tolist() == (2 * found.per_channel[0]).tolist()
    assert found.output.tolist() == (3 * found.per_channel[0]).tolist()
    with refuses(UsageError, "kernel-channels", "2 channels and the kernel 3 slices"):
        slide_kernel(image, np.repeat(CROSS, 3, axis=0))


def test_an_impulse_returns_the_kernel_where_it_is_flipped() -> None:
    impulse = np.zeros((1, 5, 5), np.int64)
    impulse[0, 2, 2] = 1
    kernel = np.arange(9).reshape(1, 3, 3)
    assert (
        slide_kernel(impulse, kernel, flipped=True).output.tolist()
        == kernel[0].tolist()
    )
    turned = kernel[0, ::-1, ::-1]
    assert slide_kernel(impulse, kernel).output.tolist() == turned.tolist()
    sharpen = named_kernel("sharpen").values[None]
    assert slide_kernel(impulse, sharpen).output.tolist() == sharpen[0].tolist()


def test_a_constant_image_sharpened_shows_the_padding() -> None:
    sevens = np.full((1, 4, 4), 7)
    found = slide_kernel(
        sevens, named_kernel("sharpen").values[None], padding=(1, 1)
    ).output
    assert found[1:3, 1:3].tolist() == [[7, 7], [7, 7]]
    assert found[0].tolist() == [21, 14, 14, 21]


def test_bias_and_activation_come_last() -> None:
    found = slide_kernel(IMAGE, CROSS, bias=-3, activation="relu")
    assert found.biased is not None and found.biased[1, 0] == -1
    assert found.output.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]
    step = found.step(1, 0)
    assert (step.terms.sum, step.terms.bias, step.value) == (2, -3, -1)
    assert step.activation is not None and step.activation.value == 0
    soft = slide_kernel(IMAGE, CROSS, activation="sigmoid").output
    assert soft[0, 0] == pytest.approx(1 / (1 + np.exp(-4)))


def test_dilation_and_same() -> None:
    found = slide_kernel(IMAGE, CROSS, dilation=2)
    corners = IMAGE[0, ::2, ::2] * CROSS[0]
    assert found.output.tolist() == [[corners.sum()]]
    same = slide_kernel(IMAGE, np.array([[[-1, 1]]]), padding="same")
    assert same.output.shape == (5, 5)
    assert (same.width.window.start, same.width.window.end) == (0, 1)


def test_the_lectures_edges_as_one_matrix() -> None:
    found = slide_kernel(np.zeros((1, 280, 320), np.int64), np.array([[[-1, 1]]]))
    assert found.output.shape == (280, 319)
    assert sum(found.operations) == 267_960
    assert (found.dense.entries, found.dense.nonzero) == (8_003_072_000, 178_640)


ROWS = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])[None]


def test_pooling_the_lectures_numbers() -> None:
    assert slide_pooling(ROWS, "max", (2, 2)).output.tolist() == [[[6, 8], [3, 4]]]
    assert slide_pooling(ROWS, "mean", (2, 2)).output.tolist() == [
        [[3.25, 5.25], [2, 2]]
    ]
    slow = slide_pooling(ROWS, "max", (2, 2), stride=1).output
    assert slow.tolist() == [[[6, 7, 8], [6, 7, 8], [3, 3, 4]]]
    assert slow.dtype == np.int64
    assert slide_pooling(ROWS, "max", (2, 2)).operations == (0, 0)


def test_pooling_pads() -> None:
    padded = slide_pooling(-ROWS, "max", (2, 2), padding=(1, 1)).output
    assert padded[0, 0, 0] == -1
    mean = slide_pooling(ROWS, "mean", (2, 2), padding=(1, 1))
    assert mean.output[0, 0, 0] == 0.25
    assert mean.step(0, 0).terms.formula == "(1)/4 = 0.25"
    with refuses(ShapeError, "pool-padding", "more than half"):
        slide_pooling(ROWS, "max", (2, 2), padding=(2, 2))


def test_a_window_that_does_not_fit() -> None:
    with refuses(ShapeError, "size-too-small", "spans 3", "of 2"):
        slide_kernel(IMAGE[:, :2], CROSS)


@pytest.mark.parametrize("place", [(3, 0), (0, 3), (-1, 0)])
def test_a_step_outside(place: tuple[int, int]) -> None:
    with refuses(UsageError, "step-outside", "a row from 0 to 2"):
        slide_kernel(IMAGE, CROSS).step(*place)
