"""A described network as an ONNX model, for the peers that read one."""

from collections.abc import Mapping
from typing import Any

from onnx import (  # type: ignore[import, unused-ignore]
    TensorProto,
    helper,
    numpy_helper,
)

from benchmarks.peers.peer import NotOfferedError
from mirada.network import (
    INPUT,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Network,
    Node,
    ReLU,
)
from mirada.reference import initial_parameters

__all__ = ["OUTPUT", "model_bytes"]

OUTPUT = "output"
_OPSET, _FORMAT = 17, 8
_OPERATORS: Mapping[type, str] = {
    Conv2d: "Conv",
    BatchNorm2d: "BatchNormalization",
    Linear: "Gemm",
    MaxPool2d: "MaxPool",
    AvgPool2d: "AveragePool",
    GlobalAvgPool2d: "GlobalAveragePool",
    ReLU: "Relu",
    Flatten: "Flatten",
    Dropout: "Identity",
    Add: "Add",
}


def model_bytes(network: Network, batch: int) -> bytes:
    """The model for batches of exactly this size, with the first parameters."""
    weights = initial_parameters(network, 0)
    ends = {network.nodes[-1].name: OUTPUT}
    nodes = [_node(network, node, ends) for node in network.nodes]
    given = _value(INPUT, (batch, *network.input))
    result = _value(OUTPUT, (batch, *network.output))
    kept = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, network.name, [given], [result], kept)
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=_FORMAT)
    found: bytes = model.SerializeToString()
    return found


def _value(name: str, shape: tuple[int, ...]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _node(network: Network, node: Node, ends: Mapping[str, str]) -> Any:
    if type(node.layer) not in _OPERATORS:
        raise NotOfferedError(f"{node.layer.kind} is not written for this peer")
    shapes = network.input_shapes(node)
    own = [f"{node.name}.{p.name}" for p in node.layer.parameters(*shapes)]
    return helper.make_node(
        _OPERATORS[type(node.layer)],
        [*node.inputs, *own],
        [ends.get(node.name, node.name)],
        name=node.name,
        **_attributes(node.layer, shapes[0]),
    )


def _attributes(layer: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    match layer:
        case Linear():
            return {"transB": 1}
        case BatchNorm2d():
            return {"epsilon": layer.epsilon}
        case Conv2d():
            more = {"dilations": layer.dilation, "group": layer.groups}
            return {**_windows(layer, shape), **more}
        case MaxPool2d():
            more = {"dilations": layer.dilation, "ceil_mode": int(layer.ceil)}
            return {**_windows(layer, shape), **more}
        case AvgPool2d():
            counted = int(layer.count_padding)
            more = {"count_include_pad": counted, "ceil_mode": int(layer.ceil)}
            return {**_windows(layer, shape), **more}
    return {}


def _windows(layer: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    rows, columns = layer.windows(shape)
    return {
        "kernel_shape": (rows.size, columns.size),
        "strides": (rows.stride, columns.stride),
        "pads": (rows.start, columns.start, rows.end, columns.end),
    }
