"""The fully connected layer, and the flattening before it."""

from dataclasses import dataclass
from math import prod

from mirada.errors import ShapeError
from mirada.network.field import Choice, Flag, Whole
from mirada.network.layer import Layer, Parameter, Shape, initializer, shape_text

__all__ = ["Flatten", "Linear"]


@dataclass(frozen=True)
class Flatten(Layer):
    """An image as one vector, channel by channel, row by row.

    >>> Flatten().output((16, 5, 5))
    (400,)
    """

    kind = "flatten"

    def output(self, *inputs: Shape) -> Shape:
        return (prod(inputs[0]),)


@dataclass(frozen=True)
class Linear(Layer):
    """Every output is a weighted sum of every input plus a bias: y = W x + b.

    >>> [p.shape for p in Linear(120).parameters((400,))]
    [(120, 400), (120,)]
    """

    kind = "linear"
    positional = ("out_features",)

    out_features: Whole = Whole(1, 1_048_576)
    bias: Flag = Flag(True)
    init: Choice = initializer()

    def output(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) != 1:
            raise ShapeError(
                "needs-vector",
                "{layer} needs a vector, but {source} gives {given}. Put a flatten "
                "layer before it.{remedy}",
                given=shape_text(inputs[0]),
                **self.place(),
            )
        return (self.out_features,)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        fan_in, fan_out = inputs[0][0], self.out_features
        weight = Parameter("weight", (fan_out, fan_in), "weight", fan_in, fan_out)
        if not self.bias:
            return (weight,)
        return weight, Parameter("bias", (fan_out,), "bias", fan_in, fan_out)
