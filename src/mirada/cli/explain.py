"""`mirada explain`: every layer of a network in words, with its numbers put in."""

from typing import Any

from mirada.analysis import (
    DenseMatrix,
    FieldSum,
    LayerSummary,
    Summary,
    explain,
    fully_connected_equivalent,
    summarize,
)
from mirada.cli.command import argument, as_command, json_option
from mirada.cli.networks import (
    NETWORK,
    classes_option,
    input_option,
    network_argument,
    network_asked,
    torch_option,
)
from mirada.cli.output import show_json, show_lines
from mirada.cli.summary_text import explanation, layer_explained
from mirada.errors import Phrase
from mirada.network import Shape
from mirada.tasks.networks import layer_named

__all__ = ["command"]


@as_command(
    "explain",
    details=Phrase(
        "What the layer is and does, how its shape follows, whether it learns "
        "parameters and why, how much it computes, what the same would cost fully "
        "connected, and how many pixels of the input one output sees: "
        "R = 1 + sum of (F - 1)*(product of earlier strides)."
    ),
    examples=(
        "mirada explain lenet5",
        "mirada explain lenet5_lecture maxpool2",
        "mirada explain 784-300-100-10",
        "mirada explain resnet18 layer2_0_conv1 --input 3x64x64",
        "mirada explain lenet5 conv2 --json",
    ),
)
@network_argument(NETWORK)
@argument(
    "layer",
    Phrase("The layer to explain; all of them unless given."),
    metavar="[LAYER]",
    required=False,
)
@input_option()
@classes_option()
@torch_option()
@json_option()
def command(
    network: str,
    layer: str | None,
    input_shape: Shape | None,
    classes: int | None,
    of_torch: bool,
    as_json: bool,
) -> None:
    """Prints what one layer, or every layer, is and does."""
    known = network_asked(network, input_shape, classes, of_torch)
    name = None if layer is None else layer_named(known, layer)
    summary = summarize(known)
    if as_json:
        show_json(_plain(summary, name))
    elif name is None:
        show_lines(explanation(summary))
    else:
        show_lines(layer_explained(summary, summary.layer(name)))


def _plain(summary: Summary, name: str | None) -> dict[str, Any]:
    """The explanation of one layer or of all as JSON has it."""
    whole = summary.to_dict()
    rows = [row for row in summary.layers if name in (None, row.name)]
    return {
        "schema": whole["schema"],
        "network": summary.network.name,
        "input_shape": whole["input_shape"],
        "output_shape": whole["output_shape"],
        "layers": [_plain_row(row) for row in rows],
        "totals": {
            **whole["totals"],
            "parameters_formula": summary.parameters_formula,
            "macs_formula": summary.macs_formula,
        },
        "warnings": [
            warning for warning in whole["warnings"] if name in (None, warning["layer"])
        ],
    }


def _plain_row(row: LayerSummary) -> dict[str, Any]:
    matrix = row.matrix
    dense = fully_connected_equivalent(row.input_shapes[0], row.output_shape)
    return {
        **row.to_dict(),
        "input_shapes": [list(shape) for shape in row.input_shapes],
        "receptive_field_formulas": [
            told.formula if isinstance(told, FieldSum) else None
            for told in row.field_sums
        ],
        "fully_connected_formula": dense.formula if row.fully_connected else None,
        "matrix": None if matrix is None else _plain_matrix(matrix),
        "sentences": [str(sentence) for sentence in explain(row)],
    }


def _plain_matrix(matrix: DenseMatrix) -> dict[str, int]:
    return {**matrix._asdict(), "entries": matrix.entries}
