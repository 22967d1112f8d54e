"""Activations: a function of each element, and softmax over the channels."""

from collections.abc import Callable

import torch
from torch.nn import functional

from mirada import network
from mirada.engines.torch.layer import Build, Compute
from mirada.network import LeakyReLU, Softmax
from mirada.network.layer import Shape

__all__ = ["elementwise", "gelu", "leaky_relu", "softmax"]


def elementwise(function: Callable[[torch.Tensor], torch.Tensor]) -> Build:
    """A function of each element that PyTorch has as it is."""
    return lambda layer, shapes: lambda inputs, own, moment: function(inputs[0])


def leaky_relu(layer: LeakyReLU, shapes: tuple[Shape, ...]) -> Compute:
    """Itself where it is positive, slope * x elsewhere."""
    return lambda inputs, own, moment: functional.leaky_relu(inputs[0], layer.slope)


def gelu(layer: network.GELU, shapes: tuple[Shape, ...]) -> Compute:
    """The product x * Phi(x), or its approximation by the hyperbolic tangent."""
    return lambda inputs, own, moment: functional.gelu(
        inputs[0], approximate=layer.approximate
    )


def softmax(layer: Softmax, shapes: tuple[Shape, ...]) -> Compute:
    """exp(x[i]) / sum of exp(x[j]), over the channels or the features."""
    return lambda inputs, own, moment: functional.softmax(inputs[0], dim=1)
