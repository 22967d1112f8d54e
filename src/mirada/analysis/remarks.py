"""What is worth knowing about a network before it runs."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mirada.analysis.arithmetic import Count, Worked, number
from mirada.analysis.parameters import ParameterCount, fully_connected
from mirada.analysis.receptive import ReceptiveField
from mirada.analysis.size import WindowSize
from mirada.analysis.transposed import TransposedSize
from mirada.errors import Phrase
from mirada.network import Linear, Network, Shape, Softmax
from mirada.network.layer import shape_text

__all__ = ["Remark", "remarks"]

Sizes = tuple[WindowSize | TransposedSize, ...]

_MOST_SHARE = 0.5


class Remark(NamedTuple):
    """One remark: a stable code, the layer it is about, and its words."""

    code: str
    layer: str
    text: Phrase


def remarks(
    network: Network,
    sizes: Mapping[str, Sizes],
    parameters: Mapping[str, ParameterCount],
    fields: Mapping[str, ReceptiveField | None],
) -> Iterator[Remark]:
    """Remarks on a network, from what is known of its layers by name."""
    for node in network.nodes:
        yield from _dropped(node.name, sizes.get(node.name, ()))
    yield from _softmax(network)
    yield from _field(network, fields)
    yield from _heaviest(network, parameters)


def _dropped(name: str, sizes: Sizes) -> Iterator[Remark]:
    # A window narrower than its stride leaves pixels out everywhere, on purpose.
    lost = (s.dropped_pixels and s.window.span >= s.window.stride for s in sizes)
    if not any(lost):
        return
    height, width = sizes
    text = Phrase(
        "{layer!r} leaves the end of its input unread (rows: {rows}, columns: "
        "{columns}): {exact} is rounded down to {output}. An input of {smaller} or "
        "{larger} would fit exactly.",
        layer=name,
        rows=height.dropped_pixels,
        columns=width.dropped_pixels,
        exact=f"{number(height.exact)}x{number(width.exact)}",
        output=f"{height.output}x{width.output}",
        smaller=shape_text(tuple(size.length - _rest(size) for size in sizes)),
        larger=shape_text(tuple(_next_fit(size) for size in sizes)),
    )
    yield Remark("pixels-dropped", name, text)


def _rest(size: WindowSize | TransposedSize) -> int:
    """What the division by the stride leaves over."""
    return (size.exact.numerator % size.exact.denominator) * (
        size.window.stride // size.exact.denominator
    )


def _next_fit(size: WindowSize | TransposedSize) -> int:
    rest = _rest(size)
    return size.length + (size.window.stride - rest if rest else 0)


def _softmax(network: Network) -> Iterator[Remark]:
    for node in network.nodes:
        if not isinstance(node.layer, Softmax):
            continue
        if node is network.nodes[-1]:
            text = Phrase(
                "{layer!r} is a softmax. Cross-entropy applies its own, so a network "
                "that ends in softmax is trained on the scores before it. Where a "
                "framework does not see to that, leave it out, or softmax is taken "
                "twice.",
                layer=node.name,
            )
        else:
            text = Phrase(
                "{layer!r} is a softmax in the middle of the network: what follows "
                "sees shares between 0 and 1. Before cross-entropy none is needed.",
                layer=node.name,
            )
        yield Remark("softmax-inside", node.name, text)


def _field(
    network: Network, fields: Mapping[str, ReceptiveField | None]
) -> Iterator[Remark]:
    """The first layer whose outputs see more than there is."""
    for name, field in fields.items():
        if field is None:
            continue
        seen, there = (field.height.size, field.width.size), network.input[1:]
        if any(size > length for size, length in zip(seen, there, strict=True)):
            text = Phrase(
                "From {layer!r} on, one output's receptive field ({size}) is larger "
                "than the input ({input}): part of it is always padding.",
                layer=name,
                size="x".join(map(str, seen)),
                input="x".join(map(str, there)),
            )
            yield Remark("field-beyond-input", name, text)
            return


def _heaviest(
    network: Network, parameters: Mapping[str, ParameterCount]
) -> Iterator[Remark]:
    learning = {name: count.total for name, count in parameters.items() if count.total}
    total = sum(learning.values())
    if len(learning) < 2:
        return
    name = max(learning, key=lambda name: learning[name])
    if learning[name] > _MOST_SHARE * total:
        text = Phrase(
            "{layer!r} holds {share} % of all parameters ({count} of {total}).{advice}",
            layer=name,
            share=f"{100 * learning[name] / total:.0f}",
            count=Count(learning[name]),
            total=Count(total),
            advice=_after_pooling(network, name),
        )
        yield Remark("most-parameters", name, text)


def _after_pooling(network: Network, name: str) -> Phrase | str:
    """What a linear layer on a flattened map would learn after global pooling."""
    nodes = network.by_name
    layer, shape = nodes[name].layer, _map_before(network, name)
    if not isinstance(layer, Linear) or len(shape) != 3 or shape[1:] == (1, 1):
        return ""
    return Phrase(
        " It reads every place of a map of {map}; after global average pooling it "
        "would learn {formula}.",
        map=shape_text(shape),
        formula=Worked(fully_connected([shape[0], layer.out_features]).formula),
    )


def _map_before(network: Network, name: str) -> Shape:
    """The map that a vector was flattened from; the vector where it was computed."""
    nodes = network.by_name
    source = nodes[name].source
    while source in nodes and len(network.shapes[source]) == 1:
        if isinstance(nodes[source].layer, Linear):
            break
        source = nodes[source].source
    return network.shapes[source]
