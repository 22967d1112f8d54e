"""Convolutions by Winograd on whole batches, in machine code or in the interpreter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import winograd
from mirada.compiler.lowering.winograd_bound import (
    MATRICES,
    roundings,
    weight_roundings,
)
from mirada.compiler.schedules.winograd import tiling, weight_tiling
from mirada.compiler.target import Target
from mirada.compiler.verify import verify
from mirada.network import Conv2d
from mirada.reference.convolution import CONV
from mirada.reference.layer import Moment
from tests.compiled import Compiled
from tests.compiler.lowering.images import block, inner, laid
from tests.tolerance import gamma

Array = NDArray[Any]


class Run(Protocol):
    """What runs a kernel in place."""

    def __call__(
        self, kernel: Kernel, arrays: Mapping[str, Array], **arguments: int
    ) -> None: ...


def by_interpreter(
    kernel: Kernel, arrays: Mapping[str, Array], **arguments: int
) -> None:
    """Runs the kernel in Python."""
    interpret(kernel, arrays, **arguments)


def compiled(target: Target, kernels: list[Kernel]) -> Run:
    """What runs these kernels as machine code, with scratch full of NaN."""
    made = Compiled({kernel.name: kernel for kernel in kernels}, target)

    def run(kernel: Kernel, arrays: Mapping[str, Array], **arguments: int) -> None:
        stale = {b.name: np.full(b.size, np.nan, np.float32) for b in kernel.scratch}
        made(kernel.name, {**stale, **arrays}, **arguments)

    return run


@dataclass(frozen=True)
class Case:
    """A convolution of a batch."""

    size: int
    images: int
    inputs: int
    outputs: int
    height: int
    width: int
    padding: tuple[int, int, int, int] = (1, 1, 1, 1)
    """Top, bottom, left, right."""
    bias: bool = False
    other: bool = False
    relu: bool = False
    add: bool = False
    items: int = 8

    @property
    def result(self) -> tuple[int, int]:
        """The outputs' height and width."""
        top, bottom, left, right = self.padding
        return self.height + top + bottom - 2, self.width + left + right - 2

    @property
    def layer(self) -> Conv2d:
        """The same convolution as a layer."""
        return Conv2d(self.outputs, 3, padding=self.padding, bias=self.bias)

    def turned(self) -> "Case":
        """The convolution that gives the gradient by this one's input."""
        top, bottom, left, right = self.padding
        height, width = self.result
        return replace(
            self,
            inputs=self.outputs,
            outputs=self.inputs,
            height=height,
            width=width,
            padding=(2 - top, 2 - bottom, 2 - left, 2 - right),
        )

    def numbers(self, seed: int = 0) -> dict[str, Array]:
        """A batch, filters and all that may be added, as float32."""
        noise = np.random.default_rng(seed)
        shapes = {
            "x": (self.images, self.inputs, self.height, self.width),
            "weight": (self.outputs, self.inputs, 3, 3),
            "bias": (self.outputs,),
            "other": (self.images, self.outputs, *self.result),
            "there": (self.images, self.outputs, *self.result),
        }
        return {n: noise.normal(size=s).astype(np.float32) for n, s in shapes.items()}


def tap_rows(weight: Array) -> Array:
    """(oc, ic, 3, 3) as it lies in memory: (oc, 3, 3 * ic)."""
    return np.ascontiguousarray(weight.transpose(0, 2, 3, 1)).ravel()


