"""What misunderstandings make of a count of parameters: what such a person writes.

`channels-forgotten`      (F*F + 1)*K; one filter only; H*W inputs of a flattened image
`bias-once`               F*F*C*K + 1,  N_in*N_out + 1
`bias-forgotten`          F*F*C*K,  N_in*N_out
`kernel-not-squared`      (F*C + 1)*K, or 2F for F*F
`flatten-order`           the N_in of a wrong flattening: see `flattening`
`pooling-has-parameters`  anything but 0 for a pooling layer
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import NamedTuple

from mirada.analysis.arithmetic import number
from mirada.analysis.checking.flattening import (
    flattened_before_pooling,
    flattenings,
)
from mirada.analysis.checking.layer_names import ELEMENTWISE
from mirada.analysis.checking.slip import Slip
from mirada.analysis.mistakes import UNKNOWN
from mirada.analysis.size_reading import Amounts
from mirada.errors import Phrase
from mirada.network import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Network,
    Node,
)

__all__ = ["parameter_slips"]

_MOST_KINDS = 2


class _Factor(NamedTuple):
    """One factor as it is taken: its text, its value, and the mistake if it is one."""

    text: str
    value: Fraction
    kind: str = ""
    why: Phrase | None = None


def parameter_slips(
    network: Network, node: Node, inputs: Sequence[Amounts]
) -> Iterator[Slip]:
    """Every slip at the parameters of a layer; the right count has no kinds."""
    layer, shape = node.layer, inputs[0]
    match layer:
        case Conv2d() | ConvTranspose2d():
            yield from _filters(layer, shape)
        case Linear():
            yield from _dense(network, node, layer, shape)
        case BatchNorm2d():
            yield from _normalization(shape)
        case MaxPool2d() | AvgPool2d():
            yield Slip((), (Fraction(0),), "", ())
            yield from _pooling(layer.kernel_size, shape)
        case GlobalAvgPool2d():
            yield Slip((), (Fraction(0),), "", ())
            yield from _pooling((int(shape[1]), int(shape[2])), shape)


def _filters(layer: Conv2d | ConvTranspose2d, shape: Amounts) -> Iterator[Slip]:
    factors = (_kernels(layer), _depths(layer, shape), _counts(layer))
    for kernel, depth, count in product(*factors):
        text = "*".join(factor.text for factor in (kernel, depth) if factor.text)
        inside = _Factor(text, kernel.value * depth.value)
        yield from _affine(inside, count, (kernel, depth, count), layer.bias)


def _kernels(layer: Conv2d | ConvTranspose2d) -> Iterator[_Factor]:
    height, width = layer.kernel_size
    yield _Factor(f"{height}*{width}", Fraction(height * width))
    why = Phrase(
        "the side of the {kernel} filter is counted, not its area",
        kernel=f"{height}x{width}",
    )
    for text in dict.fromkeys((str(height), str(width), f"2*{height}")):
        value = 2 * height if "*" in text else int(text)
        yield _Factor(text, Fraction(value), "kernel-not-squared", why)


def _depths(layer: Conv2d | ConvTranspose2d, shape: Amounts) -> Iterator[_Factor]:
    channels, groups = shape[0], layer.groups
    depth = channels / groups
    is_depthwise = depth == 1 and groups > 1
    text = number(channels) + (f"/{groups}" if groups > 1 else "")
    yield _Factor("" if is_depthwise else text, depth)
    if depth != 1:
        why = Phrase(
            "the {count} channels of the input are left out, but a filter reaches "
            "through all of them",
            count=number(channels),
        )
        yield _Factor("", Fraction(1), "channels-forgotten", why)
    if groups > 1:
        why = Phrase("the {count} groups are left out", count=groups)
        yield _Factor(number(channels), channels, UNKNOWN, why)


def _counts(layer: Conv2d | ConvTranspose2d) -> Iterator[_Factor]:
    count = layer.out_channels
    yield _Factor(str(count), Fraction(count))
    why = Phrase("one filter is counted where there are {count}", count=count)
    yield _Factor("1", Fraction(1), "channels-forgotten", why)


def _dense(
    network: Network, node: Node, layer: Linear, shape: Amounts
) -> Iterator[Slip]:
    count = _Factor(str(layer.out_features), Fraction(layer.out_features))
    for inputs in _arriving(network, node, shape):
        yield from _affine(inputs, count, (inputs,), layer.bias)


def _arriving(network: Network, node: Node, shape: Amounts) -> Iterator[_Factor]:
    """The inputs of a fully connected layer, right and wrongly flattened."""
    yield _Factor(number(shape[0]), shape[0])
    nodes = {other.name: other for other in network.nodes}
    source = nodes.get(node.source)
    while source is not None and source.layer.kind in ELEMENTWISE:
        source = nodes.get(source.source)
    if source is None or not isinstance(source.layer, Flatten):
        return
    image = tuple(map(Fraction, network.input_shapes(source)[0]))
    before = flattened_before_pooling(network, source)
    for (kind,), sizes, (why,) in flattenings(image, before):
        value = prod(sizes, start=Fraction(1))
        yield _Factor("*".join(map(number, sizes)), value, kind, why)


def _affine(
    inside: _Factor, count: _Factor, made: Sequence[_Factor], is_biased: bool
) -> Iterator[Slip]:
    """(inside + 1)*count: the bias right, counted once, and left out.

    `made` are the factors that may be mistakes.
    """
    outputs, weights = number(count.value), inside.value * count.value
    plain = f"{inside.text}*{count.text}"
    biased = f"({inside.text} + 1)*{count.text}"
    once = Phrase("one bias is counted where there are {count}", count=outputs)
    none = Phrase("the {count} biases are left out", count=outputs)
    added = Phrase("biases are counted, but this layer has none")
    ways = [("", None, plain, weights), (UNKNOWN, added, biased, weights + count.value)]
    if is_biased:
        ways = [
            ("", None, biased, weights + count.value),
            ("bias-once", once, f"{plain} + 1", weights + 1),
            ("bias-forgotten", none, plain, weights),
        ]
    for kind, why, text, value in ways:
        slips = [(f.kind, f.why) for f in made if f.kind] + [(kind, why)] * bool(kind)
        kinds = tuple(slip for slip, _ in slips)
        if len(set(kinds)) == len(kinds) <= _MOST_KINDS:
            whys = tuple(reason for _, reason in slips if reason is not None)
            yield Slip(kinds, (value,), f"{text} = {number(value)}", whys)


def _normalization(shape: Amounts) -> Iterator[Slip]:
    channels = shape[0]
    text = number(channels)
    yield Slip((), (2 * channels,), f"2*{text} = {number(2 * channels)}", ())
    why = Phrase("the shifts of the {count} channels are left out", count=text)
    yield Slip(("bias-forgotten",), (channels,), f"1*{text} = {text}", (why,))
    once = Phrase("one bias is counted where there are {count}", count=text)
    formula = f"{text} + 1 = {number(channels + 1)}"
    yield Slip(("bias-once",), (channels + 1,), formula, (once,))
    kept = Phrase("the running statistics are counted, but they are kept, not learned")
    formula = f"4*{text} = {number(4 * channels)}"
    yield Slip((UNKNOWN,), (4 * channels,), formula, (kept,))


def _pooling(kernel: tuple[int, int], shape: Amounts) -> Iterator[Slip]:
    """The usual inventions; any other number is one of them too: see `check`."""
    why = Phrase(
        "pooling takes the largest or the mean value, so there is nothing to learn"
    )
    old = Phrase(
        "LeNet-5 of 1998 learned a weight and a bias for each map, but pooling of "
        "today learns nothing"
    )
    height, width = kernel
    channels, window = shape[0], f"{height}*{width}"
    area, depth = height * width, number(shape[0])
    for text, value, reason in (
        (f"2*{depth}", 2 * channels, old),
        (window, Fraction(area), why),
        (f"{window}*{depth}", area * channels, why),
        (f"({window} + 1)*{depth}", (area + 1) * channels, why),
        (f"{window} + 1", Fraction(area + 1), why),
        (f"({window}*{depth} + 1)*{depth}", (area * channels + 1) * channels, why),
    ):
        formula = f"{text} = {number(value)}"
        yield Slip(("pooling-has-parameters",), (value,), formula, (reason,))
