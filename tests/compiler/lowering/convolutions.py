"""Convolutions in groups and transposed ones: every kernel against the reference."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import depthwise, grouped, transposed, weights
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image
from mirada.compiler.lowering.sweep import Margins, margins, sliding
from mirada.compiler.target import Target
from mirada.network import Conv2d, ConvTranspose2d
from mirada.network.window import Window
from mirada.reference import RULES, Moment
from tests.compiler.lowering.images import block, inner, laid
from tests.tolerance import assert_within, gamma

__all__ = ["Case", "Run", "cases", "check", "kernels"]

Array = NDArray[Any]
Layer = Conv2d | ConvTranspose2d
Run = Callable[[str, Kernel, Mapping[str, Array], Mapping[str, int]], Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """A layer with an input shape, what it ends in, and how its gradients are taken."""

    layer: Layer
    shape: tuple[int, int, int]
    images: int = 2
    other: bool = False
    relu: bool = False
    add: bool = False
    parts: int = 1
    wider: int = 0

    @property
    def deep(self) -> bool:
        """Whether every group reads one channel, of a convolution."""
        return isinstance(self.layer, Conv2d) and self.layer.groups == self.shape[0]

    @property
    def windows(self) -> tuple[Window, Window]:
        """The layer's windows, down and across."""
        return self.layer.windows(self.shape)

    def image(self, name: str, needs: Margins, shape: tuple[int, ...]) -> Image:
        """A block with the border that is needed, or more."""
        border = tuple(side + self.wider for side in needs)
        return block(name, self.images, shape, border)  # type: ignore[arg-type]

    @cached_property
    def result(self) -> tuple[int, int, int]:
        """The output's shape."""
        return self.layer.output(self.shape)  # type: ignore[return-value]

    @cached_property
    def x(self) -> Image:
        """The input."""
        _, height, width = self.result
        if isinstance(self.layer, ConvTranspose2d):
            plain = block("x", 1, self.shape)
            needs = transposed.forward_margins(self.windows, plain, height, width)
        else:
            rows, columns = self.windows
            runs = sliding(rows, height), sliding(columns, width)
            needs = margins(*runs, *self.shape[1:])
        return self.image("x", needs, self.shape)

    @cached_property
    def taps(self) -> Taps:
        """The windows over the input."""
        return Taps(*self.windows, self.x)

    @cached_property
    def dy(self) -> Image:
        """The gradient by the output."""
        plain = block("dy", 1, self.result)
        if isinstance(self.layer, ConvTranspose2d):
            needs = transposed.gradient_margins(self.windows, plain, *self.shape[1:])
        else:
            needs = grouped.gradient_margins(self.taps, plain)
        return self.image("dy", needs, self.result)

    @cached_property
    def weight(self) -> Buffer:
        """The weights as they lie in memory."""
        ends, group, height, width = self.layer.parameters(self.shape)[0].shape
        return Buffer("w", (ends, height, width * group))

    @cached_property
    def packed(self) -> Buffer:
        """The weights turned round."""
        ends, height, length = self.weight.shape
        return Buffer("p", (height * length, ends))


