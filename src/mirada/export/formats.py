"""What a trained network can be taken away as.

A format writes files into a folder and says what they compute when they are used, so
that this can be held to what the network means. To add one: two functions and a line
in `FORMATS`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.export.example_source import example_source
from mirada.export.python_source import python_source
from mirada.export.torch import MODULE, WEIGHTS, torch_outputs
from mirada.export.torch_source import torch_source
from mirada.network.file import to_json, to_toml
from mirada.training import Model, load_model, save_model
from mirada.training.disk import write_whole

__all__ = ["FORMATS", "Examples", "Format"]

Pixels = NDArray[np.uint8]
Outputs = NDArray[np.floating]


class Examples(NamedTuple):
    """Images (n, h, w, c) at the network's size, and one of them as a PNG file.

    `of` is how many there were to choose from, 0 for random pixels.
    """

    pixels: Pixels
    of: int
    picture: bytes


class Format(NamedTuple):
    """One way to take a network away.

    `outputs` gives what the files in a folder compute for pixels, or says why that was
    not to be found out; it is None where the files compute nothing by themselves.
    """

    about: Phrase
    write: Callable[[Model, Examples, Path], None]
    outputs: Callable[[Path, Pixels], Outputs | Phrase] | None = None


def _write_torch(model: Model, examples: Examples, folder: Path) -> None:
    source = torch_source(model.network, model.classes, model.preprocessing)
    _write(folder / MODULE, source)
    save_model(folder / WEIGHTS, model)
    _write(folder / "example.py", example_source(model.network, model.preprocessing))
    write_whole(folder / "example.png", [examples.picture])


def _write_weights(model: Model, examples: Examples, folder: Path) -> None:
    save_model(folder / WEIGHTS, model)


def _weights_outputs(folder: Path, pixels: Pixels) -> Outputs:
    """What the file gives when it is read again."""
    model = load_model(folder / WEIGHTS)
    return model.engine(exact=True).predict(model.preprocessing.normalize(pixels))


def _write_description(model: Model, examples: Examples, folder: Path) -> None:
    network = model.network
    _write(folder / "network.toml", to_toml(network))
    _write(folder / "network.json", to_json(network) + "\n")
    _write(folder / "network.py", python_source(network))


def _write(path: Path, text: str) -> None:
    write_whole(path, [text.encode()])


FORMATS: Mapping[str, Format] = {
    "torch": Format(
        Phrase(
            "A PyTorch module in plain Python with its weights, to go on with in "
            "PyTorch: it needs no mirada."
        ),
        _write_torch,
        torch_outputs,
    ),
    "weights": Format(
        Phrase(
            "One safetensors file with the weights and all that prediction needs, to "
            "use with mirada on another computer."
        ),
        _write_weights,
        _weights_outputs,
    ),
    "description": Format(
        Phrase(
            "The network without its weights, as TOML, JSON and Python: to change it, "
            "train it anew, or print it."
        ),
        _write_description,
    ),
}
"""Every format by its name."""
