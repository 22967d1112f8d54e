"""Networks and weights that were made elsewhere, as descriptions and models."""

from mirada.importing.model import Imported, Normalization, read_onnx

__all__ = ["Imported", "Normalization", "read_onnx"]
