"""The pixels of the image that can influence one output of a layer: a box."""

from typing import NamedTuple

import numpy as np

from mirada.analysis.receptive import seen_along
from mirada.analysis.track import hull
from mirada.inspection.terms import Place
from mirada.network import (
    INPUT,
    Add,
    Concat,
    Flatten,
    Linear,
    Multiply,
    Network,
    Softmax,
)

__all__ = ["InputBox", "InputBoxes", "input_box"]

Span = tuple[int, int]


class InputBox(NamedTuple):
    """The receptive field of one output: first and last row, first and last column.

    `rows` and `columns` are cut to the image; `field_rows` and `field_columns` may
    reach into the padding around it.
    """

    rows: Span
    columns: Span
    field_rows: Span
    field_columns: Span

    @property
    def in_padding(self) -> bool:
        """Whether a part of the field lies outside the image."""
        return (self.rows, self.columns) != (self.field_rows, self.field_columns)

    @property
    def size(self) -> tuple[int, int]:
        """Its height and width inside the image."""
        (top, bottom), (left, right) = self.rows, self.columns
        return bottom - top + 1, right - left + 1

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Top, left, bottom, right inside the image; the last two as slices end."""
        (top, bottom), (left, right) = self.rows, self.columns
        return top, left, bottom + 1, right + 1

    def to_dict(self) -> dict[str, list[int]]:
        """The box as JSON holds it."""
        return {name: list(span) for name, span in self._asdict().items()}


def input_box(network: Network, layer: str, place: Place) -> InputBox | None:
    """The box of the pixels that can change the output at a place of a layer.

    None where the network takes no image, where the output sees nothing of it (only
    padding), and where fields repeat only after thousands of positions.

    >>> from mirada.network import Conv2d
    >>> net = Network("two", (1, 9, 9), [Conv2d(1, 3, padding=1), Conv2d(1, 3)])
    >>> input_box(net, "conv2", (0, 0, 4))
    InputBox(rows=(0, 3), columns=(3, 7), field_rows=(-1, 3), field_columns=(3, 7))
    """
    return InputBoxes(network).of(layer, place)


_Spans = tuple[Span, Span]


class _NotFollowedError(Exception):
    """What a layer sees is not known; nor is what is joined with it."""


class InputBoxes:
    """The boxes of many outputs of one network, which is followed once for all.

    >>> from mirada.network import Conv2d
    >>> boxes = InputBoxes(Network("one", (1, 9, 9), [Conv2d(1, 3, padding=1)]))
    >>> boxes.of("conv1", (0, 0, 4)).edges
    (0, 3, 2, 6)
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._known: dict[tuple[str, Place], _Spans | None] = {}
        if len(network.input) == 3:
            self._axes = seen_along(network, 0), seen_along(network, 1)

    def of(self, layer: str, place: Place) -> InputBox | None:
        """What `input_box` says of the output at a place of a layer."""
        if len(self._network.input) != 3:
            return None
        try:
            spans = self._spans(layer, place)
        except _NotFollowedError:
            return None
        if spans is None:
            return None
        lengths = self._network.input[1:]
        cut = [
            (max(first, 0), min(last, length - 1))
            for (first, last), length in zip(spans, lengths, strict=True)
        ]
        if any(first > last for first, last in cut):
            return None
        return InputBox(cut[0], cut[1], *spans)

    def _spans(self, name: str, place: Place) -> _Spans | None:
        """What an output sees along height and width, its padding included."""
        if (name, place) not in self._known:
            self._known[name, place] = self._followed(name, place)
        return self._known[name, place]

    def _followed(self, name: str, place: Place) -> _Spans | None:
        if name == INPUT:
            return (place[1],) * 2, (place[2],) * 2
        node = self._network.by_name[name]
        if len(place) == 3 or isinstance(node.layer, Linear):
            return self._moved(name, place)
        shape = self._network.shapes[node.source]
        match node.layer:
            case Flatten():
                at = tuple(map(int, np.unravel_index(place[0], shape)))
                asked = [(node.source, at)]
            case Softmax() if place[0]:
                return self._spans(name, (0,))  # every share is of all scores
            case Softmax():
                asked = [(node.source, (feature,)) for feature in range(shape[0])]
            case Add() | Multiply():
                asked = [(source, place) for source in node.inputs]
            case Concat():
                asked = [_concatenated(self._network, node.inputs, place[0])]
            case _:
                asked = [(node.source, place)]
        return _union([self._spans(*one) for one in asked])

    def _moved(self, name: str, place: Place) -> _Spans | None:
        """The same of a place of a map, or of a unit that reads all there is."""
        at = place[1:] if len(place) == 3 else (0, 0)
        seen = [axis[name] for axis in self._axes]
        if seen[0] is None or seen[1] is None:
            raise _NotFollowedError
        return _both([seen[0].at(at[0]), seen[1].at(at[1])])


def _both(spans: list[Span | None]) -> _Spans | None:
    rows, columns = spans
    return None if rows is None or columns is None else (rows, columns)


def _union(boxes: list[_Spans | None]) -> _Spans | None:
    known = [box for box in boxes if box is not None]
    return _both([hull(box[axis] for box in known) for axis in (0, 1)])


def _concatenated(
    network: Network, names: tuple[str, ...], feature: int
) -> tuple[str, Place]:
    """Which input a feature of a concatenation comes from, and which it is there."""
    for name in names:
        length = network.shapes[name][0]
        if feature < length:
            return name, (feature,)
        feature -= length
    raise AssertionError("a feature beyond the last")
