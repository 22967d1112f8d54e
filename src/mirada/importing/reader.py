"""The walk through a graph: each node becomes layers, or a reason why it cannot."""

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from mirada.errors import DescriptionError, FileError, MemoryLimitError, Phrase
from mirada.importing.graph import Array, Graph, Operation, UnfitError, told
from mirada.importing.values import (
    Cut,
    Feature,
    Formed,
    Lost,
    Made,
    Padded,
    Pixels,
    Value,
)
from mirada.network.layer import Layer

__all__ = ["Handler", "Reader"]

_SPARE_BYTES = 64 * 2**20


class Reader:
    """A graph while it is read: its values by name, and the layers made so far.

    `notes` tell what was assumed. Raises what its methods say, and UnfitError from
    those that a node calls.
    """

    def __init__(
        self,
        graph: Graph,
        pixels: Pixels,
        recognize: "Callable[[Reader, Formed], Feature]",
    ) -> None:
        self.graph, self.opset = graph, graph.opset
        self._recognize = recognize
        self.values: dict[str, Value] = dict(graph.constants)
        self.values[graph.inputs[0].name] = pixels
        self.unfit: dict[tuple[str, ...], UnfitError] = {}
        self.notes: list[Phrase] = []
        self.normalized: Pixels | None = None
        self.operations = _needed(graph)
        taken = (name for one in self.operations for name in one.inputs)
        self.readers = Counter(taken) + Counter(graph.outputs)
        self._spare = _SPARE_BYTES + 4 * graph.bytes

    def read(self, handlers: Mapping[str, "Handler"], fold: "Handler") -> Value:
        """Reads every node that it needs, and gives the value that the graph gives.

        `fold` computes nodes that take constants only. Raises FileError: `onnx-order`,
        `onnx-twice`.
        """
        for operation in self.operations:
            self._require_order(operation)
            try:
                self._define(operation, self._made_of(operation, handlers, fold))
            except UnfitError as error:
                self._lose(operation, error)
            except DescriptionError as error:
                self._lose(operation, UnfitError(operation, error))
        (output,) = self.graph.outputs
        if output not in self.values:
            raise self._order_error(output)
        try:
            return self.settled(output)
        except UnfitError as error:
            self._lose(error.operation, error)
            return Lost()

    def _made_of(
        self, operation: Operation, handlers: Mapping[str, "Handler"], fold: "Handler"
    ) -> Value:
        handler = handlers.get(operation.kind)
        values = [self.values[name] for name in operation.inputs if name]
        if all(isinstance(value, np.ndarray) for value in values):
            return fold(self, operation)
        if operation.domain or handler is None:
            raise UnfitError(operation, Phrase("mirada has no layer that computes it"))
        if any(isinstance(value, Lost) for value in values):
            return Lost()
        return handler(self, operation)

    def _define(self, operation: Operation, value: Value) -> None:
        first, *others = operation.outputs or ("",)
        for name in filter(None, others):
            if self.readers[name]:
                reason = Phrase("its output {name!r} is used", name=told(name))
                raise UnfitError(operation, reason)
        if first in self.values:
            raise FileError(
                "onnx-twice",
                "'{file}' gives two values the name {value!r}, so that it cannot be "
                "told which one is meant. Export the model again.",
                file=self.graph.file,
                value=told(first),
            )
        self.values[first] = value

    def _lose(self, operation: Operation, error: UnfitError) -> None:
        self.unfit.setdefault(error.operation.outputs, error)
        for name in operation.outputs:
            self.values.setdefault(name, Lost())

    def _require_order(self, operation: Operation) -> None:
        for name in operation.inputs:
            if name and name not in self.values:
                raise self._order_error(name)

    def _order_error(self, name: str) -> FileError:
        return FileError(
            "onnx-order",
            "'{file}' uses the value {value!r} before any node gives it: its nodes are "
            "in a circle, or not in order. Export the model again.",
            file=self.graph.file,
            value=told(name),
        )

    # What a node asks for.

    def value(self, operation: Operation, place: int) -> Value:
        """An input, whatever it is."""
        return self.values[self.name(operation, place)]

    def has(self, operation: Operation, place: int) -> bool:
        """Whether the node has that input at all."""
        return place < len(operation.inputs) and bool(operation.inputs[place])

    def constant(self, operation: Operation, place: int) -> Array:
        """An input that must be known before anything runs."""
        found = self.value(operation, place)
        if not isinstance(found, np.ndarray):
            reason = Phrase("its input {place} is not a constant", place=place + 1)
            raise UnfitError(operation, reason)
        return found

    def number(self, operation: Operation, place: int) -> float:
        """A constant that is a single number."""
        found = self.constant(operation, place)
        if found.size != 1 or found.dtype.kind not in "fiub":
            reason = Phrase("its input {place} is no single number", place=place + 1)
            raise UnfitError(operation, reason)
        return float(found.reshape(-1)[0])

    def wholes(self, operation: Operation, place: int) -> tuple[int, ...]:
        """A constant that is a short list of whole numbers."""
        found = self.constant(operation, place)
        if found.dtype.kind not in "iu" or found.ndim > 1 or found.size > 16:
            reason = Phrase("its input {place} is no list of sizes", place=place + 1)
            raise UnfitError(operation, reason)
        return tuple(int(n) for n in found.reshape(-1))

    def listed(self, operation: Operation, place: int, name: str) -> tuple[int, ...]:
        """A list of whole numbers: an input, or the attribute that it once was."""
        if self.has(operation, place):
            return self.wholes(operation, place)
        return operation.wholes(name, ())

    def feature(self, operation: Operation, place: int = 0) -> Feature:
        """An input as the output of a layer, whatever its axes."""
        found = self.settled(self.name(operation, place))
        if not isinstance(found, Feature):
            reason = Phrase("its input {place} is a constant", place=place + 1)
            raise UnfitError(operation, reason)
        return found

    def image(self, operation: Operation, place: int = 0) -> Feature:
        """An input that is an image with its channels first."""
        return self.upright(operation, self.feature(operation, place))

    def upright(self, operation: Operation, feature: Feature) -> Feature:
        """The same feature, refused unless it is an image with its channels first."""
        if len(feature.shape) != 3 or feature.last:
            reason = Phrase("it takes something else than images, channels first")
            raise UnfitError(operation, reason)
        return feature

    def name(self, operation: Operation, place: int) -> str:
        """What an input is called."""
        if not self.has(operation, place):
            reason = Phrase("its input {place} is missing", place=place + 1)
            raise UnfitError(operation, reason)
        return operation.inputs[place]

    def add(
        self,
        layer: Layer,
        *features: Feature,
        wish: str = "",
        last: bool = False,
        parameters: Mapping[str, Array] | None = None,
    ) -> Feature:
        """Makes a layer that takes these features, and gives its output.

        Raises DescriptionError where it does not fit, MemoryLimitError
        (`onnx-sharing`).
        """
        shape = layer.output(*(feature.shape for feature in features))
        sources = tuple(feature.made for feature in features)
        made = Made(layer, sources, dict(parameters or {}), wish)
        self.spend(sum(4 * value.size for value in made.parameters.values()))
        return Feature(made, shape, last)

    def spend(self, size: int) -> None:
        """Counts what a node makes, so that no small file asks for a large memory."""
        self._spare -= size
        if self._spare < 0:
            raise MemoryLimitError(
                "onnx-sharing",
                "'{file}' uses its numbers so many times that much more memory than "
                "the file itself would be needed. Export the network without sharing.",
                file=self.graph.file,
            )

    def settled(self, name: str) -> Value:
        """A value with nothing pending: a feature, or a constant."""
        value = self.values[name]
        if isinstance(value, Formed):
            value = self._recognize(self, value)
        elif isinstance(value, Padded | Cut):
            reason = Phrase("no layer after it takes it in")
            raise UnfitError(value.operation, reason)
        elif isinstance(value, Pixels):
            value = self._seen(value)
        self.values[name] = value
        return value

    def _seen(self, pixels: Pixels) -> Feature:
        """The input, normalized in one way only."""
        known = self.normalized
        if known is None:
            self.normalized = known = pixels
        same = np.array_equal(known.scale, pixels.scale)
        if not same or not np.array_equal(known.offset, pixels.offset):
            first = self.operations[0]
            reason = Phrase("the images are normalized in two ways")
            raise UnfitError(first, reason)
        return Feature(None, pixels.shape, pixels.last)

    def only(self, name: str) -> Made | None:
        """The layer whose output this is, where a single node takes it."""
        value = self.values[name]
        alone = isinstance(value, Feature) and self.readers[name] == 1
        return value.made if alone and isinstance(value, Feature) else None


def _needed(graph: Graph) -> list[Operation]:
    """The nodes on whose values the output depends, in their order."""
    wanted, found = set(graph.outputs), list[Operation]()
    for operation in reversed(graph.operations):
        if wanted.intersection(operation.outputs):
            wanted.update(operation.inputs)
            found.append(operation)
    return found[::-1]


Handler = Callable[[Reader, Operation], Value]
"""What makes of a node the value of its first output."""