class Convolved:
    """The two kernels of a case, and what they compute."""

    def __init__(
        self, case: Case, target: Target, turned: bool = False, fused: bool = False
    ) -> None:
        self.case, self.fused, (oh, ow) = case, fused, case.result
        self.tiling = tiling(
            case.size,
            case.images,
            oh,
            ow,
            case.inputs,
            case.outputs,
            target,
            items_wanted=case.items,
        )
        start = (case.padding[0], case.padding[2])
        top, left, bottom, right = winograd.margins(
            self.tiling, case.height, case.width, start
        )
        held = self.tiling.images
        self.x = block(
            "x",
            held,
            (case.inputs, case.height, case.width),
            (top, bottom, left, right),
        )
        self.to = block("to", held, (case.outputs, oh, ow), (1, 0, 0, 2))
        self.other = block("other", held, (case.outputs, oh, ow), (0, 1, 2, 0))
        shape = winograd.packed_shape(case.size, case.inputs, case.outputs, target)
        packed, bias = Buffer("packed", shape), Buffer("bias", (case.outputs,))
        rows, columns = case.outputs, case.inputs
        if turned:
            rows, columns = columns, rows
        weight = Buffer("weight", (rows, 3, 3 * columns))
        self.pack = winograd.pack("pack", weight, packed, turned, case.size, target)
        more: tuple[Any, ...] = (
            bias if case.bias else None,
            self.other if case.other else None,
            case.relu,
            self.to,
            case.add,
            target,
        )
        filters: tuple[Any, ...] = (weight, turned) if fused else (packed,)
        given = ("forward", self.tiling, start, self.x, *filters)
        build: Any = winograd.forward_from_weights if fused else winograd.forward
        self.forward: Kernel = build(*given, *more)
        for kernel in (self.pack, self.forward):
            verify(kernel)

    def __call__(self, run: Run, numbers: Mapping[str, Array]) -> Array:
        """The batch's outputs, one block of images after another."""
        shape = self.pack.buffers[1].size
        packed = np.full(shape, np.nan, np.float32)
        weight = {"weight": tap_rows(numbers["weight"]), "packed": packed}
        for part in range(0 if self.fused else self.pack.arguments[0].high + 1):
            run(self.pack, weight, part=part)
        found, held = [], self.tiling.images
        for first in range(0, self.case.images, held):
            here = slice(first, first + held)
            count = len(numbers["x"][here])
            arrays = {
                "x": laid(self.x, numbers["x"][here]),
                **weight,
                "bias": numbers["bias"],
                "other": laid(self.other, numbers["other"][here]),
                "to": laid(self.to, numbers["there"][here]),
            }
            before = arrays["to"].copy()
            arrays = {b.name: arrays[b.name] for b in self.forward.buffers}
            for part in range(self.tiling.parts):
                run(self.forward, arrays, count=count, part=part)
            found.append(inner(self.to, arrays["to"])[:count].copy())
            inner(self.to, arrays["to"])[:count] = inner(self.to, before)[:count]
            np.testing.assert_array_equal(arrays["to"], before)
        return np.concatenate(found)


class WeightGradient:
    """The kernel of a case, and what it computes."""

    def __init__(self, case: Case, target: Target, groups: bool = False) -> None:
        self.case, (oh, ow) = case, case.result
        self.tiling = weight_tiling(
            case.size, case.images, oh, ow, case.inputs, case.outputs, target
        )
        if groups:
            self.tiling = replace(self.tiling, groups=2, input_groups=2)
        start = (case.padding[0], case.padding[2])
        top, left, bottom, right = winograd.margins(
            self.tiling, case.height, case.width, start
        )
        self.x = block(
            "x",
            case.images,
            (case.inputs, case.height, case.width),
            (top, bottom, left, right),
        )
        below = self.tiling.rows * case.size - oh
        beside = self.tiling.columns * case.size - ow
        self.dy = block(
            "dy", case.images, (case.outputs, oh, ow), (1, below, 0, beside)
        )
        weight = Buffer("weight", (case.outputs, 3, 3 * case.inputs))
        self.kernel = winograd.weight_gradient(
            "weights", self.tiling, start, self.x, self.dy, weight, target
        )
        verify(self.kernel)

    def __call__(self, run: Run, x: Array, dy: Array, count: int) -> Array:
        """The gradient of the first `count` images."""
        case = self.case
        arrays = {
            "x": laid(self.x, x),
            "dy": laid(self.dy, dy),
            "weight": np.full(case.outputs * 9 * case.inputs, np.nan, np.float32),
        }
        for part in range(self.tiling.weight_parts):
            run(self.kernel, arrays, count=count, part=part)
        flat = arrays["weight"].reshape(case.outputs, 3, 3, case.inputs)
        return flat.transpose(0, 3, 1, 2)


