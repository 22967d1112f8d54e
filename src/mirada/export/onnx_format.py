"""A trained network as an ONNX file, pixels in and probabilities out."""

from pathlib import Path

from mirada.errors import Phrase
from mirada.export.example_source import onnx_example
from mirada.export.format import Examples, Format
from mirada.export.onnx import MODEL, onnx_bytes, onnx_outputs
from mirada.export.onnx_graph import onnx_graph
from mirada.training.disk import write_text, write_whole
from mirada.training.model import Model, model_metadata

__all__ = ["ONNX"]


def _write(model: Model, examples: Examples, folder: Path) -> None:
    graph = onnx_graph(model.network, model.parameters, model.preprocessing)
    write_whole(folder / MODEL, [onnx_bytes(graph, model_metadata(model))])
    write_text(folder / "example.py", onnx_example(model.preprocessing))
    write_whole(folder / "example.png", [examples.picture])


ONNX = Format(
    Phrase(
        "One ONNX file for onnxruntime, phones, browsers and other programs: it takes "
        "pixels and gives probabilities."
    ),
    _write,
    onnx_outputs,
    probabilities=True,
)
