"""Layers, shapes and windows as a teacher says them in a question."""

from collections.abc import Sequence
from typing import Any

from mirada.errors import Phrase
from mirada.network import (
    AvgPool2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Shape,
)

__all__ = [
    "given_network",
    "layer_words",
    "network_of",
    "padding_words",
    "square",
]


def square(side: int) -> str:
    """A side as a square.

    >>> square(5)
    '5x5'
    """
    return f"{side}x{side}"


def padding_words(start: int, end: int) -> Phrase:
    """The padding of a window.

    >>> padding_words(0, 0), padding_words(2, 2)
    (Phrase('without padding'), Phrase('with a padding of 2'))
    """
    if start == end == 0:
        return Phrase("without padding")
    if start == end:
        return Phrase("with a padding of {padding}", padding=start)
    return Phrase(
        "with a padding of {start} at the start and {end} at the end",
        start=start,
        end=end,
    )


def layer_words(layer: Layer) -> Phrase:
    """A layer as a line of a list; one filter is not counted.

    >>> layer_words(Conv2d(6, 5, padding=2))
    Phrase('convolution, 6 filters of 5x5, padding 2, stride 1')
    """
    if isinstance(layer, Conv2d | ConvTranspose2d):
        return _convolution(layer)
    if isinstance(layer, MaxPool2d):
        return Phrase("max pooling of {kernel}, stride {stride}", **_window(layer))
    if isinstance(layer, AvgPool2d):
        return Phrase("mean pooling of {kernel}, stride {stride}", **_window(layer))
    if isinstance(layer, Linear):
        return Phrase(
            "fully connected layer of {count} neurons", count=layer.out_features
        )
    return {
        ReLU: Phrase("ReLU"),
        Flatten: Phrase("flatten into a vector"),
    }.get(type(layer)) or Phrase("batch normalization")


def _window(layer: MaxPool2d | AvgPool2d) -> dict[str, object]:
    return {"kernel": square(layer.kernel_size[0]), "stride": layer.step[0]}


def _convolution(layer: Conv2d | ConvTranspose2d) -> Phrase:
    values = {
        "kernel": square(layer.kernel_size[0]),
        "padding": layer.padding[0],
        "stride": layer.stride[0],
        "more": _more(layer),
    }
    if layer.out_channels == 1:
        return Phrase(
            "convolution, filter of {kernel}, padding {padding}, stride {stride}{more}",
            **values,
        )
    return Phrase(
        "convolution, {filters} filters of {kernel}, padding {padding}, stride "
        "{stride}{more}",
        filters=layer.out_channels,
        **values,
    )


def _more(layer: Conv2d | ConvTranspose2d) -> "Phrase | str":
    if layer.groups > 1:
        return Phrase(", {groups} groups", groups=layer.groups)
    if layer.dilation[0] > 1:
        return Phrase(", dilation {dilation}", dilation=layer.dilation[0])
    return "" if layer.bias else Phrase(", without bias")


def network_of(shape: Shape, layers: Sequence[Layer]) -> Network:
    """The network that a question is about."""
    return Network("exercise", shape, list(layers))


def given_network(network: Network) -> dict[str, Any]:
    """The network as plain data: what `mirada summary` reads."""
    return {
        "input": list(network.input),
        "layers": [node.layer.text() for node in network.nodes],
    }
