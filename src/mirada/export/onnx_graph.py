"""A trained network as a graph from pixels to the probabilities of its classes."""

from collections.abc import Mapping
from math import prod

import numpy as np
from numpy.typing import NDArray

from mirada.data.preprocessing import Preprocessing
from mirada.errors import UnsupportedError
from mirada.export.onnx_layers import WRITERS
from mirada.export.onnx_operators import Constants, Graph, Operator, Place
from mirada.network import INPUT, Network, Node, Softmax

__all__ = ["IMAGE", "PROBABILITIES", "onnx_graph"]

IMAGE, PROBABILITIES = "image", "probabilities"
"""What the graph's input and output are called."""

_MOST_BYTES = 2**31 - 2**20
"""A protobuf message ends at 2 GiB; what is not numbers takes far less than 1 MiB."""

Parameters = Mapping[str, NDArray[np.float32]]


def onnx_graph(
    network: Network, parameters: Parameters, preprocessing: Preprocessing
) -> Graph:
    """Operators from uint8 pixels (n, c, h, w) to probabilities (n, classes).

    Layers and parameters keep their names. Raises UnsupportedError: `onnx-layer`,
    `onnx-too-large`.

    >>> from mirada.network import Flatten
    >>> network = Network("tiny", (1, 2, 2), (Flatten(),))
    >>> graph = onnx_graph(network, {}, Preprocessing((2, 2), 1))
    >>> [operator.kind for operator in graph.operators]
    ['Cast', 'Mul', 'Add', 'Flatten', 'Softmax']
    """
    _require_fitting(network)
    initializers: Constants = {name: parameters[name] for name in network.parameters}
    operators: list[Operator] = []
    values = {node.name: _value(node.name) for node in network.nodes}
    values[INPUT] = _pixels(preprocessing, operators, initializers)
    for node in network.nodes:
        _write(network, node, values, operators, initializers)
    _finish(network, operators)
    classes = prod(network.output)
    return Graph(network.name, network.input, classes, tuple(operators), initializers)


def _require_fitting(network: Network) -> None:
    for node in network.nodes:
        if type(node.layer) not in WRITERS:
            raise UnsupportedError(
                "onnx-layer",
                "Layer {name!r} is a {kind!r}, which is not written as ONNX yet. "
                "Export the network as another format, or with another layer.",
                name=node.name,
                kind=node.layer.kind,
            )
    size = 4 * sum(prod(p.shape) for p in network.parameters.values())
    if size > _MOST_BYTES:
        raise UnsupportedError(
            "onnx-too-large",
            "The network has {size} bytes of parameters; an ONNX file with its data "
            "inside holds {most}. Export it as 'weights' or 'torch'.",
            size=size,
            most=_MOST_BYTES,
        )


def _value(name: str) -> str:
    """What the output of a layer is called: as the layer, unless that is taken."""
    return f"{name}/output" if name in (IMAGE, PROBABILITIES) else name


def _pixels(
    preprocessing: Preprocessing, operators: list[Operator], constants: Constants
) -> str:
    """The engines' own two float32 operations, from pixels to what the network sees."""
    scale, offset = preprocessing.coefficients()
    shape = (1, preprocessing.channels, 1, 1)
    place = Place("preprocessing", (IMAGE,), (), "", operators, constants)
    number = place.put("Cast", to="number", dtype="float32")
    scales = place.constant("scale", scale.reshape(shape))
    scaled = place.put("Mul", number, scales, to="scaled")
    offsets = place.constant("offset", offset.reshape(shape))
    return place.put("Add", scaled, offsets, to="input")


def _write(
    network: Network,
    node: Node,
    values: Mapping[str, str],
    operators: list[Operator],
    constants: Constants,
) -> None:
    inputs = tuple(values[name] for name in node.inputs)
    shapes = network.input_shapes(node)
    place = Place(node.name, inputs, shapes, values[node.name], operators, constants)
    WRITERS[type(node.layer)](node.layer, place)


def _finish(network: Network, operators: list[Operator]) -> None:
    """Softmax where the network does not end in it, and one number for each class."""
    if len(network.output) > 1:
        _put_last(operators, "Flatten")
    if not isinstance(network.nodes[-1].layer, Softmax):
        _put_last(operators, "Softmax")
    operators[-1] = operators[-1]._replace(output=PROBABILITIES)


def _put_last(operators: list[Operator], kind: str) -> None:
    taken, name = operators[-1].output, f"{PROBABILITIES}/{kind.lower()}"
    operators.append(Operator(name, kind, (taken,), name, {"axis": 1}))
