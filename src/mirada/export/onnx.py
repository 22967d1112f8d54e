"""ONNX files: written with the `onnx` package, answered by onnxruntime.

Neither is needed elsewhere. Source: onnx/onnx, docs/IR.md (IR version 8 belongs to
operator set 17).
"""

import os
from collections.abc import Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.errors import InternalError, Phrase, UnsupportedError
from mirada.export import asking
from mirada.export.asking import Computes, Failed, required_here
from mirada.export.format import Answered, Pixels
from mirada.export.onnx_graph import IMAGE, PROBABILITIES
from mirada.export.onnx_layers import OPSET
from mirada.export.onnx_operators import Graph, Operator
from mirada.export.process import not_installed
from mirada.version import __version__

__all__ = ["MODEL", "answer", "graph_text", "onnx_bytes", "onnx_outputs"]

MODEL = "model.onnx"
_IR_VERSION = 8
_BATCH = "n"
_DIGEST = "graph_sha256"


def onnx_bytes(graph: Graph, metadata: Mapping[str, str]) -> bytes:
    """The file of a graph with its numbers inside, checked by ONNX's own checker.

    Its metadata also holds the SHA-256 of the graph, by which whoever reads it knows
    whether the metadata still speak of it. Raises UnsupportedError (`onnx-missing`).
    """
    onnx = _package()
    made = _proto(graph)
    model = onnx.helper.make_model(
        made,
        producer_name="mirada",
        producer_version=__version__,
        ir_version=_IR_VERSION,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
    )
    digest = sha256(made.SerializeToString(deterministic=True)).hexdigest()
    onnx.helper.set_model_props(model, {**metadata, _DIGEST: digest})
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def graph_text(graph: Graph) -> str:
    """The graph as ONNX prints it, without the numbers."""
    made = _proto(graph)
    del made.initializer[:]
    text: str = _package().printer.to_text(made)
    return text


def _package() -> Any:
    try:
        import onnx
    except ImportError:
        raise UnsupportedError(
            "onnx-missing",
            "ONNX files are written with the package onnx, which is not installed. "
            "Install it with: pip install 'mirada[export]'.",
        ) from None
    return onnx


def _proto(graph: Graph) -> Any:
    helper, kinds = _package().helper, _package().TensorProto
    image, shares = (_BATCH, *graph.input), (_BATCH, graph.classes)
    return helper.make_graph(
        [_node(operator) for operator in graph.operators],
        graph.name,
        [helper.make_tensor_value_info(IMAGE, kinds.UINT8, image)],
        [helper.make_tensor_value_info(PROBABILITIES, kinds.FLOAT, shares)],
        [_tensor(name, value) for name, value in graph.initializers.items()],
    )


def _node(operator: Operator) -> Any:
    onnx = _package()
    given = dict(operator.attributes)
    if operator.kind == "Cast":
        given = {"to": onnx.helper.np_dtype_to_tensor_dtype(np.dtype(given["dtype"]))}
    return onnx.helper.make_node(
        operator.kind, operator.inputs, [operator.output], operator.name, **given
    )


def _tensor(name: str, value: NDArray[Any]) -> Any:
    onnx = _package()
    little = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
    kind = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
    return onnx.TensorProto(
        name=name, data_type=kind, dims=value.shape, raw_data=little.tobytes()
    )


def onnx_outputs(folder: Path, pixels: Pixels) -> Answered | Phrase:
    """The probabilities that onnxruntime computes for pixels (n, h, w, c).

    A phrase says why it could not be asked. Raises InternalError
    (`export-onnx-failed`) where it does not take the file.
    """
    if find_spec("onnxruntime") is None:
        return not_installed("onnxruntime")
    found = asking.ask(__name__, "onnxruntime", folder, pixels)
    if not isinstance(found, Failed):
        return found
    raise InternalError(
        "export-onnx-failed",
        "onnxruntime does not run the model that was made ({why}). This is a bug of "
        "mirada's; report it with the description of the network.",
        why=found.why,
    )


def answer() -> None:
    """The process that is asked."""
    asking.answer(_loaded)


def _loaded(folder: Path) -> Computes:
    with required_here():
        import onnxruntime
    taken = onnxruntime.InferenceSession(
        os.fspath(folder / MODEL), providers=["CPUExecutionProvider"]
    )

    def computes(pixels: Pixels) -> NDArray[np.floating]:
        images = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        found: NDArray[np.floating] = taken.run([PROBABILITIES], {IMAGE: images})[0]
        return found

    return computes
