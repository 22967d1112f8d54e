"""What `mirada train` takes: every option in one value, groups, what excludes what."""

from dataclasses import fields
from typing import Any

import click
import pytest

from mirada.cli.train import command
from mirada.cli.train_groups import GROUPS
from mirada.cli.train_options import TrainOptions
from mirada.errors import UsageError
from mirada.training import Wishes
from tests.cli.calling import Caller
from tests.refusal import refuses


def options() -> list[click.Option]:
    return [param for param in command.params if isinstance(param, click.Option)]


def test_every_option_is_a_field_and_every_field_an_option() -> None:
    declared = {option.name for option in options()}
    assert declared == {field.name for field in fields(TrainOptions)}


def test_every_option_stands_under_a_heading(call: Caller) -> None:
    text = call("train", "--help").out
    for group in GROUPS:
        assert f"\n{group.title}:\n" in text
    for option in options():
        assert option.opts[0] in text
    assert text.count("--help") == 1


def test_the_words_are_not_lost() -> None:
    asked = TrainOptions(
        epochs=3, lr=0.1, augment="flip", folds=4, fold=2, log=("csv",), time=60.0
    )
    wishes = asked.wishes()
    assert (wishes.epochs, wishes.learning_rate, wishes.augment) == (3, 0.1, "flip")
    assert (wishes.folds, wishes.fold, wishes.seconds) == (4, 1, 60.0)
    assert wishes.log == ("csv",)
    assert TrainOptions().wishes() == Wishes()
    assert TrainOptions(no_augment=True).wishes().augment == "none"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"augment": "auto", "no_augment": True}, "--augment and --no-augment cannot"),
        ({"split": "s.json", "test": 0.1}, "--split and --test cannot"),
        ({"split": "s.json", "group_by": "parent"}, "--split and --group-by cannot"),
        ({"resume": True, "dry_run": True}, "--resume and --dry-run cannot"),
        ({"find_lr": True, "overfit_one_batch": True}, "--find-lr and --overfit"),
        ({"seeds": 3, "dry_run": True}, "--seeds and --dry-run cannot"),
        ({"learning_curve": True, "find_lr": True}, "--learning-curve and --find-lr"),
    ],
)
def test_what_excludes_what(given: dict[str, Any], words: str) -> None:
    with refuses(UsageError, "options-together", words):
        TrainOptions(**given)


def test_what_needs_another() -> None:
    with refuses(UsageError, "option-without", "--fold says nothing without --folds"):
        TrainOptions(fold=2)
    with refuses(UsageError, "option-without", "--force", "without --resume"):
        TrainOptions(force=True)
    with refuses(UsageError, "fold-beyond", "--fold 4 is beyond --folds 3"):
        TrainOptions(folds=3, fold=4)


def test_what_is_many_runs_and_what_is_none() -> None:
    assert TrainOptions(folds=5).is_study
    assert not TrainOptions(folds=5, fold=1).is_study
    assert TrainOptions(seeds=3).is_study and TrainOptions(learning_curve=True).is_study
    assert TrainOptions(dry_run=True).is_trial and not TrainOptions().is_trial


def test_a_refusal_reaches_the_command_line(call: Caller) -> None:
    called = call("train", "digits", "--fold", "2")
    assert called.code == 2 and "Error [option-without]" in called.err
