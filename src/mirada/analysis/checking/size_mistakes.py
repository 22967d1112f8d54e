"""What misunderstandings make of a layer's size: what such a person writes.

Windows and flattening have files of their own; here are the layers beside them.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from mirada.analysis.arithmetic import number
from mirada.analysis.checking.flattening import flatten_slips
from mirada.analysis.checking.slip import Slip
from mirada.analysis.checking.window_mistakes import (
    Along,
    formula_of,
    paddings,
    window_slips,
)
from mirada.analysis.size_reading import Amounts
from mirada.errors import Phrase
from mirada.network import (
    AvgPool2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    MaxPool2d,
    Network,
    Node,
)

__all__ = ["size_slips"]


def size_slips(
    network: Network, node: Node, inputs: Sequence[Amounts]
) -> Iterator[Slip]:
    """Every slip at a layer's size on these inputs; the right size has no kinds."""
    layer, shape = node.layer, inputs[0]
    if isinstance(layer, Conv2d | MaxPool2d | AvgPool2d) and len(shape) == 3:
        yield from window_slips(layer, shape)
    elif isinstance(layer, ConvTranspose2d) and len(shape) == 3:
        yield from _transposed_slips(layer, shape)
    elif isinstance(layer, Flatten) and len(shape) == 3:
        yield from flatten_slips(network, node, shape)
    else:
        if isinstance(layer, Concat):
            yield from _concat_slips(inputs)
        yield Slip((), tuple(map(Fraction, network.shapes[node.name])), "", ())


def _transposed_slips(layer: ConvTranspose2d, shape: Amounts) -> Iterator[Slip]:
    windows = layer.windows(tuple(map(int, shape)))
    channels = Fraction(layer.out_channels)
    for choice, both in paddings(layer, windows):
        along = []
        for axis, window in enumerate(windows):
            pads, extra = both[axis], layer.output_padding[axis]
            length, stride = shape[1 + axis], window.stride
            value = stride * (length - 1) + window.span - sum(pads) + extra
            terms = "".join(f" - {pad}" for pad in pads) + f" + {extra}" * bool(extra)
            left = f"{stride}*({number(length)} - 1) + {window.span}{terms}"
            along.append(Along(value, f"{left} = {number(value)}"))
        kinds = (choice.kind,) if choice.kind else ()
        whys = () if choice.why is None else (choice.why,)
        yield Slip(
            kinds, (channels, *(a.value for a in along)), formula_of(along), whys
        )


def _concat_slips(inputs: Sequence[Amounts]) -> Iterator[Slip]:
    why = Phrase(
        "the channels of one input are counted, but concat stacks those of all"
    )
    for shape in inputs:
        yield Slip(("channels-forgotten",), shape, "", (why,))
