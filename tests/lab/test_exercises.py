"""Exercises as the lab's page asks for them: set, corrected, printed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirada.analysis.exercises import LEVELS, TOPICS, Exercise, generate_exercises
from mirada.cli import main
from mirada.errors import UsageError
from mirada.lab.asked import Asked
from mirada.lab.exercises import WORK
from mirada.lab.lab import Lab
from mirada.language import speaking
from mirada.tasks.correction import perhaps
from mirada.tasks.exercise_drawing import hint_of
from tests.refusal import refuses

DOES = {work.path.rpartition("/")[2]: work.does for work in WORK if "exer" in work.path}
SEEDS = range(12)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def asked(lab: Lab, what: str, **value: object) -> Any:
    return DOES[what](lab, Asked(value=value))


def exercises() -> Iterator[tuple[dict[str, Any], int, Exercise]]:
    """What to ask for, the place in it, and the exercise that is then there."""
    for level in LEVELS:
        for seed in SEEDS:
            wanted = {"seed": seed, "level": level, "count": 16, "topics": ""}
            for place, one in enumerate(generate_exercises(seed, level, 16)):
                yield wanted, place, one


def test_the_topics(lab: Lab) -> None:
    found = asked(lab, "topics")
    assert [one["name"] for one in found["topics"]] == list(TOPICS)
    assert found["levels"] == [1, 2, 3]


def test_questions_are_those_of_the_quiz_without_their_answers(lab: Lab) -> None:
    found = asked(lab, "set", seed=7, level=3, count=24, topics="size,softmax")
    assert found["seed"] == 7 and len(found["questions"]) == 24
    wanted = generate_exercises(7, 3, 24, ("size", "softmax"))
    for plain, exercise in zip(found["questions"], wanted, strict=True):
        told = exercise.to_dict()
        assert plain["question"] == told["question"]
        assert plain["layers"] == told["layers"]
        assert [m["name"] for m in plain["matrices"]] == [
            m["name"] for m in told["matrices"]
        ]
        assert set(plain) == {
            *("topic", "title", "question", "layers", "matrices"),
            *("form", "cells", "hint"),
        }


def test_a_seed_is_drawn_where_none_is_given(lab: Lab) -> None:
    found = asked(lab, "set", count=3)
    again = asked(lab, "set", count=3, seed=found["seed"])
    assert found == again


def test_answers_are_judged_as_by_the_quiz(lab: Lab) -> None:
    count = 0
    for wanted, place, exercise in exercises():
        answers = [exercise.answer, *(slip.answer for slip in exercise.slips)]
        for text in [*(answer.text for answer in answers), "-99999", "one"]:
            found = asked(lab, "judge", **wanted, place=place, given=text)
            judged = exercise.judge(text)
            assert found["understood"] is judged.understood
            if not judged.understood:
                assert set(found) == {"understood", "told"}
                continue
            assert found["right"] is judged.right
            assert found["mistakes"] == list(judged.mistakes)
            assert found["perhaps"] == perhaps(judged.mistakes)
            assert found["answer"] == exercise.answer.text
            assert found["steps"] == [str(step) for step in exercise.steps]
            count += 1
    assert count > 1500


def test_who_passes_over_is_told_the_answer(lab: Lab) -> None:
    wanted, place, exercise = next(exercises())
    found = asked(lab, "judge", **wanted, place=place, given="  ")
    assert (found["passed_over"], found["right"]) == (True, False)
    assert found["answer"] == exercise.answer.text


def numbers_in(text: str) -> set[float]:
    return set(map(float, re.findall(r"\d+(?:\.\d+)?", text)))


def test_a_hint_holds_no_number_that_the_question_does_not(lab: Lab) -> None:
    """The formula's boxes are filled from the question; what follows is left open."""
    kinds = set()
    for _, _, exercise in exercises():
        told = exercise.to_dict()
        seen = numbers_in(
            json.dumps([told["question"], told["layers"], told["matrices"]])
        )
        hint = hint_of(exercise)
        boxes = [part for part in hint["formula"] if isinstance(part, dict)]
        filled = numbers_in(" ".join(box["value"] for box in boxes))
        assert filled <= seen | {0.0, 1.0}, (exercise.kind, filled - seen)
        if boxes:
            kinds.add((exercise.topic, exercise.kind))
        assert hint["formula"] or hint["drawing"], (exercise.topic, exercise.kind)
    assert len(kinds) > 40


def test_what_is_to_be_found_is_open(lab: Lab) -> None:
    opened = {"kernel-missing": "F", "padding-missing": "P", "stride-missing": "S"}
    for _, _, exercise in exercises():
        boxes = [p for p in hint_of(exercise)["formula"] if isinstance(p, dict)]
        if exercise.topic == "size" and boxes:
            name = opened.get(exercise.kind, "P" if exercise.kind == "same" else "O")
            found = {box["value"] for box in boxes if box["name"] == name}
            assert found == {"?"}, (exercise.kind, boxes)


def test_drawings_show_where_to_look(lab: Lab) -> None:
    for _, _, exercise in exercises():
        drawing, given = hint_of(exercise)["drawing"], exercise.given
        if exercise.topic == "convolution":
            image, kernel = drawing["grids"][0], drawing["grids"][1]
            (frame,) = image["frames"]
            assert image["rows"] == [list(row) for row in given["images"][0]]
            assert frame["row"] == given["row"] * given["stride"] - given["padding"]
            assert image["sides"] == [given["padding"]] * 4
            shown = [row[::-1] for row in kernel["rows"][::-1]]
            true = [list(row) for row in given["kernels"][0]]
            assert (shown if given["turned"] else kernel["rows"]) == true
        if exercise.topic == "pooling" and "row" not in given:
            frames = drawing["grids"][0]["frames"]
            assert frames[0]["height"] == given["kernel"]
            if given["pooling"] == "max":
                window = [row[: given["kernel"]] for row in given["matrix"]]
                most = max(map(max, window[: given["kernel"]]))
                last = frames[-1]
                assert given["matrix"][last["row"]][last["column"]] == most
        if exercise.topic == "pooling" and "row" in given:
            assert all(f["kind"] == "in" for f in drawing["grids"][0]["frames"])


@pytest.mark.parametrize("language", ("en", "es"))
def test_sheets_are_those_of_the_command(
    lab: Lab, tmp_path: Path, language: str
) -> None:
    words = ["--seed", "7", "--count", "5", "--level", "2", "--topic", "size,macs"]
    sheet, solved = tmp_path / "sheet.html", tmp_path / "solved.html"
    files = ["--sheet", str(sheet), "--solutions", str(solved)]
    assert main(["--lang", language, "--quiet", "quiz", *words, *files]) == 0
    value = {"seed": 7, "count": 5, "level": 2, "topics": "size,macs"}
    with speaking(language):
        for path, is_solved in ((sheet, False), (solved, True)):
            found = asked(lab, "sheet", **value, solved=is_solved)
            assert found.content == path.read_bytes()
            assert found.name.endswith("-7.html")


def test_wrong_requests(lab: Lab) -> None:
    with refuses(UsageError, "exercise-topic", "sizes", "size"):
        asked(lab, "set", topics="sizes")
    for value in ({"level": 4}, {"count": 0}, {"seed": 2**32}, {"count": 51}):
        with refuses(UsageError, "request-field"):
            asked(lab, "set", **value)
    with refuses(UsageError, "request-field"):
        asked(lab, "judge", seed=1, count=3, place=3, given="1")
    with refuses(UsageError, "request-field"):
        asked(lab, "judge", seed=1, count=3, place=0, given="1" * 3000)
