"""Runs side by side: what they measured, what differs, and tables for others."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mirada.cli.output import Column, show, show_json, show_table
from mirada.data.naming import shown_path
from mirada.errors import DataError, UsageError
from mirada.language import translate
from mirada.tasks.differences import changed_cells
from mirada.tasks.quantities import loss_text, percent_text
from mirada.training import Configuration, RunSummary
from mirada.training.comparison import (
    configuration_changes,
    run_row,
    runs_csv,
    runs_markdown,
)
from mirada.training.disk import write_whole
from mirada.views.compared import ComparedRun, compared_figure
from mirada.views.svg import write

__all__ = ["compare_runs", "diff_runs", "export_runs"]

SCHEMA = 1


def compare_runs(
    runs: Sequence[RunSummary], out: Path | None, *, as_json: bool
) -> None:
    """Prints what runs measured, a column a run; with `out` draws their curves."""
    _require_two(runs)
    if out is not None:
        _require_suffix(out, (".svg",))
        lines = tuple(
            ComparedRun(
                shown_path(run.folder),
                tuple(row.validation_accuracy for row in run.rows),
            )
            for run in runs
        )
        write_whole(out, [write(compared_figure(lines)).encode()])
    if as_json:
        rows = [{**run_row(run), "recall": _recall(run)} for run in runs]
        plain = {"schema": SCHEMA, "runs": rows}
        show_json({**plain, "figure": None if out is None else str(out)})
        return
    columns = [Column(""), *(Column(shown_path(r.folder), numbers=True) for r in runs)]
    show_table(columns, _measured(runs))
    if out is not None:
        show()
        show(translate("The curves: {file}").format(file=shown_path(out)))


def diff_runs(runs: Sequence[RunSummary], *, as_json: bool) -> None:
    """Prints what differs in the configurations of runs, and where it came from."""
    _require_two(runs)
    changes = configuration_changes([_configuration(run) for run in runs])
    if as_json:
        plain = [change._asdict() for change in changes]
        names = [str(run.folder) for run in runs]
        show_json({"schema": SCHEMA, "runs": names, "differences": plain})
    elif not changes:
        show(translate("Nothing differs: the same values end in the same bytes."))
    else:
        columns = [Column(translate("Value"))]
        columns += [Column(shown_path(run.folder)) for run in runs]
        show_table(columns, map(changed_cells, changes))


def export_runs(runs: Sequence[RunSummary], out: Path | None, *, as_json: bool) -> None:
    """Writes a table of runs as CSV, JSON or Markdown by the ending of the name.

    Without `out` it is printed, as CSV or, if asked for, as JSON.
    """
    rows = [run_row(run) for run in runs]
    if out is None:
        if as_json:
            show_json({"schema": SCHEMA, "runs": rows})
        else:
            show(runs_csv(rows).rstrip("\n"))
        return
    _require_suffix(out, (".csv", ".json", ".md"))
    text = _text(rows, out.suffix.lower())
    write_whole(out, [text.encode()])
    if as_json:
        show_json({"schema": SCHEMA, "file": str(out), "runs": len(rows)})
    else:
        words = translate("{count} runs are in {file}.")
        show(words.format(count=len(rows), file=shown_path(out)))


def _text(rows: list[dict[str, Any]], suffix: str) -> str:
    if suffix == ".csv":
        return runs_csv(rows)
    if suffix == ".md":
        return runs_markdown(rows)
    plain = {"schema": SCHEMA, "runs": rows}
    return json.dumps(plain, indent=2, allow_nan=False) + "\n"


def _measured(runs: Sequence[RunSummary]) -> list[list[str]]:
    """A line for each thing that is measured, a cell a run."""
    rows = [run_row(run) for run in runs]
    names = (
        (translate("network"), "network", str),
        (translate("training images"), "images", str),
        (translate("epochs"), "epochs", str),
        (translate("best epoch"), "best_epoch", _plain),
        (translate("training loss"), "train_loss", _loss),
        (translate("validation loss"), "validation_loss", _loss),
        (translate("validation accuracy"), "validation_accuracy", percent_text),
        (translate("test loss"), "test_loss", _loss),
        (translate("test accuracy"), "test_accuracy", percent_text),
    )
    lines = [[label, *(told(row[name]) for row in rows)] for label, name, told in names]
    recalls = [_recall(run) for run in runs]
    classes = dict.fromkeys(name for found in recalls for name in found)
    text = translate("found of {label}")
    for label in classes:
        cells = (percent_text(found.get(label)) for found in recalls)
        lines.append([text.format(label=label), *cells])
    return lines


def _recall(run: RunSummary) -> dict[str, float | None]:
    return {i.name: i.recall for i in run.test.per_class} if run.test else {}


def _require_two(runs: Sequence[RunSummary]) -> None:
    if len(runs) < 2:
        raise DataError(
            "runs-too-few",
            "Comparing takes two runs or more, but these folders hold {count} that can "
            "be read. Give the folders of runs, as runs/one runs/other.",
            count=len(runs),
        )


def _require_suffix(out: Path, known: tuple[str, ...]) -> None:
    if out.suffix.lower() not in known:
        raise UsageError(
            "runs-out-suffix",
            "'{file}' has an ending that nothing is written for. Give --out a name "
            "that ends in {known}.",
            file=shown_path(out),
            known=", ".join(known),
        )


def _configuration(run: RunSummary) -> Configuration:
    assert run.configuration is not None
    return run.configuration


def _loss(value: float | None) -> str:
    return "-" if value is None else loss_text(value)


def _plain(value: object) -> str:
    return "-" if value is None else str(value)
