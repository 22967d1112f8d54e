"""A graph as it stands in a file, in plain data: nothing here knows the file's form."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from numpy.typing import NDArray

from mirada.data.naming import shown
from mirada.errors import MiradaError, Phrase

__all__ = ["Array", "Graph", "Input", "Operation", "UnfitError", "told"]

Array = NDArray[Any]
_MOST_LETTERS = 60


class Operation(NamedTuple):
    """One node: an operator of a domain ("" is ONNX's own), what it takes and gives.

    Attributes are numbers, text, tuples of numbers or arrays; None stands for what is
    none of them, such as a graph inside.
    """

    name: str
    kind: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def whole(self, name: str, default: int) -> int:
        """An attribute that is a whole number."""
        value = self.attributes.get(name, default)
        if type(value) is not int:
            raise self.unfit_attribute(name)
        return value

    def real(self, name: str, default: float) -> float:
        """An attribute that is a number."""
        value = self.attributes.get(name, default)
        if type(value) not in (int, float):
            raise self.unfit_attribute(name)
        return float(value)

    def text(self, name: str, default: str) -> str:
        """An attribute that is a word."""
        value = self.attributes.get(name, default)
        if type(value) is not str:
            raise self.unfit_attribute(name)
        return value

    def wholes(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """An attribute that is a list of whole numbers, as many as `default`."""
        value = self.attributes.get(name, default)
        fine = isinstance(value, tuple) and all(type(n) is int for n in value)
        if not fine or (default and len(value) != len(default)):
            raise self.unfit_attribute(name)
        return tuple(value)

    def unfit_attribute(self, name: str) -> "UnfitError":
        """The refusal of an attribute that is not what the operator asks for."""
        return UnfitError(self, Phrase("its attribute {name!r} is wrong", name=name))


class Input(NamedTuple):
    """What a graph takes: each axis a length, or None where it is left open."""

    name: str
    sizes: tuple[int | None, ...]
    whole: bool
    """Whether its numbers are whole ones, as pixels are."""


class Graph(NamedTuple):
    """All of a model that is read of its file."""

    file: str
    operations: tuple[Operation, ...]
    constants: Mapping[str, Array]
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    opset: int
    producer: str
    metadata: Mapping[str, str]
    untouched: bool
    """Whether its metadata hold the graph's own SHA-256."""
    converted: bool
    """Whether numbers of another length than float32 are among its constants."""
    bytes: int


class UnfitError(Exception):
    """A node that no layer of mirada's computes, and why; told with all others."""

    def __init__(self, operation: Operation, reason: Phrase | MiradaError) -> None:
        super().__init__(operation.kind)
        self.operation, self.reason = operation, reason


def told(text: str) -> str:
    """A name of the file in a message: short, on one line."""
    name = shown(text)
    return name if len(name) <= _MOST_LETTERS else name[: _MOST_LETTERS - 3] + "..."
