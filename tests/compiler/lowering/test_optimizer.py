"""Optimizer steps as kernels: the reference's, clipped and averaged too."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering.optimizer import (
    MEAN_SHARE,
    RATE,
    SQUARE_SHARE,
    Average,
    Clip,
    adamw,
    gather,
    norm,
    sgd,
)
from mirada.compiler.program import Block
from mirada.compiler.schedules import vectors
from mirada.compiler.target import Target
from mirada.compiler.verify import verify
from mirada.network import SGD, AdamW, Optimizer
from tests.bounds import step_bounds
from tests.compiled import TARGETS, Compiled
from tests.tolerance import Bounded, assert_within, gamma, unit

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]

PARTS, STEP, LEARNING_RATE, DECAY = 8, 2, 0.0625, 0.9
U = unit(np.float32) + unit(np.float64)
SQUARES = Buffer("squares", (PARTS,))
OPTIMIZERS: tuple[Optimizer, ...] = (
    SGD(momentum=0.0),
    SGD(weight_decay=0.1),
    SGD(nesterov=True),
    AdamW(epsilon=1e-4, weight_decay=0.1),
)


def updating(
    rule: Optimizer, shape: tuple[int, ...], clip: float, decay: float, target: Target
) -> Kernel:
    total = shape[1] * shape[2]
    gradients = Buffer("gradients", (shape[0], total))
    clipping = Clip(SQUARES, clip) if clip else None
    average = Average(Buffer("average", (total,)), decay) if decay else None
    make: Any = sgd if isinstance(rule, SGD) else adamw
    block = Block(0, total, 1.0)
    kernel = make("update", rule, gradients, block, clipping, average)
    return vectors(kernel, "i", shape[2], target)


def every_part(
    kernels: dict[str, Kernel], arrays: Arrays, target: Target, *, checked: bool = True
) -> None:
    """Runs the kernels one after another, each on every part."""
    machine = Compiled(kernels, target)
    for name, kernel in kernels.items():
        verify(kernel)
        given = {buffer.name: arrays[buffer.name] for buffer in kernel.buffers}
        copies = {own: array.copy() for own, array in given.items()}
        for part in range(PARTS):
            machine(name, given, part=part)
            if checked:
                interpret(kernel, copies, part=part)
        if checked:
            for own, array in copies.items():
                assert array.tobytes() == given[own].tobytes(), own


def drawn(shape: tuple[int, ...], seed: int = 0) -> Arrays:
    noise = np.random.default_rng(seed)
    arrays: Arrays = {
        name: noise.normal(size=np.prod(shape[1:])).astype(np.float32)
        for name in ("parameters", "momentum", "mean", "average")
    }
    arrays["gradients"] = noise.normal(size=np.prod(shape)).astype(np.float32)
    arrays["square"] = noise.uniform(0.1, 2, np.prod(shape[1:])).astype(np.float32)
    arrays["scalars"], arrays["squares"] = np.zeros((2, PARTS), np.float32)
    scalars = arrays["scalars"]
    scalars[RATE] = LEARNING_RATE
    scalars[MEAN_SHARE] = 1 / (1 - 0.9 ** (STEP + 1))
    scalars[SQUARE_SHARE] = 1 / (1 - 0.999 ** (STEP + 1))
    return arrays


@pytest.mark.parametrize("target", ["host", "sse"])
@pytest.mark.parametrize(
    "shape", [(1, PARTS, 5), (3, PARTS, 48), (1, PARTS, 107), (2, PARTS, 4096 + 209)]
)
def test_the_norm_is_that_of_the_batch(shape: tuple[int, ...], target: str) -> None:
    arrays, gradients = drawn(shape), Buffer("gradients", shape)
    before = arrays["gradients"].reshape(shape).copy()
    other = {"gradients": before.copy().ravel()}
    checked = shape[2] < 200
    given = TARGETS[target]
    every_part({"norm": norm("norm", gradients, SQUARES)}, arrays, given)
    found = arrays["gradients"].reshape(shape)
    exact = before[0].astype(np.float64)
    for chunk in range(1, shape[0]):
        exact = (exact + before[chunk]).astype(np.float32).astype(np.float64)
    assert np.array_equal(found[0], exact), "the chunks' sum, in their order"
    assert np.array_equal(found[1:], before[1:])
    squares = (exact**2).sum(axis=1)
    roundings = 64 + 2 + -(-shape[2] // 4096) + 8 + 4
    bound = gamma(roundings, np.float32) * squares
    assert_within(arrays["squares"], squares, bound)
    every_part({"g": gather("g", gradients)}, other, given, checked=checked)
    assert np.array_equal(other["gradients"].reshape(shape)[0], found[0])


def test_the_norm_is_the_same_on_every_processor() -> None:
    shape = (2, PARTS, 4096 + 209)
    found = set()
    for target in TARGETS.values():
        arrays = drawn(shape)
        kernel = norm("norm", Buffer("gradients", shape), SQUARES)
        every_part({"norm": kernel}, arrays, target, checked=False)
        found.add(arrays["squares"].tobytes())
    assert len(found) == 1


@pytest.mark.parametrize("target", ["host", "sse"])
@pytest.mark.parametrize("decay", [0.0, DECAY])
@pytest.mark.parametrize("clip", [0.0, 0.5, 1000.0])
@pytest.mark.parametrize("rule", OPTIMIZERS, ids=str)
def test_a_step_is_the_references(
    rule: Optimizer, clip: float, decay: float, target: str
) -> None:
    shape = (2, PARTS, 37)
    arrays = drawn(shape)
    before = {name: array.copy() for name, array in arrays.items()}
    kernels = {"update": updating(rule, shape, clip, decay, TARGETS[target])}
    if clip:
        kernels = {"norm": norm("norm", Buffer("gradients", shape), SQUARES), **kernels}
    every_part(kernels, arrays, TARGETS[target])
    slope = Bounded.exact(before["gradients"].reshape(2, -1), U).sum(axis=0)
    slope = Bounded(slope.value[0], slope.bound[0], U)
    if clip:
        length = (slope * slope).sum(axis=0).sqrt() + 1e-6
        factor = Bounded.exact(np.array([clip]), U) / length
        if clip < length.value:
            slope = slope * factor
    memory = {
        f"{kind}.w": before[kind]
        for kind in ("momentum", "mean", "square")
        if kind in {buffer.name for buffer in kernels["update"].buffers}
    }
    # Each factor that the kernel takes (decay, 1 - beta, 1 / (1 - beta**t)) is itself
    # rounded: two roundings at most where the bound counts one.
    moved = step_bounds(
        rule,
        {"w": before["parameters"]},
        {"w": slope},
        memory,
        learning_rate=LEARNING_RATE,
        step=STEP,
    )["w"]
    assert_within(arrays["parameters"], moved.value, 2 * moved.bound)
    if decay:
        old = Bounded.exact(before["average"], U)
        new = old + (moved - old) * (1 - decay)
        assert_within(arrays["average"], new.value, 2 * new.bound)
    else:
        assert arrays["average"].tobytes() == before["average"].tobytes()


@pytest.mark.parametrize("rule", OPTIMIZERS, ids=str)
def test_a_short_gradient_is_not_touched(rule: Optimizer) -> None:
    shape, target = (3, PARTS, 33), TARGETS["host"]
    plain, clipped = drawn(shape), drawn(shape)
    every_part({"update": updating(rule, shape, 0, 0, target)}, plain, target)
    kernels = {
        "norm": norm("norm", Buffer("gradients", shape), SQUARES),
        "update": updating(rule, shape, 100.0, 0, target),
    }
    every_part(kernels, clipped, target)
    assert plain["parameters"].tobytes() == clipped["parameters"].tobytes()


def test_a_gradient_that_is_no_number_is_not_hidden() -> None:
    shape, target = (1, PARTS, 32), TARGETS["host"]
    arrays = drawn(shape)
    arrays["gradients"][77] = np.nan
    kernels = {
        "norm": norm("norm", Buffer("gradients", shape), SQUARES),
        "update": updating(SGD(momentum=0.0), shape, 1.0, 0, target),
    }
    every_part(kernels, arrays, target, checked=False)
    assert np.isnan(arrays["parameters"]).all()


def test_an_average_that_is_the_weight_does_not_drift() -> None:
    """In float32 0.9999 + 0.0001 is not 1."""
    shape, target = (1, PARTS, 32), TARGETS["host"]
    arrays = drawn(shape)
    arrays["scalars"][RATE] = 0.0
    arrays["average"][:] = arrays["parameters"]
    kernel = updating(SGD(momentum=0.0), shape, 0, 0.9999, target)
    for _ in range(3):
        every_part({"update": kernel}, arrays, target)
    assert arrays["average"].tobytes() == arrays["parameters"].tobytes()
