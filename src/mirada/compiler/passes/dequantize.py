"""Weights in eight bits: they become numbers where a kernel reads them."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.expression import mul, number, splat, sub
from mirada.compiler.ir import Buffer, Const, Convert, Expr, Kernel, Load
from mirada.compiler.passes.rewrite import rewrite

__all__ = ["ZERO", "dequantize", "scales_of", "worth_while"]

ZERO = 128
"""The byte that stands for 0: bytes have no sign in the language."""
_SLACK = 16
_SMALL = 8
"""How much fewer than the weights their scales are, or it is not worth while."""


def dequantize(
    kernel: Kernel, scales: Mapping[str, NDArray[np.float32]]
) -> tuple[Kernel, dict[str, NDArray[Any]]]:
    """The kernel with some buffers as bytes, and the buffers of scales that it reads.

    `scales` gives the scale of every number of such a buffer, 0 where it does not
    matter. A number is (byte - 128) * scale, rounded once.
    """
    read = dict[str, tuple[Buffer, NDArray[Any]]]()

    def change(expr: Expr) -> Expr | None:
        if not isinstance(expr, Load) or expr.buffer.name not in scales:
            return None
        buffer, lanes = expr.buffer, expr.lanes
        own = scales_of(scales[buffer.name], buffer.shape)
        axes = "x".join(map(str, own.shape))
        held = Buffer(f"{buffer.name}.scales.{axes}", own.shape, slack=_SLACK)
        read[held.name] = held, np.pad(own.ravel(), (0, _SLACK))
        index = tuple(
            Const(0) if size == 1 else term
            for size, term in zip(own.shape, expr.index, strict=True)
        )
        many = own.shape[-1] > 1
        scale = Load(held, index, lanes if many else 1, expr.active if many else 0)
        byte = replace(expr, buffer=_bytes(buffer))
        whole = sub(Convert(byte, "f32"), number(ZERO, lanes))
        return mul(whole, splat(scale, lanes))

    body = rewrite(kernel.body, change)
    buffers = [_bytes(b) if b.name in scales else b for b in kernel.buffers]
    buffers += [held for held, _ in read.values()]
    changed = replace(kernel, body=body, buffers=tuple(buffers))
    return changed, {name: numbers for name, (_, numbers) in read.items()}


def _bytes(buffer: Buffer) -> Buffer:
    return replace(buffer, kind="u8", low=0, high=255)


def scales_of(scales: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The scales of a buffer under a shape, once along every axis they do not vary on.

    >>> scales_of(np.array([2.0, 2.0, 0.0, 3.0, 3.0, 3.0]), (2, 3)).tolist()
    [[2.0], [3.0]]
    """
    found = scales[: prod(shape)].reshape(shape)
    for axis in range(len(shape)):
        first = np.expand_dims((found != 0).argmax(axis), axis)
        one = np.take_along_axis(found, first, axis)
        if ((found == one) | (found == 0)).all():
            found = one
    return found


def worth_while(scales: NDArray[Any], shape: tuple[int, ...]) -> bool:
    """Whether bytes and scales take much less than numbers."""
    return scales_of(scales, shape).size * _SMALL <= prod(shape)
