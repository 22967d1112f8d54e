from pathlib import Path

import pytest

from mirada.training import RunFolder, Watch, list_runs, read_run, train
from mirada.training.place import Place
from tests.training.example import engine, plan


class Stopping(Watch):
    """Ends the run at a step, as an error of ours would."""

    def step(self, place: Place, loss: float) -> None:
        if place.step == 10:
            raise InterruptedError


def started(folder: Path, watch: Watch | None = None) -> Path:
    chosen = plan()
    with RunFolder.new(folder) as held:
        try:
            train(chosen, engine(chosen), held, watch)
        except InterruptedError:
            assert watch is not None
    return folder


def test_a_run_that_has_ended(tmp_path: Path) -> None:
    found = read_run(started(tmp_path))
    assert found.configuration is not None and found.test is not None
    assert found.configuration.fingerprint == plan().configuration.fingerprint
    assert [row.epoch for row in found.rows] == [1, 2, 3]
    assert found.best == [row for row in found.rows if row.best][-1]
    assert (found.ended, found.is_running, found.problem) == ("epochs", False, None)
    assert found.test.count == 60


def test_a_run_that_was_stopped(tmp_path: Path) -> None:
    found = read_run(started(tmp_path, Stopping()))
    assert (len(found.rows), found.ended, found.test) == (1, "", None)
    with (tmp_path / "metrics.jsonl").open("a") as stream:
        stream.write('{"kind":"epo')
    assert len(read_run(tmp_path).rows) == 1


def test_a_run_that_goes_on(tmp_path: Path) -> None:
    started(tmp_path, Stopping())
    with RunFolder.existing(tmp_path):
        assert read_run(tmp_path).is_running
    assert not read_run(tmp_path).is_running


def test_runs_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("b-2", "b-1"):
        started(tmp_path / name, Stopping())
    (tmp_path / "other").mkdir()
    (tmp_path / "note.txt").write_text("no run")
    assert [run.folder.name for run in list_runs(tmp_path)] == ["b-1", "b-2"]
    assert [run.folder for run in list_runs(tmp_path / "b-1")] == [tmp_path / "b-1"]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("configuration.json", "{", "json-file"),
        ("configuration.json", "{}", "configuration-file"),
        ("evaluation.json", "[]", "json-file"),
        ("evaluation.json", '{"loss": 1}', "evaluation-file"),
        ("evaluation.json", '{"confusion": 3}', "evaluation-file"),
    ],
)
def test_what_cannot_be_read_is_a_problem(
    tmp_path: Path, name: str, text: str, code: str
) -> None:
    started(tmp_path)
    (tmp_path / name).write_text(text)
    found = read_run(tmp_path)
    assert found.problem is not None and found.problem.code == code
    assert name in str(found.problem)
    assert found.configuration is None and found.best is None
