"""Exercises set and corrected; what is right is told when an answer was given."""

import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from mirada.analysis.arithmetic import number
from mirada.analysis.exercises import LEVELS, TOPICS, Exercise, Grid, generate_versions
from mirada.lab import exercise_tables
from mirada.lab.asked import Answer, Asked, Content, Work
from mirada.lab.lab import Lab
from mirada.language import translate
from mirada.tasks.correction import perhaps
from mirada.tasks.exercise_drawing import hint_of
from mirada.tasks.exercise_sheet import sheet_of
from mirada.views.exercises import exercises_html

__all__ = ["WORK"]

_SEEDS = 100_000
_MOST_SEED = 2**32 - 1
_MOST_COUNT, _MOST_VERSIONS = 50, 26
_MOST_ANSWER = 2000


def _topics(lab: Lab, asked: Asked) -> Answer:
    """What there are exercises on."""
    topics = [{"name": name, "title": str(title)} for name, title in TOPICS.items()]
    return {"topics": topics, "levels": list(LEVELS)}


def _set(lab: Lab, asked: Asked) -> Answer:
    """The questions of a seed, without their answers; a seed is drawn if none came."""
    seed = asked.whole("seed", -1, _MOST_SEED, -1)
    seed = secrets.randbelow(_SEEDS) if seed < 0 else seed
    found = _exercises(seed, *_wanted(asked))
    return {"seed": seed, "questions": [_question(one) for one in found]}


def _wanted(asked: Asked) -> tuple[int, int, tuple[str, ...]]:
    """The level, how many, and on what."""
    words = asked.text("topics", "").split(",")
    topics = tuple(filter(None, (word.strip() for word in words)))
    return (
        asked.whole("level", LEVELS[0], LEVELS[-1], 1),
        asked.whole("count", 1, _MOST_COUNT, 10),
        topics,
    )


def _exercises(
    seed: int, level: int, count: int, topics: tuple[str, ...]
) -> tuple[Exercise, ...]:
    return _versions(seed, level, count, topics, 1)[0]


@lru_cache(maxsize=32)
def _versions(
    seed: int, level: int, count: int, topics: tuple[str, ...], versions: int
) -> tuple[tuple[Exercise, ...], ...]:
    return generate_versions(seed, level, count, topics, versions)


def _question(exercise: Exercise) -> dict[str, Any]:
    return {
        "topic": exercise.topic,
        "title": str(TOPICS[exercise.topic]),
        "question": str(exercise.question),
        "layers": [str(layer) for layer in exercise.layers],
        "matrices": [
            {"name": str(matrix.name), "rows": _rows(matrix.rows)}
            for matrix in exercise.matrices
        ],
        "form": str(exercise.answer.form),
        "cells": _cells(exercise),
        "hint": hint_of(exercise),
    }


def _rows(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [[number(value) for value in row] for row in rows]


def _cells(exercise: Exercise) -> list[int] | None:
    """How many cells to begin with where a matrix is asked for; not how many it has.

    But what goes through ReLU keeps its shape, so there it is told.
    """
    if not isinstance(exercise.answer, Grid):
        return None
    if exercise.topic == "relu":
        rows = exercise.matrices[0].rows
        return [len(rows), len(rows[0])]
    return [2, 2]


def _judge(lab: Lab, asked: Asked) -> Answer:
    """Whether an answer is right, and the way to the right one; empty gives up.

    What cannot be read as an answer is only told so.
    """
    seed = asked.whole("seed", 0, _MOST_SEED)
    wanted = _wanted(asked)
    place = asked.whole("place", 0, wanted[1] - 1)
    exercise = _exercises(seed, *wanted)[place]
    given = asked.text("given", most=_MOST_ANSWER).strip()
    judgement = exercise.judge(given) if given else None
    if judgement is not None and not judgement.understood:
        form = translate("That cannot be read as an answer here. Write {form}.")
        return {"understood": False, "told": form.format(form=exercise.answer.form)}
    return {
        "understood": True,
        "passed_over": judgement is None,
        "right": judgement is not None and judgement.right,
        "mistakes": list(judgement.mistakes) if judgement else [],
        "perhaps": perhaps(judgement.mistakes) if judgement else "",
        "answer": exercise.answer.text,
        "rows": _answer_rows(exercise),
        "steps": [str(step) for step in exercise.steps],
    }


def _answer_rows(exercise: Exercise) -> list[list[str]] | None:
    answer = exercise.answer
    return _rows(answer.rows) if isinstance(answer, Grid) else None


def _sheet(lab: Lab, asked: Asked) -> Answer:
    """The exercises as a page to print, or their solutions."""
    seed, (level, count, topics) = asked.whole("seed", 0, _MOST_SEED), _wanted(asked)
    versions = asked.whole("versions", 1, _MOST_VERSIONS, 1)
    solved = asked.flag("solved")
    made = _versions(seed, level, count, topics, versions)
    page = exercises_html(sheet_of(made, _about(seed, asked)), solved=solved)
    kind = translate("solutions") if solved else translate("exercises")
    name = f"{kind}-{seed}.html"
    return Content("text/html; charset=utf-8", page.encode(), name)


def _about(seed: int, asked: Asked) -> str:
    """How the same sheet is made again."""
    level, count, topics = _wanted(asked)
    words = f"--topic {','.join(topics)} " if topics else ""
    line = f"mirada quiz {words}--level {level} --count {count} --seed {seed}"
    text = translate("Level {level}, seed {seed}: {words}")
    return text.format(level=level, seed=seed, words=line)


WORK: tuple[Work, ...] = (
    Work("GET", "/api/exercises/topics", _topics),
    Work("POST", "/api/exercises/set", _set),
    Work("POST", "/api/exercises/judge", _judge),
    Work("POST", "/api/exercises/sheet", _sheet),
    *exercise_tables.WORK,
)
