"""Which pixels of the input one output can see, exactly, from the graph.

For a chain the field is R = 1 + sum of (F_j - 1)*D_j * product of earlier strides. Here
it is followed as an interval of input positions for every output position, along
each axis: transposed convolutions and resizing make it periodic, branches make it the
union of what the branches see. Padding is taken as more input, so that a field may
be larger than the image. Global pooling and linear layers see the union of all that
the map before them sees, inside the image. Normalization in training, which mixes a
batch, is left aside.

Source: Araujo, Norris, Sim, "Computing receptive fields of convolutional neural
networks", Distill (2019), DOI 10.23915/distill.00021.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from mirada.analysis.track import Reading, Seen, read_layer, together, whole
from mirada.network import (
    INPUT,
    Concat,
    GlobalAvgPool2d,
    Linear,
    Multiply,
    Network,
    Node,
)

__all__ = ["AxisField", "ReceptiveField", "receptive_fields", "seen_along"]


class AxisField(NamedTuple):
    """What the outputs of a layer see along one axis.

    `size` is the span of the widest field in pixels, `smallest` that of the narrowest
    (they differ after transposed convolutions). `start` is the first pixel that the
    first output sees, negative in the padding. `jump` is the pixels between the fields
    of neighbouring outputs, None where the fields do not move evenly.
    """

    size: int
    smallest: int
    start: int
    jump: Fraction | None


class ReceptiveField(NamedTuple):
    """What one output of a layer sees: along height, along width.

    `aligned` is False where inputs of a join see places with different centres or move
    by different steps; what sees the same from everywhere, as a gate does, is left out.
    """

    height: AxisField
    width: AxisField
    aligned: bool = True

    @property
    def size(self) -> int:
        """The larger of both spans."""
        return max(self.height.size, self.width.size)


def receptive_fields(network: Network) -> Mapping[str, ReceptiveField | None]:
    """The receptive field of every layer by name, None where there are no pixels.

    None also stands where fields repeat only after thousands of positions.

    >>> from mirada.network import Conv2d
    >>> net = Network("two", (1, 9, 9), [Conv2d(1, 3), Conv2d(1, 3)])
    >>> receptive_fields(net)["conv2"].size
    5
    """
    if len(network.input) != 3:
        return {node.name: None for node in network.nodes}
    axes = [seen_along(network, axis) for axis in (0, 1)]
    return {node.name: _field(node, *axes) for node in network.nodes}


def _field(
    node: Node, height: Mapping[str, Seen | None], width: Mapping[str, Seen | None]
) -> ReceptiveField | None:
    rows, columns = height[node.name], width[node.name]
    if rows is None or columns is None:
        return None
    aligned = all(_aligned(node, seen) for seen in (height, width))
    tall = _axis_field(rows)
    wide = tall if columns == rows else _axis_field(columns)
    return ReceptiveField(tall, wide, aligned)


def _axis_field(seen: Seen) -> AxisField:
    """The field along one axis of what a layer sees."""
    spans = [span for at in _examples(seen) if (span := seen.at(at)) is not None]
    sizes = [last - first + 1 for first, last in spans]
    rates = {track.rate for track in seen.tracks}
    jump = rates.pop() if len(rates) == 1 and seen.moves else None
    if not sizes:
        return AxisField(0, 0, 0, jump)
    return AxisField(max(sizes), min(sizes), spans[0][0], jump)


def _examples(seen: Seen) -> range:
    """Output positions among which the widest and the narrowest field are."""
    length = max(track.length for track in seen.tracks)
    if len(seen.tracks) > 1:
        return range(length)
    return range(min(seen.tracks[0].period, length))


def _aligned(node: Node, seen: Mapping[str, Seen | None]) -> bool:
    if not node.layer.joins:
        return True
    own = seen[node.name]
    inputs = [other for name in node.inputs if (other := seen[name]) is not None]
    if own is None or not own.moves:
        return True
    if sum(track.rate != 0 for track in own.tracks) > 1:
        return False
    centres = {
        track.centre + _crop(node, other.length, own.length) * track.rate
        for other in inputs
        for track in other.tracks
        if track.rate
    }
    return len(centres) <= 1


def seen_along(network: Network, axis: int) -> Mapping[str, Seen | None]:
    """What every layer sees along one axis: 0 for height, 1 for width."""
    found: dict[str, Seen | None] = {INPUT: Seen.pixels(network.input[1 + axis])}
    for node in network.nodes:
        inputs = [found[name] for name in node.inputs]
        known = [seen for seen in inputs if seen is not None]
        complete = len(known) == len(inputs)
        found[node.name] = _seen(network, node, axis, known) if complete else None
    return found


def _seen(network: Network, node: Node, axis: int, inputs: list[Seen]) -> Seen | None:
    layer, shape = node.layer, network.input_shapes(node)[0]
    if isinstance(layer, Linear | GlobalAvgPool2d):
        return whole(inputs[0], network.input[1 + axis])
    output = network.shapes[node.name]
    if len(output) == 1:
        joined = together(inputs)
        return joined and joined.vector()
    length = output[1 + axis]
    if layer.joins:
        return together([_moved(node, seen, length) for seen in inputs])
    reading: Reading | None = read_layer(layer, shape, axis)
    return inputs[0] if reading is None else inputs[0].through(reading, length)


def _moved(node: Node, seen: Seen, length: int) -> Seen:
    """An input of a join at the places of its output."""
    if isinstance(node.layer, Multiply) and seen.length < length:
        return seen.spread(length)
    return seen.cropped(_crop(node, seen.length, length), length)


def _crop(node: Node, length: int, kept: int) -> int:
    """Positions cut at the start where a concat crops; an odd one is cut at the end."""
    return (length - kept) // 2 if isinstance(node.layer, Concat) else 0
