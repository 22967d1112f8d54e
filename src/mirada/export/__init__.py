"""A trained network, or its description, as something that needs no mirada."""

from mirada.export.exported import (
    PARITY,
    Exported,
    export,
    require_int8,
    require_place,
)
from mirada.export.format import Answered, Examples, Format
from mirada.export.formats import FORMATS
from mirada.export.parity import Parity
from mirada.export.python_source import python_source
from mirada.export.quantization import Int8, rounded_to_int8
from mirada.export.torch_source import torch_source

__all__ = [
    "FORMATS",
    "PARITY",
    "Answered",
    "Examples",
    "Exported",
    "Format",
    "Int8",
    "Parity",
    "export",
    "python_source",
    "require_int8",
    "require_place",
    "rounded_to_int8",
    "torch_source",
]
