"""What a trained network can be taken away as.

A format writes files into a folder and says what they compute when they are used, so
that this can be held to what the network means. To add one: a file with two functions,
and a line in `FORMATS`.
"""

from collections.abc import Mapping

from mirada.export.format import Format
from mirada.export.onnx_format import ONNX
from mirada.export.own_formats import DESCRIPTION, OWN_WEIGHTS
from mirada.export.torch_format import TORCH

__all__ = ["FORMATS"]

FORMATS: Mapping[str, Format] = {
    "torch": TORCH,
    "onnx": ONNX,
    "weights": OWN_WEIGHTS,
    "description": DESCRIPTION,
}
"""Every format by its name."""
