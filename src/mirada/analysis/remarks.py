"""What is worth knowing about a network before it runs."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mirada.analysis.arithmetic import number
from mirada.analysis.parameters import ParameterCount
from mirada.analysis.receptive import ReceptiveField
from mirada.analysis.size import WindowSize
from mirada.errors import Phrase
from mirada.network import Network, Softmax

__all__ = ["Remark", "remarks"]

_MOST_SHARE = 0.5


class Remark(NamedTuple):
    """One remark: a stable code, the layer it is about, and its words."""

    code: str
    layer: str
    text: Phrase


def remarks(
    network: Network,
    sizes: Mapping[str, tuple[WindowSize, ...]],
    parameters: Mapping[str, ParameterCount],
    fields: Mapping[str, ReceptiveField | None],
) -> Iterator[Remark]:
    """Remarks on a network, from what is known of its layers by name."""
    for node in network.nodes:
        yield from _dropped(node.name, sizes.get(node.name, ()))
    yield from _softmax(network)
    yield from _field(network, fields)
    yield from _heaviest(parameters)


def _dropped(name: str, sizes: tuple[WindowSize, ...]) -> Iterator[Remark]:
    # A window narrower than its stride leaves pixels out everywhere, on purpose.
    lost = (s.dropped_pixels and s.window.span >= s.window.stride for s in sizes)
    if not any(lost):
        return
    height, width = sizes
    text = Phrase(
        "{layer!r} leaves the end of its input unread (rows: {rows}, columns: "
        "{columns}): {exact} is rounded down to {output}.",
        layer=name,
        rows=height.dropped_pixels,
        columns=width.dropped_pixels,
        exact=f"{number(height.exact)}x{number(width.exact)}",
        output=f"{height.output}x{width.output}",
    )
    yield Remark("pixels-dropped", name, text)


def _softmax(network: Network) -> Iterator[Remark]:
    for node in network.nodes:
        if isinstance(node.layer, Softmax):
            text = Phrase(
                "{layer!r} is a softmax. Cross-entropy applies its own, so a network "
                "that ends in softmax is trained on the scores before it.",
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


def _heaviest(parameters: Mapping[str, ParameterCount]) -> Iterator[Remark]:
    learning = {name: count.total for name, count in parameters.items() if count.total}
    total = sum(learning.values())
    if len(learning) < 2:
        return
    name = max(learning, key=lambda name: learning[name])
    if learning[name] > _MOST_SHARE * total:
        text = Phrase(
            "{layer!r} holds {share} % of all parameters ({count} of {total}).",
            layer=name,
            share=f"{100 * learning[name] / total:.0f}",
            count=learning[name],
            total=total,
        )
        yield Remark("most-parameters", name, text)
