"""What PyTorch answers with an exported module."""

import os
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada.errors import InternalError, Phrase
from mirada.export import asking
from mirada.export.asking import Computes, Failed, required_here
from mirada.export.format import Answered, Pixels
from mirada.export.process import not_installed

__all__ = ["MODULE", "WEIGHTS", "answer", "torch_outputs"]

MODULE, WEIGHTS = "model.py", "model.safetensors"


def torch_outputs(folder: Path, pixels: Pixels) -> Answered | Phrase:
    """What the module in a folder gives for pixels (n, h, w, c), in float32.

    A phrase says why PyTorch could not be asked. Raises InternalError
    (`export-torch-failed`) where the module itself failed.
    """
    if find_spec("torch") is None:
        return not_installed("PyTorch")
    found = asking.ask(__name__, "PyTorch", folder, pixels)
    if not isinstance(found, Failed):
        return found
    raise InternalError(
        "export-torch-failed",
        "PyTorch does not run the module that was made ({why}). This is a bug of "
        "mirada's; report it with the description of the network.",
        why=found.why,
    )


def answer() -> None:
    """The process that is asked."""
    asking.answer(_loaded)


def _loaded(folder: Path) -> Computes:
    with required_here():
        import torch
    spec = spec_from_file_location("model", folder / MODULE)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.load(os.fspath(folder / WEIGHTS))

    def computes(pixels: Pixels) -> NDArray[np.floating]:
        # NNPACK may compute convolutions by Winograd's algorithm, rounding otherwise.
        with torch.inference_mode(), torch.backends.nnpack.flags(enabled=False):
            found: NDArray[np.floating] = model(module.preprocess(pixels)).numpy()
            return found

    return computes
