"""Enlarging: the reference's results, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.lowering import resize
from mirada.compiler.target import Target
from mirada.network import Upsample
from mirada.reference import RULES, Moment
from tests.compiled import TARGETS
from tests.compiler.lowering.convolutions import Run
from tests.compiler.lowering.images import (
    NARROW,
    WIDE,
    block,
    inner,
    interpreted,
    laid,
    twice,
)
from tests.tolerance import assert_within, gamma

MODES = ("nearest", "bilinear")


def check(
    layer: Upsample,
    shape: tuple[int, int, int],
    add: bool,
    target: Target,
    run: Run,
    images: int = 2,
) -> None:
    """Forward and backward, of one image less than the block holds."""
    count = images - 1
    numbers = np.random.default_rng(shape[0])
    result: tuple[int, int, int] = layer.output(shape)  # type: ignore[assignment]
    x = block("x", images, shape, (1, 0, 0, 2))
    y = block("y", images, result, (0, 1, 1, 0))
    dx, dy = x.named("dx"), y.named("dy")
    pixels, gradient, old = (
        numbers.normal(size=(count, *s)).astype(np.float32)
        for s in (shape, result, shape)
    )
    given = {
        "x": laid(x, pixels),
        "y": laid(y, gradient) * np.nan,
        "dy": laid(dy, gradient),
        "dx": laid(dx, old),
    }
    forward = resize.forward("forward", layer.mode, x, y, target)
    found = inner(y, run("forward", forward, given, {"count": count})["y"])
    assert np.isnan(found[count:]).all()
    rule, at = RULES[Upsample], Moment()
    exact = rule.forward(layer, (pixels.astype(np.float64),), {}, at)
    size = rule.forward(layer, (np.abs(pixels).astype(np.float64),), {}, at)
    # A share is rounded, a product, a sum: twice over.
    assert_within(found[:count], exact, gamma(6, np.float32) * size)
    backward = resize.backward("backward", layer.mode, dy, dx, add, target)
    flat = run("backward", backward, given, {"count": count})["dx"]
    wide, seen = gradient.astype(np.float64), (pixels.astype(np.float64),)
    (exact,), _ = rule.backward(layer, seen, {}, at, wide)
    (size,), _ = rule.backward(layer, seen, {}, at, np.abs(wide))
    if add:
        exact, size = exact + old, size + np.abs(old)
    terms = 4 * layer.scale[0] * layer.scale[1] + 5
    assert_within(inner(dx, flat)[:count], exact, gamma(terms, np.float32) * size)
    inner(dx, flat)[...] = 0
    assert not flat.any(), "the border was written"


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(MODES),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.integers(1, 19), st.integers(1, 4), st.integers(1, 4)),
    st.booleans(),
    st.sampled_from((NARROW, WIDE)),
)
def test_enlarging_is_the_reference(
    mode: str,
    scale: tuple[int, int],
    shape: tuple[int, int, int],
    add: bool,
    target: Target,
) -> None:
    check(Upsample(scale, mode), shape, add, target, interpreted)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("mode", MODES)
def test_machine_code_gives_the_same_bytes(mode: str, target: str) -> None:
    run = twice(TARGETS[target])
    check(Upsample((2, 3), mode), (19, 3, 2), False, TARGETS[target], run)


def test_a_gradient_that_is_not_a_number_stays_where_it_went() -> None:
    """What is left out of a sum is not multiplied by zero."""
    dy, dx = block("dy", 1, (1, 1, 12)), block("dx", 1, (1, 1, 4))
    kernel = resize.backward("backward", "bilinear", dy, dx, False, NARROW)
    pixels = np.zeros((1, 1, 1, 12), np.float32)
    pixels[..., 11] = np.nan
    given = {"dy": laid(dy, pixels), "dx": laid(dx, pixels[..., :4])}
    found = interpreted("backward", kernel, given, {"count": 1})["dx"]
    assert np.isnan(found).tolist() == [False, False, False, True]
