"""Winograd's convolution is within its derived bound of the reference, on every target.

Between them the cases have every remainder: of tiles, bands, blocks of images, vectors
and panels of channels.
"""

from dataclasses import replace

import numpy as np
import pytest

from mirada.reference.convolution import CONV
from mirada.reference.layer import Moment
from tests.compiled import TARGETS
from tests.compiler.lowering.winograd_cases import (
    Case,
    Convolved,
    WeightGradient,
    bound,
    by_interpreter,
    compiled,
    exact,
    weight_bound,
)
from tests.tolerance import assert_within

CASES = {
    "plain": (Case(4, 2, 64, 64, 12, 8, bias=True, relu=True), "host"),
    "bands": (Case(4, 2, 32, 16, 27, 30, (0, 1, 2, 0), bias=True, add=True), "host"),
    "tiny": (Case(4, 3, 1, 1, 1, 1), "host"),
    "few": (Case(4, 5, 3, 5, 6, 7, (2, 2, 2, 2), other=True), "host"),
    "panels": (Case(4, 9, 17, 85, 5, 5, (1, 0, 0, 1), other=True, relu=True), "host"),
    "groups": (Case(2, 2, 18, 160, 7, 5, bias=True, add=True), "host"),
    "two": (Case(2, 3, 16, 48, 9, 7, (0, 2, 1, 1), bias=True, relu=True), "wide"),
    "small": (Case(4, 3, 10, 21, 10, 7, (1, 2, 0, 2), bias=True, other=True), "avx2"),
    "narrow": (Case(4, 3, 5, 11, 6, 9, (2, 0, 1, 2), relu=True, add=True), "sse"),
}


@pytest.mark.parametrize("name", CASES)
def test_forward(name: str) -> None:
    case, target = CASES[name]
    made = Convolved(case, TARGETS[target])
    numbers = case.numbers()
    found = made(compiled(TARGETS[target], [made.pack, made.forward]), numbers)
    assert_within(found, exact(case, numbers), bound(case, numbers))


@pytest.mark.parametrize("name", ["bands", "few", "small"])
def test_input_gradient(name: str) -> None:
    case, target = CASES[name]
    case = Case(
        case.size,
        *(case.images, case.inputs, case.outputs, case.height, case.width),
        case.padding,
        add=case.add,
    )
    back = case.turned()
    made = Convolved(back, TARGETS[target], turned=True)
    weight, numbers = case.numbers()["weight"], back.numbers(1)
    numbers["weight"] = weight
    found = made(compiled(TARGETS[target], [made.pack, made.forward]), numbers)
    numbers["weight"] = weight[:, :, ::-1, ::-1].swapaxes(0, 1)
    x = np.zeros((case.images, case.inputs, case.height, case.width))
    known = {"weight": weight.astype(np.float64)}
    slope = numbers["x"].astype(np.float64)
    (wanted,), _ = CONV.backward(case.layer, (x,), known, Moment(), slope)
    if case.add:
        wanted = wanted + numbers["there"]
    assert_within(found, wanted, bound(back, numbers))


WEIGHTS = {
    "whole": (Case(4, 3, 32, 32, 8, 8), "host", True),
    "many": (Case(4, 40, 16, 16, 4, 4), "host", False),
    "bands": (Case(4, 2, 20, 48, 27, 30, (0, 1, 2, 0)), "host", False),
    "panels": (Case(4, 9, 85, 17, 5, 5, (1, 0, 0, 1)), "host", False),
    "tiny": (Case(4, 3, 1, 1, 1, 1), "host", False),
    "two": (Case(2, 7, 16, 48, 9, 7, (0, 2, 1, 1)), "wide", True),
    "small": (Case(4, 3, 10, 21, 10, 7, (1, 2, 0, 2)), "avx2", False),
    "narrow": (Case(2, 3, 5, 11, 6, 9, (2, 0, 1, 2)), "sse", False),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weight_gradient(name: str) -> None:
    case, target, groups = WEIGHTS[name]
    made = WeightGradient(case, TARGETS[target], groups)
    numbers = case.numbers()
    dy = numbers["there"]
    run = compiled(TARGETS[target], [made.kernel])
    for count in (case.images, case.images - 1, 0):
        x, slope = numbers["x"][:count], dy[:count]
        found = made(run, numbers["x"], dy, count)
        known = {"weight": numbers["weight"].astype(np.float64)}
        wide = (x.astype(np.float64),), known, Moment(), slope.astype(np.float64)
        _, wanted = CONV.backward(case.layer, *wide)
        assert_within(found, wanted["weight"], weight_bound(case, x, slope))


SMALL = {
    "host": Case(4, 3, 3, 17, 5, 4, (1, 1, 1, 1), bias=True, relu=True),
    "wide": Case(2, 2, 9, 10, 3, 5, (2, 0, 1, 1), other=True, add=True),
    "avx2": Case(4, 2, 8, 9, 5, 3, (0, 2, 2, 1), bias=True),
    "sse": Case(4, 2, 5, 7, 4, 6, (1, 1, 0, 2), relu=True),
}


@pytest.mark.parametrize(
    ("target", "turned"),
    [("host", False), ("wide", True), ("avx2", True), ("sse", False)],
)
def test_machine_code_is_the_interpreters_bits(target: str, turned: bool) -> None:
    case = SMALL[target]
    made = Convolved(case, TARGETS[target], turned)
    numbers = case.numbers()
    if turned:
        numbers["weight"] = numbers["weight"].swapaxes(0, 1)
    run = compiled(TARGETS[target], [made.pack, made.forward])
    found = made(run, numbers)
    np.testing.assert_array_equal(found, made(by_interpreter, numbers))
    # A cache so small that filters are transformed a slice of channels at a time.
    small = replace(TARGETS[target], l2_bytes=1024)
    fused = Convolved(case, small, turned, fused=True)
    np.testing.assert_array_equal(found, fused(by_interpreter, numbers))
    run = compiled(TARGETS[target], [fused.forward])
    np.testing.assert_array_equal(found, fused(run, numbers))


@pytest.mark.parametrize("target", SMALL)
def test_weight_gradients_are_the_interpreters_bits(target: str) -> None:
    case = SMALL[target]
    made = WeightGradient(case, TARGETS[target])
    numbers = case.numbers()
    given = numbers["x"], numbers["there"], case.images
    run = compiled(TARGETS[target], [made.kernel])
    np.testing.assert_array_equal(made(run, *given), made(by_interpreter, *given))


def test_nan_stays_nan_through_relu() -> None:
    case = Case(4, 1, 2, 4, 4, 4, relu=True)
    numbers = case.numbers()
    numbers["x"][:] = np.nan
    assert np.isnan(Convolved(case, TARGETS["host"])(by_interpreter, numbers)).all()


def test_how_tiles_are_taken_together_changes_no_bit() -> None:
    found = []
    for items in (1, 64):
        case = Case(4, 4, 16, 80, 12, 8, items=items)
        made = Convolved(case, TARGETS["host"])
        run = compiled(TARGETS["host"], [made.pack, made.forward])
        found.append((made.tiling, made(run, case.numbers())))
    (one, first), (two, second) = found
    assert one != two
    np.testing.assert_array_equal(first, second)
