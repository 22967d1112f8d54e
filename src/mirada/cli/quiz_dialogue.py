"""The exercises asked one after the other, each answer corrected and explained."""

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

from mirada.analysis.exercises import TOPICS, Exercise, Judgement, Matrix
from mirada.cli.output import printable, show
from mirada.cli.typed_line import typed_line
from mirada.errors import Phrase
from mirada.language import translate
from mirada.tasks.correction import perhaps

__all__ = ["ask_all"]

_PROMPT = "> "
_HINT_SIGN = "?"
_WIDEST = 100


def ask_all(exercises: Sequence[Exercise]) -> list[tuple[str, bool]]:
    """Asks until there are no more, or no more input; the topic and outcome of each.

    An exercise that is passed over counts as not right.
    """
    outcomes = []
    for place, exercise in enumerate(exercises, 1):
        _show_question(exercise, f"{place}/{len(exercises)}")
        right = _ask(exercise)
        if right is None:
            show()
            break
        outcomes.append((exercise.topic, right))
    return outcomes


def _ask(exercise: Exercise) -> bool | None:
    """Whether the answer is right; None where the input ended."""
    while True:
        given = _read()
        if given is None:
            return None
        if given == _HINT_SIGN:
            _show_text(translate("Hint: {hint}").format(hint=exercise.hint))
            continue
        if not given:
            answer = exercise.answer.text
            _explain(
                exercise, Phrase("Passed over. The answer: {answer}", answer=answer)
            )
            return False
        judgement = exercise.judge(given)
        if not judgement.understood and sys.stdin.isatty():
            _show_form(exercise)
            continue
        _show_judgement(exercise, judgement)
        return judgement.right


def _read() -> str | None:
    """The next answer, shown where it is not typed on a terminal; None at the end."""
    try:
        if sys.stdin is None:
            return None
        if sys.stdin.isatty():
            return input(_PROMPT).strip()
        line = typed_line()
    except (EOFError, OSError):
        return None
    if line is not None:
        show(f"{_PROMPT}{line}")
    return line


def _show_question(exercise: Exercise, place: str) -> None:
    show(f"{place}  {TOPICS[exercise.topic]}")
    _show_text(str(exercise.question))
    for line, layer in enumerate(exercise.layers, 1):
        show(f"  {line}. {layer}")
    if exercise.matrices:
        show("\n".join(_side_by_side(exercise.matrices)))


def _show_text(text: str) -> None:
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    show(textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False))


def _side_by_side(matrices: Sequence[Matrix]) -> Iterator[str]:
    """The matrices beside each other, as many as a line has room for."""
    blocks = [_block(matrix) for matrix in matrices]
    height = max(map(len, blocks))
    columns = [_padded(block, height) for block in blocks]
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    line: list[list[str]] = []
    for column in columns:
        if line and sum(len(c[0]) + 4 for c in [*line, column]) > width:
            yield from _joined(line)
            line = []
        line.append(column)
    yield from _joined(line)


def _block(matrix: Matrix) -> list[str]:
    cells = [[str(value) for value in row] for row in matrix.rows]
    width = max(len(cell) for row in cells for cell in row)
    rows = [" ".join(cell.rjust(width) for cell in row) for row in cells]
    return [printable(matrix.name), *rows]


def _padded(block: list[str], height: int) -> list[str]:
    width = max(map(len, block))
    return [line.ljust(width) for line in [*block, *[""] * (height - len(block))]]


def _joined(columns: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in zip(*columns, strict=True):
        yield f"  {'    '.join(row)}".rstrip()


def _show_judgement(exercise: Exercise, judgement: Judgement) -> None:
    answer = exercise.answer.text
    if judgement.right:
        _explain(exercise, Phrase("Right: {answer}", answer=answer))
        return
    if not judgement.understood:
        _show_form(exercise)
    verdict = Phrase("Not right. The answer: {answer}", answer=answer)
    _explain(exercise, verdict, judgement.mistakes)


def _show_form(exercise: Exercise) -> None:
    text = translate("That cannot be read as an answer here. Write {form}.")
    show(text.format(form=exercise.answer.form))


def _explain(exercise: Exercise, verdict: Phrase, mistakes: Sequence[str] = ()) -> None:
    """The verdict, what led to a wrong answer, and the way to the right one."""
    show(verdict)
    if mistakes:
        _show_text(perhaps(mistakes))
    for step in exercise.steps:
        show(f"  {step}")
    show()
