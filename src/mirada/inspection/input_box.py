"""The pixels of the image that can influence one output of a layer: a box."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mirada.analysis.receptive import seen_along
from mirada.analysis.track import Seen, hull
from mirada.inspection.terms import Place
from mirada.network import INPUT, Add, Concat, Flatten, Linear, Network, Softmax

__all__ = ["InputBox", "input_box"]

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
        return tuple(last - first + 1 for first, last in self[:2])  # type: ignore[return-value]

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
    if len(network.input) != 3:
        return None
    seen = seen_along(network, 0), seen_along(network, 1)
    spans = _spans(network, layer, place, seen)
    if spans is None:
        return None
    cut = [
        (max(first, 0), min(last, length - 1))
        for (first, last), length in zip(spans, network.input[1:], strict=True)
    ]
    if any(first > last for first, last in cut):
        return None
    return InputBox(cut[0], cut[1], *spans)


Axes = tuple[Mapping[str, Seen | None], Mapping[str, Seen | None]]


def _spans(
    network: Network, name: str, place: Place, axes: Axes
) -> tuple[Span, Span] | None:
    """What an output sees along height and width, its padding included."""
    if name == INPUT:
        return (place[1],) * 2, (place[2],) * 2
    node = next(node for node in network.nodes if node.name == name)
    if len(place) == 3 or isinstance(node.layer, Linear):
        ats = place[1:] if len(place) == 3 else (0, 0)
        return _both(
            [_span(seen[name], at) for seen, at in zip(axes, ats, strict=True)]
        )
    shape = network.shapes[node.source]
    if isinstance(node.layer, Flatten):
        found = tuple(map(int, np.unravel_index(place[0], shape)))
        return _spans(network, node.source, found, axes)
    if isinstance(node.layer, Add | Softmax):
        features = range(shape[0]) if isinstance(node.layer, Softmax) else place
        asked = [(source, (at,)) for source in node.inputs for at in features]
        return _union([_spans(network, *one, axes) for one in asked])
    source, feature = node.source, place[0]
    if isinstance(node.layer, Concat):
        source, feature = _concatenated(network, node.inputs, feature)
    return _spans(network, source, (feature,), axes)


def _span(seen: Seen | None, at: int) -> Span | None:
    return None if seen is None else seen.at(at)


def _both(spans: list[Span | None]) -> tuple[Span, Span] | None:
    rows, columns = spans
    return None if rows is None or columns is None else (rows, columns)


def _union(boxes: list[tuple[Span, Span] | None]) -> tuple[Span, Span] | None:
    known = [box for box in boxes if box is not None]
    return _both([hull(box[axis] for box in known) for axis in (0, 1)])


def _concatenated(
    network: Network, names: tuple[str, ...], feature: int
) -> tuple[str, int]:
    """Which input a feature of a concatenation comes from, and which it is there."""
    for name in names:
        length = network.shapes[name][0]
        if feature < length:
            return name, feature
        feature -= length
    raise AssertionError("a feature beyond the last")
