"""Everything that follows from a description without running it, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mirada.analysis.arithmetic import equation, plain_number
from mirada.analysis.field_sum import FieldSum, field_sums
from mirada.analysis.memory import Memory, memory
from mirada.analysis.operations import (
    DenseMatrix,
    Operations,
    count_operations,
    dense_matrix,
)
from mirada.analysis.parameters import (
    ParameterCount,
    count_parameters,
    fully_connected_equivalent,
)
from mirada.analysis.receptive import AxisField, ReceptiveField, receptive_fields
from mirada.analysis.remarks import Remark, remarks
from mirada.analysis.size import WindowSize
from mirada.analysis.transposed import TransposedSize
from mirada.errors import Phrase
from mirada.network import (
    Conv2d,
    ConvTranspose2d,
    GlobalAvgPool2d,
    Layer,
    Linear,
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
    window that slides; `field_sums` how its receptive field comes about along both, or
    why it is no sum, empty without pixels. Where the layer is a convolution,
    `fully_connected` is what a fully connected layer between the same shapes would
    learn; `matrix` is the dense matrix of one that is not transposed.
    """

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    sizes: tuple[WindowSize | TransposedSize, ...]
    parameters: ParameterCount
    operations: Operations
    receptive_field: ReceptiveField | None
    field_sums: tuple[FieldSum | Phrase, ...]
    fully_connected: int | None
    matrix: DenseMatrix | None

    @property
    def windows(self) -> tuple[WindowSize, ...]:
        """The sizes of a window that slides, which may be rounded; else none."""
        return tuple(size for size in self.sizes if isinstance(size, WindowSize))

    @property
    def kind(self) -> str:
        """The kind of layer, as the text form calls it."""
        return self.layer.kind

    @property
    def text(self) -> str:
        """The layer in the text form."""
        return self.layer.text()

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

    @property
    def is_fully_connected(self) -> bool:
        """Whether every layer that learns is fully connected."""
        learning = [row.layer for row in self.layers if row.parameters.total]
        linear = [layer for layer in learning if isinstance(layer, Linear)]
        return bool(learning) and len(linear) == len(learning)

    @property
    def parameters_formula(self) -> str:
        """The sum over the layers that learn.

        It is that of the substitutions where all of them are fully connected, else that
        of their counts.
        """
        learning = [row.parameters for row in self.layers if row.parameters.total]
        terms = [str(count.total) for count in learning]
        if self.is_fully_connected:
            terms = [count.formula.partition(" = ")[0] for count in learning]
        return equation(" + ".join(terms) or "0", self.totals.parameters)

    @property
    def macs_formula(self) -> str:
        """The sum over the layers that multiply."""
        macs = [row.operations.macs for row in self.layers if row.operations.macs]
        return equation(" + ".join(map(str, macs)) or "0", self.totals.macs)

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
    axes = (0, 1) if len(network.input) == 3 else ()
    sums = [field_sums(network, axis, fields) for axis in axes]
    rows = tuple(
        _row(network, node, fields[node.name], tuple(s[node.name] for s in sums))
        for node in network.nodes
    )
    return Summary(
        network=network,
        layers=rows,
        totals=_totals(rows),
        memory=memory(network),
        remarks=tuple(
            remarks(
                network,
                {row.name: row.sizes for row in rows},
                {row.name: row.parameters for row in rows},
                fields,
            )
        ),
    )


def _row(
    network: Network,
    node: Node,
    field: ReceptiveField | None,
    sums: tuple[FieldSum | Phrase, ...],
) -> LayerSummary:
    shapes, output = network.input_shapes(node), network.shapes[node.name]
    slides = isinstance(node.layer, Conv2d | ConvTranspose2d)
    is_plain = isinstance(node.layer, Conv2d)
    return LayerSummary(
        name=node.name,
        layer=node.layer,
        inputs=node.inputs,
        input_shapes=shapes,
        output_shape=output,
        sizes=_sizes(node.layer, shapes[0]),
        parameters=count_parameters(network, node),
        operations=count_operations(network, node),
        receptive_field=field,
        field_sums=sums,
        fully_connected=(
            fully_connected_equivalent(shapes[0], output).total if slides else None
        ),
        matrix=dense_matrix(network, node) if is_plain else None,
    )


def _sizes(layer: Layer, shape: Shape) -> tuple[WindowSize | TransposedSize, ...]:
    windows = layer.windows(shape)
    if windows is None or isinstance(layer, GlobalAvgPool2d):
        return ()
    pairs = zip(shape[1:], windows, strict=True)
    if isinstance(layer, ConvTranspose2d):
        extras = layer.output_padding
        return tuple(
            TransposedSize(n, w, extra)
            for (n, w), extra in zip(pairs, extras, strict=True)
        )
    return tuple(WindowSize(n, w) for n, w in pairs)


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
    return None if axis.jump is None else plain_number(axis.jump)
