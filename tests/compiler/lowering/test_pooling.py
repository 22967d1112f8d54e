"""Pooling against the reference: values and choices exactly, sums within bounds."""

from functools import cache

import numpy as np
import pytest

from mirada.compiler.ir import Kernel
from mirada.compiler.lowering import pooling, pooling_gradient
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules.channels import channels, windowed
from mirada.compiler.target import Target
from mirada.network import AvgPool2d, GlobalAvgPool2d, Layer, MaxPool2d
from mirada.network.window import Window
from mirada.reference import RULES, Moment
from tests.compiler.lowering.everywhere import drawn, framed, laid, pixels_of, ran
from tests.tolerance import assert_within, gamma

Windows = tuple[Window, Window]
Shape = tuple[int, ...]
SHAPE = (1, 5, 6, 5)
MAXIMA = {
    "side by side": MaxPool2d(2),
    "with gaps": MaxPool2d(2, stride=3),
    "overlapping": MaxPool2d(3, stride=2, padding=1),
    "every pixel": MaxPool2d((2, 3), stride=1, padding=(1, 1)),
    "ceil": MaxPool2d(3, stride=2, ceil=True),
    "dilated": MaxPool2d(2, stride=2, dilation=(2, 3)),
}
MEANS = {
    "side by side": AvgPool2d(2),
    "overlapping": AvgPool2d(3, stride=2, padding=1, ceil=True),
    "without padding": AvgPool2d((3, 2), stride=1, padding=1, count_padding=False),
    "whole": GlobalAvgPool2d(),
}


def windows_of(layer: Layer, shape: Shape) -> Windows:
    found = layer.windows(shape[1:])
    assert found is not None
    return found


def images_of(layer: Layer, shape: Shape) -> tuple[Image, Image]:
    """X with the border that its windows read, and y."""
    sides = []
    for window, length in zip(windows_of(layer, shape), shape[2:], strict=True):
        reach = (window.output(length) - 1) * window.stride + window.span
        sides += [window.start, max(reach - window.start - length, 0)]
    _, h, w = layer.output(shape[1:])
    n, c, ih, iw = shape
    top, bottom, left, right = sides
    x = framed("x", (n, c, ih, iw), (top, bottom, left, right), 16)
    return x, framed("y", (n, c, h, w), (1, 0, 0, 1))


