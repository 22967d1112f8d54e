"""Planted mistakes are named, right tables pass: the short form of the script."""

from collections.abc import Iterator
from itertools import islice

import pytest

from mirada.analysis.checking import (
    MISTAKE_NAMES,
    check,
    judging,
    parameter_mistakes,
    table,
)
from mirada.analysis.checking.slip import Slip
from scripts.planted_mistakes import LEAST, accused, named
from tests.analysis.checking.planted import KINDS, carried, planted

TABLES = 40


def test_every_mistake_is_planted() -> None:
    assert {*KINDS, "unknown"} == {*MISTAKE_NAMES}


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_mistake_is_named_and_nothing_else(kind: str) -> None:
    found = named(kind, TABLES)
    assert found.named >= LEAST * TABLES
    assert found.accused == 0


@pytest.mark.parametrize("kind", ["padding-once", "padding-forgotten", "same-misread"])
def test_what_follows_from_a_planted_size_is_no_mistake(kind: str) -> None:
    follows = 0
    for plant in islice(planted(kind, 2), TABLES):
        rows = carried(plant)
        for cell in check(plant.draw.network, rows).cells if rows else ():
            if (cell.layer, cell.column) == (plant.layer, "size"):
                assert kind in cell.mistakes
            else:
                assert cell.ok or (cell.mistake, cell.follows) == (None, plant.layer)
                follows += not cell.ok
    assert follows > 2 * TABLES


def test_right_tables_are_right_however_they_are_written() -> None:
    assert accused(3 * TABLES) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_named_is_explained_by_the_number_that_was_written(kind: str) -> None:
    plant = next(islice(planted(kind, 1), 1))
    found = check(plant.draw.network, plant.rows)
    (cell,) = [cell for cell in found.cells if not cell.ok]
    assert (
        cell.slips[0].whys
        and str(cell.slips[0].whys[0]) in cell.to_dict()["explanation"]
    )


def test_a_rule_that_is_missing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "parameter_slips", lambda *_: iter(()))
    assert named("channels-forgotten", 10).named == 0


def test_a_rule_that_names_another_mistake_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = parameter_mistakes.parameter_slips

    def swapped(*given: object) -> Iterator[Slip]:
        for slip in right(*given):  # type: ignore[arg-type]
            kinds = tuple(k.replace("bias-once", "flatten-order") for k in slip.kinds)
            yield slip._replace(kinds=kinds)

    monkeypatch.setattr(table, "parameter_slips", swapped)
    found = named("bias-once", 10)
    assert (found.named, found.accused) == (0, 10)


def test_a_rule_that_calls_right_numbers_wrong_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "amounts", lambda text: ())
    assert accused(3) == 3
