"""`mirada summary`: every layer of a network with its arithmetic."""

from itertools import islice

from mirada.analysis import LayerSummary, summarize
from mirada.cli.command import as_command, json_option, option
from mirada.cli.networks import (
    NETWORK,
    classes_option,
    input_option,
    network_argument,
    network_asked,
    torch_option,
)
from mirada.cli.output import (
    Column,
    count_text,
    show,
    show_json,
    show_lines,
    show_table,
)
from mirada.cli.summary_text import explanation, notes, sums, title, totals
from mirada.errors import Phrase
from mirada.language import translate
from mirada.network import Shape
from mirada.network.layer import shape_text

__all__ = ["command"]


@as_command(
    "summary",
    details=Phrase(
        "Parameters are what is learned; MACs are multiplications with their "
        "additions, for one image; Field is the receptive field: the pixels of the "
        "input that one output can see."
    ),
    examples=(
        "mirada summary lenet5",
        "mirada summary lenet5 --explain",
        "mirada summary resnet18 --input 3x64x64 --classes 5",
        "mirada summary 784-300-100-10",
        "mirada summary vgg16 --json",
    ),
)
@network_argument(NETWORK)
@input_option()
@classes_option()
@torch_option()
@option(
    "--explain",
    "explained",
    is_flag=True,
    about=Phrase("Explain each layer with its numbers."),
)
@json_option()
def command(
    network: str,
    input_shape: Shape | None,
    classes: int | None,
    of_torch: bool,
    explained: bool,
    as_json: bool,
) -> None:
    """Prints the summary of one network."""
    summary = summarize(network_asked(network, input_shape, classes, of_torch))
    if as_json:
        show_json(summary.to_dict())
        return
    if explained:
        show_lines(explanation(summary))
        return
    show(title(summary))
    show()
    show_table(_columns(), map(_row, summary.layers))
    show()
    show("\n".join(totals(summary)))
    of_vectors = 1 if summary.is_fully_connected else 0
    for line in (*islice(sums(summary), of_vectors), *notes(summary)):
        show(line)


def _columns() -> tuple[Column, ...]:
    return (
        Column(translate("Layer")),
        Column(translate("Kind")),
        Column(translate("Output")),
        Column(translate("Parameters"), numbers=True),
        Column(translate("MACs"), numbers=True),
        Column(translate("Field"), numbers=True),
    )


def _row(row: LayerSummary) -> tuple[str, ...]:
    return (
        row.name,
        _placed(row),
        shape_text(row.output_shape),
        row.parameters.formula or "0",
        count_text(row.operations.macs),
        _field(row),
    )


def _placed(row: LayerSummary) -> str:
    """What the layer is; a join also says what it joins."""
    return " + ".join([row.text, *row.inputs[1:]])


def _field(row: LayerSummary) -> str:
    field = row.receptive_field
    if field is None:
        return "-"
    height, width = field.height.size, field.width.size
    return str(height) if height == width else f"{height}x{width}"
