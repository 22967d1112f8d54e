"""The runs that lie in the folder of a lab, also those of `mirada train`."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirada.errors import DataError
from mirada.lab.data_places import is_there
from mirada.lab.training_story import setup_of
from mirada.lab.training_watch import confusion_of, measured_steps
from mirada.tasks.ended import end_text
from mirada.training import Configuration, Outcome, RunSummary, list_runs, read_run
from mirada.training.comparison import state_of

__all__ = ["run_facts", "run_named", "run_row", "run_rows", "run_story"]

_MOST = 200
REPORT = "report.html"


def run_named(runs: Path, name: str) -> Path:
    """The folder of a run by its name.

    Raises DataError (`run-unknown`) where there is none.
    """
    path = runs / name
    is_name = name and path.name == name and name not in (".", "..")
    if not is_name or "\\" in name or not is_there(path) or not path.is_dir():
        raise DataError(
            "run-unknown",
            "There is no run {name!r} in this lab. It may have been moved or deleted.",
            name=name[:80],
        )
    return path


def run_rows(runs: Path, over: str = "") -> list[dict[str, Any]]:
    """A row a run, the best first; those begun last where there are very many.

    Of the run `over` it is known that nobody trains it any more.
    """
    found = list(_newest(runs)) if runs.is_dir() else []
    rows = [run_row(run, over) for run in found]
    return sorted(rows, key=lambda row: (row["problem"] != "", *_rank(row)))


def _newest(runs: Path) -> Iterator[RunSummary]:
    found = [path for path in runs.iterdir() if (path / "configuration.json").is_file()]
    found.sort(key=_begun, reverse=True)
    for path in found[:_MOST]:
        yield from list_runs(path)


def _begun(path: Path) -> float:
    with suppress(OSError):
        return (path / "configuration.json").stat().st_mtime
    return 0.0


def _rank(row: dict[str, Any]) -> tuple[float, float, str]:
    test, validation = row["test_accuracy"], row["validation_accuracy"]
    return -(test or 0.0), -(validation or 0.0), row["run"]


def run_facts(run: RunSummary, name: str) -> dict[str, Any]:
    """What every list says of a run, by the name that it has there."""
    chosen = run.configuration
    return {
        "run": name,
        "state": state_of(run),
        "network": chosen.network.name if chosen else "",
        "data": chosen.data.name if chosen else "",
        "problem": str(run.problem) if run.problem else "",
    }


def run_row(run: RunSummary, over: str = "") -> dict[str, Any]:
    """What the list of trainings says of a run."""
    chosen, best, name = run.configuration, run.best, run.folder.name
    is_running = run.is_running and name != over
    facts = run_facts(replace(run, is_running=is_running), name)
    return {
        **facts,
        "epochs": len(run.rows),
        "of_epochs": chosen.recipe.epochs if chosen else 0,
        "validation_accuracy": best.validation_accuracy if best else None,
        "test_accuracy": run.test.accuracy if run.test else None,
        "can_resume": chosen is not None and facts["state"] == "stopped",
        "has_report": (run.folder / REPORT).is_file(),
        "has_weights": best is not None,
        "crash": str(run.crash.text) if run.crash else "",
        "begun_s": _begun(run.folder),
    }


def run_story(path: Path, over: str = "") -> dict[str, Any]:
    """A run as the story of one that was just trained tells it."""
    run = read_run(path)
    chosen = run.configuration
    if chosen is None:
        assert run.problem is not None
        raise run.problem
    row = run_row(run, over)
    states = {"finished": "ended", "stopped": "stopped", "running": "elsewhere"}
    last = run.rows[-1] if run.rows else None
    return {
        "state": states[row["state"]],
        "run": row["run"],
        "rows": [each.to_dict() for each in run.rows],
        "points": measured_steps(path),
        "rates": [change._asdict() for change in run.rate_changes],
        "last": {"step": last.step, "epoch": last.epoch} if last else None,
        "test": confusion_of(run.test) if run.test else None,
        "ended_text": _ended(run, chosen),
        "can_resume": row["can_resume"],
        "has_report": row["has_report"],
        "crash": row["crash"],
        "setup": setup_of(chosen),
    }


def _ended(run: RunSummary, chosen: Configuration) -> str:
    if run.best is None:
        return ""
    outcome = Outcome(run.folder, run.rows, run.best, run.ended, run.test)
    return end_text(chosen, outcome)
