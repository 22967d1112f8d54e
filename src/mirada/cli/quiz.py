"""`mirada quiz`: exercises with explained correction, on the terminal or on paper."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mirada.analysis.exercises import LEVELS, TOPICS, Exercise, generate_versions
from mirada.cli.command import as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.output import Column, say, show, show_json, show_table
from mirada.cli.quiz_dialogue import ask_all
from mirada.data.naming import shown_path
from mirada.errors import Phrase, UsageError
from mirada.language import translate

__all__ = ["Wanted", "command"]

SCHEMA = 1
_SEEDS = 100_000


@dataclass(frozen=True)
class Wanted:
    """Which exercises were asked for."""

    topics: tuple[str, ...]
    seed: int
    level: int
    count: int
    versions: int

    @property
    def words(self) -> str:
        """The command line that makes the same exercises again."""
        topics = f"--topic {','.join(self.topics)} " if self.topics else ""
        several = f" --versions {self.versions}" if self.versions > 1 else ""
        return (
            f"mirada quiz {topics}--level {self.level} --count {self.count} "
            f"--seed {self.seed}{several}"
        )


@as_command(
    "quiz",
    details=Phrase(
        "An answer may be written 28x28x6 or 28 x 28 x 6, 0.09 or 0,09 or 9 % or "
        "9/100, 6 8; 3 4. An empty one passes over, ? gives a hint, Ctrl-D ends with "
        "the score so far. Where the input is no terminal, every line is an answer."
    ),
    examples=(
        "mirada quiz",
        "mirada quiz --topic size,parameters --level 2",
        "mirada quiz --seed 7 --count 5 --json",
        "mirada quiz --seed 7 --sheet exercises.html --solutions solutions.html",
        "mirada quiz --topic size --sheet class.html --versions 3",
    ),
)
@option(
    "--topic",
    "topics",
    multiple=True,
    metavar="NAMES",
    about=Phrase(
        "What about, with commas between: {known}; all unless given.",
        known=", ".join(TOPICS),
    ),
)
@option(
    "--level",
    default=1,
    type=WholeNumber("--level", 1, 3),
    metavar="1|2|3",
    about=Phrase(
        "1: as in a lecture; 2: with padding, stride and channels; 3: with traps. 1 "
        "unless given."
    ),
)
@option(
    "--count",
    default=10,
    type=WholeNumber("--count", 1, 500),
    metavar="N",
    about=Phrase("How many exercises; 10 unless given."),
)
@option(
    "--seed",
    type=WholeNumber("--seed", 0, 2**32 - 1),
    metavar="N",
    about=Phrase("The same number gives the same exercises; else others each time."),
)
@option(
    "--sheet",
    type=click.Path(path_type=Path),
    metavar="FILE",
    about=Phrase("Write a sheet to print (HTML) instead of asking."),
)
@option(
    "--solutions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    about=Phrase("Write the same sheet with the solutions."),
)
@option(
    "--versions",
    default=1,
    type=WholeNumber("--versions", 1, 26),
    metavar="N",
    about=Phrase(
        "Versions A, B, C... of the sheet, with other numbers; 1 unless given."
    ),
)
@json_option()
def command(
    topics: tuple[str, ...],
    level: int,
    count: int,
    seed: int | None,
    sheet: Path | None,
    solutions: Path | None,
    versions: int,
    as_json: bool,
) -> None:
    """Asks, or writes, or prints the exercises."""
    words = ",".join(topics).split(",") if topics else []
    found = tuple(word.strip().lower() for word in words)
    drawn = secrets.randbelow(_SEEDS) if seed is None else seed
    wanted = Wanted(found, drawn, level, count, versions)
    made = generate_versions(drawn, level, count, found, versions)
    _require_place(sheet, solutions, versions, as_json=as_json)
    paths = _written(sheet, solutions, made, wanted)
    if as_json:
        show_json(_plain(made, wanted, paths))
    elif paths:
        text = translate("Written: {paths}")
        show(text.format(paths=", ".join(map(shown_path, paths))))
    else:
        _hold(made[0], wanted)


def _written(
    sheet: Path | None,
    solutions: Path | None,
    made: Sequence[Sequence[Exercise]],
    wanted: Wanted,
) -> list[Path]:
    """Writes what was asked for; the paths."""
    if sheet is None and solutions is None:
        return []
    # What draws and writes sheets is slow to import; a dialogue needs none of it.
    from mirada.tasks.exercise_sheet import write_sheets

    about = translate("Level {level}, seed {seed}: {words}").format(
        level=wanted.level, seed=wanted.seed, words=wanted.words
    )
    return write_sheets(sheet, solutions, made, about)


def _require_place(
    sheet: Path | None, solutions: Path | None, versions: int, *, as_json: bool
) -> None:
    if versions > 1 and not (sheet or solutions or as_json):
        raise UsageError(
            "quiz-versions",
            "--versions {versions} is for sheets: name one with --sheet or "
            "--solutions, or ask for --json.",
            versions=versions,
        )


def _plain(
    made: Sequence[Sequence[Exercise]], wanted: Wanted, paths: Sequence[Path]
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "seed": wanted.seed,
        "level": wanted.level,
        "count": wanted.count,
        "versions": wanted.versions,
        "questions": [
            {"version": chr(ord("A") + place), **exercise.to_dict()}
            for place, exercises in enumerate(made)
            for exercise in exercises
        ],
        "written": [str(path) for path in paths],
    }


def _hold(exercises: Sequence[Exercise], wanted: Wanted) -> None:
    """The dialogue, then the score."""
    say(translate("The same exercises again: {words}").format(words=wanted.words))
    say(translate("An empty answer passes over, ? gives a hint, Ctrl-D ends."))
    say("")
    outcomes = ask_all(exercises)
    if not outcomes:
        show(translate("No exercise was answered."))
        return
    right = sum(is_right for _, is_right in outcomes)
    text = translate("Score: {right} of {asked}")
    show(text.format(right=right, asked=len(outcomes)))
    columns = (
        Column(translate("Topic")),
        Column(translate("Right"), numbers=True),
        Column(translate("Asked"), numbers=True),
    )
    rows = list(_scores(outcomes))
    show_table(columns, [(TOPICS[name], good, asked) for name, good, asked in rows])
    _advise([name for name, good, asked in rows if good < asked], wanted)


def _scores(outcomes: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, int, int]]:
    for name in TOPICS:
        found = [is_right for topic, is_right in outcomes if topic == name]
        if found:
            yield name, sum(found), len(found)


def _advise(weak: Sequence[str], wanted: Wanted) -> None:
    """What to practise next."""
    if weak:
        text = translate("To practise: {words}")
        words = f"mirada quiz --topic {','.join(weak)} --level {wanted.level}"
    elif wanted.level < max(LEVELS):
        text = translate("All of them. The next level: {words}")
        words = f"mirada quiz --level {wanted.level + 1}"
    else:
        text, words = translate("All of them, at the highest level."), ""
    show(text.format(words=words))
