"""Products of matrices: within their bounds, and the same bits wherever they run."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import product
from mirada.compiler.lowering.layout import Image
from mirada.compiler.target import Target, host
from mirada.compiler.verify import verify
from tests.compiled import TARGETS, Compiled
from tests.compiler.lowering.dense_case import Floats, parts, run
from tests.tolerance import assert_within, sum_bound


@dataclass(frozen=True)
class Layer:
    """A linear layer over a batch."""

    images: int
    inputs: int
    outputs: int

    def rows(self, name: str, features: int) -> Image:
        """The batch's vectors."""
        return Image(Buffer(name, (self.images, 1, 1, features)), features)

    def kernels(self, target: Target, wanted: int, ending: bool) -> dict[str, Kernel]:
        """Every kernel of the layer."""
        x, y = self.rows("x", self.inputs), self.rows("y", self.outputs)
        dx, dy = self.rows("dx", self.inputs), self.rows("dy", self.outputs)
        weight = Buffer("w", (self.inputs, self.outputs))
        turned = Buffer("t", (self.outputs, self.inputs))
        bias, db = Buffer("b", (self.outputs,)), Buffer("db", (self.outputs,))
        dw = Buffer("dw", weight.shape)
        given = bias if ending else None
        return {
            "forward": product.linear_forward(
                "forward", x, weight, given, ending, y, target, wanted
            ),
            "dx": product.linear_input_gradient(
                "dx", dy, weight, dx, ending, target, wanted
            ),
            "dw": product.linear_weight_gradient("dw", x, dy, dw, target, wanted),
            "db": product.linear_bias_gradient("db", dy, db, target, wanted),
            "transpose": product.transpose("transpose", weight, turned, target, wanted),
        }

    def arrays(self, noise: np.random.Generator) -> dict[str, Floats]:
        """Numbers for what is read; what is written is not a number yet."""
        n, i, o = self.images, self.inputs, self.outputs
        read = {"x": n * i, "dy": n * o, "dx": n * i, "w": i * o, "b": o}
        written = {"y": n * o, "dw": i * o, "db": o, "t": i * o}
        return {
            **{k: noise.normal(size=size).astype("f4") for k, size in read.items()},
            **{k: np.full(size, np.nan, "f4") for k, size in written.items()},
        }


TINY = {
    "plain": Layer(3, 5, 4),
    "many": Layer(7, 6, 21),
    "one": Layer(1, 19, 37),
    "short": Layer(13, 2, 1),
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("layer", TINY.values(), ids=TINY)
def test_interpreter_and_machine_give_the_same_bits(
    layer: Layer, target: Target
) -> None:
    kernels = layer.kernels(target, wanted=3, ending=True)
    one = layer.arrays(np.random.default_rng(1))
    other = {name: array.copy() for name, array in one.items()}
    run(kernels, one, layer.images)
    run(kernels, other, layer.images, Compiled(kernels, target))
    for name, array in one.items():
        assert array.tobytes() == other[name].tobytes(), name


@settings(max_examples=12, deadline=None)
@given(
    layer=st.builds(
        Layer,
        st.integers(1, 40),
        st.sampled_from([1, 7, 16, 33, 120, 515, 1100]),
        st.sampled_from([1, 6, 10, 16, 17, 64, 84, 130, 2100]),
    ),
    target=st.sampled_from(sorted(TARGETS)),
    wanted=st.integers(1, 9),
    ending=st.booleans(),
    seed=st.integers(0, 9),
)
def test_every_product_is_within_its_bound(
    layer: Layer, target: str, wanted: int, ending: bool, seed: int
) -> None:
    kernels = layer.kernels(TARGETS[target], wanted, ending)
    arrays = layer.arrays(np.random.default_rng(seed))
    before = {name: array.copy() for name, array in arrays.items()}
    count = max(layer.images - seed, 1)
    run(kernels, arrays, count, Compiled(kernels, TARGETS[target]))
    i, o = layer.inputs, layer.outputs

    def matrix(
        name: str, columns: int
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        return before[name].reshape(-1, columns).astype(np.float64)

    x, dy, w = matrix("x", i)[:count], matrix("dy", o)[:count], matrix("w", o)
    exact, size = x @ w, abs(x) @ abs(w)
    if ending:
        exact = np.maximum(exact + before["b"], 0.0)
        size = size + abs(before["b"])
    found = arrays["y"].reshape(-1, o)[:count]
    assert_within(found, exact, sum_bound(i + 1, size, np.float32))

    exact, size = dy @ w.T, abs(dy) @ abs(w.T)
    if ending:
        there = matrix("dx", i)[:count]
        exact, size = exact + there, size + abs(there)
    found = arrays["dx"].reshape(-1, i)[:count]
    assert_within(found, exact, sum_bound(o + 2, size, np.float32))

    found, size = arrays["dw"].reshape(-1, o), abs(x.T) @ abs(dy)
    assert_within(found, x.T @ dy, sum_bound(count, size, np.float32))
    bound = sum_bound(count + 1, abs(dy).sum(0), np.float32)
    assert_within(arrays["db"], dy.sum(0), bound)
    assert np.array_equal(arrays["t"].reshape(o, i), before["w"].reshape(i, o).T)


@pytest.mark.parametrize("layer", TINY.values(), ids=TINY)
def test_absent_images_reach_nothing(layer: Layer) -> None:
    kernels = layer.kernels(host(), wanted=2, ending=False)
    arrays = layer.arrays(np.random.default_rng(2))
    compiled = Compiled(kernels, host())
    small = {name: array.copy() for name, array in arrays.items()}
    for name, features in (("x", layer.inputs), ("dy", layer.outputs)):
        small[name].reshape(-1, features)[1:] = np.nan
        arrays[name].reshape(-1, features)[1:] = 0.0
    run(kernels, small, 1, compiled)
    run(kernels, arrays, layer.images, compiled)
    for name, features in (("y", layer.outputs), ("dx", layer.inputs)):
        there = small[name].reshape(-1, features)[0]
        assert np.array_equal(there, arrays[name].reshape(-1, features)[0])
    assert np.array_equal(small["dw"], arrays["dw"])
    assert np.array_equal(small["db"], arrays["db"])


@pytest.mark.parametrize("images", [1, 9])
def test_relu_keeps_what_is_not_a_number(images: int) -> None:
    layer = Layer(images, 9, 20)
    kernels = layer.kernels(host(), wanted=2, ending=True)
    arrays = layer.arrays(np.random.default_rng(4))
    arrays["w"].reshape(9, 20)[3, 17] = np.nan
    run(kernels, arrays, images, Compiled(kernels, host()))
    y = arrays["y"].reshape(images, 20)
    assert np.isnan(y[:, 17]).all() and np.isnan(y).sum() == images


@pytest.mark.parametrize("images", [1, 9])
def test_parts_write_the_same_bits_however_many(images: int) -> None:
    layer = Layer(images, 50, 300)
    results = []
    for wanted in (1, 5, 100):
        kernels = layer.kernels(host(), wanted, ending=True)
        assert parts(kernels["dw"]) >= min(wanted, 5)
        arrays = layer.arrays(np.random.default_rng(4))
        run(kernels, arrays, images, Compiled(kernels, host()))
        results.append(b"".join(array.tobytes() for array in arrays.values()))
    assert len(set(results)) == 1


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("images", [1, 64])
def test_the_largest_layers_are_proved(images: int, target: Target) -> None:
    for layer in (Layer(images, 25088, 4096), Layer(images, 4096, 1000)):
        for kernel in layer.kernels(target, wanted=8, ending=True).values():
            verify(kernel)
            assert parts(kernel) == 8
