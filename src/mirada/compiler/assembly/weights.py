"""The weights a convolution is computed with, its normalization inside where asked."""

from typing import NamedTuple, cast

from mirada.compiler.assembly.normalization import norm_parameters
from mirada.compiler.context import Context
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import normalization
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Stage
from mirada.network import BatchNorm2d

__all__ = ["Weights", "weights"]


class Weights(NamedTuple):
    """A convolution's weight, and its bias if it has one."""

    weight: Buffer
    bias: Buffer | None


def weights(context: Context, stage: Stage) -> Weights:
    """The stage's own, or those that its batch normalization makes of them."""
    own = Weights(context.weight(stage), context.parameter(stage.node, "bias"))
    if stage.norm is None:
        return own
    name, node = f"{stage.node.name}.fold", stage.norm
    layer, parameters = cast(BatchNorm2d, node.layer), norm_parameters(context, node)
    shape = own.weight.shape
    folded = Weights(
        context.packed(Buffer(f"{name}.weight", shape, slack=own.weight.slack)),
        context.packed(Buffer(f"{name}.bias", (shape[0],))),
    )

    def make() -> Kernel:
        bias = cast(Buffer, folded.bias)
        kernel = normalization.fold(name, layer, *own, parameters, folded.weight, bias)
        length = 1
        for size in shape[1:]:
            length *= size
        return vectors(kernel, "t", length, context.target)

    context.pack(name, make)
    return folded
