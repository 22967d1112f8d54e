"""Exercises on multiply-accumulates: what a layer computes for one image."""

from fractions import Fraction
from math import prod

from mirada.analysis.exercises.answer import Number
from mirada.analysis.exercises.draw import Draw
from mirada.analysis.exercises.exercise import Exercise, Step, slips
from mirada.analysis.exercises.size_layers import layer_sizes
from mirada.analysis.exercises.wording import (
    given_network,
    layer_words,
    network_of,
    padding_words,
    square,
)
from mirada.analysis.operations import count_operations
from mirada.analysis.parameters import count_parameters
from mirada.analysis.size_reading import size_text
from mirada.errors import Phrase
from mirada.network import Conv2d, Flatten, Layer, Linear, MaxPool2d, Network

__all__ = ["KINDS", "TOPIC"]

TOPIC = "macs"
_FORMULA = "O_height*O_width*K * F*F*C"
_HINT = Phrase(
    "Every number of the output takes as many MACs as there are weights under one "
    "window."
)


def _conv(draw: Draw, level: int) -> Exercise:
    kernel, output = draw.one((3, 5)), draw.one((4, 6, 8, 10, 12, 14, 28))
    filters, channels = draw.one((2, 4, 6, 8)), 1
    padding, stride = 0, 1
    if level > 1:
        channels, filters = draw.one((3, 6, 8, 16)), draw.one((6, 8, 16, 32))
        padding, stride = draw.whole(0, kernel // 2), draw.whole(1, 2)
    length = stride * (output - 1) + kernel - 2 * padding
    layer = Conv2d(filters, kernel, stride, padding)
    network = network_of((channels, length, length), [layer])
    question = Phrase(
        "A convolution with {filters} filters of {kernel}, {padding} and with a stride "
        "of {stride}, is applied to an input of {input} (height x width x channels). "
        "How many MACs (multiplications with their addition) does it take, bias left "
        "out?",
        filters=filters,
        kernel=square(kernel),
        padding=padding_words(padding, padding),
        stride=stride,
        input=size_text(network.input),
    )
    return _layer("convolution", level, network, layer, question)


def _grouped(draw: Draw, level: int) -> Exercise:
    channels, output = draw.one((8, 16, 32)), draw.one((8, 14, 28))
    groups = draw.one((2, 4, channels))
    layer = Conv2d(channels, 3, padding=1, groups=groups)
    network = network_of((channels, output, output), [layer])
    question = Phrase(
        "A convolution with {filters} filters of {kernel}, {groups} groups, {padding} "
        "and with a stride of 1, is applied to an input of {input} (height x width x "
        "channels). How many MACs does it take, bias left out?",
        filters=channels,
        kernel=square(3),
        groups=groups,
        padding=padding_words(1, 1),
        input=size_text(network.input),
    )
    return _layer("grouped", level, network, layer, question)


def _layer(
    kind: str, level: int, network: Network, layer: Conv2d, question: Phrase
) -> Exercise:
    node = network.nodes[0]
    operations, count = count_operations(network, node), count_parameters(network, node)
    places = prod(network.output[1:])
    answer = Number(Fraction(operations.macs))
    kernel, filters, side = layer.kernel_size[0], layer.out_channels, network.output[1]
    channels = network.input[0] // layer.groups
    return Exercise(
        TOPIC,
        kind,
        level,
        question,
        answer,
        (*layer_sizes(network), _formula(layer), operations.formula),
        _HINT,
        slips(
            answer,
            ("places-forgotten", count.weights),
            ("channels-forgotten", places * filters * kernel * kernel),
            ("groups-forgotten", operations.macs * layer.groups),
            ("kernel-not-squared", places * filters * kernel * channels),
            ("bias-counted", places * count.total),
            ("places-of-input", count.weights * prod(network.input[1:])),
            ("kernel-not-squared", side * filters * kernel * kernel * channels),
        ),
        given=given_network(network),
    )


def _formula(layer: Conv2d) -> str:
    return f"{_FORMULA}/G" if layer.groups > 1 else _FORMULA


def _one(draw: Draw, level: int) -> Exercise:
    kernel, channels = draw.one((3, 5, 7)), draw.one((3, 6, 16))
    network = network_of((channels, 32, 32), [Conv2d(draw.one((4, 8)), kernel)])
    answer = Number(Fraction(kernel * kernel * channels))
    return Exercise(
        TOPIC,
        "one-output",
        level,
        Phrase(
            "Filters of {kernel} slide over an input of {channels} channels. How many "
            "MACs does one single number of the output take, bias left out?",
            kernel=square(kernel),
            channels=channels,
        ),
        answer,
        ("F*F*C", f"{kernel}*{kernel}*{channels} = {answer.text}"),
        Phrase("One multiplication for every weight of one filter."),
        slips(
            answer,
            ("channels-forgotten", kernel * kernel),
            ("kernel-not-squared", kernel * channels),
            ("bias-counted", kernel * kernel * channels + 1),
        ),
        given=given_network(network),
    )


def _linear(draw: Draw, level: int) -> Exercise:
    inputs, outputs = draw.one((16, 64, 84, 120, 400)), draw.one((10, 20, 84, 100))
    network = network_of((inputs,), [Linear(outputs)])
    operations = count_operations(network, network.nodes[0])
    answer = Number(Fraction(operations.macs))
    return Exercise(
        TOPIC,
        "linear",
        level,
        Phrase(
            "A fully connected layer turns {inputs} numbers into {outputs}. How many "
            "MACs does it take for one image, bias left out?",
            inputs=inputs,
            outputs=outputs,
        ),
        answer,
        ("N_in*N_out", operations.formula),
        _HINT,
        slips(
            answer,
            ("bias-counted", operations.macs + outputs),
            ("neurons-counted", inputs + outputs),
        ),
        given=given_network(network),
    )


def _separable(draw: Draw, level: int) -> Exercise:
    channels, filters = draw.one((8, 16, 32)), draw.one((16, 32, 64))
    side = draw.one((8, 14, 16, 28))
    layers: list[Layer] = [
        Conv2d(channels, 3, padding=1, groups=channels),
        Conv2d(filters, 1),
    ]
    network = network_of((channels, side, side), layers)
    full = side * side * filters * 9 * channels
    last = Phrase("a plain convolution of 3x3 would take {count}", count=full)
    return _whole("separable", level, network, (last,), ("groups-forgotten", full))


def _lenet(draw: Draw, level: int) -> Exercise:
    kernel = draw.one((3, 5))
    layers: list[Layer] = [
        Conv2d(draw.one((4, 6, 8)), kernel),
        MaxPool2d(2),
        Conv2d(draw.one((8, 12, 16)), kernel),
        MaxPool2d(2),
        Flatten(),
        Linear(draw.one((2, 5, 10))),
    ]
    length = draw.one((16, 20, 28, 32))
    network = network_of((draw.one((1, 3)), length, length), layers)
    return _whole("network", level, network, layer_sizes(network))


def _whole(
    kind: str,
    level: int,
    network: Network,
    remarks: tuple[Step, ...],
    *wrong: tuple[str, int],
) -> Exercise:
    rows = [count_operations(network, node) for node in network.nodes]
    learned = [count_parameters(network, node) for node in network.nodes]
    parts = [row.macs for row in rows if row.macs]
    answer = Number(Fraction(sum(parts)))
    return Exercise(
        TOPIC,
        kind,
        level,
        Phrase(
            "An input of {input} (height x width x channels) goes through these "
            "layers. How many MACs do they take in all for one image, biases left out?",
            input=size_text(network.input),
        ),
        answer,
        (
            *remarks,
            *(row.formula for row in rows if row.macs),
            f"{' + '.join(map(str, parts))} = {sum(parts)}",
        ),
        Phrase(
            "First the size after each layer; pooling and flattening multiply nothing."
        ),
        slips(
            answer,
            ("places-forgotten", sum(count.weights for count in learned)),
            *wrong,
        ),
        tuple(layer_words(node.layer) for node in network.nodes),
        given=given_network(network),
    )


KINDS = {
    1: (_conv, _one, _linear),
    2: (_conv,),
    3: (_lenet, _grouped, _separable),
}
"""What makes the exercises of each level."""
