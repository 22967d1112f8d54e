"""Activations: a function of each element, and softmax over the channels."""

from dataclasses import dataclass

from mirada.network.field import Choice, Real
from mirada.network.layer import Layer, Shape

__all__ = [
    "GELU",
    "Activation",
    "Hardsigmoid",
    "Hardswish",
    "LeakyReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
]


class Activation(Layer):
    """A layer whose output has the shape of its input; abstract."""

    def output(self, *inputs: Shape) -> Shape:
        return inputs[0]


@dataclass(frozen=True)
class ReLU(Activation):
    """max(x, 0)."""

    kind = "relu"


@dataclass(frozen=True)
class ReLU6(Activation):
    """min(max(x, 0), 6) (arXiv 1704.04861)."""

    kind = "relu6"


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """x where x is positive, slope * x elsewhere."""

    kind = "leakyrelu"
    positional = ("slope",)

    slope: Real = Real(0.0, 1.0, 0.01, below=True)


@dataclass(frozen=True)
class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    kind = "sigmoid"


@dataclass(frozen=True)
class Tanh(Activation):
    """The hyperbolic tangent."""

    kind = "tanh"


@dataclass(frozen=True)
class GELU(Activation):
    """x * Phi(x), Phi the normal distribution function (arXiv 1606.08415).

    `approximate` "tanh" takes the paper's formula with the hyperbolic tangent.
    """

    kind = "gelu"

    approximate: Choice = Choice("none", "tanh", default="none")


@dataclass(frozen=True)
class SiLU(Activation):
    """x * sigmoid(x), also called swish (arXiv 1606.08415, 1710.05941)."""

    kind = "silu"


@dataclass(frozen=True)
class Hardsigmoid(Activation):
    """min(max(x + 3, 0), 6) / 6, straight lines near the sigmoid (arXiv 1905.02244)."""

    kind = "hardsigmoid"


@dataclass(frozen=True)
class Hardswish(Activation):
    """x * min(max(x + 3, 0), 6) / 6, near SiLU (arXiv 1905.02244)."""

    kind = "hardswish"


@dataclass(frozen=True)
class Softmax(Activation):
    """exp(x[i]) / sum of exp(x[j]), over the channels or the features."""

    kind = "softmax"
