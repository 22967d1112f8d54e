"""Exercises: true, sensible, the same everywhere, and refused where they cannot be."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest

from mirada import analysis
from mirada.analysis.exercises import (
    LEVELS,
    TOPICS,
    Exercise,
    generate_exercises,
    generate_versions,
)
from mirada.errors import FieldError, UsageError
from mirada.language import use_language
from tests.analysis.exercises.solving import solved
from tests.refusal import refuses

KINDS = {
    1: "binary small valid pooling padding volume dense convolution pooling vector "
    "matrix max mean-cell small equal stack pair convolution one-output linear",
    2: "padding stride whole stride rectangle volume two-layers kernel-missing "
    "padding-missing convolution deep-dense any-size after-flatten as-dense bias "
    "neuron zeros mean overlapping global signed rest pooled strided convolution",
    3: "colour true-convolution impulse floor asymmetric dilation ceil transposed "
    "unread pipeline flatten stride-missing same grouped network filters-missing "
    "depthwise separable normalized order leaky gradient floor padding wide shifted "
    "logarithms loss ratio deep dilated layers-missing jump network grouped separable",
}
SIDE = re.compile(r"(\d+)x(\d+)")


def many(level: int, topic: str, seeds: Sequence[int]) -> list[Exercise]:
    """Every kind of a topic and level, several times."""
    return [one for s in seeds for one in generate_exercises(s, level, 22, [topic])]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_answer_is_true(topic: str, level: int) -> None:
    for one in many(level, topic, range(12)):
        expected = solved(topic, one.kind, one.given)
        allowed = 0.5001 * 10.0 ** -one.given.get("decimals", 2)
        tolerance = allowed if topic == "softmax" else 1e-9
        answer = np.array(one.answer.plain)
        assert answer.shape == np.shape(expected), one.question
        assert np.allclose(answer, expected, 0, tolerance), one.question


@pytest.mark.parametrize("level", LEVELS)
def test_every_kind_comes(level: int) -> None:
    found = {
        (topic, one.kind) for topic in TOPICS for one in many(level, topic, range(2))
    }
    assert sorted(kind for _, kind in found) == sorted(KINDS[level].split())


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_exercise_holds_together(topic: str, level: int) -> None:
    for one in many(level, topic, range(8)):
        assert (one.topic, one.level) == (topic, level)
        assert one.judge(one.answer.text).right
        assert one.steps and str(one.hint) and str(one.question).endswith((".", "?"))
        for slip in one.slips:
            judged = one.judge(slip.answer.text)
            assert not judged.right and slip.mistake in judged.mistakes
        rows = [list(map(list, matrix.rows)) for matrix in one.matrices]
        shown = [one.given.get("matrix"), *one.given.get("images", [])]
        assert not rows or rows[0] in shown or rows[0] == [one.given["inputs"]]
        assert len(one.layers) in (0, len(one.given.get("layers", [])))


@pytest.mark.parametrize("level", LEVELS)
def test_the_last_step_is_the_answer(level: int) -> None:
    kept = ("stride-missing", "as-dense", "any-size", "same")
    for topic in ("size", "parameters", "macs", "receptive-field"):
        for one in many(level, topic, range(3)):
            last = " ".join(map(str, one.steps[-2:]))
            value = one.answer.text.split("x")[0]
            assert value in last or one.kind in kept, (one.question, last)


def test_no_size_is_below_one_and_questions_name_their_numbers() -> None:
    for level in LEVELS:
        for one in many(level, "size", range(12)):
            sides = SIDE.findall(f"{one.question} {one.answer.text}")
            assert all(int(a) > 0 and int(b) > 0 for a, b in sides)
            if "kernel" in one.given and "missing" not in one.kind:
                kernel, length = one.given["kernel"], one.given["input"]
                assert f"{kernel}x{kernel}" in str(one.question)
                assert f"{length}x{length}" in str(one.question)


def test_the_same_seed_gives_the_same_exercises_on_every_computer() -> None:
    found = [
        [one.kind, one.answer.plain, one.given, [s.answer.plain for s in one.slips]]
        for level in LEVELS
        for one in generate_exercises(2025, level, 120)
    ]
    text = json.dumps(found, sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "1d7e08cea70649c5"


def test_both_languages_get_the_same_exercises() -> None:
    english = generate_exercises(5, 3, 40)
    asked = [str(one.question) for one in english]
    use_language("es")
    spanish = generate_exercises(5, 3, 40)
    for one, other, question in zip(english, spanish, asked, strict=True):
        assert (one.answer, one.given) == (other.answer, other.given)
        assert str(other.question) != question


def test_more_exercises_begin_with_the_same() -> None:
    few, more = generate_exercises(3, 2, 9), generate_exercises(3, 2, 30)
    assert more[:9] == few
    assert generate_exercises(4, 2, 9) != few
    alone = generate_exercises(3, 2, 4, ["size"])
    assert [one for one in more if one.topic == "size"] == list(alone)


def test_topics_come_in_turn_and_kinds_do_not_repeat() -> None:
    made = generate_exercises(9, 3, 24)
    assert [one.topic for one in made] == list(TOPICS) * 3
    for topic in TOPICS:
        kinds = [one.kind for one in made if one.topic == topic]
        assert len(set(kinds)) == 3, kinds
    both = generate_exercises(9, 1, 4, ["pooling", "size", "size"])
    assert [one.topic for one in both] == ["size", "pooling"] * 2


def test_no_exercise_comes_twice() -> None:
    for level in LEVELS:
        made = generate_exercises(1, level, 80)
        assert len({f"{one.topic} {one.kind} {one.given}" for one in made}) == 80


def test_versions_have_the_same_kinds_and_other_numbers() -> None:
    first, second, third = generate_versions(6, 2, 16, versions=3)
    assert first == generate_exercises(6, 2, 16)
    for one, two, three in zip(first, second, third, strict=True):
        assert one.kind == two.kind == three.kind
        assert one.given != two.given != three.given != one.given


def test_a_topic_that_is_not_there_is_refused() -> None:
    with refuses(UsageError, "exercise-topic", "'poling'", "Did you mean pooling?"):
        generate_exercises(1, topics=["poling"])
    with refuses(UsageError, "exercise-topic", "'zzz'", "there are convolution, size"):
        generate_exercises(1, topics=["zzz"])


@pytest.mark.parametrize(
    ("seed", "level", "count", "word"),
    [(-1, 1, 1, "seed"), (1, 4, 1, "level"), (1, 1, 0, "count"), (2**32, 1, 1, "seed")],
)
def test_numbers_out_of_range_are_refused(
    seed: int, level: int, count: int, word: str
) -> None:
    with refuses(FieldError, "field-whole", word):
        generate_exercises(seed, level, count)
    with refuses(FieldError, "field-whole", "versions"):
        generate_versions(1, versions=27)


def test_the_door_of_the_room_is_lazy_and_the_same() -> None:
    assert analysis.generate_exercises is generate_exercises
    assert analysis.generate_versions is generate_versions
    assert analysis.Exercise is Exercise
    with pytest.raises(AttributeError, match="no attribute 'exercise'"):
        _ = analysis.exercise
    code = (
        "import sys, mirada.analysis; print('mirada.analysis.exercises' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout == "False\n", found.stderr
