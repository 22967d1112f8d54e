"""Everything that follows from a description without running it, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mirada.analysis.memory import Memory, memory
from mirada.analysis.operations import Operations, count_operations
from mirada.analysis.parameters import (
    ParameterCount,
    count_parameters,
    fully_connected_equivalent,
)
from mirada.analysis.receptive import AxisField, ReceptiveField, receptive_fields
from mirada.analysis.remarks import Remark, remarks
from mirada.analysis.size import WindowSize
from mirada.network import (
    Conv2d,
    ConvTranspose2d,
    GlobalAvgPool2d,
    Network,
    Node,
    Shape,
)

__all__ = ["LayerSummary", "Summary", "Totals", "summarize"]

SCHEMA = 1


@dataclass(frozen=True)
class LayerSummary:
    """What follows for one layer.

    `sizes` holds the window arithmetic along height and width, where the layer has a
    window that shrinks; `fully_connected` what a fully connected layer between the same
    shapes would learn, where the layer is a convolution.
    """

    name: str
    kind: str
    text: str
    inputs: tuple[str, ...]
    output_shape: Shape
    sizes: tuple[WindowSize, ...]
    parameters: ParameterCount
    operations: Operations
    receptive_field: ReceptiveField | None
    fully_connected: int | None

    def to_dict(self) -> dict[str, Any]:
        """The row as `mirada summary --json` prints it."""
        count, field = self.parameters, self.receptive_field
        return {
            "name": self.name,
            "kind": self.kind,
            "text": self.text,
            "inputs": list(self.inputs),
            "output_shape": list(self.output_shape),
            "output_formulas": [size.formula for size in self.sizes],
            "dropped": [size.dropped_pixels for size in self.sizes],
            "parameters": {
                "weights": count.weights,
                "biases": count.biases,
                "total": count.total,
                "statistics": count.statistics,
                "formula": count.formula,
            },
            "macs": self.operations.macs,
            "macs_formula": self.operations.formula,
            "receptive_field": None if field is None else field.size,
            "receptive_field_detail": None if field is None else _plain_field(field),
            "fully_connected": self.fully_connected,
        }


@dataclass(frozen=True)
class Totals:
    """The sums over all layers; statistics are in no other total."""

    weights: int
    biases: int
    statistics: int
    macs: int

    @property
    def parameters(self) -> int:
        """Everything that is learned: weights and biases."""
        return self.weights + self.biases


@dataclass(frozen=True)
class Summary:
    """What follows for a network: a row for each layer, totals, memory, remarks."""

    network: Network
    layers: tuple[LayerSummary, ...]
    totals: Totals
    memory: Memory
    remarks: tuple[Remark, ...]

    def layer(self, name: str) -> LayerSummary:
        """The row of the layer of that name."""
        return next(row for row in self.layers if row.name == name)

    def to_dict(self) -> dict[str, Any]:
        """The summary as `mirada summary --json` prints it."""
        totals, memory = self.totals, self.memory
        return {
            "schema": SCHEMA,
            "name": self.network.name,
            "input_shape": list(self.network.input),
            "output_shape": list(self.network.output),
            "layers": [row.to_dict() for row in self.layers],
            "totals": {
                "parameters": totals.parameters,
                "weights": totals.weights,
                "biases": totals.biases,
                "statistics": totals.statistics,
                "macs": totals.macs,
                "memory_bytes": {
                    "parameters": memory.parameters,
                    "inference_per_image": memory.inference,
                    "training_per_image": memory.kept + memory.gradients,
                },
            },
            "warnings": [
                {
                    "code": remark.code,
                    "layer": remark.layer,
                    "message": str(remark.text),
                }
                for remark in self.remarks
            ],
        }


def summarize(network: Network) -> Summary:
    """Everything that follows from the description of a network.

    >>> from mirada.network import Flatten, Linear
    >>> net = Network("small", (1, 8, 8), [Conv2d(4, 3), Flatten(), Linear(10)])
    >>> summarize(net).totals.parameters, summarize(net).layer("conv1").operations.macs
    (1490, 1296)
    """
    fields = receptive_fields(network)
    rows = tuple(_row(network, node, fields[node.name]) for node in network.nodes)
    counts = {row.name: row.parameters for row in rows}
    sizes = {row.name: row.sizes for row in rows}
    return Summary(
        network=network,
        layers=rows,
        totals=_totals(rows),
        memory=memory(network),
        remarks=tuple(remarks(network, sizes, counts, fields)),
    )


def _row(network: Network, node: Node, field: ReceptiveField | None) -> LayerSummary:
    shape, output = network.input_shapes(node)[0], network.shapes[node.name]
    slides = isinstance(node.layer, Conv2d | ConvTranspose2d)
    dense = fully_connected_equivalent(shape, output).total if slides else None
    return LayerSummary(
        name=node.name,
        kind=node.layer.kind,
        text=node.layer.text(),
        inputs=node.inputs,
        output_shape=output,
        sizes=_sizes(node, shape),
        parameters=count_parameters(network, node),
        operations=count_operations(network, node),
        receptive_field=field,
        fully_connected=dense,
    )


def _sizes(node: Node, shape: Shape) -> tuple[WindowSize, ...]:
    if isinstance(node.layer, ConvTranspose2d | GlobalAvgPool2d):
        return ()
    windows = node.layer.windows(shape)
    if windows is None:
        return ()
    return tuple(WindowSize(n, w) for n, w in zip(shape[1:], windows, strict=True))


def _totals(rows: tuple[LayerSummary, ...]) -> Totals:
    return Totals(
        weights=sum(row.parameters.weights for row in rows),
        biases=sum(row.parameters.biases for row in rows),
        statistics=sum(row.parameters.statistics for row in rows),
        macs=sum(row.operations.macs for row in rows),
    )


def _plain_field(field: ReceptiveField) -> Mapping[str, Any]:
    axes = (field.height, field.width)
    return {
        "size": [axis.size for axis in axes],
        "smallest": [axis.smallest for axis in axes],
        "start": [axis.start for axis in axes],
        "jump": [_plain_jump(axis) for axis in axes],
        "aligned": field.aligned,
    }


def _plain_jump(axis: AxisField) -> int | float | None:
    jump: Fraction | None = axis.jump
    if jump is None:
        return None
    return jump.numerator if jump.denominator == 1 else float(jump)
