"""A judged table in words: every cell, then the wrong ones explained."""

from collections.abc import Iterator

from mirada.analysis.checking import MISTAKE_NAMES, Cell, Check
from mirada.cli.output import Column, count_text, show, show_table
from mirada.errors import Phrase
from mirada.language import translate

__all__ = ["column_name", "show_check"]

_MOST_LETTERS = 60


def show_check(found: Check) -> None:
    """Prints a judged table."""
    show(
        Phrase(
            "{network}: {correct} right, {wrong} wrong",
            network=found.network.name,
            correct=found.correct,
            wrong=found.wrong,
        )
    )
    show()
    columns = (
        Column(translate("Layer")),
        Column(translate("Column")),
        Column(translate("Yours"), numbers=True),
        Column(translate("Right"), numbers=True),
        Column(translate("Judgement")),
    )
    show_table(columns, map(_row, found.cells))
    for cell in found.cells:
        lines = list(_explained(cell))
        if lines:
            show()
            show("\n".join(lines))


def column_name(column: str) -> str:
    """The name of a column in the language in use."""
    return translate("size") if column == "size" else translate("parameters")


def _row(cell: Cell) -> tuple[object, ...]:
    name = column_name(cell.column)
    return _named(cell), name, _given(cell), _expected(cell), _judgement(cell)


def _given(cell: Cell) -> str:
    """What was written, cut where it fills the screen."""
    text = cell.given
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}..."


def _named(cell: Cell) -> str:
    """The layer as the table calls it, and as the network does where that differs."""
    same = cell.row.casefold() == cell.layer.casefold()
    return cell.layer if same else f"{cell.row[:40]} ({cell.layer})"


def _expected(cell: Cell) -> str:
    """What is right: a count with its thousands set apart, or a size."""
    if cell.column == "parameters":
        return count_text(int(cell.expected[0]))
    return cell.expected_text


def _judgement(cell: Cell) -> Phrase:
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


def _explained(cell: Cell) -> Iterator[str]:
    """The lines that explain a cell; none for one that is simply right."""
    sentences = [str(sentence) for sentence in cell.explanation()]
    if not sentences:
        return
    values = {
        "layer": _named(cell),
        "column": column_name(cell.column),
        "given": _given(cell),
        "expected": _expected(cell),
    }
    if cell.ok:
        yield str(Phrase("{layer}, {column}: {given} is right.", **values))
    else:
        yield str(
            Phrase(
                "{layer}, {column}: {given} is wrong, {expected} is right.", **values
            )
        )
    yield from (f"  {sentence}" for sentence in sentences)
