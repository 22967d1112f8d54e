"""Tables of sizes and parameters as people fill them in: read, and empty."""

from mirada.analysis.checking import Row, asked_rows, left_aside, rows_of
from mirada.data.table_text import header_cells, read_cells, text_of
from mirada.errors import DataError, Phrase
from mirada.language import translate
from mirada.network import Network
from mirada.talk import say

__all__ = ["MOST_BYTES", "blank_table", "rows_in"]

MOST_BYTES = 2**20


def rows_in(data: bytes, name: str) -> list[Row]:
    """The rows of a table; what is not looked at is told as talk.

    Raises DataError: `check-no-header`, and those of `rows_of` and of `table_text`.
    """
    text, told = text_of(data, name)
    if told is not None:
        say(told)
    _, separator = header_cells(text)
    cells = read_cells(text, separator, name, fill=True)
    header = next(cells, None)
    if header is None:
        raise DataError(
            "check-no-header",
            "'{table}' is empty. The first line must be layer,size,parameters; "
            "'mirada check --template' prints a table to fill in.",
            table=name,
        )
    rows = rows_of(header.cells, cells, name)
    for heading in left_aside(header.cells):
        say(Phrase("Not looked at: the column {heading!r}", heading=heading[:60]))
    return rows


def blank_table(network: Network) -> str:
    """A table to fill in, as CSV, in the language in use."""
    heads = (translate("layer"), translate("size"), translate("parameters"))
    return "\n".join([",".join(heads), *(f"{row},," for row in asked_rows(network))])
