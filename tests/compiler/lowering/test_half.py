"""Convolution of rounded numbers: within its bounds, the same bits everywhere."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.interpreter import DTYPES
from mirada.compiler.ir import Buffer
from mirada.compiler.lowering import half
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import vectors
from mirada.compiler.target import Target, host
from mirada.network.window import Window
from tests.compiled import TARGETS, Compiled
from tests.compiler.lowering.dense_case import Case, inner, run
from tests.compiler.lowering.half_case import HalfCase, bfloat
from tests.tolerance import assert_within, gamma

# Half the distance from 1 to the next number of eight bits: 2^-7.
UNIT = 2.0**-8
THREE = Window(3, 1, 1, 1)
CASES = {
    "plain": Case(2, 16, 5, 6, 16, THREE, THREE),
    "odd": Case(3, 5, 4, 5, 7, THREE, THREE, spare=1),
    "one by one": Case(2, 6, 3, 3, 20, Window(1), Window(1)),
    "strided": Case(2, 8, 6, 7, 17, Window(3, 2, 1, 1), Window(3, 2, 1, 1)),
    "wide stride": Case(1, 4, 5, 9, 4, Window(2, 2), Window(1, 3)),
    "dilated": Case(1, 18, 6, 6, 3, Window(2), Window(3, 1, 2, 2, 2)),
    "one channel": Case(2, 1, 4, 4, 1, THREE, THREE),
    "one column": Case(2, 3, 5, 1, 33, Window(3, 1, 1, 1), Window(1)),
}


def case_arrays(
    case: Case, target: Target, ending: bool, compiled: bool, count: int
) -> dict[str, NDArray[Any]]:
    """All buffers after every kernel ran on the first images."""
    halves = HalfCase(case)
    kernels = halves.kernels(target, 3, ending)
    arrays = halves.arrays(kernels, target, np.random.default_rng(5))
    run(kernels, arrays, count, Compiled(kernels, target) if compiled else None)
    return arrays


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("ending", [False, True])
def test_sums_are_those_of_rounded_numbers(name: str, ending: bool) -> None:
    case = CASES[name]
    arrays = case_arrays(case, host(), ending, True, case.images)
    before = HalfCase(case).arrays(
        HalfCase(case).kernels(host(), 3, ending), host(), np.random.default_rng(5)
    )
    x, w, dy = (before[key] for key in ("x", "w", "dy"))
    dy = inner(case.dy, dy)
    more = inner(case.y, before["other"]) + before["b"] if ending else np.zeros(1)
    old = inner(case.dx, before["dx"]) if ending else np.zeros(1)
    results: dict[str, tuple[Any, Any, Any, Any]] = {
        "y": (inner(case.y, arrays["y"]), case.forward, (x, w), more),
        "dx": (inner(case.dx, arrays["dx"]), case.input_gradient, (w, dy), old),
        "dw": (case.kernel_of(arrays["dw"]), case.weight_gradient, (x, dy), 0.0),
    }
    for key, (found, exactly, factors, plus) in results.items():
        terms = len(w) + case.images * dy[0].size + 2
        size = exactly(*(np.abs(factor) for factor in factors))
        rounded = exactly(*(bfloat(factor) for factor in factors)) + plus
        exact, added = exactly(*factors) + plus, np.abs(plus)
        if key == "y" and ending:
            rounded, exact = np.maximum(rounded, 0), np.maximum(exact, 0)
        twice = (1 + UNIT) ** 2
        sums = gamma(terms, np.float32) * (twice * size + added)
        assert_within(found, rounded, sums)
        assert_within(found, exact, sums + (twice - 1) * size)


@pytest.mark.parametrize(
    ("name", "target"),
    [(name, "host") for name in CASES] + [("odd", name) for name in [*TARGETS][1:]],
)
def test_compiled_kernels_give_the_interpreters_bits(name: str, target: str) -> None:
    case, made = CASES[name], TARGETS[target]
    count = max(case.images - 1, 1)
    slow = case_arrays(case, made, True, False, count)
    fast = case_arrays(case, made, True, True, count)
    for key, found in fast.items():
        assert found.tobytes() == slow[key].tobytes(), key


@pytest.mark.parametrize("wanted", [1, 5])
def test_parts_change_nothing(wanted: int) -> None:
    case = CASES["strided"]
    halves = HalfCase(case)
    found = []
    for parts in (wanted, 8):
        kernels = halves.kernels(host(), parts, False)
        arrays = halves.arrays(kernels, host(), np.random.default_rng(1))
        run(kernels, arrays, case.images, Compiled(kernels, host()))
        found.append(arrays)
    for key in ("y", "dx", "dw"):
        assert found[0][key].tobytes() == found[1][key].tobytes()


def test_what_is_halved_keeps_its_form() -> None:
    image = Image(Buffer("x", (2, 6, 7, 5), slack=16), 5, 4, 5, 1, 1)
    channels, columns = half.halved(image, "c"), half.halved_columns(image, "d")
    assert channels.buffer == Buffer("c", (2, 6, 7, 3), "u32", 16)
    assert (channels.channels, channels.height, channels.left) == (3, 4, 1)
    assert columns.buffer == Buffer("d", (2, 4, 3, 5), "u32", 16)
    assert half.neighbours(image, "n").buffer == Buffer("n", (2, 6, 7, 5), "u32", 16)
    weight = Buffer("w", (3, 2, 10))
    assert half.words_of(weight, "i", 5).shape == (3, 2, 6)
    assert half.words_of(weight, "o").shape == (2, 2, 10)


@pytest.mark.parametrize(("images", "inputs", "outputs"), [(1, 40, 35), (9, 131, 48)])
def test_linear_layers_of_pairs(images: int, inputs: int, outputs: int) -> None:
    x = Image(Buffer("x", (images, 1, 1, inputs), slack=16), inputs)
    y = Image(Buffer("y", (images, 1, 1, outputs)), outputs)
    near, weight = half.halved(x, "near"), Buffer("w", (inputs, 1, outputs))
    words = Buffer("words", (half.half(inputs), outputs), "u32")
    bias = Buffer("b", (outputs,))
    kernels = {
        "words": vectors(half.halve_outputs("words", weight, words), "oc", 16, host()),
        "near": vectors(half.halve("near", x, near), "oc", inputs // 2, host()),
        "y": half.linear_forward("y", near, words, bias, True, y, host(), 3),
    }
    noise = np.random.default_rng(2)
    known = {"x": x.buffer.size, "w": weight.size, "b": outputs}
    given = {k: noise.normal(size=n).astype(np.float32) for k, n in known.items()}
    results = {"near": near.buffer, "words": words, "y": y.buffer}
    both = []
    for compiled in (None, Compiled(kernels, host())):
        own = {name: np.zeros(b.size, DTYPES[b.kind]) for name, b in results.items()}
        run(kernels, {**given, **own}, images, compiled)
        both.append(own["y"])
    assert both[0].tobytes() == both[1].tobytes()
    a = given["x"][: images * inputs].reshape(images, inputs).astype(np.float64)
    b = given["w"].reshape(inputs, outputs).astype(np.float64)
    exact = bfloat(a).astype(np.float64) @ bfloat(b) + given["b"]
    size = np.abs(bfloat(a)) @ np.abs(bfloat(b)) + np.abs(given["b"])
    bound = gamma(inputs + 2, np.float32) * size
    assert_within(both[1].reshape(images, outputs), np.maximum(exact, 0), bound)
