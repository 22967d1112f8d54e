"""What is said of an answer to an exercise, or of a cell of a table, in words."""

from collections.abc import Sequence

from mirada.analysis.checking import MISTAKE_NAMES, Cell
from mirada.analysis.exercises import MISTAKES
from mirada.errors import Phrase
from mirada.language import count_text, translate

__all__ = ["cell_judgement", "cell_name", "column_name", "expected_text", "perhaps"]


def perhaps(mistakes: Sequence[str]) -> str:
    """What may have led to a wrong answer; empty where nothing is known."""
    if not mistakes:
        return ""
    names = translate("; or ").join(str(MISTAKES[name]) for name in mistakes)
    return translate("Perhaps {mistake}.").format(mistake=names)


def column_name(column: str) -> str:
    """The name of a column in the language in use."""
    return translate("size") if column == "size" else translate("parameters")


def cell_name(cell: Cell) -> str:
    """The layer as the table calls it, and as the network does where that differs."""
    same = cell.row.casefold() == cell.layer.casefold()
    return cell.layer if same else f"{cell.row[:40]} ({cell.layer})"


def expected_text(cell: Cell) -> str:
    """What is right: a count with its thousands set apart, or a size."""
    if cell.column == "parameters":
        return count_text(int(cell.expected[0]))
    return cell.expected_text


def cell_judgement(cell: Cell) -> Phrase:
    """What a cell is, in a few words."""
    if cell.ok:
        return Phrase("right")
    if cell.mistake is None:
        return Phrase("follows from {layer}", layer=cell.follows_row or cell.follows)
    names = [MISTAKE_NAMES[kind] for kind in cell.mistakes] or [
        MISTAKE_NAMES["unknown"]
    ]
    if len(names) == 1:
        return Phrase("wrong: {mistake}", mistake=names[0])
    if cell.together:
        return Phrase("wrong: {one} and {other}", one=names[0], other=names[1])
    return Phrase("wrong: {one}, or {other}", one=names[0], other=names[1])
