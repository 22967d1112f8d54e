"""The formula behind an exercise, its known numbers in boxes, the unknown one open.

The formula of a question is no secret: the lecture has it on the blackboard. What is
left open is what must be computed, so nothing in here holds an answer.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from mirada.analysis.exercises import Exercise
from mirada.language import decimal_mark, translate
from mirada.network import Conv2d, Linear, Node
from mirada.network.graph import walk
from mirada.network.layer import Shape
from mirada.network.text import read_node

__all__ = ["Part", "formula_of", "nodes_of"]

Part = str | Mapping[str, str]
"""A sign, or a box: {"name", "value", "about"}; of an unknown one the value is "?"."""

_UNKNOWN = "?"
_MOST_TERMS = 9
_HIDDEN = {"filters-missing": "filters", "after-flatten": "inputs"}
"""What is asked for, or must be computed first."""


def formula_of(exercise: Exercise) -> list[Part]:
    """The parts of the formula; none where there is none to show."""
    make = _MAKERS.get(exercise.topic)
    return [] if make is None else list(make(exercise, exercise.given))


def nodes_of(given: Mapping[str, Any]) -> list[tuple[Node, Shape, Shape]]:
    """The layers that an exercise is about, with the shapes they take and give."""
    nodes, before = [], "input"
    for place, text in enumerate(given["layers"]):
        node = read_node(text)
        nodes.append(Node(node.layer, f"layer{place}", before))
        before = nodes[-1].name
    shapes = walk(tuple(given["input"]), nodes)
    return [(node, shapes[node.source], shapes[node.name]) for node in nodes]


def _box(name: str, value: object, about: str = "") -> Part:
    return {"name": name, "value": str(value), "about": about}


def _size(exercise: Exercise, given: Mapping[str, Any]) -> Iterator[Part]:
    kind = exercise.kind
    if kind == "rectangle":
        yield from _window(given["height"], translate("height"))
        yield "·break"
        yield from _window(given["width"], translate("width"))
    elif kind == "transposed":
        yield from _transposed(given)
    elif kind == "same":
        yield from _same(given)
    elif "kernel" in given:
        is_missing = kind.endswith("-missing")
        yield from _window(given, hidden=kind.removesuffix("-missing") * is_missing)
    elif kind == "volume":
        node, taken, _ = nodes_of(given)[0]
        yield from _window_of(node, taken)


def _window_of(node: Node, taken: Shape) -> Iterator[Part]:
    windows = node.layer.windows(taken)
    assert windows is not None
    window = windows[0]
    plain = {
        "input": taken[1],
        "kernel": window.size,
        "stride": window.stride,
        "padding": [window.start, window.end],
        "dilation": window.dilation,
    }
    yield from _window(plain)


def _window(
    given: Mapping[str, Any], about: str = "", hidden: str = ""
) -> Iterator[Part]:
    """(I - F + P + P) / S + 1; `hidden` is "kernel", "padding", "stride" or empty."""

    def shown(name: str, value: object) -> object:
        return _UNKNOWN if name == hidden else value

    start, end = given["padding"]
    kernel = shown("kernel", given["kernel"])
    yield from ("(", _box("I", given["input"], about or translate("input")), "−")
    if given["dilation"] == 1:
        yield _box("F", kernel, translate("filter"))
    else:
        yield from (_box("D", given["dilation"], translate("dilation")), "· (")
        yield from (_box("F", kernel, translate("filter")), "− 1) − 1")
    yield from ("+", _box("P", shown("padding", start), translate("at the start")))
    yield from ("+", _box("P", shown("padding", end), translate("at the end")), ")")
    yield from ("/", _box("S", shown("stride", given["stride"]), translate("stride")))
    yield "+ 1 ="
    yield _box("O", _output(given) if hidden else _UNKNOWN, translate("output"))


def _output(given: Mapping[str, Any]) -> int:
    """The size that the question of a missing number tells."""
    above = given["input"] - given["dilation"] * (given["kernel"] - 1) - 1
    return int((above + sum(given["padding"])) // given["stride"] + 1)


def _transposed(given: Mapping[str, Any]) -> Iterator[Part]:
    start, end = given["padding"]
    yield from (_box("S", given["stride"], translate("stride")), "· (")
    yield from (_box("I", given["input"], translate("input")), "− 1) +")
    yield from (_box("F", given["kernel"], translate("filter")), "−")
    yield from (_box("P", start, translate("padding")), "−", _box("P", end), "=")
    yield _box("O", _UNKNOWN, translate("output"))


def _same(given: Mapping[str, Any]) -> Iterator[Part]:
    yield from ("(", _box("O", _UNKNOWN, translate("I / S, rounded up")), "− 1) ·")
    yield from (_box("S", given["stride"], translate("stride")), "+")
    yield from (_box("F", given["kernel"], translate("filter")), "−")
    yield from (_box("I", given["input"], translate("input")), "=")
    yield _box("P", _UNKNOWN, translate("padding in all"))


def _parameters(exercise: Exercise, given: Mapping[str, Any]) -> Iterator[Part]:
    if "sizes" in given:
        yield from _dense(given["sizes"])
        return
    found = nodes_of(given)
    if exercise.kind == "as-dense":
        _, taken, made = found[0]
        yield from ("(", *_product("HWC", taken[1:] + taken[:1]), "+ 1) · (")
        yield from (*_product("HWK", made[1:] + made[:1]), ")")
    elif len(found) == 1:
        hidden = _HIDDEN.get(exercise.kind, "")
        yield from _learned(*found[0][:2], hidden)


def _dense(sizes: list[int]) -> Iterator[Part]:
    for place, (before, after) in enumerate(pairwise(sizes)):
        yield from (["+"] if place else [])
        yield from ("(", _box("N", before, translate("inputs")), "+ 1) ·")
        yield _box("N", after, translate("neurons"))


def _learned(node: Node, taken: Shape, hidden: str) -> Iterator[Part]:
    layer = node.layer
    if isinstance(layer, Conv2d):
        yield from ("(", *_reach(layer, taken), "+ 1) ·")
        count = _UNKNOWN if hidden == "filters" else layer.out_channels
        yield _box("K", count, translate("filters"))
    elif isinstance(layer, Linear):
        inputs = _UNKNOWN if hidden == "inputs" else taken[0]
        yield from ("(", _box("N", inputs, translate("inputs")), "+ 1) ·")
        yield _box("M", layer.out_features, translate("neurons"))


def _reach(layer: Conv2d, taken: Shape) -> Iterator[Part]:
    """F * F * C / G, the numbers that one filter looks at."""
    rows, columns = layer.kernel_size
    yield from (_box("F", rows, translate("rows")), "·")
    yield from (_box("F", columns, translate("columns")), "·")
    yield _box("C", taken[0], translate("channels"))
    if layer.groups > 1:
        yield from ("/", _box("G", layer.groups, translate("groups")))


def _product(names: str, sizes: Shape) -> Iterator[Part]:
    for place, (name, size) in enumerate(zip(names, sizes, strict=True)):
        yield from (["·"] if place else [])
        yield _box(name, size)


def _macs(exercise: Exercise, given: Mapping[str, Any]) -> Iterator[Part]:
    found = nodes_of(given)
    if len(found) > 1:
        return
    node, taken, _ = found[0]
    if isinstance(node.layer, Linear):
        yield from (_box("N", taken[0], translate("inputs")), "·")
        yield _box("M", node.layer.out_features, translate("neurons"))
    elif isinstance(node.layer, Conv2d):
        yield from _reach(node.layer, taken)
        if exercise.kind != "one-output":
            yield from ("·", _box("H", _UNKNOWN, translate("rows of the output")))
            yield from ("·", _box("W", _UNKNOWN, translate("columns of the output")))
            yield "·"
            yield _box("K", node.layer.out_channels, translate("filters"))


def _relu(exercise: Exercise, given: Mapping[str, Any]) -> Iterator[Part]:
    if exercise.kind == "order":
        yield from _order(given)
    if exercise.kind != "neuron":
        return
    yield "max(0,"
    pairs = zip(given["inputs"], given["weights"], strict=True)
    for place, (value, weight) in enumerate(pairs):
        yield from (["+"] if place else [])
        yield from (_box("x", value), "·", _box("w", weight))
    yield from ("+", _box("b", given["bias"], translate("bias")), ")")


def _order(given: Mapping[str, Any]) -> Iterator[Part]:
    """The mean of four numbers before or after each loses what is negative."""
    values = [value for row in given["matrix"] for value in row]
    is_first = given["relu_first"]
    yield "(" if is_first else "max(0, ("
    for place, value in enumerate(values):
        yield from (["+"] if place else [])
        yield from (["max(0,"] if is_first else [])
        yield _box("x", value)
        yield from ([")"] if is_first else [])
    yield f") / {len(values)}" if is_first else f") / {len(values)})"


def _softmax(exercise: Exercise, given: Mapping[str, Any]) -> Iterator[Part]:
    kind = exercise.kind
    if kind == "rest":
        yield "1"
        for share in given["shares"]:
            yield from ("−", _box("p", decimal_mark(f"{share:g}")))
    elif kind == "ratio":
        one, other = given["scores"]
        yield from (_box("e^A", f"e^{one}"), "/", _box("e^B", f"e^{other}"))
    elif kind == "logarithms":
        yield from _share([str(n) for n in given["exponentials"]], given["class"])
    else:
        yield from (["−ln ("] if kind == "loss" else [])
        yield from _share([f"e^{score}" for score in given["scores"]], given["class"])
        yield from ([")"] if kind == "loss" else [])


def _share(raised: list[str], asked: int) -> Iterator[Part]:
    about = translate("class {number}").format(number=asked)
    yield from (_box("e^z", raised[asked - 1], about), "/", "(")
    for place, text in enumerate(raised[:_MOST_TERMS]):
        yield from (["+"] if place else [])
        yield _box(f"e^z{place + 1}", text)
    yield ")"


def _field(exercise: Exercise, given: Mapping[str, Any]) -> Iterator[Part]:
    if exercise.kind == "jump":
        return
    yield _box("R", 1, translate("one output"))
    if exercise.kind == "layers-missing":
        yield from _repeated(given)
        return
    for node, taken, _ in nodes_of(given):
        windows = node.layer.windows(taken)
        assert windows is not None
        window = windows[0]
        if window.dilation > 1:
            yield from ("+", _box("D", window.dilation, translate("dilation")), "·")
        else:
            yield "+"
        yield from ("(", _box("F", window.size, translate("filter")), "− 1) ·")
        yield _box("J", _UNKNOWN, translate("strides before it"))


def _repeated(given: Mapping[str, Any]) -> Iterator[Part]:
    """So many layers of one kind, and the field that the question tells."""
    found = nodes_of(given)
    windows = found[0][0].layer.windows(found[0][1])
    assert windows is not None
    size = windows[0].size
    yield from ("+", _box("n", _UNKNOWN, translate("layers")), "· (")
    yield from (_box("F", size, translate("filter")), "− 1) =")
    yield _box("R", 1 + len(found) * (size - 1), translate("field"))


_MAKERS: Mapping[str, Callable[[Exercise, Mapping[str, Any]], Iterator[Part]]] = {
    "size": _size,
    "parameters": _parameters,
    "macs": _macs,
    "relu": _relu,
    "softmax": _softmax,
    "receptive-field": _field,
}
