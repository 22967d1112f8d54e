"""Joins against the reference: sums and products from left to right, copies exactly."""

import numpy as np
import pytest

from mirada.compiler.ir import Kernel
from mirada.compiler.lowering import join
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules.channels import channels
from mirada.compiler.target import Target
from mirada.network import Concat, Multiply
from mirada.reference import RULES, Moment
from tests.compiler.lowering.everywhere import drawn, framed, laid, pixels_of, ran

SHAPE = (2, 19, 3, 2)
BORDERS = ((0, 0, 0, 0), (1, 0, 2, 1), (0, 1, 0, 1))
CUT = ((2, 3, 6, 5), (2, 17, 3, 4), (2, 2, 4, 7))
"""Images of several sizes: odd and even rows and columns are cut."""


def images(shapes: tuple[tuple[int, int, int, int], ...]) -> tuple[Image, ...]:
    return tuple(
        framed(f"x{i}", shape, border, 16 * i)
        for i, (shape, border) in enumerate(zip(shapes, BORDERS, strict=True))
    )


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("shape", [SHAPE, (2, 5, 1, 1)])
def test_adding(shape: tuple[int, int, int, int], relu: bool) -> None:
    xs, to = images((shape,) * 3), framed("y", shape, (1, 1, 1, 1))
    values = [drawn(i, *shape) for i in range(3)]
    values[1][0, 0, 0, 0] = np.nan
    arrays = {x.buffer.name: laid(x, v) for x, v in zip(xs, values, strict=True)}

    def made(target: Target) -> Kernel:
        return channels(join.add_forward("a", xs, relu, to), shape[1], target)

    found = pixels_of(to, ran(made, {**arrays, "y": laid(to, 0.0)}, count=2)["y"])
    exact = values[0] + values[1] + values[2]
    exact = np.where(exact < 0, 0, exact) if relu else exact
    np.testing.assert_array_equal(found, exact)


def test_a_value_may_be_added_to_itself_in_place() -> None:
    x, value = framed("x", SHAPE, (1, 0, 0, 1)), drawn(1, *SHAPE)
    found = ran(
        lambda t: channels(join.add_forward("a", (x, x), False, x), 19, t),
        {"x": laid(x, value)},
        count=2,
    )
    assert (pixels_of(x, found["x"]) == 2 * value).all()


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("more", [False, True])
def test_the_gradient_of_a_sum(relu: bool, more: bool) -> None:
    value, dy, to = images((SHAPE,) * 3)
    y, g, first = (drawn(i, *SHAPE) for i in range(3))
    given = value if relu else None
    arrays = {"x1": laid(dy, g), "x2": laid(to, first)}
    if relu:
        arrays["x0"] = laid(value, y)
    found = ran(
        lambda t: channels(join.add_backward("b", given, dy, to, add=more), 19, t),
        arrays,
        count=2,
    )
    exact = np.where(y > 0, g, np.float32(0)) if relu else g
    exact = first + exact if more else exact
    assert (pixels_of(to, found["x2"]) == exact).all()


GATED = (SHAPE, (2, 19, 1, 1), SHAPE)


@pytest.mark.parametrize("shapes", [GATED, ((2, 5, 1, 1),) * 3])
def test_multiplying(shapes: tuple[tuple[int, int, int, int], ...]) -> None:
    xs, to = images(shapes), framed("y", shapes[0], (1, 1, 1, 1))
    values = [drawn(i, *shape) for i, shape in enumerate(shapes)]
    values[1][0, 0] = np.nan
    arrays = {x.buffer.name: laid(x, v) for x, v in zip(xs, values, strict=True)}
    found = ran(
        lambda t: channels(join.multiply_forward("m", xs, to), to.channels, t),
        {**arrays, "y": laid(to, 0.0)},
        count=2,
    )
    exact = values[0] * values[1] * values[2]
    np.testing.assert_array_equal(pixels_of(to, found["y"]), exact)


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("place", range(3))
def test_the_gradient_of_a_product(place: int, more: bool) -> None:
    """Whole numbers, so that sums are exact in any order."""
    xs, dy = images(GATED), framed("dy", SHAPE, (1, 0, 0, 2))
    values = [np.rint(4 * drawn(i, *shape)) for i, shape in enumerate(GATED)]
    g, first = np.rint(4 * drawn(9, *SHAPE)), np.rint(drawn(8, *GATED[place]))
    wide = tuple(value.astype(np.float64) for value in values)
    exact, _ = RULES[Multiply].backward(Multiply(), wide, {}, Moment(), g)
    to = framed("to", GATED[place], (0, 1, 1, 0))
    others = (*xs[:place], *xs[place + 1 :])
    arrays = {x.buffer.name: laid(x, v) for x, v in zip(xs, values, strict=True)}
    del arrays[xs[place].buffer.name]
    arrays |= {"dy": laid(dy, g), "to": laid(to, first if more else np.nan)}

    def made(target: Target) -> Kernel:
        kernel = join.multiply_backward("b", others, dy, to, add=more)
        return channels(kernel, to.channels, target)

    found = pixels_of(to, ran(made, arrays, count=2)["to"])
    assert (found == (first + exact[place] if more else exact[place])).all()


@pytest.mark.parametrize("shapes", [CUT, (SHAPE,) * 3, ((2, 5, 1, 1),) * 3])
def test_joining_along_channels(shapes: tuple[tuple[int, int, int, int], ...]) -> None:
    xs, values = images(shapes), [drawn(i, *s) for i, s in enumerate(shapes)]
    exact = RULES[Concat].forward(
        Concat(crop=True), tuple(v.astype(np.float64) for v in values), {}, Moment()
    )
    to = framed("y", exact.shape, (1, 0, 2, 0))
    arrays = {x.buffer.name: laid(x, v) for x, v in zip(xs, values, strict=True)}
    widest = max(x.channels for x in xs)
    found = ran(
        lambda t: channels(join.concat_forward("c", xs, to), widest, t),
        {**arrays, "y": laid(to, np.nan)},
        count=2,
    )
    assert (pixels_of(to, found["y"]) == exact).all()


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("place", range(3))
def test_the_gradient_of_joined_images(place: int, more: bool) -> None:
    wide = tuple(drawn(i, *s).astype(np.float64) for i, s in enumerate(CUT))
    layer, rule = Concat(crop=True), RULES[Concat]
    shape = rule.forward(layer, wide, {}, Moment()).shape
    g, dy = drawn(9, *shape), framed("dy", shape, (1, 0, 2, 0))
    exact, _ = rule.backward(layer, wide, {}, Moment(), g.astype(np.float64))
    to, first = images(CUT)[place], drawn(8, *CUT[place])
    name, before = to.buffer.name, sum(s[1] for s in CUT[:place])
    arrays = {"dy": laid(dy, g), name: laid(to, first if more else np.nan)}

    def made(target: Target) -> Kernel:
        kernel = join.concat_backward("c", dy, before, to, add=more)
        return channels(kernel, to.channels, target)

    found = pixels_of(to, ran(made, arrays, count=2)[name])
    shared = exact[place].astype(np.float32)
    assert (found == (first + shared if more else shared)).all()