@st.composite
def cases(draw: st.DrawFn, kind: str) -> Case:
    """Small layers: "depthwise", "grouped" or "transposed"."""

    def pair(least: int, most: int) -> tuple[int, int]:
        return draw(st.tuples(*[st.integers(least, most)] * 2))

    groups = draw(st.integers(1, 6 if kind == "depthwise" else 3))
    channels = groups * (1 if kind == "depthwise" else draw(st.integers(1, 4)))
    outputs = groups * draw(
        st.sampled_from((1, 1, 2, 3, 5) if kind == "depthwise" else (1, 2, 3, 5))
    )
    kernel, stride, dilation = pair(1, 3), pair(1, 4), pair(1, 3)
    if kind == "transposed":
        padding = draw(st.tuples(*[st.integers(0, 2)] * 4))
        most = [max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)]
        extra = tuple(draw(st.integers(0, one)) for one in most)
        size = [
            max(1, -(-(sum(padding[2 * a : 2 * a + 2])) // stride[a])) + 1
            for a in (0, 1)
        ]
        shape = (channels, *(one + draw(st.integers(0, 2)) for one in size))
        layer: Layer = ConvTranspose2d(
            outputs, kernel, stride, padding, extra, dilation, groups
        )
    else:
        padding = draw(st.tuples(*[st.integers(0, 3)] * 4))
        layer = Conv2d(outputs, kernel, stride, padding, dilation, groups)
        needed = [window.needed() for window in layer.windows((channels, 9, 9))]
        shape = (channels, *(one + draw(st.integers(0, 4)) for one in needed))
    flag = st.booleans()
    return Case(
        layer,
        shape,
        other=draw(flag),
        relu=draw(flag),
        add=draw(flag),
        parts=draw(st.sampled_from((1, 1, 2, 3))),
        wider=draw(st.integers(0, 1)),
    )


def kernels(case: Case, target: Target) -> dict[str, Kernel]:
    """Every kernel of a case."""
    layer, taps, x, dy = case.layer, case.taps, case.x, case.dy
    packed, weight, groups = case.packed, case.weight, case.layer.groups
    y, dx = case.image("y", Margins(), case.result), x.named("dx")
    bias, dw = Buffer("b", (case.result[0],)), Buffer("dw", weight.shape)
    db = Buffer("db", bias.shape)
    other = case.image("other", Margins(1, 0, 0, 1), case.result)
    more = other if case.other else None
    end: Any = (bias, more, case.relu, y, target)
    add, parts = case.add, case.parts
    found = {"bias": weights.bias_gradient("bias", dy, db, add, target, parts)}
    if isinstance(layer, ConvTranspose2d):
        of = case.windows, groups
        found["pack"] = transposed.pack("pack", weight, packed)
        found["y"] = transposed.forward("y", *of, x, weight, *end)
        found["dx"] = transposed.input_gradient("dx", *of, dy, packed, dx, add, target)
        found["dw"] = transposed.weight_gradient(
            "dw", *of, x, dy, dw, add, target, parts
        )
    elif case.deep:
        packed = Buffer("p", depthwise.packed_shape(taps, case.result[0]))
        found["pack"] = depthwise.pack("pack", weight, packed)
        found["y"] = depthwise.forward("y", taps, packed, *end)
        found["dx"] = depthwise.input_gradient("dx", taps, dy, packed, dx, add, target)
        found["dw"] = depthwise.weight_gradient("dw", taps, dy, dw, add, target, parts)
    else:
        found["pack"] = grouped.pack("pack", weight, packed)
        found["y"] = grouped.forward("y", taps, groups, packed, *end)
        found["dx"] = grouped.input_gradient(
            "dx", taps, groups, dy, weight, dx, add, target
        )
        found["dw"] = weights.weight_gradient(
            "dw", taps, groups, dy, dw, add, target, parts
        )
    return found


def check(case: Case, target: Target, run: Run, count: int = 2) -> None:
    """All kernels, with `count` images, against the reference."""
    numbers = np.random.default_rng(len(str(case)))

    def drawn(*shape: int) -> Array:
        return numbers.normal(size=shape).astype(np.float32)

    x, dy, other = (drawn(count, *s) for s in (case.shape, case.result, case.result))
    shapes = {p.name: p.shape for p in case.layer.parameters(case.shape)}
    given = {name: drawn(*shape) for name, shape in shapes.items()}
    dx, dw, db = (
        drawn(*x.shape),
        drawn(*given["weight"].shape),
        drawn(len(given["bias"])),
    )
    native, before = given["weight"].transpose(0, 2, 3, 1), dw.transpose(0, 2, 3, 1)
    images = {
        "x": laid(case.x, x),
        "dy": laid(case.dy, dy),
        "y": laid(case.image("y", Margins(), case.result), 0 * dy[:0]) + 7,
        "dx": laid(case.x, dx),
        "other": laid(case.image("", Margins(1, 0, 0, 1), case.result), other),
        "w": np.ascontiguousarray(native).ravel(),
        "p": np.zeros(case.packed.size, np.float32),
        "dw": np.ascontiguousarray(before).ravel(),
        "b": given["bias"],
        "db": db,
    }
    found = dict(images)
    for name, kernel in kernels(case, target).items():
        reads = {**images, "p": found["p"]}
        for arguments in _dealt(kernel, count):
            reads = {**reads, **run(name, kernel, reads, arguments)}
        written = {"pack": "p", "bias": "db"}.get(name, name)
        found[written] = reads[written]
    _compare(case, (x, dy, other), given, (dx, dw, db), found)


def _dealt(kernel: Kernel, count: int) -> Iterator[dict[str, int]]:
    """The calls that together run a kernel, parts from the last to the first."""
    parts = [a.high for a in kernel.arguments if a.name == "part"]
    known = {a.name: count for a in kernel.arguments if a.name == "count"}
    for part in range(parts[0] if parts else 0, -1, -1):
        yield {**known, "part": part} if parts else known


def _compare(
    case: Case,
    images: tuple[Array, Array, Array],
    parameters: Mapping[str, Array],
    before: tuple[Array, Array, Array],
    found: Mapping[str, Array],
) -> None:
    x, dy, other = (image.astype(np.float64) for image in images)
    given = {name: value.astype(np.float64) for name, value in parameters.items()}
    rule, layer, at = RULES[type(case.layer)], case.layer, Moment()
    large = {name: np.abs(value) for name, value in given.items()}
    exact = rule.forward(layer, (x,), given, at)
    size = rule.forward(layer, (np.abs(x),), large, at)
    if case.other:
        exact, size = exact + other, size + np.abs(other)
    if case.relu:
        exact = np.maximum(exact, 0)
    y = case.image("y", Margins(), case.result)
    terms = given["weight"].size + 3
    bound = gamma(terms, np.float32) * size
    assert_within(inner(y, found["y"])[: len(x)], exact, bound)
    assert (inner(y, found["y"])[len(x) :] == 7).all()
    (dx,), rest = rule.backward(layer, (x,), given, at, dy)
    (dx_size,), sizes = rule.backward(layer, (np.abs(x),), large, at, np.abs(dy))
    grown = dy.size + 3
    results = (
        (inner(case.x, found["dx"])[: len(x)], dx, dx_size, terms),
        (_turned(found["dw"], given["weight"]), rest["weight"], sizes["weight"], grown),
        (found["db"], rest["bias"], sizes["bias"], grown),
    )
    for (now, value, size, count), old in zip(results, before, strict=True):
        if case.add:
            value, size = value + old, size + np.abs(old)
        assert_within(now, value, gamma(count, np.float32) * size)
    outside = found["dx"].copy()
    inner(case.x, outside)[...] = 0
    assert not outside.any(), "the border was written"


def _turned(flat: Array, like: Array) -> Array:
    """A weight in PyTorch's order."""
    ends, group, height, width = like.shape
    return flat.reshape(ends, height, width, group).transpose(0, 3, 1, 2)
