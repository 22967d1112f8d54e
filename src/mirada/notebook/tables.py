"""A network as a table: shapes, parameters, operations, what each layer sees."""

from mirada.analysis import LayerSummary, Summary, summarize
from mirada.language import translate
from mirada.network import Network
from mirada.notebook.shown import Shown
from mirada.notebook.still import plain_table
from mirada.views.numbers import count_text
from mirada.views.svg import Element

__all__ = ["summary"]


def summary(network: Network, *, formulas: bool = False) -> Shown:
    """Every layer of a network with its shape, what it learns and what it costs.

    With `formulas` each number shows how it comes about.

    >>> from mirada.models import build
    >>> summary(build("lenet5"))
    lenet5: input 1×28×28
    """
    found = summarize(network)
    title = translate("{name}: input {input}").format(
        name=network.name or translate("Network"), input=_shape(network.input)
    )
    return Shown(
        "notebook_summary",
        title,
        _still(title, found),
        found.to_dict(),
        {"withFormulas": formulas},
    )


def _still(title: str, found: Summary) -> Element:
    heads = (
        *(translate("Layer"), translate("Kind"), translate("Output")),
        *(translate("Parameters"), "MACs", translate("Receptive field")),
    )
    totals = found.totals
    last = ("", "", "", count_text(totals.parameters), count_text(totals.macs), "")
    return plain_table(title, heads, [*map(_row, found.layers), last])


def _row(row: LayerSummary) -> tuple[str, ...]:
    field = row.receptive_field
    return (
        row.name,
        row.text,
        _shape(row.output_shape),
        count_text(row.parameters.total),
        count_text(row.operations.macs),
        "–" if field is None else _field(field.height.size, field.width.size),
    )


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _field(height: int, width: int) -> str:
    return count_text(height) if height == width else _shape((height, width))
