"""Networks and weights that were made elsewhere, as descriptions and models."""

from mirada.importing.imported import Imported, Normalization
from mirada.importing.model import read_onnx
from mirada.importing.weights import imported_weights

__all__ = ["Imported", "Normalization", "imported_weights", "read_onnx"]
