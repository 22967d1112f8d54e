"""Exercises on what a layer learns: weights and biases, counted."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import prod

from mirada.analysis.exercises.answer import Number
from mirada.analysis.exercises.draw import Draw
from mirada.analysis.exercises.exercise import Exercise, Step, slips
from mirada.analysis.exercises.wording import (
    given_network,
    network_of,
    square,
)
from mirada.analysis.parameters import (
    count_parameters,
    fully_connected,
    fully_connected_equivalent,
)
from mirada.analysis.size_reading import size_text
from mirada.errors import Phrase
from mirada.network import Conv2d, Linear, MaxPool2d, Network

__all__ = ["KINDS", "TOPIC"]

TOPIC = "parameters"
_DENSE = Phrase("A neuron has one weight for every input, and one bias.")
_CONV = Phrase("A filter has F*F*C weights and one bias; there are K filters.")
_FORMULA = "(F*F*C + 1)*K"


def _dense(kind: str, level: int, sizes: tuple[int, ...]) -> Exercise:
    count = fully_connected(sizes)
    answer = Number(Fraction(count.total))
    wider = sum((a + 1) * (b + 1) for a, b in pairwise(sizes))
    return Exercise(
        TOPIC,
        kind,
        level,
        Phrase(
            "A fully connected network has layers of {sizes} neurons, inputs first. "
            "How many parameters does it learn, biases included?",
            sizes="-".join(map(str, sizes)),
        ),
        answer,
        (Phrase("the sum of (N_in + 1)*N_out over the layers"), count.formula),
        _DENSE,
        slips(
            answer,
            ("bias-forgotten", count.weights),
            ("bias-once", count.weights + len(sizes) - 1),
            ("input-bias", count.total + sizes[0]),
            ("input-bias", wider),
            ("neurons-counted", sum(sizes)),
        ),
        given={"sizes": list(sizes)},
    )


def _small_dense(draw: Draw, level: int) -> Exercise:
    sizes = (draw.whole(2, 5), draw.whole(3, 6), draw.whole(1, 4))
    return _dense("dense", level, sizes)


def _deep_dense(draw: Draw, level: int) -> Exercise:
    first = draw.one((784, 400, 256, 100, 64))
    middle = draw.one(((300, 100), (120, 84), (128, 64), (50, 20)))
    return _dense("deep-dense", level, (first, *middle, draw.one((2, 5, 10))))


def _learned(network: Network) -> int:
    return sum(count_parameters(network, node).total for node in network.nodes)


def _layer(
    kind: str, level: int, network: Network, question: Phrase, *steps: Step
) -> Exercise:
    """One convolution, with everything that may be forgotten in it."""
    layer = network.nodes[0].layer
    assert isinstance(layer, Conv2d)
    count = count_parameters(network, network.nodes[0])
    answer = Number(Fraction(count.total))
    filters, kernel, channels = (
        layer.out_channels,
        layer.kernel_size[0],
        network.input[0],
    )
    places = prod(network.output[1:])
    bias = 1 if layer.bias else 0
    wrong = (
        ("channels-forgotten", (kernel * kernel + bias) * filters),
        ("kernel-not-squared", (kernel * channels // layer.groups + bias) * filters),
        ("places-multiplied", count.total * places),
        ("groups-forgotten", (kernel * kernel * channels + bias) * filters),
    )
    biases = (
        ("bias-forgotten", count.weights),
        ("bias-once", count.weights + 1),
    )
    return Exercise(
        TOPIC,
        kind,
        level,
        question,
        answer,
        (*steps, count.formula),
        _CONV,
        slips(answer, *wrong, *(biases if layer.bias else ())),
        given=given_network(network),
    )


def _conv(draw: Draw, level: int) -> Exercise:
    kernel, length = draw.one((3, 5)), draw.one((6, 8, 28, 32))
    channels, filters = draw.one((1, 3)), draw.one((2, 4, 6, 8, 10))
    if level > 1:
        kernel, length = draw.one((3, 5, 7)), draw.one((12, 14, 28, 32))
        channels, filters = draw.one((6, 8, 16)), draw.one((10, 12, 16, 20, 32))
    network = network_of((channels, length, length), [Conv2d(filters, kernel)])
    question = Phrase(
        "A convolution with {filters} filters of {kernel} is applied to an input of "
        "{input} (height x width x channels). How many parameters does it learn, "
        "biases included?",
        filters=filters,
        kernel=square(kernel),
        input=size_text(network.input),
    )
    return _layer("convolution", level, network, question, _FORMULA)


def _pooling(draw: Draw, level: int) -> Exercise:
    kernel, channels = draw.one((2, 2, 3)), draw.one((6, 8, 16, 32))
    length = kernel * draw.whole(3, 14)
    network = network_of((channels, length, length), [MaxPool2d(kernel)])
    answer = Number(Fraction(0))
    return Exercise(
        TOPIC,
        "pooling",
        level,
        Phrase(
            "Max pooling with windows of {kernel} and a stride of {stride} is applied "
            "to an input of {input} (height x width x channels). How many parameters "
            "does this layer learn?",
            kernel=square(kernel),
            stride=kernel,
            input=size_text(network.input),
        ),
        answer,
        (Phrase("the largest value is taken: there is nothing to learn, 0"),),
        Phrase("Which numbers of this layer could training change?"),
        slips(
            answer,
            ("pooling-has-parameters", kernel * kernel),
            ("pooling-has-parameters", kernel * kernel + 1),
            ("pooling-has-parameters", kernel * kernel * channels),
            ("pooling-has-parameters", (kernel * kernel + 1) * channels),
            ("pooling-has-parameters", 2 * channels),
        ),
        given=given_network(network),
    )


def _any_size(draw: Draw, level: int) -> Exercise:
    kernel, filters = draw.one((3, 5)), draw.one((2, 4, 6, 8))
    small, times = draw.one((16, 28, 32)), draw.one((2, 4, 10))
    large = network_of((3, small * times, small * times), [Conv2d(filters, kernel)])
    count = _learned(large)
    question = Phrase(
        "A convolution with {filters} filters of {kernel} learns {count} parameters on "
        "an input of {small}. How many does it learn on an input of {large}?",
        filters=filters,
        kernel=square(kernel),
        count=count,
        small=size_text((3, small, small)),
        large=size_text(large.input),
    )
    step = Phrase("the same filters are used at every place, however many there are")
    made = _layer("any-size", level, large, question, step)
    grown = slips(
        made.answer,
        ("places-multiplied", count * times),
        ("places-multiplied", count * times * times),
    )
    return replace(made, slips=(*grown, *made.slips))


def _after_flatten(draw: Draw, level: int) -> Exercise:
    side, channels = draw.whole(3, 7), draw.one((8, 16, 32))
    neurons = draw.one((10, 64, 84, 100, 120))
    inputs = side * side * channels
    network = network_of((inputs,), [Linear(neurons)])
    count = count_parameters(network, network.nodes[0])
    answer = Number(Fraction(count.total))
    return Exercise(
        TOPIC,
        "after-flatten",
        level,
        Phrase(
            "Maps of {maps} (height x width x channels) are flattened into a vector, "
            "and a fully connected layer of {neurons} neurons follows. How many "
            "parameters does that layer learn, biases included?",
            maps=size_text((channels, side, side)),
            neurons=neurons,
        ),
        answer,
        (f"{side}*{side}*{channels} = {inputs}", "(N_in + 1)*N_out", count.formula),
        _DENSE,
        slips(
            answer,
            ("bias-forgotten", count.weights),
            ("bias-once", count.weights + 1),
            ("channels-forgotten", (side * side + 1) * neurons),
            ("kernel-not-squared", (side * channels + 1) * neurons),
        ),
        given=given_network(network),
    )


def _as_dense(draw: Draw, level: int) -> Exercise:
    kernel, filters = 3, draw.one((2, 4, 6))
    length = draw.one((6, 8, 10, 12))
    network = network_of((3, length, length), [Conv2d(filters, kernel)])
    count = fully_connected_equivalent(network.input, network.output)
    answer = Number(Fraction(count.total))
    return Exercise(
        TOPIC,
        "as-dense",
        level,
        Phrase(
            "A convolution turns an input of {input} into maps of {maps} (height x "
            "width x channels). How many parameters would a fully connected layer "
            "between the same sizes learn, biases included?",
            input=size_text(network.input),
            maps=size_text(network.output),
        ),
        answer,
        (
            "(N_in + 1)*N_out",
            count.formula,
            Phrase(
                "the convolution learns {formula}",
                formula=count_parameters(network, network.nodes[0]).formula,
            ),
        ),
        _DENSE,
        slips(
            answer,
            ("bias-forgotten", count.weights),
            ("bias-once", count.weights + 1),
            ("places-multiplied", _learned(network) * prod(network.output[1:])),
        ),
        given=given_network(network),
    )


KINDS = {
    1: (_small_dense, _conv, _pooling),
    2: (_conv, _deep_dense, _any_size, _after_flatten, _as_dense),
    3: (),
}
"""What makes the exercises of each level."""
