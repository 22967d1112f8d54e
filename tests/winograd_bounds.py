"""How far a convolution by Winograd's algorithm may be from the exact one.

The magnitudes that `lowering/winograd_bound.py` speaks of, from its matrices; what the
inputs' own errors become is what a convolution makes of them, which is linear.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.lowering.winograd_bound import (
    MATRICES,
    roundings,
    weight_roundings,
)
from mirada.network import Conv2d
from mirada.reference import Moment
from tests.layer_bounds import Arrays, Gradients, Inputs, LayerBound, bound_of
from tests.tolerance import Bounded

__all__ = ["winograd_bound"]

Array = NDArray[np.float64]

_OTHERS = 8
"""Roundings of a bias, and of a normalization inside the weights."""


def winograd_bound(size: int) -> LayerBound:
    """The bounds of a convolution by tiles of `size` x `size` outputs."""

    def forward(
        layer: Conv2d, inputs: Inputs, parameters: Arrays, moment: Moment
    ) -> Bounded:
        direct = _direct(layer).forward(layer, inputs, parameters, moment)
        (x,) = inputs
        tiles = _tiles(x.size, _sides(layer, x), direct.value.shape[2:], size)
        sums = _outputs(tiles, np.abs(parameters["weight"]), size)
        height, width = direct.value.shape[2:]
        largest = sums[:, :, :height, :width]
        if layer.bias:
            largest = largest + np.abs(parameters["bias"])[:, None, None]
        count = roundings(size, x.value.shape[1]) + _OTHERS
        return _wider(direct, largest, count)

    def backward(
        layer: Conv2d,
        inputs: Inputs,
        parameters: Arrays,
        moment: Moment,
        gradient: Bounded,
    ) -> Gradients:
        (direct,), own = _direct(layer).backward(
            layer, inputs, parameters, moment, gradient
        )
        (x,), (height, width) = inputs, direct.value.shape[2:]
        sides = _sides(layer, x)
        turned = np.abs(parameters["weight"]).transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
        opposite = tuple(2 - side for side in sides)
        back = _tiles(gradient.size, opposite, (height, width), size)
        largest = _outputs(back, turned, size)[:, :, :height, :width]
        count = roundings(size, gradient.value.shape[1]) + _OTHERS
        by_input = _wider(direct, largest, count)
        tiles = _tiles(x.size, sides, gradient.value.shape[2:], size)
        count = weight_roundings(size, tiles[:, 0, :, :, 0, 0].size) + _OTHERS
        own["weight"] = _wider(
            own["weight"], _weights(tiles, gradient.size, size), count
        )
        return (by_input,), own

    return LayerBound(forward, backward)


def _direct(layer: Conv2d) -> LayerBound:
    return bound_of(layer)


def _sides(layer: Conv2d, x: Bounded) -> tuple[int, ...]:
    """The padding: top, bottom, left, right."""
    down, across = layer.windows(x.value.shape[1:])
    return down.start, down.end, across.start, across.end


def _wider(direct: Bounded, largest: Array, count: int) -> Bounded:
    """The direct bound, and the roundings of Winograd's way besides."""
    share = count * direct.u / (1 - count * direct.u)
    tiny = float(np.finfo(np.float32).tiny)
    more = share * largest + count * 2.0**16 * tiny
    return Bounded(direct.value, direct.bound + more, direct.u)


def _matrices(size: int) -> tuple[Array, Array, Array]:
    found = MATRICES[size]
    b, g, a = (
        np.abs(np.array(m)) for m in (found.inputs, found.filters, found.outputs)
    )
    return b, g, a


def _tiles(
    x: Array, sides: tuple[int, ...], shape: tuple[int, ...], size: int
) -> Array:
    """The transformed tiles: (n, c, tile row, tile column, place, place)."""
    whole = [-(-length // size) * size + 2 for length in shape]
    pads: list[tuple[int, int]] = [(0, 0), (0, 0)]
    for axis in range(2):
        before, length = sides[2 * axis], x.shape[2 + axis]
        pads.append((before, max(whole[axis] - before - length, 0)))
    padded = np.pad(x, pads)[:, :, : whole[0], : whole[1]]
    side = (size + 2, size + 2)
    windows: Any = np.lib.stride_tricks.sliding_window_view(padded, side, (2, 3))
    b, _, _ = _matrices(size)
    cut = windows[:, :, ::size, ::size]
    return np.asarray(np.einsum("pi,ncyxij,qj->ncyxpq", b, cut, b, optimize=True))


def _outputs(tiles: Array, weight: Array, size: int) -> Array:
    """The largest that outputs could be, of whole tiles: (n, oc, rows, columns)."""
    _, g, a = _matrices(size)
    filters = np.einsum("pi,ocij,qj->ocpq", g, weight, g)
    products = np.einsum("ncyxpq,ocpq->noyxpq", tiles, filters, optimize=True)
    found = np.einsum("ip,noyxpq,jq->noyixj", a, products, a, optimize=True)
    n, outputs, rows, _, columns, _ = found.shape
    return np.asarray(found.reshape(n, outputs, rows * size, columns * size))


def _weights(tiles: Array, slopes: Array, size: int) -> Array:
    """The same of the weights' gradients: (oc, ic, 3, 3)."""
    _, g, a = _matrices(size)
    n, outputs, height, width = slopes.shape
    rows, columns = tiles.shape[2:4]
    rest = (0, rows * size - height), (0, columns * size - width)
    whole = np.pad(slopes, ((0, 0), (0, 0), *rest))
    cut = whole.reshape(n, outputs, rows, size, columns, size)
    turned = np.einsum("ip,noyixj,jq->noyxpq", a, cut, a, optimize=True)
    sums = np.einsum("noyxpq,ncyxpq->ocpq", turned, tiles, optimize=True)
    return np.asarray(np.einsum("pi,ocpq,qj->ocij", g, sums, g, optimize=True))
