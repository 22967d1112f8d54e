"""Joins: layers that take several inputs."""

from functools import reduce

import torch

from mirada.engines.torch.layer import Compute, Inputs, Moment, Own
from mirada.network import Add, Concat, Multiply
from mirada.network.layer import Shape

__all__ = ["add", "concat", "multiply"]


def add(layer: Add, shapes: tuple[Shape, ...]) -> Compute:
    """The sum of its inputs."""
    return lambda inputs, own, moment: reduce(torch.add, inputs)


def multiply(layer: Multiply, shapes: tuple[Shape, ...]) -> Compute:
    """The product of its inputs; gates of one pixel multiply whole channels."""
    return lambda inputs, own, moment: reduce(torch.mul, inputs)


def concat(layer: Concat, shapes: tuple[Shape, ...]) -> Compute:
    """Its inputs one after another; larger ones are cut around their centre."""
    sizes = layer.output(*shapes)[1:]
    cuts = [
        [
            (axis, (have - want) // 2, want)
            for axis, (have, want) in enumerate(
                zip(shape[1:], sizes, strict=True), start=2
            )
            if have != want
        ]
        for shape in shapes
    ]

    def compute(inputs: Inputs, own: Own, moment: Moment) -> torch.Tensor:
        parts = list(inputs)
        for place, wanted in enumerate(cuts):
            for axis, start, length in wanted:
                parts[place] = parts[place].narrow(axis, start, length)
        return torch.cat(parts, dim=1)

    return compute
