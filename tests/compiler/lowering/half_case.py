"""Convolutions of numbers of half the bits to test: their kernels and their numbers."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.interpreter import DTYPES
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import dense, half
from mirada.compiler.schedules import vectors
from mirada.compiler.target import Target
from tests.compiler.lowering.dense_case import Case

__all__ = ["HalfCase", "bfloat"]

Words = NDArray[np.uint32]


def bfloat(values: Any) -> NDArray[np.float32]:
    """The numbers rounded to eight bits of significand, ties to even."""
    given = np.asarray(values, np.float32)
    bits = given.view(np.uint32)
    near = bits + np.uint32(0x7FFF) + (bits >> np.uint32(16) & np.uint32(1))
    return np.asarray(near & np.uint32(0xFFFF0000)).view(np.float32)


@dataclass(frozen=True)
class HalfCase:
    """The kernels that compute a dense case with pairs of numbers."""

    dense: Case

    def kernels(self, target: Target, wanted: int, ending: bool) -> dict[str, Kernel]:
        """Every kernel, those that round first."""
        case, taps = self.dense, self.dense.taps
        inputs, weight = case.inputs, case.weight
        x, xh = case.x, half.halved(case.x, "xh")
        alone = half.alone(taps.vertical, taps.horizontal)
        xn = (half.halved_columns if alone else half.neighbours)(case.x, "xn")
        dy, dyh = case.dy, half.halved(case.dy, "dyh")
        dyc = half.halved_columns(case.dy, "dyc")
        wi, wo = half.words_of(weight, "wi", inputs), half.words_of(weight, "wo")
        over = replace(taps, image=xh)
        packed = Buffer("p", dense.packed_shape(over, case.outputs, target), "u32")
        shape = dense.turned_shape(taps, half.half(case.outputs), target)
        turned = Buffer("t", shape, "u32")
        bias = Buffer("b", (case.outputs,)) if ending else None
        other = case.y.named("other") if ending else None
        dw = Buffer("dw", weight.shape)
        apart = taps.horizontal.stride

        def wide(kernel: Kernel, extent: int) -> Kernel:
            return vectors(kernel, "oc", extent, target)

        return {
            "wi": wide(half.halve_inputs("wi", weight, inputs, wi), inputs),
            "wo": wide(half.halve_outputs("wo", weight, wo), 64),
            "p": half.pack("p", wi, packed, target),
            "t": half.pack_turned("t", taps, wo, turned, target),
            "xh": wide(half.halve("xh", x, xh), xh.channels),
            "dyh": wide(half.halve("dyh", dy, dyh), dyh.channels),
            "xn": (
                wide(half.halve_columns("xn", x, xn), inputs)
                if alone
                else wide(half.pair_neighbours("xn", x, apart, xn), 64)
            ),
            "dyc": wide(half.halve_columns("dyc", dy, dyc), dyc.channels),
            "forward": half.forward(
                "forward", over, packed, bias, other, ending, case.y, target, wanted
            ),
            "dx": half.input_gradient(
                "dx", taps, dyh, turned, case.dx, ending, target, wanted
            ),
            "dw": half.weight_gradient(
                "dw", half.over_pairs(taps, xn), dyc, dw, target, wanted
            ),
        }

    def arrays(
        self, kernels: dict[str, Kernel], target: Target, noise: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        """Numbers for every buffer; what is computed is garbage until then."""
        known: dict[str, NDArray[Any]] = {**self.dense.arrays(target, noise)}
        known |= {name: known[name] for name in ("x", "dy", "w", "b", "other", "dx")}
        for kernel in kernels.values():
            for buffer in kernel.buffers:
                found = known.get(buffer.name)
                if found is None or found.size != buffer.size:
                    found = None
                if found is None or found.dtype != DTYPES[buffer.kind]:
                    garbage = np.full(buffer.size, 0xFFC1FFC1, np.uint32)
                    known[buffer.name] = garbage.view(DTYPES[buffer.kind])
        return known
