"""Joins: layers that take several inputs."""

from functools import reduce
from itertools import starmap

import torch

from mirada.engines.torch.layer import Compute, Inputs, Moment, Own
from mirada.network import Add, Concat, Multiply
from mirada.network.join import centre
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
    cuts = [tuple(starmap(slice, centre(shape[1:], sizes))) for shape in shapes]

    def compute(inputs: Inputs, own: Own, moment: Moment) -> torch.Tensor:
        parts = [image[(..., *cut)] for image, cut in zip(inputs, cuts, strict=True)]
        return torch.cat(parts, dim=1)

    return compute
