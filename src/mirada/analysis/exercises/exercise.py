"""One exercise: its question, its answer, how that is found, and what goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from mirada.analysis.exercises.answer import Answer
from mirada.analysis.mistakes import MISTAKES
from mirada.errors import Phrase

__all__ = ["Exercise", "Judgement", "Matrix", "Slip", "Step", "slips"]

Step = Phrase | str
"""A line of an explanation: words, or a formula that is the same in any language."""


@dataclass(frozen=True)
class Matrix:
    """Numbers in rows, under a name."""

    name: Phrase
    rows: tuple[tuple[Fraction | int, ...], ...]


@dataclass(frozen=True)
class Slip:
    """A wrong answer and the mistake, of `MISTAKES`, that leads to it."""

    mistake: str
    answer: Answer


@dataclass(frozen=True)
class Judgement:
    """What there is to say of a person's answer.

    `understood` is False where the text is no such answer at all; `mistakes` are all
    that lead to it, so that nobody is accused of one of two.
    """

    right: bool
    understood: bool = True
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """A question of one topic and level, with everything that belongs to it.

    `layers` and `matrices` are shown under the question; `steps` lead to the answer.
    `given` is what the question is about as plain data, for programs.
    """

    topic: str
    kind: str
    level: int
    question: Phrase
    answer: Answer
    steps: tuple[Step, ...]
    hint: Phrase
    slips: tuple[Slip, ...] = ()
    layers: tuple[Phrase, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)

    def judge(self, text: str) -> Judgement:
        """Whether a person's answer is right, and what led to it where it is not."""
        if not self.answer.readings(text):
            return Judgement(right=False, understood=False)
        if self.answer.accepts(text):
            return Judgement(right=True)
        found = (slip.mistake for slip in self.slips if slip.answer.accepts(text))
        return Judgement(right=False, mistakes=tuple(dict.fromkeys(found)))

    def to_dict(self) -> dict[str, Any]:
        """The exercise with its answer, as `mirada quiz --json` prints it."""
        return {
            "topic": self.topic,
            "kind": self.kind,
            "level": self.level,
            "question": str(self.question),
            "layers": [str(layer) for layer in self.layers],
            "matrices": [
                {"name": str(matrix.name), "rows": _plain_rows(matrix)}
                for matrix in self.matrices
            ],
            "answer": self.answer.plain,
            "answer_text": self.answer.text,
            "explanation": [str(step) for step in self.steps],
            "hint": str(self.hint),
            "mistakes": [
                {"answer": slip.answer.plain, "mistake": slip.mistake}
                for slip in self.slips
            ],
            "given": dict(self.given),
        }


def slips(answer: Answer, *wrong: tuple[str, Any]) -> tuple[Slip, ...]:
    """The wrong answers that can be told from the right one.

    >>> from mirada.analysis.exercises.answer import Size
    >>> found = slips(Size((28, 28)), ("same-misread", 32), ("floor-missed", 28))
    >>> [(slip.mistake, slip.answer.text) for slip in found]
    [('same-misread', '32x32')]
    """
    assert all(mistake in MISTAKES for mistake, _ in wrong), wrong
    made = [Slip(mistake, answer.like(value)) for mistake, value in wrong]
    return tuple(dict.fromkeys(s for s in made if not answer.agrees(s.answer)))


def _plain_rows(matrix: Matrix) -> list[list[int | float]]:
    return [[v if isinstance(v, int) else float(v) for v in row] for row in matrix.rows]
