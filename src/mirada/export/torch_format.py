"""A trained network as a plain PyTorch module with its weights."""

from pathlib import Path

from mirada.errors import Phrase
from mirada.export.example_source import torch_example
from mirada.export.format import Examples, Format
from mirada.export.torch import MODULE, WEIGHTS, torch_outputs
from mirada.export.torch_source import torch_source
from mirada.training import Model, save_model
from mirada.training.disk import write_text, write_whole

__all__ = ["TORCH"]


def _write(model: Model, examples: Examples, folder: Path) -> None:
    source = torch_source(model.network, model.classes, model.preprocessing)
    write_text(folder / MODULE, source)
    save_model(folder / WEIGHTS, model)
    example = torch_example(model.network, model.preprocessing)
    write_text(folder / "example.py", example)
    write_whole(folder / "example.png", [examples.picture])


TORCH = Format(
    Phrase(
        "A PyTorch module in plain Python with its weights, to go on with in PyTorch: "
        "it needs no mirada."
    ),
    _write,
    torch_outputs,
)
