"""Batch normalization against the reference, within derived bounds."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import normalization as norm
from mirada.compiler.lowering import normalization_gradient as slope
from mirada.compiler.lowering.normalization import Parameters
from mirada.compiler.schedules.channels import channels
from mirada.compiler.target import Target
from mirada.network import BatchNorm2d
from mirada.reference import RULES, Moment
from tests.compiler.lowering.everywhere import drawn, framed, laid, pixels_of, ran
from tests.tolerance import Bounded, assert_within, gamma, unit

U = unit(np.float32)
SHAPES = {
    "one vector and a rest": (3, 19, 2, 5),
    "one pixel": (4, 2, 1, 1),
    "strips of rows": (1, 3, 10, 9),
    "many vectors": (2, 34, 1, 3),
}
LAYER = BatchNorm2d(epsilon=0.01, momentum=0.3)
Shape = tuple[int, int, int, int]
Values = dict[str, np.ndarray]
PIXELS = (0, 2, 3)


class Case(NamedTuple):
    """A batch, its parameters, and the exact numbers with their bounds."""

    shape: Shape
    x: np.ndarray
    names: Parameters
    given: Values

    @property
    def wide(self) -> dict[str, np.ndarray]:
        return {name: value.astype(np.float64) for name, value in self.given.items()}

    def bounded(self, name: str) -> Bounded:
        return Bounded.exact(self.given[name][:, None, None], U)

    def moments(self) -> tuple[Bounded, Bounded]:
        """Mean and variance; strips and images are put together in a few roundings."""
        n, _, h, w = self.shape
        x, count = Bounded.exact(self.x, U), n * h * w
        more = gamma(4 * (n + h) + 8, np.float32)
        mean = x.sum(PIXELS) / count
        size = np.abs(self.x).max(axis=PIXELS, keepdims=True)
        mean = Bounded(mean.value, mean.bound + more * size, U)
        squares = ((x - mean) * (x - mean)).sum(PIXELS) / count
        return mean, Bounded(squares.value, squares.bound + more * squares.size, U)

    def normal(self, mean: Bounded, variance: Bounded) -> tuple[Bounded, Bounded]:
        """1 / deviation and scale."""
        root = (variance + LAYER.epsilon).sqrt()
        return Bounded.exact(1.0, U) / root, self.bounded("weight") / root


def case_of(shape: Shape) -> Case:
    names = ("weight", "bias", "running_mean", "running_var")
    given = {name: drawn(seed, shape[1]) for seed, name in enumerate(names)}
    given["running_var"] = np.abs(given["running_var"]) + np.float32(0.1)
    x = drawn(9, *shape) + np.float32(2)
    return Case(shape, x, Parameters(*(Buffer(n, (shape[1],)) for n in names)), given)


def empty(*shape: int) -> np.ndarray:
    return np.full(shape, np.nan, np.float32).ravel()


@cache
def trained(shape: Shape) -> tuple[np.ndarray, Values]:
    """The coefficients of the batch, and the running statistics behind it."""
    case, (n, c, h, w) = case_of(shape), shape
    x = framed("x", case.shape, (1, 0, 2, 1), 16)
    partials, k = Buffer("partials", (n, 2, c)), Buffer("k", (4, c))
    found = ran(
        lambda t: channels(norm.partial("p", x, partials), c, t),
        {"x": laid(x, case.x), "partials": empty(n, 2, c)},
        count=n,
    )

    def made(target: Target) -> Kernel:
        kernel = norm.combine("c", LAYER, h * w, partials, case.names, k)
        return channels(kernel, c, target)

    arrays = {**case.given, "partials": found["partials"], "k": empty(4, c)}
    found = ran(made, arrays, count=n)
    return found["k"], found


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_batchs_coefficients(shape: Shape) -> None:
    case = case_of(shape)
    found, _ = trained(shape)
    mean, variance = case.moments()
    inverse, scale = case.normal(mean, variance)
    shift = case.bounded("bias") - mean * scale
    for row, exact in zip(
        found.reshape(4, -1), (mean, inverse, scale, shift), strict=True
    ):
        assert_within(row, exact.value.ravel(), exact.bound.ravel())


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_running_statistics(shape: Shape) -> None:
    case = case_of(shape)
    _, found = trained(shape)
    wide = {"x": case.x.astype(np.float64), **case.wide}
    exact = RULES[BatchNorm2d].statistics(LAYER, (wide["x"],), wide)
    count = shape[0] * shape[2] * shape[3]
    mean, variance = case.moments()
    unbiased = variance * count / max(count - 1, 1)
    for name, moved in (("running_mean", mean), ("running_var", unbiased)):
        kept = Bounded.exact(1.0, U) - LAYER.momentum
        share = moved * Bounded.exact(LAYER.momentum, U)
        bounded = case.bounded(name) * kept + share
        # The momentum itself is rounded to float32.
        more = 2 * U * (case.bounded(name).size + moved.size)
        assert_within(found[name], exact[name], (bounded.bound + more).ravel())


def normalized(case: Case, k: np.ndarray, joined: bool, relu: bool) -> np.ndarray:
    n, c, _, _ = case.shape
    x, y = (
        framed("x", case.shape, (1, 0, 2, 1), 16),
        framed("y", case.shape, (0, 1, 0, 3)),
    )
    other = framed("other", case.shape)
    arrays = {"x": laid(x, case.x), "k": k, "y": laid(y, np.nan)}
    if joined:
        arrays["other"] = laid(other, drawn(10, *case.shape))

    def made(target: Target) -> Kernel:
        there = other if joined else None
        kernel = norm.normalize("n", x, Buffer("k", (4, c)), there, relu, y)
        return channels(kernel, c, target)

    return pixels_of(y, ran(made, arrays, count=n)["y"])


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_normalizing_by_the_batch(shape: Shape, joined: bool) -> None:
    case = case_of(shape)
    found = normalized(case, trained(shape)[0], joined, joined)
    check(case, found, Moment(training=True), case.moments(), joined)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_normalizing_by_the_running_statistics(shape: Shape) -> None:
    case, c = case_of(shape), shape[1]
    k = Buffer("k", (4, c))
    found = ran(
        lambda t: channels(norm.running("r", LAYER, case.names, k), c, t),
        {**case.given, "k": empty(4, c)},
    )
    known = case.bounded("running_mean"), case.bounded("running_var")
    check(case, normalized(case, found["k"], False, False), Moment(), known, False)


def check(
    case: Case,
    found: np.ndarray,
    moment: Moment,
    moments: tuple[Bounded, Bounded],
    joined: bool,
) -> None:
    rule, wide = RULES[BatchNorm2d], case.x.astype(np.float64)
    exact = rule.forward(LAYER, (wide,), case.wide, moment)
    _, scale = case.normal(*moments)
    bound = Bounded.exact(case.x, U) * scale + (
        case.bounded("bias") - moments[0] * scale
    )
    if joined:
        other = drawn(10, *case.shape)
        exact, bound = exact + other, bound + Bounded.exact(other, U)
        exact = np.maximum(exact, 0.0)
    assert_within(found, exact, bound.bound)


def test_relu_and_sums_pass_nan_on() -> None:
    case = case_of((1, 3, 2, 2))
    case.x[0, 1, 1, 0] = np.nan
    found = normalized(case, drawn(3, 12), True, True)
    assert np.isnan(found).sum() == 1 and np.isnan(found[0, 1, 1, 0])


def test_only_images_that_are_there() -> None:
    case = case_of((3, 5, 2, 2))
    x, partials = framed("x", case.shape), Buffer("partials", (3, 2, 5))
    found = ran(
        lambda t: channels(norm.partial("p", x, partials), 5, t),
        {"x": laid(x, case.x), "partials": empty(3, 2, 5)},
        count=2,
    )
    there = np.isnan(found["partials"].reshape(3, 10)).all(axis=1)
    assert there.tolist() == [False, False, True]


@pytest.mark.parametrize("biased", [False, True])
def test_folding_into_a_convolution(biased: bool) -> None:
    shape, names = (6, 3, 7), case_of((1, 6, 1, 1))
    weight, folded = Buffer("w", shape), Buffer("folded", shape)
    bias, shift = Buffer("b", (6,)), Buffer("shift", (6,))
    arrays = {
        **names.given,
        "w": drawn(5, *shape).ravel(),
        "folded": empty(*shape),
        "shift": empty(6),
        **({"b": drawn(6, 6)} if biased else {}),
    }

    def made(target: Target) -> Kernel:
        own = bias if biased else None
        kernel = norm.fold("f", LAYER, weight, own, names.names, folded, shift)
        return channels(kernel, 21, target, var="t")

    found = ran(made, arrays)
    _, scale = names.normal(names.bounded("running_mean"), names.bounded("running_var"))
    scale = Bounded(scale.value[:, 0], scale.bound[:, 0], U)
    weights = Bounded.exact(arrays["w"].reshape(6, 21), U) * scale
    assert_within(found["folded"].reshape(6, 21), weights.value, weights.bound)
    before = arrays["b"] if biased else np.zeros(6)
    moved = Bounded.exact(before[:, None], U) - names.given["running_mean"][:, None]
    exact = moved * scale + names.given["bias"][:, None]
    assert_within(found["shift"], exact.value[:, 0], exact.bound[:, 0])


# Gradients ---------------------------------------------------------------------------


class Back(NamedTuple):
    """What the gradient kernels made of a batch."""

    weight: np.ndarray
    bias: np.ndarray
    slopes: np.ndarray


def sums_of(case: Case, k: np.ndarray, relu: bool, fixed: bool) -> Back:
    n, c, h, w = case.shape
    x, dy = (
        framed("x", case.shape, (0, 1, 1, 0)),
        framed("dy", case.shape, (1, 1, 1, 1)),
    )
    value = framed("value", case.shape, (0, 0, 2, 0)) if relu else None
    partials, kept = Buffer("partials", (n, 2, c)), Buffer("k", (4, c))
    arrays = {"x": laid(x, case.x), "dy": laid(dy, drawn(20, *case.shape)), "k": k}
    if value is not None:
        arrays["value"] = laid(value, mask_of(case))
    arrays["partials"] = empty(n, 2, c)

    def collect(target: Target) -> Kernel:
        kernel = slope.backward_partial("p", x, value, dy, kept, partials)
        return channels(kernel, c, target, 2)

    found = ran(collect, arrays, count=n)
    weight, bias, slopes = Buffer("w", (c,)), Buffer("b", (c,)), Buffer("s", (3, c))

    def join(target: Target) -> Kernel:
        kernel = slope.backward_combine(
            "c", h * w, partials, kept, weight, bias, slopes, fixed=fixed
        )
        return channels(kernel, c, target)

    arrays = {"partials": found["partials"], "k": k, "w": empty(c), "b": empty(c)}
    found = ran(join, {**arrays, "s": empty(3, c)}, count=n)
    return Back(found["w"], found["b"], found["s"])


def mask_of(case: Case) -> np.ndarray:
    return np.maximum(drawn(21, *case.shape), 0)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_gradients(shape: Shape, relu: bool, fixed: bool) -> None:
    case, c = case_of(shape), shape[1]
    moments = case.moments()
    k = trained(shape)[0]
    if fixed:
        moments = case.bounded("running_mean"), case.bounded("running_var")
        to = Buffer("k", (4, c))
        k = ran(
            lambda t: channels(norm.running("r", LAYER, case.names, to), c, t),
            {**case.given, "k": empty(4, c)},
        )["k"]
    found = sums_of(case, k, relu, fixed)
    g = drawn(20, *shape)
    if relu:
        g = np.where(mask_of(case) > 0, g, np.float32(0))
    moment = Moment(training=not fixed)
    wide = case.x.astype(np.float64), g.astype(np.float64)
    rule = RULES[BatchNorm2d]
    (dx,), own = rule.backward(LAYER, wide[:1], case.wide, moment, wide[1])
    inverse, scale = case.normal(*moments)
    gradient, x = Bounded.exact(g, U), Bounded.exact(case.x, U)
    far = (x - moments[0]) * gradient
    sums = far.sum(PIXELS) * inverse, gradient.sum(PIXELS)
    assert_within(found.weight, own["weight"], 2 * sums[0].bound.ravel())
    assert_within(found.bias, own["bias"], 2 * sums[1].bound.ravel())
    bound = gradient * scale
    if not fixed:
        count = shape[0] * shape[2] * shape[3]
        b = scale * inverse * (sums[0] / count)
        c_ = scale * (sums[1] / count) - b * moments[0]
        bound = bound - (x * b + c_)
    result = backward(case, found.slopes, relu, None if fixed else "x", False)
    assert_within(result["dx"], dx, bound.bound)
    assert (result["other"] == g).all()
    added = backward(case, found.slopes, relu, "x", True)
    more = Bounded.exact(drawn(22, *shape), U)
    assert_within(added["dx"], dx + more.value, (bound + more).bound)
    assert (added["other"] == g + drawn(23, *shape)).all()


def backward(
    case: Case, slopes: np.ndarray, relu: bool, reads: str | None, more: bool
) -> Values:
    """Dx and the gradient of what was added."""
    n, c, _, _ = case.shape
    x, dy = (
        framed("x", case.shape, (0, 1, 1, 0)),
        framed("dy", case.shape, (1, 1, 1, 1)),
    )
    value = framed("value", case.shape, (0, 0, 2, 0)) if relu else None
    dx, other = framed("dx", case.shape, (1, 0, 0, 1)), framed("other", case.shape)
    s = Buffer("s", (3, c))
    first = drawn(22, *case.shape) if more else np.nan
    arrays = {
        "dy": laid(dy, drawn(20, *case.shape)),
        "s": slopes,
        "dx": laid(dx, first),
    }
    arrays["other"] = laid(other, drawn(23, *case.shape) if more else np.nan)
    if value is not None:
        arrays["value"] = laid(value, mask_of(case))
    if reads:
        arrays["x"] = laid(x, case.x)

    def made(target: Target) -> Kernel:
        given = x if reads else None
        kernel = slope.backward(
            "b", given, value, dy, s, dx, add=more, other_to=other, add_other=more
        )
        return channels(kernel, c, target)

    found = ran(made, arrays, count=n)
    return {
        "dx": pixels_of(dx, found["dx"]),
        "other": pixels_of(other, found["other"]),
    }


def test_gradients_in_place() -> None:
    shape = (2, 5, 3, 2)
    x, dy, other = (
        framed("x", shape),
        framed("dy", shape, (1, 1, 1, 1)),
        framed("o", shape),
    )
    s = Buffer("s", (3, 5))
    slopes = drawn(1, 15)
    arrays = {"x": laid(x, drawn(2, *shape)), "dy": laid(dy, drawn(3, *shape))}
    arrays |= {"s": slopes, "o": laid(other, 0.0)}
    found = ran(
        lambda t: channels(
            slope.backward("b", x, None, dy, s, dy, other_to=other), 5, t
        ),
        arrays,
        count=2,
    )
    a, b, c = slopes.reshape(3, 5, 1, 1).astype(np.float64)
    exact = a * drawn(3, *shape) + b * drawn(2, *shape) + c
    size = np.abs(a * drawn(3, *shape)) + np.abs(b * drawn(2, *shape)) + np.abs(c)
    assert_within(pixels_of(dy, found["dy"]), exact, gamma(3, np.float32) * size)
    assert (pixels_of(other, found["o"]) == drawn(3, *shape)).all()


def test_slopes_of_fixed_statistics() -> None:
    k, s = Buffer("k", (4, 5)), Buffer("s", (3, 5))
    given = drawn(1, 20)
    found = ran(
        lambda t: channels(slope.fixed_slopes("f", k, s), 5, t),
        {"k": given, "s": empty(3, 5)},
    )
    assert (found["s"].reshape(3, 5)[0] == given.reshape(4, 5)[2]).all()
    assert (found["s"].reshape(3, 5)[1:] == 0).all()
