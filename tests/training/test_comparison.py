"""What differs between runs, and rows that other programs read."""

import csv
from dataclasses import replace
from pathlib import Path

from mirada.network import Conv2d, Flatten, Linear, Network, ReLU
from mirada.training import Origin, Wishes, read_run
from mirada.training.comparison import (
    configuration_changes,
    run_row,
    runs_csv,
    runs_markdown,
)
from tests.training.example import plan
from tests.training.test_runs import started


def test_only_what_differs_with_its_origins() -> None:
    one = plan().configuration
    wishes = Wishes(epochs=5, batch_size=32, threads=1, engine="reference")
    other = plan(wishes=wishes).configuration
    found = {change.name: change for change in configuration_changes([one, other])}
    assert set(found) == {"recipe.epochs"}
    assert found["recipe.epochs"].values == (3, 5)
    assert found["recipe.epochs"].origins == ("given", "given")
    assert configuration_changes([one, one]) == []


def test_an_origin_is_that_of_what_a_value_is_a_part_of() -> None:
    one = plan().configuration
    changed = replace(one.recipe.optimizer, learning_rate=0.5)  # type: ignore[type-var]
    other = replace(one, recipe=replace(one.recipe, optimizer=changed))
    (change,) = configuration_changes([one, other])
    assert change.name == "recipe.optimizer.learning_rate"
    assert change.origins == ("automatic", "automatic")
    told = other.with_origins({change.name: Origin("given")})
    assert configuration_changes([one, told])[0].origins == ("automatic", "given")


def test_layers_are_named_and_may_be_absent() -> None:
    layers = [Conv2d(32, 3), ReLU(), Flatten(), Linear(16), Linear(10)]
    other = plan(of=Network("other", (1, 8, 8), layers)).configuration
    found = {c.name: c for c in configuration_changes([plan().configuration, other])}
    assert found["network.layers.conv1.out_channels"].values == (4, 32)
    assert found["network.layers.linear2.kind"].values == (None, "linear")


def test_a_row_of_a_run(tmp_path: Path) -> None:
    row = run_row(read_run(started(tmp_path)))
    assert (row["network"], row["data"], row["state"]) == ("small", "few", "finished")
    assert row["epochs"] == row["of_epochs"] == 3 and row["fold"] is None
    assert row["test_accuracy"] > 0
    (read,) = csv.DictReader(runs_csv([row]).splitlines())
    assert read["images"] == str(row["images"]) and read["fold"] == ""
    assert runs_markdown([row]).count("|") == 3 * (len(row) + 1)


def test_names_are_text_wherever_they_go() -> None:
    row = {"run": "=HYPERLINK(1)", "network": "a,b\n|<script>", "seed": -1}
    (read,) = csv.DictReader(runs_csv([row]).splitlines(keepends=True))
    assert read["run"] == "'=HYPERLINK(1)" and read["seed"] == "-1"
    assert read["network"] == "a,b\n|<script>"
    last = runs_markdown([row]).splitlines()[-1]
    assert last == "| '=HYPERLINK(1) | a,b \\|&lt;script> | -1 |"
    assert runs_csv([]) == "\n"
