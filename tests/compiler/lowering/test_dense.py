"""Dense convolution: each pass within its bound, with the same bits everywhere."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.ir import Buffer, For, Kernel, Set
from mirada.compiler.lowering import dense
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image
from mirada.compiler.passes.rewrite import walk
from mirada.compiler.target import Target, host
from mirada.compiler.verify import verify
from mirada.network.window import Window
from tests.compiled import TARGETS, Compiled
from tests.compiler.lowering.dense_case import Case, Floats, inner, parts, run
from tests.tolerance import assert_within, sum_bound


def square(size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Window:
    return Window(size, stride, padding, padding, dilation)


TINY = {
    "same": Case(2, 3, 5, 4, 5, square(3, 1, 1), square(3, 1, 1)),
    "pointwise": Case(3, 5, 3, 4, 18, square(1), square(1)),
    "strided": Case(2, 2, 7, 6, 4, square(3, 2, 1), Window(2, 3, 0, 2), spare=1),
    "dilated": Case(1, 3, 6, 7, 9, square(2, 1, 1, 2), square(3, 2, 2, 3)),
    "thin": Case(2, 1, 6, 7, 9, square(3, 1, 1), square(2), slack=0),
    "columns": Case(2, 16, 5, 5, 3, square(3, 1, 1), square(3, 2, 1)),
    "unreached": Case(1, 2, 1, 1, 3, square(1), Window(1, 2, 1)),
    "skipping": Case(2, 4, 5, 5, 3, square(1, 2), square(1, 3), slack=0),
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("case", TINY.values(), ids=TINY)
def test_interpreter_and_machine_give_the_same_bits(case: Case, target: Target) -> None:
    noise = np.random.default_rng(3)
    kernels = case.kernels(target, wanted=3, ending=True)
    one = case.arrays(target, noise)
    other = {name: array.copy() for name, array in one.items()}
    run(kernels, one, case.images)
    run(kernels, other, case.images, Compiled(kernels, target))
    for name, array in one.items():
        assert array.tobytes() == other[name].tobytes(), name


windows = st.builds(
    Window,
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(1, 3),
)
cases = st.builds(
    Case,
    st.integers(1, 5),
    st.sampled_from([1, 2, 3, 7, 16, 19, 33]),
    st.integers(1, 19),
    st.integers(1, 30),
    st.sampled_from([1, 3, 6, 16, 17, 40, 64]),
    windows,
    windows,
    st.sampled_from([0, 64]),
    st.integers(0, 2),
).filter(lambda case: min(case.size) > 0)


@settings(max_examples=15, deadline=None)
@given(
    case=cases,
    target=st.sampled_from(sorted(TARGETS)),
    wanted=st.integers(1, 9),
    ending=st.booleans(),
    seed=st.integers(0, 9),
)
def test_every_pass_is_within_its_bound(
    case: Case, target: str, wanted: int, ending: bool, seed: int
) -> None:
    noise = np.random.default_rng(seed)
    kernels = case.kernels(TARGETS[target], wanted, ending)
    arrays = case.arrays(TARGETS[target], noise)
    before = {name: array.copy() for name, array in arrays.items()}
    run(kernels, arrays, case.images, Compiled(kernels, TARGETS[target]))
    check_forward(case, before, arrays, ending)
    check_gradients(case, before, arrays, ending)


def check_forward(
    case: Case, before: dict[str, Floats], after: dict[str, Floats], ending: bool
) -> None:
    x, w, b = before["x"], before["w"], before["b"]
    exact, size = case.forward(x, w), case.forward(abs(x), abs(w))
    terms = case.taps.length * len(case.taps.rows)
    if ending:
        other = inner(case.y, before["other"]).astype(np.float64)
        exact, size = exact + b + other, size + abs(b) + abs(other)
        exact = np.maximum(exact, 0.0)
    found = inner(case.y, after["y"])
    assert_within(found, exact, sum_bound(terms + 2, size, np.float32))
    outside(case.y, before["y"], after["y"])


def outside(image: Image, before: Floats, after: Floats) -> None:
    """Nothing but pixels was written."""
    one, two = before.copy(), after.copy()
    inner(image, one)[...] = inner(image, two)[...] = 0.0
    assert one.tobytes() == two.tobytes()


def check_gradients(
    case: Case, before: dict[str, Floats], after: dict[str, Floats], ending: bool
) -> None:
    x, w, dy = before["x"], before["w"], inner(case.dy, before["dy"])
    exact, size = case.input_gradient(w, dy), case.input_gradient(abs(w), abs(dy))
    if ending:
        there = inner(case.dx, before["dx"])
        exact, size = exact + there, size + abs(there)
    terms = case.outputs * case.vertical.size * case.horizontal.size + 1
    bound = sum_bound(terms, size, np.float32)
    assert_within(inner(case.dx, after["dx"]), exact, bound)
    outside(case.dx, before["dx"], after["dx"])

    pixels = case.images * case.size[0] * case.size[1]
    exact, size = case.weight_gradient(x, dy), case.weight_gradient(abs(x), abs(dy))
    bound = sum_bound(pixels, size, np.float32)
    assert_within(after["dw"].reshape(exact.shape), exact, bound)

    exact = dy.astype(np.float64).sum((0, 1, 2))
    size = abs(dy).astype(np.float64).sum((0, 1, 2))
    assert_within(after["db"], exact, sum_bound(pixels + 1, size, np.float32))


@pytest.mark.parametrize("case", TINY.values(), ids=TINY)
def test_whole_numbers_are_summed_exactly(case: Case) -> None:
    target = host()
    kernels = case.kernels(target, wanted=4, ending=False)
    arrays = case.arrays(target, np.random.default_rng(5))
    for name in ("x", "dy", "w"):
        arrays[name] = np.round(2 * arrays[name])
    run(kernels, arrays, case.images, Compiled(kernels, target))
    x, w, dy = arrays["x"], arrays["w"], inner(case.dy, arrays["dy"])
    assert np.array_equal(inner(case.y, arrays["y"]), case.forward(x, w))
    assert np.array_equal(inner(case.dx, arrays["dx"]), case.input_gradient(w, dy))
    found = arrays["dw"].reshape(case.kernel_of(w).shape)
    assert np.array_equal(found, case.weight_gradient(x, dy))


@pytest.mark.parametrize("case", TINY.values(), ids=TINY)
def test_absent_images_reach_nothing(case: Case) -> None:
    target = host()
    kernels = case.kernels(target, wanted=2, ending=False)
    arrays = case.arrays(target, np.random.default_rng(6))
    compiled = Compiled(kernels, target)
    small = {name: array.copy() for name, array in arrays.items()}
    for image in (case.x, case.dy):
        inner(image, small[image.buffer.name])[1:] = np.nan
        inner(image, arrays[image.buffer.name])[1:] = 0.0
    run(kernels, small, 1, compiled)
    run(kernels, arrays, case.images, compiled)
    for image in (case.y, case.dx):
        name = image.buffer.name
        there = inner(image, small[name])[0]
        assert np.array_equal(there, inner(image, arrays[name])[0])
    for name in ("dw", "db"):
        assert np.array_equal(small[name], arrays[name])


def test_no_images_give_no_gradient() -> None:
    case, target = TINY["same"], host()
    kernels = case.kernels(target, wanted=2, ending=False)
    arrays = case.arrays(target, np.random.default_rng(6))
    run(kernels, arrays, 0, Compiled(kernels, target))
    assert not arrays["dw"].any() and not arrays["db"].any()
    assert np.isnan(arrays["y"]).all()


def test_relu_keeps_what_is_not_a_number() -> None:
    case, target = TINY["pointwise"], host()
    kernels = case.kernels(target, wanted=1, ending=True)
    arrays = case.arrays(target, np.random.default_rng(7))
    inner(case.x, arrays["x"])[1, 2, 3] = np.nan
    run(kernels, arrays, case.images, Compiled(kernels, target))
    y = inner(case.y, arrays["y"])
    assert np.isnan(y[1, 2, 3]).all() and np.isnan(y).sum() == case.outputs


@pytest.mark.parametrize("wanted", [2, 8, 100])
def test_parts_write_the_same_bits_however_many(wanted: int) -> None:
    case, target = Case(1, 8, 14, 14, 40, square(3, 1, 1), square(3, 1, 1)), host()
    kernels = case.kernels(target, wanted, ending=False)
    whole = case.kernels(target, 1, ending=False)
    arrays = case.arrays(target, np.random.default_rng(8))
    other = {name: array.copy() for name, array in arrays.items()}
    run(kernels, arrays, 1, Compiled(kernels, target))
    run(whole, other, 1, Compiled(whole, target))
    assert parts(kernels["forward"]) >= min(wanted, 14)
    for name in arrays:
        assert arrays[name].tobytes() == other[name].tobytes(), name


BIG = {
    "vgg-first": Case(2, 3, 224, 224, 64, square(3, 1, 1), square(3, 1, 1)),
    "vgg-last": Case(64, 512, 14, 14, 512, square(3, 1, 1), square(3, 1, 1)),
    "resnet-stem": Case(32, 3, 224, 224, 64, square(7, 2, 3), square(7, 2, 3)),
    "resnet-down": Case(32, 256, 14, 14, 512, square(3, 2, 1), square(3, 2, 1)),
    "resnet-shortcut": Case(32, 256, 56, 56, 512, square(1, 2), square(1, 2)),
    "resnet-wide": Case(32, 2048, 7, 7, 512, square(1), square(1)),
    "resnet-small": Case(128, 512, 4, 4, 512, square(3, 1, 1), square(3, 1, 1)),
    "alexnet-first": Case(8, 3, 227, 227, 96, square(11, 4), square(11, 4)),
    "unet-last": Case(1, 64, 512, 512, 2, square(1), square(1)),
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("case", BIG.values(), ids=BIG)
def test_big_layers_are_proved(case: Case, target: Target) -> None:
    for kernel in case.kernels(target, wanted=8, ending=False).values():
        verify(kernel)


def test_one_big_image_is_cut_for_several_threads() -> None:
    for name in ("vgg-first", "vgg-last", "resnet-stem", "resnet-small"):
        case = replace(BIG[name], images=1)
        kernels = case.kernels(host(), wanted=8, ending=False)
        assert parts(kernels["forward"]) >= 8 and parts(kernels["dx"]) >= 8


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_few_accumulators_are_never_outgrown(target: Target) -> None:
    for case in (*TINY.values(), BIG["vgg-last"], BIG["resnet-stem"]):
        kernels = case.kernels(target, wanted=1, ending=False)
        for name in ("forward", "dx", "dw"):
            assert accumulators(kernels[name]) <= target.accumulators


def accumulators(kernel: Kernel) -> int:
    """The largest number of sums that one loop over taps or pixels keeps."""
    nests = (stmt.body for stmt in walk(kernel.body) if isinstance(stmt, For))
    return max(sum(isinstance(stmt, Set) for stmt in body) for body in nests)


def test_margins_of_a_strided_window() -> None:
    image = Image(Buffer("x", (1, 9, 9, 1)), 1, 7, 7, 1, 1)
    taps = Taps(square(3, 2, 1), square(3, 1, 1), image)
    assert dense.margins(taps, 4, 7) == (0, 0, 1, 1)
