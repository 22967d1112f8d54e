"""One operation of PyTorch's graph: its arguments, and the layer it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mirada.errors import Phrase
from mirada.importing.building import Array, Builder, MisfitError, Value
from mirada.network import Layer, Shape

__all__ = ["Call", "Held", "Operation"]


class Held(NamedTuple):
    """A parameter or a buffer of the module, by its name there."""

    name: str
    array: Array


@dataclass(frozen=True)
class Call:
    """One operation of the graph.

    `given` are its arguments: values, `Held` arrays, numbers. `shape` is what PyTorch
    says of its result, without the batch. `name` is the module that does nothing else,
    `within` the one around it.
    """

    builder: Builder
    given: Mapping[str, Any]
    shape: Shape
    name: str = ""
    within: str = ""

    def value(self, key: str) -> Value:
        """An argument that the network computes."""
        found = self.given[key]
        if not isinstance(found, Value):
            raise MisfitError(Phrase("it takes {what}", what=_told(found)))
        return found

    @property
    def input(self) -> Value:
        """The first argument."""
        return self.value(next(iter(self.given)))

    def array(self, key: str) -> Array | None:
        """A parameter of the module, or None where it has none."""
        found = self.given[key]
        if found is None:
            return None
        if not isinstance(found, Held):
            raise MisfitError(Phrase("its {key} is computed, not a parameter", key=key))
        return found.array

    def place(self, layer: Layer, *inputs: Value, **arrays: Array | None) -> Value:
        """The layer with its arrays, on the inputs, or on the first argument."""
        own = {key: array for key, array in arrays.items() if array is not None}
        return self.builder.place(
            layer,
            inputs or [self.input],
            name=self.name,
            within=self.within,
            arrays=own,
        )


Operation = Callable[[Call], Value]


def _told(found: object) -> Phrase:
    if isinstance(found, Held):
        return Phrase("the parameter {name!r}", name=found.name)
    return Phrase("the number {number}", number=str(found)[:40])
