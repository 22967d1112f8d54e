"""ONNX files, read with distrust by the `onnx` package's messages alone.

The bytes of one plain file are parsed and copied into plain data. Nothing else of the
package is used: no path in the file is followed, no shape is inferred, and an array is
made only where its bytes are as many as its sizes ask for.

Source: onnx/onnx, onnx/onnx.proto and docs/IR.md.
"""

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from math import prod
from typing import Any

import numpy as np

from mirada.data.gate import read_plain
from mirada.data.limits import available_bytes
from mirada.data.naming import shown_path
from mirada.errors import FileError, UnsupportedError
from mirada.importing.graph import Array, Graph, Input, Operation, told

__all__ = ["read_graph"]

_MOST_BYTES = 2**31
_MOST_NODES, _MOST_NAMES = 16_384, 16
_MOST_AXES, _MOST_LENGTH = 8, 2**31
_DIGEST = "graph_sha256"

_KINDS: Mapping[int, tuple[str, str]] = {
    1: ("<f4", "float_data"),
    2: ("|u1", "int32_data"),
    3: ("|i1", "int32_data"),
    5: ("<i2", "int32_data"),
    6: ("<i4", "int32_data"),
    7: ("<i8", "int64_data"),
    9: ("|b1", "int32_data"),
    10: ("<f2", "int32_data"),
    11: ("<f8", "double_data"),
    16: ("<u2", "int32_data"),
}
"""TensorProto's data types: what raw bytes hold, and the field that else does."""
_HALF, _BRAIN = 10, 16
_OTHER = (_HALF, 11, _BRAIN)
_WHOLE = (2, 3, 4, 5, 6, 7, 12, 13)


def read_graph(path: str | os.PathLike[str]) -> Graph:
    """The graph of an ONNX file.

    Raises UnsupportedError (`onnx-needed`), DataError of `data.gate.read_plain`,
    FileError: `onnx-foreign`, `onnx-large`, `onnx-sparse`, `onnx-external`,
    `onnx-tensor`, `onnx-twice`.
    """
    messages, damaged = _package()
    name, most = shown_path(path), _most_bytes()
    content = read_plain(path, most)
    model = messages.ModelProto()
    try:
        model.ParseFromString(content)
    except damaged:
        raise _foreign(name) from None
    if not model.HasField("graph") or not model.ir_version:
        raise _foreign(name)
    return _graph(name, model, len(content))


def _package() -> tuple[Any, type[Exception]]:
    """The messages, and what the parser raises."""
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError:
        raise UnsupportedError(
            "onnx-needed",
            "ONNX files are read with the package onnx, which is not installed. "
            "Install it with: pip install 'mirada[export]'.",
        ) from None
    return onnx, DecodeError


