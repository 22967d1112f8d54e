"""Values that no page sends, and runs of others that are no good, in short.

`python -m scripts.attack_lab rooms` and `runs` have the long forms.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mirada.lab import exercise_tables
from mirada.lab.asked import Work
from tests.cli.conftest import stage
from tests.cli.stage import copied
from tests.lab import attack_rooms
from tests.lab.attack_rooms import PAGE, drawn_requests, spoiled_runs
from tests.training.tally import Tally

__all__ = ["stage"]


@pytest.fixture
def folder(stage: Path, tmp_path: Path) -> Iterator[Path]:
    yield copied(stage, tmp_path / "lab")


def fine(tally: Tally) -> bool:
    assert not tally.faults, "\n".join(tally.faults[:9])
    return tally.is_fine


def test_whatever_is_asked_is_answered_or_refused(folder: Path) -> None:
    tally = drawn_requests(folder, 600)
    assert fine(tally) and tally.cases == 600
    assert min(tally.notes["answer"], tally.notes["refusal"]) > 100


def test_every_work_that_takes_something_is_asked_for_it() -> None:
    named = {f"{work.method} {work.path}" for work in attack_rooms.WORK}
    assert PAGE.keys() <= named
    bare = [n for n in named - PAGE.keys() if n.split()[0] in ("POST", "PUT")]
    assert set(bare) == {
        "POST /api/data/own/empty-trash",
        *(f"POST /api/training/{word}" for word in ("pause", "go-on", "stop")),
    }


def test_a_room_that_trusts_what_it_is_sent_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/api/tables/judge"
    (judge,) = (work for work in exercise_tables.WORK if work.path == path)
    trusting = Work("POST", path, lambda lab, asked: {"first": asked.value["rows"][0]})
    assert judge in attack_rooms.WORK
    monkeypatch.setattr(attack_rooms, "WORK", (trusting,))
    faults = drawn_requests(folder, 60).faults
    assert faults and all("Error" in each for each in faults)


def test_a_run_of_somebody_else_s_spoils_nothing(folder: Path) -> None:
    assert fine(spoiled_runs(folder, 40))