# What is exact, and how far from it one may be


def exact(case: Case, numbers: Mapping[str, Array]) -> Array:
    """The reference's outputs, with all that is added."""
    known = {name: value.astype(np.float64) for name, value in numbers.items()}
    names = ("weight", "bias") if case.bias else ("weight",)
    given = {name: known[name] for name in names}
    found = CONV.forward(case.layer, (known["x"],), given, Moment())
    if case.other:
        found = found + known["other"]
    if case.relu:
        found = np.maximum(found, 0)
    return known["there"] + found if case.add else found


def bound(case: Case, numbers: Mapping[str, Array]) -> Array:
    """How far float32 may be from that: `winograd_bound`."""
    known = {name: np.abs(value.astype(np.float64)) for name, value in numbers.items()}
    b, g, a = _sizes(case.size)
    tiles = np.einsum("pi,ncyxij,qj->ncyxpq", b, _tiles(case, known["x"]), b)
    filters = np.einsum("pi,ocij,qj->ocpq", g, known["weight"], g)
    products = np.einsum("ncyxpq,ocpq->noyxpq", tiles, filters)
    found = np.einsum("ip,noyxpq,jq->noyixj", a, products, a)
    n, oc, rows, size, columns, _ = found.shape
    oh, ow = case.result
    size_of = found.reshape(n, oc, rows * size, columns * size)[:, :, :oh, :ow]
    count = roundings(case.size, case.inputs) + case.bias + case.other + case.add
    if case.bias:
        size_of = size_of + known["bias"][:, None, None]
    if case.other:
        size_of = size_of + known["other"]
    if case.add:
        size_of = size_of + known["there"]
    return np.asarray(gamma(count, np.float32) * size_of)


def weight_bound(case: Case, x: Array, dy: Array) -> Array:
    """How far the gradient by the weights may be from the reference's."""
    b, g, a = _sizes(case.size)
    size = np.abs(x.astype(np.float64)), np.abs(dy.astype(np.float64))
    tiles = np.einsum("pi,ncyxij,qj->ncyxpq", b, _tiles(case, size[0]), b)
    rows, columns = tiles.shape[2:4]
    oh, ow = case.result
    rest = (0, rows * case.size - oh), (0, columns * case.size - ow)
    whole = np.pad(size[1], ((0, 0), (0, 0), *rest))
    cut = whole.reshape(*whole.shape[:2], rows, case.size, columns, case.size)
    slopes = np.einsum("ip,noyixj,jq->noyxpq", a, cut, a)
    sums = np.einsum("noyxpq,ncyxpq->ocpq", slopes, tiles)
    found = np.einsum("pi,ocpq,qj->ocij", g, sums, g)
    count = weight_roundings(case.size, len(x) * rows * columns)
    return np.asarray(gamma(count, np.float32) * found)


def _sizes(size: int) -> tuple[Array, Array, Array]:
    matrices = MATRICES[size]
    b, g, a = matrices.inputs, matrices.filters, matrices.outputs
    return np.abs(np.array(b)), np.abs(np.array(g)), np.abs(np.array(a))


def _tiles(case: Case, x: Array) -> Array:
    """Every whole tile of the padded input: (n, c, tile row, tile column, i, j)."""
    (oh, ow), size = case.result, case.size
    rows, columns = -(-oh // size), -(-ow // size)
    padded = np.pad(x, ((0, 0), (0, 0), case.padding[:2], case.padding[2:]))
    more = rows * size + 2 - padded.shape[2], columns * size + 2 - padded.shape[3]
    padded = np.pad(padded, ((0, 0), (0, 0), (0, more[0]), (0, more[1])))
    side = size + 2
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), (2, 3))
    return windows[:, :, ::size, ::size]
