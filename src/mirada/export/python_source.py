"""A network as the Python that builds it."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, cast

from mirada.network import INPUT, Network, Node
from mirada.network.layer import Layer
from mirada.network.text import automatic_names
from mirada.network.window import Padding

__all__ = ["layer_source", "python_source"]

_WIDTH = 88


def python_source(network: Network) -> str:
    """Python with which mirada builds an equal network, called `network`.

    >>> from mirada.network import Conv2d, ReLU
    >>> print(python_source(Network("tiny", (1, 5, 5), (Conv2d(2, 3), ReLU()))))
    from mirada.network import Conv2d, Network, ReLU
    <BLANKLINE>
    network = Network(
        "tiny",
        (1, 5, 5),
        (
            Conv2d(2, 3),
            ReLU(),
        ),
    )
    <BLANKLINE>
    """
    above = [INPUT, *(node.name for node in network.nodes)]
    names = automatic_names(network)
    written = [
        _node(node, before, name)
        for node, before, name in zip(network.nodes, above, names, strict=False)
    ]
    lines = [
        *_imports(network, written),
        "",
        "network = Network(",
        f"    {_text(network.name)},",
        f"    {network.input!r},",
        "    (",
        *(f"        {text}," for text in written),
        "    ),",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _imports(network: Network, written: list[str]) -> Iterator[str]:
    names = {type(node.layer).__name__ for node in network.nodes} | {"Network"}
    names |= {
        n for n in ("join", "named") if any(t.startswith(n + "(") for t in written)
    }
    # Constants, classes and functions in that order, as import sorters have them.
    ordered = sorted(names, key=lambda n: (not n.isupper(), n[0].islower(), n))
    line = f"from mirada.network import {', '.join(ordered)}"
    if len(line) <= _WIDTH:
        yield line
        return
    yield "from mirada.network import ("
    yield from (f"    {name}," for name in ordered)
    yield ")"


def _node(node: Node, before: str, automatic: str) -> str:
    """The layer, and its place where that is not the next one."""
    layer = layer_source(node.layer)
    name = "" if node.name == automatic else node.name
    source = "" if node.source == before else node.source
    if node.others:
        more = [*map(_text, node.others), *([f"name={_text(name)}"] if name else [])]
        call = "join"
    elif name or source:
        more, call = ([_text(name)] if name else []), "named"
    else:
        return layer
    if source:
        more.append(f"source={_text(source)}")
    return f"{call}({', '.join([layer, *more])})"


def layer_source(layer: Layer) -> str:
    """One layer as its constructor's call, without what is left at its default."""
    limits, parts = layer.limits(), list[str]()
    for field in fields(cast(Any, layer)):
        value, limit = getattr(layer, field.name), limits[field.name]
        text = _value(value, isinstance(limit, Padding))
        if limit.required:
            parts.append(text)
        elif value != limit.default:
            parts.append(f"{field.name}={text}")
    return f"{type(layer).__name__}({', '.join(parts)})"


def _value(value: object, padding: bool) -> str:
    """A field's value in the shortest form its limit takes."""
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, tuple):
        return repr(value)
    if len(set(value)) == 1:
        return repr(value[0])
    if padding and value[0] == value[1] and value[2] == value[3]:
        return repr(value[::2])
    return repr(value)


def _text(value: str) -> str:
    """A name in double quotes; names hold neither quotes nor backslashes."""
    return f'"{value}"'