def _most_bytes() -> int:
    """The file, what is parsed of it and the parameters are in memory together."""
    return min(_MOST_BYTES, available_bytes() // 3)


def _foreign(name: str) -> FileError:
    return FileError(
        "onnx-foreign",
        "'{file}' is not an ONNX model, or it is damaged. Give the file that an export "
        "to ONNX wrote, as model.onnx.",
        file=name,
    )


def _graph(name: str, model: Any, size: int) -> Graph:
    graph = model.graph
    _require_few(name, len(graph.node))
    _require_few(name, len(graph.initializer))
    if graph.sparse_initializer or graph.quantization_annotation:
        raise FileError(
            "onnx-sparse",
            "'{file}' holds sparse or quantized arrays; mirada reads plain ones. "
            "Export the model in float32, without quantization.",
            file=name,
        )
    constants: dict[str, Array] = {}
    for tensor in graph.initializer:
        key = _text(tensor.name)
        if key in constants:
            raise _twice(name, key)
        constants[key] = _array(name, tensor)
    told_by_user = [one for one in graph.input if _text(one.name) not in constants]
    _require_few(name, len(told_by_user))
    metadata = {_text(one.key): _text(one.value) for one in model.metadata_props}
    digest = sha256(graph.SerializeToString(deterministic=True)).hexdigest()
    return Graph(
        file=name,
        operations=tuple(_operation(name, node) for node in graph.node),
        constants=constants,
        inputs=tuple(map(_input, told_by_user)),
        outputs=tuple(_text(one.name) for one in graph.output[:_MOST_NAMES]),
        opset=_opset(model.opset_import),
        producer=_text(model.producer_name),
        metadata=metadata,
        untouched=metadata.get(_DIGEST) == digest,
        converted=any(one.data_type in _OTHER for one in graph.initializer),
        bytes=size,
    )


def _text(value: str | bytes) -> str:
    """A text of the file, which is given as bytes where it is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value


def _require_few(name: str, count: int) -> None:
    if count > _MOST_NODES:
        raise FileError(
            "onnx-large",
            "'{file}' has {count} parts of one kind; at most {most} are read. Give the "
            "model of one network.",
            file=name,
            count=count,
            most=_MOST_NODES,
        )


def _twice(name: str, value: str) -> FileError:
    return FileError(
        "onnx-twice",
        "'{file}' gives two values the name {value!r}, so that it cannot be told which "
        "one is meant. Export the model again.",
        file=name,
        value=told(value),
    )


def _opset(imports: Iterable[Any]) -> int:
    own = [one.version for one in imports if one.domain in ("", "ai.onnx")]
    return max(own, default=1)


def _input(value: Any) -> Input:
    kind = value.type.tensor_type
    sizes = (
        axis.dim_value if axis.HasField("dim_value") and axis.dim_value > 0 else None
        for axis in kind.shape.dim[: _MOST_AXES + 1]
    )
    return Input(_text(value.name), tuple(sizes), kind.elem_type in _WHOLE)


def _operation(name: str, node: Any) -> Operation:
    domain = _text(node.domain)
    return Operation(
        _text(node.name),
        _text(node.op_type),
        "" if domain == "ai.onnx" else domain,
        tuple(map(_text, node.input)),
        tuple(map(_text, node.output)),
        {_text(one.name): _attribute(name, one) for one in node.attribute},
    )


def _attribute(name: str, attribute: Any) -> Any:
    """The value of an attribute; None for a graph, a text that is none, or more."""
    match attribute.type:
        case 1:
            return attribute.f
        case 2:
            return attribute.i
        case 3:
            return attribute.s.decode("ascii", "replace")
        case 4:
            return _array(name, attribute.t)
        case 6:
            return tuple(attribute.floats)
        case 7:
            return tuple(attribute.ints)
    return None


def _array(name: str, tensor: Any) -> Array:
    """The array of a tensor, locked, once its bytes are as many as its sizes ask."""
    if tensor.data_location or tensor.external_data:
        raise FileError(
            "onnx-external",
            "'{file}' keeps the numbers of {tensor!r} in another file, and mirada "
            "follows no path in a file. Save the model with its data inside: "
            "onnx.save(onnx.load(FILE), OTHER).",
            file=name,
            tensor=told(_text(tensor.name)),
        )
    shape = tuple(tensor.dims[: _MOST_AXES + 1])
    known = _KINDS.get(tensor.data_type)
    fine = len(shape) <= _MOST_AXES and all(0 <= n <= _MOST_LENGTH for n in shape)
    if known is None or not fine or tensor.HasField("segment"):
        raise _tensor_error(name, tensor)
    numbers = _numbers(tensor, *known)
    if numbers is None or numbers.size != prod(shape):
        raise _tensor_error(name, tensor)
    found = numbers.reshape(shape)
    found.flags.writeable = False
    return found


def _numbers(tensor: Any, kind: str, field: str) -> Array | None:
    """The numbers of a tensor in one row, whatever way it holds them."""
    if tensor.HasField("raw_data"):
        raw = tensor.raw_data
        if len(raw) % np.dtype(kind).itemsize:
            return None
        found = np.frombuffer(raw, kind)
    else:
        given = getattr(tensor, field)
        # Half numbers stand as bits in whole ones.
        bits = "<u2" if tensor.data_type in (_HALF, _BRAIN) else kind
        plain = np.array(given, np.dtype(bits) if field != "int32_data" else np.int32)
        found = plain.astype(bits).view(kind)
    if tensor.data_type == _BRAIN:
        return (found.astype(np.uint32) << 16).view(np.float32)
    return found


def _tensor_error(name: str, tensor: Any) -> FileError:
    return FileError(
        "onnx-tensor",
        "'{file}': the array {tensor!r} cannot be what it says (type {kind}, sizes "
        "{sizes}): its bytes are of another number, or of a type that is not read. "
        "Export the model again, in float32.",
        file=name,
        tensor=told(_text(tensor.name)),
        kind=tensor.data_type,
        sizes="x".join(map(str, tensor.dims[: _MOST_AXES + 1])) or "1",
    )
