"""`mirada summary`: every layer of a network with its arithmetic."""

from collections.abc import Iterator

from mirada.analysis import LayerSummary, Summary, explain, summarize
from mirada.cli.command import as_command, json_option, option
from mirada.cli.networks import (
    classes_option,
    described,
    input_option,
    network_argument,
)
from mirada.cli.output import (
    Column,
    bytes_text,
    count_text,
    show,
    show_json,
    show_table,
)
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
        "mirada summary vgg16 --json",
    ),
)
@network_argument(Phrase("A description (.toml, .json) or a known network's name."))
@input_option()
@classes_option()
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
    explained: bool,
    as_json: bool,
) -> None:
    """Prints the summary of one network."""
    summary = summarize(described(network, input_shape, classes).network)
    if as_json:
        show_json(summary.to_dict())
        return
    show(_title(summary))
    show()
    if explained:
        show("\n".join(_explained(summary)))
    else:
        show_table(_columns(), map(_row, summary.layers))
    show("\n".join(_totals(summary)))


def _title(summary: Summary) -> str:
    return translate("{name}: input {input}, output {output}").format(
        name=summary.network.name,
        input=shape_text(summary.network.input),
        output=shape_text(summary.network.output),
    )


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


def _explained(summary: Summary) -> Iterator[str]:
    for row in summary.layers:
        yield f"{row.name} ({row.text}): {' -> '.join(_shapes(summary, row))}"
        yield from (f"  {sentence}" for sentence in explain(row))
        yield ""


def _shapes(summary: Summary, row: LayerSummary) -> tuple[str, str]:
    shapes = summary.network.shapes
    inputs = " + ".join(shape_text(shapes[name]) for name in row.inputs)
    return inputs, shape_text(row.output_shape)


def _totals(summary: Summary) -> Iterator[str]:
    totals, memory = summary.totals, summary.memory
    yield ""
    yield translate("Parameters: {total} ({weights} weights, {biases} biases)").format(
        total=count_text(totals.parameters),
        weights=count_text(totals.weights),
        biases=count_text(totals.biases),
    )
    if totals.statistics:
        yield translate("Running statistics, not learned: {count}").format(
            count=count_text(totals.statistics)
        )
    yield translate("MACs for one image: {macs}").format(macs=count_text(totals.macs))
    yield translate(
        "Memory (float32): {parameters} of parameters; activations of one image: "
        "{inference} to predict, {training} to train"
    ).format(
        parameters=bytes_text(memory.parameters),
        inference=bytes_text(memory.inference),
        training=bytes_text(memory.kept + memory.gradients),
    )
    for remark in summary.remarks:
        yield translate("Note: {text}").format(text=remark.text)
