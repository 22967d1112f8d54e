"""The linear layer of numbers rounded to half their bits: half as many to read.

Only where nothing is learned: weights that change with every batch would be rounded
as often as they are read.
"""

from mirada.compiler.context import ITEMS, Context, Work
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import half
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Stage

__all__ = ["forward_of_pairs", "rounds"]

_LEAST_WEIGHTS = 2**16


def rounds(context: Context, weight: Buffer) -> bool:
    """Whether a layer with these weights is computed of rounded numbers."""
    inputs, outputs = weight.shape
    fixed = context.layered and not context.form.backward
    return context.half and fixed and inputs * outputs >= _LEAST_WEIGHTS


def forward_of_pairs(context: Context, stage: Stage, x: Image, y: Image) -> None:
    """Adds what computes y, of all the batch, from pairs of inputs."""
    name, target, flat = stage.node.name, context.target, x.flattened
    weight, bias = context.weight(stage), context.parameter(stage.node, "bias")
    inputs, outputs = weight.shape
    near = half.halved(flat, f"{name}.half")
    context.lend(near.buffer)
    words = Buffer(f"{name}.words", (half.half(inputs), outputs), "u32")
    context.packed(words)
    lying = weight.view(inputs, 1, outputs)

    def rounded() -> Kernel:
        kernel = half.halve_outputs(f"{name}.halve_weight", lying, words)
        return vectors(kernel, "oc", outputs, target)

    def halve() -> Kernel:
        kernel = half.halve(f"{name}.halve", flat, near)
        return vectors(kernel, "oc", inputs // 2, target)

    context.pack(f"{name}.halve_weight", rounded, parts=0)
    context.work(f"{name}.halve", halve)
    given = context.whole(near)
    context.work(
        f"{name}.forward",
        lambda: half.linear_forward(
            name, given, words, bias, stage.relu, y, target, ITEMS
        ),
        Work(images=0, parts=0, schedule="bf16"),
    )
