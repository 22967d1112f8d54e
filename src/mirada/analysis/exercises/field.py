"""Exercises on the receptive field: the pixels that one output can see.

R = 1 + sum of (F_j - 1)*D_j * product of the strides before layer j
"""

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from mirada.analysis.exercises.answer import Number, Size
from mirada.analysis.exercises.draw import Draw
from mirada.analysis.exercises.exercise import Exercise, Step, slips
from mirada.analysis.exercises.wording import (
    given_network,
    layer_words,
    network_of,
    square,
)
from mirada.analysis.receptive import receptive_fields
from mirada.errors import Phrase
from mirada.network import Conv2d, Layer, MaxPool2d, Network
from mirada.network.window import Window

__all__ = ["KINDS", "TOPIC", "explain_field"]

TOPIC = "receptive-field"
_HINT = Phrase(
    "R = 1 + the sum of (F - 1)*D times the product of the strides of the layers before"
)
_INPUT = 96


def explain_field(network: Network) -> tuple[Step, ...]:
    """How the field grows with each layer of a chain.

    >>> net = network_of((1, 32, 32), [Conv2d(1, 3), MaxPool2d(2), Conv2d(1, 3)])
    >>> [str(step) for step in explain_field(net)][1:]
    ['1. 1 + (3 - 1)*1 = 3', '2. 3 + (2 - 1)*1 = 4', '3. 4 + (3 - 1)*2 = 8']
    """
    size, jump = 1, 1
    steps: list[Step] = [_HINT]
    for place, window in enumerate(_windows(network), 1):
        dilation = f"*{window.dilation}" if window.dilation > 1 else ""
        grown = size + (window.span - 1) * jump
        steps.append(
            f"{place}. {size} + ({window.size} - 1){dilation}*{jump} = {grown}"
        )
        size, jump = grown, jump * window.stride
    return tuple(steps)


def _windows(network: Network) -> list[Window]:
    """The windows of the layers, along the height."""
    found = []
    for node in network.nodes:
        windows = node.layer.windows(network.input_shapes(node)[0])
        assert windows is not None
        found.append(windows[0])
    return found


def _asked(kind: str, level: int, layers: Sequence[Layer]) -> Exercise:
    network = network_of((1, _INPUT, _INPUT), layers)
    field = receptive_fields(network)[network.nodes[-1].name]
    assert field is not None
    answer, windows = Size((field.size, field.size)), _windows(network)
    jumpless = 1 + sum(w.span - 1 for w in windows)
    undilated, jump = 1, 1
    for window in windows:
        undilated += (window.size - 1) * jump
        jump *= window.stride
    return Exercise(
        TOPIC,
        kind,
        level,
        Phrase(
            "An image goes through these layers. What is the size of the receptive "
            "field of one output of the last layer (how many pixels of the image can "
            "it see)?"
        ),
        answer,
        explain_field(network),
        _HINT,
        slips(
            answer,
            ("jump-forgotten", jumpless),
            ("field-added", sum(w.span for w in windows)),
            ("field-last", windows[-1].size),
            ("dilation-forgotten", undilated),
        ),
        tuple(layer_words(layer) for layer in layers),
        given=given_network(network),
    )


def _stack(draw: Draw, level: int) -> Exercise:
    kernel, count = draw.one((3, 3, 5, 7)), draw.whole(2, 4)
    return _asked("stack", level, [Conv2d(1, kernel)] * count)


def _pair(draw: Draw, level: int) -> Exercise:
    layers = [Conv2d(1, kernel) for kernel in draw.shuffled((3, 5, 7))[:2]]
    return _asked("pair", level, layers)


def _pooled(draw: Draw, level: int) -> Exercise:
    first, second = draw.one((3, 5)), draw.one((3, 5))
    layers: list[Layer] = [Conv2d(1, first), MaxPool2d(2), Conv2d(1, second)]
    if draw.whole(0, 1):
        layers.append(MaxPool2d(2))
    return _asked("pooled", level, layers)


def _strided(draw: Draw, level: int) -> Exercise:
    layers = [
        Conv2d(1, draw.one((3, 5, 7)), draw.whole(1, 2)),
        Conv2d(1, 3, 2),
        Conv2d(1, draw.one((3, 5))),
    ]
    return _asked("strided", level, layers[: draw.whole(2, 3)])


def _deep(draw: Draw, level: int) -> Exercise:
    layers: list[Layer] = [
        Conv2d(1, draw.one((7, 11)), draw.one((2, 4))),
        MaxPool2d(3, 2),
        Conv2d(1, draw.one((3, 5)), padding=1),
        Conv2d(1, 3, padding=1),
    ]
    return _asked("deep", level, layers)


def _dilated(draw: Draw, level: int) -> Exercise:
    rates = draw.one(((1, 2, 4), (1, 2), (2, 4), (1, 3)))
    return _asked("dilated", level, [Conv2d(1, 3, dilation=rate) for rate in rates])


def _count(draw: Draw, level: int) -> Exercise:
    kernel, count = draw.one((3, 5)), draw.whole(3, 8)
    size = 1 + count * (kernel - 1)
    network = network_of((1, _INPUT, _INPUT), [Conv2d(1, kernel)] * count)
    answer = Number(Fraction(count))
    return Exercise(
        TOPIC,
        "layers-missing",
        level,
        Phrase(
            "How many convolutions of {kernel} with a stride of 1 stand one after the "
            "other, if one output of the last sees {field} pixels of the image?",
            kernel=square(kernel),
            field=square(size),
        ),
        answer,
        (
            "R = 1 + n*(F - 1)",
            f"n = ({size} - 1)/({kernel} - 1) = {count}",
        ),
        Phrase("How many pixels does every further layer add?"),
        slips(answer, ("field-added", Fraction(size, kernel))),
        given=given_network(network),
    )


def _jump(draw: Draw, level: int) -> Exercise:
    layers: list[Layer] = [
        Conv2d(1, draw.one((5, 7)), draw.one((2, 4))),
        MaxPool2d(3, 2),
        Conv2d(1, 3, draw.whole(1, 2)),
    ]
    network = network_of((1, _INPUT, _INPUT), layers)
    strides = [window.stride for window in _windows(network)]
    answer = Number(Fraction(prod(strides)))
    return Exercise(
        TOPIC,
        "jump",
        level,
        Phrase(
            "An image goes through these layers. How many pixels of the image lie "
            "between the receptive fields of two neighbouring outputs of the last "
            "layer (from centre to centre)?"
        ),
        answer,
        (
            Phrase("the product of all strides"),
            f"{'*'.join(map(str, strides))} = {prod(strides)}",
        ),
        Phrase("What does one step of the last layer mean in the layer before?"),
        slips(
            answer,
            ("jump-forgotten", strides[-1]),
            ("jump-forgotten", sum(strides)),
        ),
        tuple(layer_words(layer) for layer in layers),
        given=given_network(network),
    )


KINDS = {
    1: (_stack, _pair),
    2: (_pooled, _strided),
    3: (_deep, _dilated, _count, _jump),
}
"""What makes the exercises of each level."""
