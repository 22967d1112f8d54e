"""A trained network, or its description, as something that needs no mirada."""

from mirada.export.python_source import python_source
from mirada.export.torch_source import torch_source

__all__ = ["python_source", "torch_source"]
