"""Operators of an ONNX graph as plain data, and the place where a layer's are put."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.network.layer import Shape

__all__ = ["Constants", "Graph", "Operator", "Place"]

Constants = dict[str, NDArray[Any]]


class Operator(NamedTuple):
    """One node: what it is, the values it takes, the one it gives, its attributes."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]


class Graph(NamedTuple):
    """A model without its metadata; `input` and `classes` leave the batch axis out."""

    name: str
    input: Shape
    classes: int
    operators: tuple[Operator, ...]
    initializers: Constants


@dataclass(frozen=True)
class Place:
    """Where a layer's operators are put: what it takes, and the value it must give.

    What stands between is named after the layer, as "gelu1/erf".
    """

    name: str
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    output: str
    operators: list[Operator]
    initializers: Constants

    def put(self, kind: str, *inputs: str, to: str = "", **attributes: Any) -> str:
        """Adds an operator and gives its value: the layer's own unless `to` names it.

        Without `inputs` it takes what the layer takes.
        """
        name = f"{self.name}/{to}" if to else self.name
        output = name if to else self.output
        taken = inputs or self.inputs
        self.operators.append(Operator(name, kind, taken, output, attributes))
        return output

    def constant(self, name: str, value: Any, dtype: Any = np.float32) -> str:
        """Adds an initializer, and gives its name."""
        full = f"{self.name}/{name}"
        self.initializers[full] = np.asarray(value, dtype)
        return full

    def own(self, *names: str) -> tuple[str, ...]:
        """The names of those of the layer's parameters that it has."""
        full = (f"{self.name}.{name}" for name in names)
        return tuple(name for name in full if name in self.initializers)
