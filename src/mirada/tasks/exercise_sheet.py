"""Exercises as sheets to print, written whole."""

from collections.abc import Sequence
from pathlib import Path

from mirada.analysis.arithmetic import number
from mirada.analysis.exercises import TOPICS, Exercise, Grid
from mirada.data.naming import shown_path
from mirada.errors import UsageError
from mirada.language import translate
from mirada.training.disk import require_file, write_whole
from mirada.views.exercises import Rows, Sheet, Table, Task, exercises_html

__all__ = ["sheet_of", "write_sheets"]

_LONG, _SHORT = 5, 2


def write_sheets(
    sheet: Path | None,
    solutions: Path | None,
    versions: Sequence[Sequence[Exercise]],
    about: str,
) -> list[Path]:
    """Writes the sheet and its solutions where they are asked for; their paths.

    Raises `UsageError` (`quiz-one-file`) and what `write_whole` raises.
    """
    if sheet is not None and solutions is not None and _same(sheet, solutions):
        raise UsageError(
            "quiz-one-file",
            "--sheet and --solutions both name '{path}': the second would take the "
            "place of the first. Name two files.",
            path=shown_path(sheet),
        )
    for path in filter(None, (sheet, solutions)):
        require_file(path)
    drawn = sheet_of(versions, about)
    pairs = [(path, path is solutions) for path in (sheet, solutions) if path]
    pages = [exercises_html(drawn, solved=solved).encode() for _, solved in pairs]
    for (path, _), page in zip(pairs, pages, strict=True):
        write_whole(path, [page])
    return [path for path, _ in pairs]


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def sheet_of(versions: Sequence[Sequence[Exercise]], about: str) -> Sheet:
    """The sheet of these exercises; `about` is its small print."""
    return Sheet(
        translate("Exercises on convolutional networks"),
        about,
        tuple(tuple(map(_task, exercises)) for exercises in versions),
    )


def _task(exercise: Exercise) -> Task:
    answer = exercise.answer
    return Task(
        topic=str(TOPICS[exercise.topic]),
        question=str(exercise.question),
        answer=_rows(answer.rows) if isinstance(answer, Grid) else answer.text,
        steps=tuple(map(str, exercise.steps)),
        layers=tuple(map(str, exercise.layers)),
        matrices=tuple(
            Table(str(matrix.name), _rows(matrix.rows)) for matrix in exercise.matrices
        ),
        room=_room(exercise),
    )


def _rows(rows: Sequence[Sequence[object]]) -> Rows:
    return tuple(tuple(number(value) for value in row) for row in rows)  # type: ignore[arg-type]


def _room(exercise: Exercise) -> int:
    """How much there is to write, judged by the steps of the solution."""
    if len(exercise.steps) >= _LONG:
        return 3
    return 1 if len(exercise.steps) < _SHORT else 2
