import json
from dataclasses import replace
from typing import Any

import pytest

from mirada.data import Augmentation
from mirada.errors import FileError
from mirada.language import use_language
from mirada.network import AdamW, Linear, Network, Recipe
from mirada.training.configuration import Configuration, Difference, Origin
from tests.refusal import refuses
from tests.training.example import plan


def example() -> Configuration:
    return plan().configuration


def test_it_turns_into_json_and_back() -> None:
    one = example()
    two = Configuration.from_dict(json.loads(json.dumps(one.to_dict())))
    assert two.to_dict() == one.to_dict()
    assert two.fingerprint == one.fingerprint
    assert two.network == one.network and two.recipe == one.recipe
    assert two.data == one.data and two.preprocessing == one.preprocessing
    assert not one.differences(two)


def test_every_value_says_where_it_came_from() -> None:
    plain = example().to_dict()["origins"]
    assert plain["recipe.epochs"] == {"kind": "given", "reason": ""}
    assert plain["recipe.seed"] == {"kind": "default", "reason": ""}
    assert plain["recipe.schedule"]["kind"] == "automatic"
    assert "up and down once" in plain["recipe.schedule"]["reason"]


def test_steps() -> None:
    one = example()
    assert (one.steps_per_epoch, one.steps) == (7, 21)
    assert one.data.counts == (210, 30, 60)


@pytest.mark.parametrize(
    "changes",
    [
        {"threads": 7},
        {"checkpoint_seconds": 1.0},
        {"checkpoint_steps": 5},
        {"origins": {"engine": Origin("default")}},
    ],
)
def test_what_changes_no_byte_of_the_result_is_free(changes: dict[str, Any]) -> None:
    one = example()
    two = replace(one, **changes)
    assert two.fingerprint == one.fingerprint and not one.differences(two)
    moved = replace(one, data=replace(one.data, source="elsewhere"))
    assert moved.fingerprint == one.fingerprint


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"patience": 3}, Difference("patience", "-", "3")),
        ({"engine": "native"}, Difference("engine", '"reference"', '"native"')),
        (
            {"augmentation": Augmentation(shift=2)},
            Difference("augmentation.shift", "1", "2"),
        ),
    ],
)
def test_a_difference_is_named(changes: dict[str, Any], difference: Difference) -> None:
    one = example()
    two = replace(one, **changes)
    assert one.differences(two) == (difference,)
    assert two.fingerprint != one.fingerprint


def test_differences_inside_values_are_named() -> None:
    one = example()
    recipe = Recipe(**{**vars(one.recipe), "optimizer": AdamW(), "epochs": 9})
    layers = (*one.network.layers[:-1], Linear(12))
    network = Network("small", one.network.input, layers)
    data = replace(one.data, fingerprint="f" * 64)
    found = one.differences(replace(one, recipe=recipe, network=network, data=data))
    named = {name: (before, now) for name, before, now in found}
    assert named["network.layers.linear1.out_features"] == ("10", "12")
    assert named["recipe.optimizer.kind"] == ('"sgd"', '"adamw"')
    assert named["recipe.epochs"] == ("3", "9")
    assert "data.fingerprint" in named


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "schema 2"),
        ({"network": {"layers": []}}, "layer"),
        ({"recipe": {"epochs": 0}}, "Recipe.epochs must be"),
        ({"data": {}}, "classes"),
        ({"preprocessing": {}}, "preprocessing"),
        ({"augmentation": {"shift": -1}}, "augmentation"),
        ({"origins": [1]}, "items"),
    ],
)
def test_a_file_that_was_changed_is_refused(change: dict[str, Any], words: str) -> None:
    plain = {**example().to_dict(), **change}
    with refuses(FileError, "configuration-file", "run/c.json", words):
        Configuration.from_dict(plain, "run/c.json")
    del plain["engine"]
    with refuses(FileError, "configuration-file", "Start the run again"):
        Configuration.from_dict(plain)


def test_the_file_is_the_same_in_any_language() -> None:
    one = example()
    english = one.to_dict()
    use_language("es")
    assert one.to_dict() == english
    assert str(one.origins["recipe.schedule"].reason).startswith("sube y baja")


def test_a_run_of_an_older_version_is_read() -> None:
    plain = example().to_dict()
    for name in ("flips", "seconds", "last_step", "log"):
        del plain[name]
    for name in ("group_by", "folds", "fold", "split"):
        del plain["data"][name]
    old = Configuration.from_dict(plain)
    assert (old.flips, old.seconds, old.last_step, old.log) == (False, None, None, ())
    assert (old.data.group_by, old.data.folds, old.data.split) == ("", 0, "")


def test_a_time_budget_is_free_and_the_last_step_is_not() -> None:
    one = example()
    assert replace(one, seconds=5.0).fingerprint == one.fingerprint
    assert replace(one, log=("csv",)).fingerprint == one.fingerprint
    short = replace(one, last_step=5)
    assert short.fingerprint != one.fingerprint and short.steps == 5
    assert replace(one, last_step=99).steps == one.steps == 21
    assert replace(one, flips=True).fingerprint != one.fingerprint
