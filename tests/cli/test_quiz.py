"""`mirada quiz`: the dialogue, its corrections, the score, sheets and refusals."""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mirada.analysis.exercises import Exercise, generate_exercises
from mirada.tasks.exercise_sheet import sheet_of
from tests.cli.bilingual import refused
from tests.cli.calling import Called, Caller
from tests.cli.documented import documented_fields, run_examples
from tests.cli.terminal import on_terminal
from tests.golden import golden

GOLDEN = Path(__file__).parent / "golden"
Quiz = Callable[..., Called]


@pytest.fixture
def quiz(call: Caller, monkeypatch: pytest.MonkeyPatch) -> Quiz:
    """Calls `mirada quiz` with lines of input."""

    def answered(*words: str, lines: list[str]) -> Called:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{x}\n" for x in lines)))
        monkeypatch.setenv("COLUMNS", "80")
        return call("quiz", *words)

    return answered


def answers(made: tuple[Exercise, ...]) -> list[str]:
    return [one.answer.text for one in made]


def test_every_example_of_help_runs(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    run_examples(call, "quiz")
    made = ["class.html", "exercises.html", "solutions.html"]
    assert sorted(os.listdir()) == made


def test_right_wrong_passed_over_and_hint(quiz: Quiz) -> None:
    lines = ["27", "?", "28x28", "", "many", "450"]
    called = quiz("--topic", "size", "--seed", "1", "--count", "4", lines=lines)
    assert called.code == 0
    assert called.out.count("\nNot right. The answer: ") == 3
    assert called.out.count("\nHint: ") == 1
    assert called.out.count("\nPassed over. The answer: ") == 1
    assert "That cannot be read as an answer here. Write height x width" in called.out


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_whole_dialogue(quiz: Quiz, language: str) -> None:
    made = generate_exercises(4, 2, 9)
    slip = made[2].slips[0].answer.text
    lines = [made[0].answer.text, "?", made[1].answer.text, slip, "", "mmm"]
    lines += [made[5].answer.text, made[6].slips[0].answer.text]
    words = ("--seed", "4", "--level", "2", "--count", "9", "--lang", language)
    called = quiz(*words, lines=lines)
    assert called.code == 0
    text = f"{called.out}-- stderr\n{called.err}"
    golden(GOLDEN / f"quiz-dialogue.{language}.txt", text)


def test_the_typical_mistake_is_named(quiz: Quiz) -> None:
    words = ("--topic", "parameters", "--seed", "5", "--level", "2", "--count", "5")
    made = generate_exercises(5, 2, 5, ["parameters"])
    wrong = {slip.mistake: slip.answer.text for slip in made[0].slips}
    called = quiz(*words, lines=[wrong["bias-forgotten"]])
    assert "\nPerhaps the bias was forgotten.\n" in called.out
    assert f"Not right. The answer: {made[0].answer.text}\n" in called.out
    assert all(f"  {step}\n" in called.out for step in made[0].steps)
    spanish = quiz(*words, "--lang", "es", lines=[wrong["bias-forgotten"]])
    assert "\nTal vez se olvidó el sesgo.\n" in spanish.out


@pytest.mark.parametrize("level", [1, 2, 3])
def test_all_right_leads_to_the_next_level(quiz: Quiz, level: int) -> None:
    made = generate_exercises(2, level, 24)
    words = ("--seed", "2", "--level", str(level), "--count", "24")
    called = quiz(*words, lines=answers(made))
    assert "Score: 24 of 24\n" in called.out and "Not right" not in called.out
    following = f"The next level: mirada quiz --level {level + 1}\n"
    if level < 3:
        assert called.out.endswith(following)
    else:
        assert called.out.endswith("All of them, at the highest level.\n")


def test_what_to_practise(quiz: Quiz) -> None:
    made = generate_exercises(2, 1, 16)
    lines = ["" if one.topic == "size" else one.answer.text for one in made]
    called = quiz("--seed", "2", "--count", "16", lines=lines)
    assert "Score: 14 of 16\n" in called.out
    rows = [" ".join(line.split()) for line in called.out.splitlines()]
    assert "Output sizes 0 2" in rows and "Parameters 2 2" in rows
    assert called.out.endswith("To practise: mirada quiz --topic size --level 1\n")


def test_the_end_of_the_input_ends_with_the_score(quiz: Quiz) -> None:
    made = generate_exercises(2, 1, 10)
    called = quiz("--seed", "2", lines=answers(made)[:3])
    assert called.code == 0 and "Score: 3 of 3\n" in called.out
    assert "4/10" in called.out and "5/10" not in called.out
    nothing = quiz("--seed", "2", lines=[])
    assert nothing.code == 0 and nothing.out.endswith("No exercise was answered.\n")


def test_without_any_input_there_is_nothing_to_ask(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    called = call("quiz", "--seed", "2")
    assert called.code == 0 and called.out.endswith("No exercise was answered.\n")


def test_others_each_time_and_the_same_again(quiz: Quiz) -> None:
    seeds = {quiz(lines=[]).err.splitlines()[0] for _ in range(3)}
    assert len(seeds) > 1
    first = quiz(lines=[])
    again = first.err.splitlines()[0].partition("mirada quiz ")[2].split()
    assert quiz(*again, lines=[]).out == first.out


def test_a_person_at_a_terminal(tmp_path: Path) -> None:
    made = generate_exercises(3, 1, 3, ["size"])
    keys = ["?", "what", made[0].answer.text, made[1].slips[0].answer.text, "\x04"]
    sent: list[str] = []

    def typed(written: str) -> str:
        if written.count("> ") <= len(sent):
            return ""
        sent.append(keys[len(sent)])
        return sent[-1] if sent[-1] == "\x04" else f"{sent[-1]}\n"

    words = ("quiz", "--seed", "3", "--count", "3", "--topic", "size")
    shown = on_terminal(*words, folder=tmp_path, typed=typed)
    text = "\n".join(shown.screen)
    assert shown.code == 0
    assert "Hint: " in text and "That cannot be read" in text
    assert f"Right: {made[0].answer.text}" in text
    assert "Not right." in text and "Score: 1 of 2" in text


def test_the_interface(call: Caller) -> None:
    words = ("quiz", "--seed", "7", "--level", "2", "--count", "12", "--json")
    found = call(*words).json
    assert set(found) == documented_fields("mirada quiz")
    assert (found["schema"], found["seed"], found["level"]) == (1, 7, 2)
    assert (found["count"], found["versions"], found["written"]) == (12, 1, [])
    made = generate_exercises(7, 2, 12)
    for question, one in zip(found["questions"], made, strict=True):
        assert set(question) == documented_fields("mirada quiz", inside="questions")
        assert question["answer"] == one.answer.plain
        assert question["explanation"] == [str(step) for step in one.steps]
    spanish = call(*words, "--lang", "es").json
    for one, other in zip(found["questions"], spanish["questions"], strict=True):
        assert one["answer"] == other["answer"] and one["given"] == other["given"]
        assert one["question"] != other["question"]


def test_versions_in_the_interface(call: Caller) -> None:
    found = call(
        "quiz", "--seed", "7", "--count", "2", "--versions", "3", "--json"
    ).json
    assert [q["version"] for q in found["questions"]] == ["A", "A", "B", "B", "C", "C"]


def test_sheets_are_written(call: Caller, tmp_path: Path) -> None:
    sheet, solutions = tmp_path / "a.html", tmp_path / "b.html"
    words = ("quiz", "--seed", "7", "--sheet", str(sheet), "--solutions")
    called = call(*words, str(solutions))
    assert called.code == 0 and called.out == f"Written: {sheet}, {solutions}\n"
    first, second = sheet.read_text("utf-8"), solutions.read_text("utf-8")
    again = "mirada quiz --level 1 --count 10 --seed 7"
    assert again in first and again in second
    assert "Answer:" in first and "solutions" not in first
    assert "solutions" in second and 'class="steps"' in second
    before = sheet.read_bytes()
    call(*words, str(solutions))
    assert sheet.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_sheets_with_json(call: Caller, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    words = ("--seed", "7", "--topic", "pooling", "--versions", "2", "--json")
    called = call("quiz", *words, "--sheet", str(path), "--lang", "es")
    assert called.json["written"] == [str(path)] and called.out.count("\n") == 1
    text = path.read_text("utf-8")
    assert "forma A" in text and "forma B" in text
    assert (
        "mirada quiz --topic pooling --level 1 --count 10 --seed 7 --versions 2" in text
    )


def test_a_sheet_holds_what_an_exercise_holds() -> None:
    made = generate_exercises(8, 3, 24)
    (tasks,) = sheet_of([made], "about").versions
    for task, one in zip(tasks, made, strict=True):
        assert task.question == str(one.question)
        assert len(task.steps) == len(one.steps) and len(task.layers) == len(one.layers)
        assert [table.name for table in task.matrices] == [
            str(matrix.name) for matrix in one.matrices
        ]
        shown = task.answer
        if not isinstance(shown, str):
            shown = "; ".join(" ".join(row) for row in shown)
        assert shown == one.answer.text and task.room in (1, 2, 3)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--topic poling", "exercise-topic"),
        ("--topic size,", "exercise-topic"),
        ("--count 0", "whole-option"),
        ("--count 501", "whole-option"),
        ("--level 4", "whole-option"),
        ("--level hard", "whole-option"),
        ("--seed -1", "whole-option"),
        ("--seed 4294967296", "whole-option"),
        ("--versions 27", "whole-option"),
        ("--sheet a.html --solutions ./a.html", "quiz-one-file"),
    ],
)
def test_refusals(
    call: Caller,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    code: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    refused(call, "quiz", *words.split(), code=code, exit_code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_sheet_that_cannot_be_written(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = "nowhere/a.html"
    for language, words in (
        ("en", "cannot be written"),
        ("es", "no se puede escribir"),
    ):
        called = call("quiz", "--sheet", path, "--json", "--lang", language)
        error = called.json["error"]
        assert (called.code, error["code"]) == (5, "cannot-write")
        assert f"'{path}' {words}" in error["message"]
    assert not list(tmp_path.iterdir())


def test_what_is_no_file_is_never_replaced(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for option in ("--sheet", "--solutions"):
        for path in ("folder", "pipe", "link", "."):
            words = ("quiz", option, path)
            refusal = refused(call, *words, code="write-not-a-file", exit_code=5)
            assert "is there and is no file" in refusal.english
    both = ("quiz", "--sheet", "new.html", "--solutions", "pipe")
    refused(call, *both, code="write-not-a-file", exit_code=5)
    names = sorted(entry.name for entry in tmp_path.iterdir())
    assert names == ["folder", "link", "pipe"]
    assert (tmp_path / "pipe").is_fifo()


def test_topics_are_written_freely(call: Caller) -> None:
    words = ("--seed", "3", "--count", "4", "--json")
    found = call("quiz", "--topic", "Size, POOLING", *words).json
    assert found == call("quiz", "--topic", "size", "--topic", "pooling", *words).json


def test_a_topic_nearly_right(call: Caller) -> None:
    refusal = refused(
        call, "quiz", "--topic", "poling", code="exercise-topic", exit_code=2
    )
    assert "Did you mean pooling?" in refusal.english
    assert "¿Se quiso decir pooling?" in refusal.spanish


def test_versions_without_a_sheet(call: Caller) -> None:
    for language, words in (("en", "is for sheets"), ("es", "es para hojas")):
        called = call("quiz", "--versions", "2", "--lang", language)
        code = "quiz-versions"
        assert called.code == 2
        assert f"Error [{code}]" in called.err and words in called.err


def test_questions_say_from_where_rows_columns_and_classes_are_counted() -> None:
    asked = [
        str(exercise.question)
        for level in (1, 2, 3)
        for seed in range(12)
        for exercise in generate_exercises(seed, level, 16)
    ]
    named = [text for text in asked if re.search(r"(column|class|number) \d", text)]
    assert len(named) > 50
    assert all("counted from 1" in text for text in named)
