"""The words that `summary` and `explain` share: title, layers explained, totals."""

from collections.abc import Iterator

from mirada.analysis import LayerSummary, Summary, explain
from mirada.cli.output import bytes_text, count_text
from mirada.language import translate
from mirada.network.layer import shape_text

__all__ = ["explanation", "layer_explained", "notes", "sums", "title", "totals"]

_MOST_TERMS = 20


def title(summary: Summary) -> str:
    """The network's name with what goes in and what comes out."""
    return translate("{name}: input {input}, output {output}").format(
        name=summary.network.name,
        input=shape_text(summary.network.input),
        output=shape_text(summary.network.output),
    )


def explanation(summary: Summary) -> Iterator[str]:
    """The whole network in words: title, every layer, totals with their sums."""
    yield title(summary)
    yield ""
    for row in summary.layers:
        yield from layer_explained(summary, row)
        yield ""
    yield from totals(summary)
    yield from sums(summary)


def layer_explained(summary: Summary, row: LayerSummary) -> Iterator[str]:
    """One layer in words, with the notes that are about it."""
    inputs = " + ".join(map(shape_text, row.input_shapes))
    yield f"{row.name} ({row.text}): {inputs} -> {shape_text(row.output_shape)}"
    yield from (f"  {sentence}" for sentence in explain(row))
    yield from (f"  {note}" for note in notes(summary, row.name))


def notes(summary: Summary, layer: str | None = None) -> Iterator[str]:
    """What is worth knowing about a layer, or about all of them."""
    for remark in summary.remarks:
        if layer in (None, remark.layer):
            yield translate("Note: {text}").format(text=remark.text)


def sums(summary: Summary) -> Iterator[str]:
    """The totals as sums over the layers; none of one layer or of very many.

    Those of a fully connected network begin with the substitution.
    """
    parameters = [row.parameters.total for row in summary.layers]
    macs = [row.operations.macs for row in summary.layers]
    substitution = ""
    if summary.is_fully_connected:
        substitution = summary.parameters_formula.partition(" = ")[0]
    for text, counts, left in (
        (translate("Parameters, layer by layer: {sum}"), parameters, substitution),
        (translate("MACs, layer by layer: {sum}"), macs, ""),
    ):
        terms = list(map(count_text, filter(None, counts)))
        if len(terms) <= _MOST_TERMS and (left or len(terms) > 1):
            parts = [left] if left else []
            parts += [" + ".join(terms)] if len(terms) > 1 else []
            yield text.format(sum=" = ".join([*parts, count_text(sum(counts))]))


def totals(summary: Summary) -> Iterator[str]:
    """What the whole network takes."""
    found, memory = summary.totals, summary.memory
    yield translate("Parameters: {total} ({weights} weights, {biases} biases)").format(
        total=count_text(found.parameters),
        weights=count_text(found.weights),
        biases=count_text(found.biases),
    )
    if found.statistics:
        yield translate("Running statistics, not learned: {count}").format(
            count=count_text(found.statistics)
        )
    yield translate("MACs for one image: {macs}").format(macs=count_text(found.macs))
    yield translate(
        "Memory (float32): {parameters} of parameters; activations of one image: "
        "{inference} to predict, {training} to train"
    ).format(
        parameters=bytes_text(memory.parameters),
        inference=bytes_text(memory.inference),
        training=bytes_text(memory.kept + memory.gradients),
    )
