"""A judged table in words: every cell, then the wrong ones explained."""

from collections.abc import Iterator

from mirada.analysis.checking import Cell, Check
from mirada.cli.output import Column, show, show_table
from mirada.errors import Phrase
from mirada.language import translate
from mirada.tasks.correction import (
    cell_judgement,
    cell_name,
    column_name,
    expected_text,
)

__all__ = ["show_check"]

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


def _row(cell: Cell) -> tuple[object, ...]:
    name = column_name(cell.column)
    return (
        cell_name(cell),
        name,
        _given(cell),
        expected_text(cell),
        cell_judgement(cell),
    )


def _given(cell: Cell) -> str:
    """What was written, cut where it fills the screen."""
    text = cell.given
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}..."


def _explained(cell: Cell) -> Iterator[str]:
    """The lines that explain a cell; none for one that is simply right."""
    sentences = [str(sentence) for sentence in cell.explanation()]
    if not sentences:
        return
    values = {
        "layer": cell_name(cell),
        "column": column_name(cell.column),
        "given": _given(cell),
        "expected": expected_text(cell),
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
