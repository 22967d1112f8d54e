"""Exercises on output sizes with channels, through one layer and through several."""

from fractions import Fraction
from math import prod

from mirada.analysis.exercises.answer import Number, Size
from mirada.analysis.exercises.draw import Draw
from mirada.analysis.exercises.exercise import Exercise, Step, slips
from mirada.analysis.exercises.size import TOPIC
from mirada.analysis.exercises.window import FORMULA
from mirada.analysis.exercises.wording import (
    given_network,
    layer_words,
    network_of,
    padding_words,
    square,
)
from mirada.analysis.size import WindowSize
from mirada.analysis.size_reading import size_text
from mirada.errors import Phrase
from mirada.network import Conv2d, Flatten, Layer, MaxPool2d, Network, Shape
from mirada.network.window import Window

__all__ = ["KINDS", "layer_sizes"]


def layer_sizes(network: Network) -> tuple[Step, ...]:
    """The size after each layer that changes it, with the substitution.

    >>> net = network_of((3, 32, 32), [Conv2d(6, 5), MaxPool2d(2)])
    >>> [str(step) for step in layer_sizes(net)]
    ['1. (32 - 5 + 0 + 0)/1 + 1 = 28 -> 28x28x6', \
'2. (28 - 2 + 0 + 0)/2 + 1 = 14 -> 14x14x6']
    """
    return tuple(_steps(network))


def _steps(network: Network) -> list[Step]:
    found: list[Step] = []
    for place, node in enumerate(network.nodes, 1):
        before, after = network.input_shapes(node)[0], network.shapes[node.name]
        if len(after) == 1:
            found.append(f"{place}. {_flat_words(before, after[0])}")
            continue
        windows = node.layer.windows(before)
        if windows is None:
            found.append(f"{place}. -> {size_text(after)}")
            continue
        size = WindowSize(before[1], windows[0])
        found.append(f"{place}. {size.formula} -> {size_text(after)}")
        if size.rounding is not None:
            found.append(size.rounding)
    return found


def _flat_words(before: Shape, length: int) -> str:
    if len(before) == 1:
        return f"-> {length}"
    return f"{'*'.join(size_text(before).split('x'))} = {length}"


def _sides(network: Network) -> tuple[int, ...]:
    channels, height, width = network.output
    return height, width, channels


def _volume(draw: Draw, level: int) -> Exercise:
    kernel = draw.one((3, 5))
    padding = draw.whole(0, kernel // 2) if level > 1 else 0
    stride = draw.whole(1, 2) if level > 1 else 1
    channels = draw.one((1, 3)) if level == 1 else draw.one((3, 6, 16))
    output = draw.one((4, 8, 10, 14, 28, 30))
    length = stride * (output - 1) + kernel - 2 * padding
    layer = Conv2d(draw.one((2, 4, 6, 8, 10, 16)), kernel, stride, padding)
    network = network_of((channels, length, length), [layer])
    question = Phrase(
        "An input of {input} (height x width x channels) goes through a convolution "
        "with {filters} filters of {kernel}, {padding} and with a stride of {stride}. "
        "What is the size of the output, channels included?",
        input=size_text(network.input),
        filters=layer.out_channels,
        kernel=square(kernel),
        padding=padding_words(padding, padding),
        stride=stride,
    )
    return _asked("volume", level, network, question, layer.out_channels)


def _asked(
    kind: str, level: int, network: Network, question: Phrase, filters: int
) -> Exercise:
    answer, channels = Size(_sides(network)), network.input[0]
    side = network.output[1]
    size = WindowSize(network.input[1], _window(network))
    depth = Phrase(
        "the output has one channel for every filter: {size}", size=answer.text
    )
    return Exercise(
        TOPIC,
        kind,
        level,
        question,
        answer,
        (FORMULA, f"O = {size.formula}", depth),
        Phrase("Height and width follow from the formula, channels from the filters."),
        slips(
            answer,
            ("depth-kept", (side, side, channels)),
            ("depth-multiplied", (side, side, channels * filters)),
            ("plus-one-forgotten", (side - 1, side - 1, filters)),
            ("same-misread", (size.length, size.length, filters)),
        ),
        given=given_network(network),
    )


def _window(network: Network) -> Window:
    windows = network.nodes[0].layer.windows(network.input)
    assert windows is not None
    return windows[0]


def _two(draw: Draw, level: int) -> Exercise:
    kernel, pooled = draw.one((3, 5)), draw.whole(4, 16)
    padding = draw.whole(0, kernel // 2)
    length = 2 * pooled + kernel - 1 - 2 * padding
    conv = Conv2d(draw.one((4, 6, 8, 16)), kernel, padding=padding)
    shape = (draw.one((1, 3)), length, length)
    return _chain("two-layers", level, network_of(shape, [conv, MaxPool2d(2)]))


def _chain(kind: str, level: int, network: Network) -> Exercise:
    answer = Size(_sides(network))
    height, width, channels = _sides(network)
    return Exercise(
        TOPIC,
        kind,
        level,
        Phrase(
            "An input of {input} (height x width x channels) goes through these "
            "layers. What is the size of the output, channels included?",
            input=size_text(network.input),
        ),
        answer,
        layer_sizes(network),
        Phrase(
            "One layer after the other: pooling keeps the channels, a convolution has "
            "one for every filter."
        ),
        slips(
            answer,
            ("depth-kept", (height, width, network.input[0])),
            ("depth-multiplied", (height, width, channels * network.input[0])),
            ("plus-one-forgotten", (height - 1, width - 1, channels)),
        ),
        tuple(layer_words(node.layer) for node in network.nodes),
        given=given_network(network),
    )


def _pipeline(draw: Draw, level: int) -> Exercise:
    first, second = draw.one((3, 5, 7)), draw.one((3, 5))
    layers: list[Layer] = [
        Conv2d(draw.one((6, 8, 16)), first, draw.whole(1, 2), draw.whole(0, 1)),
        MaxPool2d(draw.whole(2, 3), 2),
        Conv2d(draw.one((16, 20, 32)), second),
        MaxPool2d(2),
    ]
    length = draw.one((40, 45, 48, 50, 56, 64))
    return _chain("pipeline", level, network_of((3, length, length), layers))


def _flat(draw: Draw, level: int) -> Exercise:
    kernel = draw.one((3, 5))
    layers: list[Layer] = [
        Conv2d(draw.one((4, 6, 8)), kernel),
        MaxPool2d(2),
        Conv2d(draw.one((12, 16, 24)), kernel),
        MaxPool2d(2),
        Flatten(),
    ]
    length = draw.one((28, 29, 32, 33, 36, 40))
    network = network_of((draw.one((1, 3)), length, length), layers)
    last = network.input_shapes(network.nodes[-1])[0]
    answer = Number(Fraction(prod(last)))
    return Exercise(
        TOPIC,
        "flatten",
        level,
        Phrase(
            "An input of {input} (height x width x channels) goes through these "
            "layers. How many numbers does the vector at the end have?",
            input=size_text(network.input),
        ),
        answer,
        layer_sizes(network),
        Phrase("The vector holds every number of the last maps, of all channels."),
        slips(answer, ("channels-forgotten", last[1] * last[2])),
        tuple(layer_words(node.layer) for node in network.nodes),
        given=given_network(network),
    )


KINDS = {1: (_volume,), 2: (_volume, _two), 3: (_pipeline, _flat)}
"""What makes the exercises of each level."""
