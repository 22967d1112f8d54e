"""Activations as kernels: the reference's values and gradients, on every processor."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering.activation import (
    ACTIVATIONS,
    softmax_backward,
    softmax_forward,
)
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import vectors
from mirada.compiler.target import Target
from mirada.compiler.verify import verify
from mirada.network import (
    GELU,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from mirada.network.activation import Activation
from mirada.network.text import LAYERS
from mirada.reference import RULES, Moment
from tests.compiled import TARGETS, Compiled
from tests.layer_bounds import bound_of
from tests.tolerance import Bounded, assert_within, unit

LAYERS_OF_EACH: tuple[Layer, ...] = (
    ReLU(),
    LeakyReLU(0.3),
    LeakyReLU(0.0),
    Sigmoid(),
    Tanh(),
    GELU(),
    GELU("tanh"),
    SiLU(),
    ReLU6(),
    Hardsigmoid(),
    Hardswish(),
)
EVERY = (*LAYERS_OF_EACH, Softmax())
SHAPE = (19, 3, 2)
COUNT, IMAGES = 2, 3
U = unit(np.float32) + unit(np.float64)
Floats = NDArray[np.float32]


class Lying(NamedTuple):
    """How images lie: with a border of their own, and slack behind."""

    name: str
    top: int = 0
    left: int = 0
    bottom: int = 0
    right: int = 0

    def image(self, shape: tuple[int, ...]) -> Image:
        channels, height, width = shape
        rows, columns = self.top + height + self.bottom, self.left + width + self.right
        buffer = Buffer(self.name, (IMAGES, rows, columns, channels), slack=16)
        return Image(buffer, channels, height, width, self.top, self.left)

    def inside(self, array: Floats, shape: tuple[int, ...]) -> Floats:
        """The pixels of all images, (n, c, h, w), as a view."""
        image = self.image(shape)
        whole = array[: -image.buffer.slack].reshape(image.buffer.shape)
        rows = slice(self.top, self.top + image.height)
        columns = slice(self.left, self.left + image.width)
        return whole[:, rows, columns].transpose(0, 3, 1, 2)

    def array(self, values: NDArray[Any], shape: tuple[int, ...]) -> Floats:
        array = np.zeros(self.image(shape).buffer.size, np.float32)
        self.inside(array, shape)[:] = values
        return array


X, Y = Lying("x", 1, 0, 2, 1), Lying("y", 0, 1)
DY, DX = Lying("dy", 2, 1, 0, 0), Lying("dx", 0, 0, 1, 3)


def scheduled(kernel: Kernel, layer: Layer, channels: int, target: Target) -> Kernel:
    made = vectors(kernel, ACTIVATIONS[type(layer)].loop, channels, target)
    verify(made)
    return made


def kernels(layer: Layer, target: Target, shape: tuple[int, ...]) -> dict[str, Kernel]:
    door = ACTIVATIONS[type(layer)]
    x, y, dy, dx = (lying.image(shape) for lying in (X, Y, DY, DX))
    made = {"forward": door.forward("forward", layer, x, y)}
    for name, add in (("backward", False), ("adding", True)):
        made[name] = door.backward(name, layer, x, y, dy, dx, add)
    made["inplace"] = door.backward("inplace", layer, x, y, dy, dy, False)
    return {
        name: scheduled(kernel, layer, shape[0], target)
        for name, kernel in made.items()
    }


def run(machine: Compiled, name: str, **arrays: Floats) -> None:
    """The compiled kernel, and the interpreter with the same bits."""
    kernel = machine.kernels[name]
    given = {buffer.name: arrays[buffer.name] for buffer in kernel.buffers}
    copies = {name: array.copy() for name, array in given.items()}
    interpret(kernel, copies, count=COUNT)
    machine(name, given, count=COUNT)
    for own, array in copies.items():
        assert array.tobytes() == given[own].tobytes(), own


def drawn(shape: tuple[int, ...], seed: int, size: float = 3.0) -> NDArray[np.float64]:
    noise = np.random.default_rng(seed)
    values = noise.normal(size=(IMAGES, *shape), scale=size)
    return values.astype(np.float32).astype(np.float64)


@pytest.fixture(params=["host", "sse"])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    yield TARGETS[request.param]


def test_every_activation_has_its_door() -> None:
    known = {layer for layer in LAYERS.values() if issubclass(layer, Activation)}
    assert set(ACTIVATIONS) == known == {type(layer) for layer in EVERY}


@pytest.mark.parametrize("shape", [SHAPE, (2, 1, 5)], ids=str)
@pytest.mark.parametrize("layer", EVERY, ids=str)
def test_values_and_gradients_are_the_references(
    layer: Layer, shape: tuple[int, ...], target: Target
) -> None:
    machine = Compiled(kernels(layer, target, shape), target)
    x, slope, before = (drawn(shape, seed) for seed in range(3))
    moment = Moment(training=True)
    exact_x = Bounded.exact(x[:COUNT], U)
    exact = bound_of(layer).forward(layer, (exact_x,), {}, moment)
    given, y = X.array(x, shape), Y.array(np.zeros_like(x), shape)
    run(machine, "forward", x=given, y=y)
    found = Y.inside(y, shape)
    assert_within(found[:COUNT], exact.value, exact.bound)
    assert not found[COUNT:].any(), "an image that is not there"
    by_y = Bounded.exact(slope[:COUNT], U)
    (by_x,), _ = bound_of(layer).backward(layer, (exact_x,), {}, moment, by_y)
    dy, dx = DY.array(slope, shape), DX.array(before, shape)
    run(machine, "backward", x=given, y=y, dy=dy, dx=dx)
    assert_within(DX.inside(dx, shape)[:COUNT], by_x.value, by_x.bound)
    assert np.array_equal(DX.inside(dx, shape)[COUNT:], before[COUNT:])
    assert np.count_nonzero(dx) <= before.size, "the border stays"
    passed = DX.inside(dx, shape)[:COUNT].copy()
    dx = DX.array(before, shape)
    run(machine, "adding", x=given, y=y, dy=dy, dx=dx)
    added = before[:COUNT].astype(np.float32) + passed
    assert np.array_equal(DX.inside(dx, shape)[:COUNT], added)
    run(machine, "inplace", x=given, y=y, dy=dy)
    assert np.array_equal(DY.inside(dy, shape)[:COUNT], passed)


@pytest.mark.parametrize("layer", LAYERS_OF_EACH, ids=str)
def test_far_from_zero_nothing_overflows(layer: Layer, target: Target) -> None:
    shape = (14, 1, 1)
    ends = [0.0, -0.0, 1e-40, -1e-40, 9.0, -9.0, 60.0, -60.0, 89.0, -89.0]
    x = np.zeros((IMAGES, *shape))
    x[:, :, 0, 0] = [*ends, 1e19, -1e19, 3e38, -3e38]
    machine = Compiled(kernels(layer, target, shape), target)
    y, dx = (lying.array(np.zeros_like(x), shape) for lying in (Y, DX))
    given, dy = X.array(x, shape), DY.array(np.ones_like(x), shape)
    run(machine, "forward", x=given, y=y)
    run(machine, "backward", x=given, y=y, dy=dy, dx=dx)
    bound, moment = bound_of(layer), Moment(training=True)
    exact_x = Bounded.exact(x[:COUNT].astype(np.float32), U)
    exact = bound.forward(layer, (exact_x,), {}, moment)
    least = 2.0**-149  # a rounding among the numbers that are less than normal
    assert_within(Y.inside(y, shape)[:COUNT], exact.value, exact.bound + least)
    rule, one = RULES[type(layer)], np.ones_like(exact_x.value)
    # The formulas of the reference take x to the third; what they tend to is known.
    with np.errstate(over="ignore"):
        (slope,), _ = rule.backward(layer, (exact_x.value,), {}, moment, one)
    assert_within(DX.inside(dx, shape)[:COUNT], slope, 16 * U)


@pytest.mark.parametrize("layer", EVERY, ids=str)
def test_what_is_no_number_stays_none(layer: Layer) -> None:
    shape = (5, 1, 1)
    x = np.zeros((IMAGES, *shape))
    x[:, 3] = np.nan
    made = kernels(layer, TARGETS["host"], shape)
    machine = Compiled(made, TARGETS["host"])
    y = Y.array(np.zeros_like(x), shape)
    machine("forward", {"x": X.array(x, shape), "y": y}, count=COUNT)
    found = np.isnan(Y.inside(y, shape)[:COUNT, :, 0, 0])
    assert found[:, 3].all()
    assert found.all() == isinstance(layer, Softmax)


@pytest.mark.parametrize("layer", LAYERS_OF_EACH, ids=str)
def test_an_infinite_value_has_the_slope_it_tends_to(layer: Layer) -> None:
    shape = (2, 1, 1)
    x = np.zeros((IMAGES, *shape))
    x[:, 0], x[:, 1] = np.inf, -np.inf
    made = kernels(layer, TARGETS["host"], shape)
    machine = Compiled(made, TARGETS["host"])
    y, dx = (lying.array(np.zeros_like(x), shape) for lying in (Y, DX))
    given, dy = X.array(x, shape), DY.array(np.ones_like(x), shape)
    machine("forward", {"x": given, "y": y}, count=COUNT)
    reads = {"x": given, "y": y}[ACTIVATIONS[type(layer)].reads]
    arrays = {ACTIVATIONS[type(layer)].reads: reads, "dy": dy, "dx": dx}
    machine("backward", arrays, count=COUNT)
    flat = isinstance(layer, Sigmoid | Tanh | ReLU6 | Hardsigmoid)
    high = 0.0 if flat else 1.0
    low = layer.slope if isinstance(layer, LeakyReLU) else 0.0
    found = DX.inside(dx, shape)[0, :, 0, 0]
    assert found.tolist() == [high, np.float32(low)]


def test_slopes_keep_their_digits_where_the_value_is_nearly_one() -> None:
    """At 12 a sigmoid is 1 - 6e-6, and its slope from y alone would be 1% off."""
    shape = (4, 1, 1)
    x = np.broadcast_to(np.reshape([12.0, -12, 9, -9], (1, 4, 1, 1)), (3, 4, 1, 1))
    for layer in (Sigmoid(), Tanh()):
        made = kernels(layer, TARGETS["host"], shape)
        machine = Compiled(made, TARGETS["host"])
        dy, dx = (lying.array(np.ones_like(x), shape) for lying in (DY, DX))
        machine("backward", {"x": X.array(x, shape), "dy": dy, "dx": dx}, count=3)
        power = np.exp(-np.abs(x) * (1 if isinstance(layer, Sigmoid) else 2))
        exact = power / (1 + power) ** 2 * (1 if isinstance(layer, Sigmoid) else 4)
        found = DX.inside(dx, shape)
        np.testing.assert_allclose(found, exact, rtol=16 * U)


def test_softmax_of_all_numbers_of_an_image(target: Target) -> None:
    """With borders by `whole`, without them flattened: the same, to the rounding."""
    channels, height, width = SHAPE
    x, slope = drawn(SHAPE, 7), drawn(SHAPE, 8)
    images = [lying.image(SHAPE) for lying in (X, Y, DY, DX)]
    made = {
        "forward": softmax_forward("forward", *images[:2], whole=True),
        "backward": softmax_backward("backward", *images[1:], whole=True),
    }
    machine = Compiled(
        {n: scheduled(k, Softmax(), channels, target) for n, k in made.items()}, target
    )
    y, dx = (lying.array(np.zeros_like(x), SHAPE) for lying in (Y, DX))
    run(machine, "forward", x=X.array(x, SHAPE), y=y)
    run(machine, "backward", y=y, dy=DY.array(slope, SHAPE), dx=dx)
    flat = [v[:COUNT].reshape(COUNT, -1) for v in (x, slope)]
    bound, moment = bound_of(Softmax()), Moment(training=True)
    given, by_y = (Bounded.exact(value, U) for value in flat)
    exact = bound.forward(Softmax(), (given,), {}, moment)
    found = Y.inside(y, SHAPE)[:COUNT].reshape(COUNT, -1)
    assert_within(found, exact.value, exact.bound)
    (by_x,), _ = bound.backward(Softmax(), (given,), {}, moment, by_y)
    passed = DX.inside(dx, SHAPE)[:COUNT].reshape(COUNT, -1)
    assert_within(passed, by_x.value, by_x.bound)
    assert (height, width) == (3, 2)


@pytest.mark.parametrize("layer", EVERY, ids=str)
def test_a_plain_image_may_be_seen_as_one_pixel(layer: Layer) -> None:
    """Few channels then make whole vectors all the same."""
    door, target = ACTIVATIONS[type(layer)], TARGETS["host"]
    x, y = (Lying(name).image((3, 4, 5)).flattened for name in "xy")
    made = scheduled(door.forward("f", layer, x, y), layer, 60, target)
    values = drawn((60, 1, 1), 9)
    given, found = (np.zeros(x.buffer.size, np.float32) for _ in "xy")
    given[: values.size] = values.ravel()
    Compiled({"f": made}, target)("f", {"x": given, "y": found}, count=IMAGES)
    exact_x = Bounded.exact(values, U)
    exact = bound_of(layer).forward(layer, (exact_x,), {}, Moment())
    shown = found[: values.size].reshape(values.shape)
    assert_within(shown, exact.value, exact.bound)
