"""Exercises on parameters with traps: groups, whole networks, the number missing."""

from fractions import Fraction

from mirada.analysis.exercises.answer import Number
from mirada.analysis.exercises.draw import Draw
from mirada.analysis.exercises.exercise import Exercise, slips
from mirada.analysis.exercises.parameters import TOPIC
from mirada.analysis.exercises.size_layers import layer_sizes
from mirada.analysis.exercises.wording import (
    given_network,
    layer_words,
    network_of,
    square,
)
from mirada.analysis.parameters import count_parameters
from mirada.analysis.size_reading import size_text
from mirada.errors import Phrase
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
)

__all__ = ["KINDS"]


def _formulas(network: Network) -> tuple[tuple[str, int, int], ...]:
    """The substitution, the weights and the biases of each layer that learns."""
    counts = (count_parameters(network, node) for node in network.nodes)
    return tuple((c.formula, c.weights, c.biases) for c in counts if c.total)


def _total(network: Network) -> tuple[int, str]:
    """What all layers learn together, and the sum written out."""
    parts = [weights + biases for _, weights, biases in _formulas(network)]
    return sum(parts), f"{' + '.join(map(str, parts))} = {sum(parts)}"


def _grouped(draw: Draw, level: int) -> Exercise:
    groups, kernel = draw.one((2, 4)), draw.one((3, 5))
    channels, filters = draw.one((8, 16, 32)), draw.one((8, 16, 32, 64))
    layer = Conv2d(filters, kernel, groups=groups)
    network = network_of((channels, 28, 28), [layer])
    return _with_groups("grouped", level, network, layer, channels)


def _depthwise(draw: Draw, level: int) -> Exercise:
    channels, kernel = draw.one((8, 16, 32, 64)), draw.one((3, 5, 7))
    layer = Conv2d(channels, kernel, groups=channels)
    network = network_of((channels, 28, 28), [layer])
    return _with_groups("depthwise", level, network, layer, channels)


def _with_groups(
    kind: str, level: int, network: Network, layer: Conv2d, channels: int
) -> Exercise:
    count = count_parameters(network, network.nodes[0])
    area, filters = layer.kernel_size[0] ** 2, layer.out_channels
    answer = Number(Fraction(count.total))
    seen = channels // layer.groups
    return Exercise(
        TOPIC,
        kind,
        level,
        Phrase(
            "A convolution with {filters} filters of {kernel} and {groups} groups is "
            "applied to maps of {input} (height x width x channels). How many "
            "parameters does it learn, biases included?",
            filters=filters,
            kernel=square(layer.kernel_size[0]),
            groups=layer.groups,
            input=size_text(network.input),
        ),
        answer,
        (
            Phrase(
                "a filter sees the channels of its group only: {formula}",
                formula=f"{channels}/{layer.groups} = {seen}",
            ),
            "(F*F*C/G + 1)*K",
            count.formula,
        ),
        Phrase("With G groups, a filter sees C/G channels."),
        slips(
            answer,
            ("groups-forgotten", (area * channels + 1) * filters),
            ("channels-forgotten", (area + 1) * filters),
            ("bias-forgotten", count.weights),
            ("bias-once", count.weights + 1),
        ),
        given=given_network(network),
    )


def _separable(draw: Draw, level: int) -> Exercise:
    channels, filters = draw.one((16, 32, 64)), draw.one((32, 64, 128))
    layers: list[Layer] = [
        Conv2d(channels, 3, padding=1, groups=channels),
        Conv2d(filters, 1),
    ]
    network = network_of((channels, 28, 28), layers)
    full = (9 * channels + 1) * filters
    last = Phrase("a plain convolution of 3x3 would learn {count}", count=full)
    return _whole("separable", level, network, (last,), ("groups-forgotten", full))


def _normalized(draw: Draw, level: int) -> Exercise:
    channels, filters = draw.one((3, 16, 32)), draw.one((16, 32, 64))
    layers: list[Layer] = [Conv2d(filters, 3, padding=1, bias=False), BatchNorm2d()]
    network = network_of((channels, 32, 32), layers)
    weights = 9 * channels * filters
    last = Phrase("batch normalization learns a scale and a shift for every channel")
    slip = ("bias-once", weights + filters)
    return _whole("normalized", level, network, (last,), slip)


def _lenet(draw: Draw, level: int) -> Exercise:
    kernel = draw.one((3, 5))
    layers: list[Layer] = [
        Conv2d(draw.one((4, 6, 8)), kernel),
        MaxPool2d(2),
        Conv2d(draw.one((12, 16)), kernel),
        MaxPool2d(2),
        Flatten(),
        Linear(draw.one((64, 84, 120))),
        Linear(draw.one((2, 5, 10))),
    ]
    length = draw.one((28, 32))
    network = network_of((draw.one((1, 3)), length, length), layers)
    return _whole("network", level, network, layer_sizes(network))


def _whole(
    kind: str,
    level: int,
    network: Network,
    remarks: tuple[Phrase | str, ...],
    *wrong: tuple[str, int],
) -> Exercise:
    total, added = _total(network)
    rows = _formulas(network)
    weights, learning = sum(w for _, w, _ in rows), sum(b > 0 for _, _, b in rows)
    answer = Number(Fraction(total))
    return Exercise(
        TOPIC,
        kind,
        level,
        Phrase(
            "An input of {input} (height x width x channels) goes through these "
            "layers. How many parameters do they learn in all, biases included?",
            input=size_text(network.input),
        ),
        answer,
        (*remarks, *(formula for formula, _, _ in rows), added),
        Phrase(
            "First the size after each layer, then (F*F*C + 1)*K for convolutions and "
            "(N_in + 1)*N_out for fully connected layers."
        ),
        slips(
            answer,
            ("bias-forgotten", weights),
            ("bias-once", weights + learning),
            *wrong,
        ),
        tuple(layer_words(node.layer) for node in network.nodes),
        given=given_network(network),
    )


def _filters(draw: Draw, level: int) -> Exercise:
    channels, kernel = draw.one((3, 6, 16)), draw.one((3, 5))
    filters = draw.one((4, 6, 8, 10, 12, 16, 20, 32))
    network = network_of((channels, 28, 28), [Conv2d(filters, kernel)])
    total, _ = _total(network)
    each = kernel * kernel * channels + 1
    answer = Number(Fraction(filters))
    return Exercise(
        TOPIC,
        "filters-missing",
        level,
        Phrase(
            "A convolution with filters of {kernel} on an input of {channels} channels "
            "learns {count} parameters, biases included. How many filters does it "
            "have?",
            kernel=square(kernel),
            channels=channels,
            count=total,
        ),
        answer,
        (
            Phrase(
                "one filter: {formula}", formula=f"{kernel}*{kernel}*{channels} + 1"
            ),
            f"{total}/{each} = {filters}",
        ),
        Phrase("How many parameters does one filter have?"),
        slips(
            answer,
            ("bias-forgotten", Fraction(total, each - 1)),
            ("channels-forgotten", Fraction(total, kernel * kernel + 1)),
        ),
        given=given_network(network),
    )


KINDS = {
    1: (),
    2: (),
    3: (_grouped, _lenet, _filters, _depthwise, _separable, _normalized),
}
"""What makes the exercises of each level."""