def pooled(
    layer: MaxPool2d, values: np.ndarray, training: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """What max pooling gives, and what it chose."""
    windows = windows_of(layer, values.shape)
    x, y = images_of(layer, values.shape)
    choice = pooling.choices("choice", windows, y)
    arrays = {"x": laid(x, values, -np.inf), "y": laid(y, 0.0)}
    kept = np.zeros(choice.size, np.uint8)

    def made(target: Target) -> Kernel:
        kernel = pooling.max_forward("p", windows, x, y, choice if training else None)
        area = windows[0].size * windows[1].size
        return windowed(kernel, values.shape[1], area, target)

    given = {**arrays, "choice": kept} if training else arrays
    found = ran(made, given, count=len(values))
    return pixels_of(y, found["y"]), found.get("choice", kept)


@pytest.mark.parametrize("layer", MAXIMA.values(), ids=MAXIMA)
@pytest.mark.parametrize("training", [False, True])
def test_the_largest(layer: MaxPool2d, training: bool) -> None:
    x = np.round(drawn(1, *SHAPE), 1)
    exact = RULES[MaxPool2d].forward(layer, (x.astype(np.float64),), {}, Moment())
    assert (pooled(layer, x, training)[0] == exact).all()


@cache
def chosen(layer: MaxPool2d) -> tuple[np.ndarray, np.ndarray]:
    """What max pooling makes of the same image."""
    return pooled(layer, drawn(1, *SHAPE))


def passed_back(
    layer: MaxPool2d, more: bool, border: tuple[int, int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """What max pooling's gradient gives, and what it should."""
    x, (y, choice) = drawn(1, *SHAPE), chosen(layer)
    windows, (_, to) = windows_of(layer, x.shape), images_of(layer, x.shape)
    dy, dx = to.named("dy"), framed("dx", x.shape, border)
    g = np.round(drawn(2, *y.shape), 1) * 8
    first = np.round(drawn(3, *x.shape), 1) * 8 if more else np.nan
    kept = pooling.choices("choice", windows, to)

    def made(target: Target) -> Kernel:
        kernel = pooling.max_backward("p", windows, kept, dy, dx, add=more)
        return channels(kernel, x.shape[1], target, 1)

    arrays = {"dy": laid(dy, g), "choice": choice, "dx": laid(dx, first)}
    found = pixels_of(dx, ran(made, arrays, count=len(x))["dx"])
    wide = x.astype(np.float64), g.astype(np.float64)
    (exact,), _ = RULES[MaxPool2d].backward(layer, wide[:1], {}, Moment(), wide[1])
    return found, exact + (first if more else 0.0)


@pytest.fixture(params=["gathered", "window by window"])
def manner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to a gradient; the second one is meant for large windows."""
    if request.param != "gathered":
        monkeypatch.setattr(pooling_gradient, "_MOST", 0)


@pytest.mark.usefixtures("manner")
@pytest.mark.parametrize("layer", MAXIMA.values(), ids=MAXIMA)
@pytest.mark.parametrize("more", [False, True])
def test_the_gradient_of_the_largest(layer: MaxPool2d, more: bool) -> None:
    found, exact = passed_back(layer, more, (0, 1, 2, 0))
    count = layer.kernel_size[0] * layer.kernel_size[1] + 1
    size = 40.0 * count
    assert_within(found, exact, gamma(count, np.float32) * size)


@pytest.mark.usefixtures("manner")
def test_a_gradient_without_a_border_of_its_own() -> None:
    found, exact = passed_back(MAXIMA["overlapping"], False, (0, 0, 0, 0))
    assert_within(found, exact, gamma(9, np.float32) * 360)


@pytest.mark.parametrize("training", [False, True])
def test_one_nan_is_enough_and_the_last_is_chosen(training: bool) -> None:
    x = drawn(1, 1, 17, 4, 4)
    x[0, :, 0, 1] = np.nan
    x[0, :, 2, 2] = x[0, :, 3, 2] = np.nan
    y, choice = pooled(MaxPool2d(2), x, training)
    assert np.isnan(y[0, :, 0, 0]).all() and np.isnan(y[0, :, 1, 1]).all()
    assert np.isnan(y).sum() == 34
    if training:
        chosen = choice[: 2 * 2 * 17].reshape(2, 2, 17)
        assert (chosen[0, 0] == 1).all() and (chosen[1, 1] == 2).all()


@pytest.mark.parametrize("layer", MEANS.values(), ids=MEANS)
def test_the_mean(layer: Layer) -> None:
    values = drawn(1, *SHAPE)
    windows, (x, y) = windows_of(layer, SHAPE), images_of(layer, SHAPE)
    area = windows[0].size * windows[1].size

    def made(target: Target) -> Kernel:
        kernel = pooling.average_forward("a", windows, divisors_of(layer), x, y)
        return windowed(kernel, SHAPE[1], area, target)

    arrays = {"x": laid(x, values, 0.0), "y": laid(y, np.nan)}
    found = pixels_of(y, ran(made, arrays, count=1)["y"])
    rule = RULES[type(layer)]
    exact, size = (
        rule.forward(layer, (v.astype(np.float64),), {}, Moment())
        for v in (values, np.abs(values))
    )
    assert_within(found, exact, gamma(area + 2, np.float32) * size)


@pytest.mark.usefixtures("manner")
@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("layer", MEANS.values(), ids=MEANS)
def test_the_gradient_of_the_mean(layer: Layer, more: bool) -> None:
    windows, (_, y) = windows_of(layer, SHAPE), images_of(layer, SHAPE)
    g = drawn(2, *SHAPE[:2], y.height, y.width)
    dy, dx = y.named("dy"), framed("dx", SHAPE, (0, 1, 2, 0))
    first = drawn(3, *SHAPE) if more else np.nan

    def made(target: Target) -> Kernel:
        kernel = pooling.average_backward(
            "a", windows, divisors_of(layer), dy, dx, add=more
        )
        return channels(kernel, SHAPE[1], target)

    arrays = {"dy": laid(dy, g), "dx": laid(dx, first)}
    found = pixels_of(dx, ran(made, arrays, count=1)["dx"])
    rule, one = RULES[type(layer)], np.ones(SHAPE)
    (exact,), _ = rule.backward(layer, (one,), {}, Moment(), g.astype(np.float64))
    (size,), _ = rule.backward(layer, (one,), {}, Moment(), np.abs(g).astype(float))
    if more:
        exact, size = exact + first, size + np.abs(first)
    count = windows[0].size * windows[1].size + 3
    assert_within(found, exact, gamma(count, np.float32) * size)


def divisors_of(layer: Layer) -> tuple[list[int], list[int]]:
    """By what each window's sum is divided: of a gradient of 1, each pixel's share."""
    h, w = layer.output(SHAPE[1:])[1:]
    ones, shares = (np.ones((1, 1, *SHAPE[2:])),), []
    for window in np.eye(h * w).reshape(-1, 1, 1, h, w):
        (found,), _ = RULES[type(layer)].backward(layer, ones, {}, Moment(), window)
        shares.append(found.max())
    every = np.round(1 / np.array(shares)).astype(int).reshape(h, w)
    rows = every[:, 0] // np.gcd.reduce(every[:, 0])
    columns = every[0] // rows[0]
    assert (np.outer(rows, columns) == every).all()
    return rows.tolist(), columns.tolist()
