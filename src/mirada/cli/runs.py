"""`mirada runs`: lists runs, compares them, tells their differences, exports them."""

from pathlib import Path

import click

from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.output import Column, say, show, show_json, show_table
from mirada.cli.run_tables import compare_runs, diff_runs, export_runs
from mirada.data.naming import shown_path
from mirada.errors import Phrase, UsageError
from mirada.language import translate
from mirada.tasks.folders import RUNS
from mirada.tasks.quantities import percent_text
from mirada.training import Configuration, RunSummary, list_runs
from mirada.training.comparison import state_of

__all__ = ["command"]

SCHEMA = 1
_VERBS = ("list", "compare", "diff", "export")


@as_command(
    "runs",
    details=Phrase(
        "'runs' or 'runs DIR' lists, studies' runs included. 'runs compare A B ...' "
        "puts what runs measured side by side, with --out their curves in one SVG; "
        "'runs diff A B ...' tells what differs in their configurations; 'runs export "
        "[DIR] --out FILE' writes a table as .csv, .json or .md. A folder that is "
        "named like a verb is written ./compare."
    ),
    examples=(
        "mirada runs",
        "mirada runs runs --json",
        "mirada runs compare runs/example models/photos --out compared.svg",
        "mirada runs diff runs/example models/photos",
        "mirada runs export --out table.csv",
    ),
)
@argument(
    "words",
    Phrase("A verb or none; then folders that hold runs, or runs."),
    nargs=-1,
    metavar="[list|compare|diff|export] [DIR]...",
)
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    about=Phrase("With compare an .svg, with export a .csv, .json or .md."),
)
@json_option()
def command(words: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Does what the first word says; lists where it is no verb."""
    verb = words[0] if words and words[0] in _VERBS else "list"
    folders = words[1:] if words and words[0] in _VERBS else words
    if out is not None and verb in ("list", "diff"):
        raise UsageError(
            "runs-out",
            "--out is for 'runs compare' and 'runs export'; 'runs {verb}' prints. Add "
            "--json for a program.",
            verb=verb,
        )
    if verb == "list":
        _list(folders, as_json=as_json)
        return
    if verb == "export":
        runs = [run for path in _paths(folders, 0) for run in _known(path)]
        export_runs(sorted(runs, key=_rank), out, as_json=as_json)
        return
    runs = [run for path in _paths(folders, 1) for run in _known(path)]
    if verb == "compare":
        compare_runs(runs, out, as_json=as_json)
    else:
        diff_runs(runs, as_json=as_json)


def _list(folders: tuple[str, ...], *, as_json: bool) -> None:
    """Prints one line a run; what cannot be read is named."""
    runs = [run for path in _paths(folders, 0) for run in _known(path)]
    known = sorted(runs, key=_rank)
    if as_json:
        show_json({"schema": SCHEMA, "runs": [_plain(run) for run in known]})
    elif not known:
        show(translate("No runs here. 'mirada train digits' makes one."))
    else:
        show_table(_columns(), map(_row, known))


def _paths(folders: tuple[str, ...], least: int) -> list[Path]:
    """The folders that are named, ./runs where none has to be."""
    if len(folders) < least:
        raise UsageError(
            "runs-words",
            "Say which runs, or folders of runs. As in: mirada runs compare runs/one "
            "runs/other",
        )
    paths = [Path(folder) for folder in folders] or [RUNS]
    for path in paths:
        if not path.is_dir() and path != RUNS:
            raise UsageError(
                "runs-folder",
                "'{folder}' is no folder. Give the one that 'mirada train' wrote its "
                "runs into; it is 'runs' unless --out said otherwise.",
                folder=shown_path(path),
            )
    return paths


def _known(path: Path) -> list[RunSummary]:
    """The runs of a folder that can be read; what cannot is named."""
    found = list(list_runs(path, studies=True)) if path.is_dir() else []
    for run in found:
        if run.problem is not None:
            say(run.problem)
        elif run.crash is not None:
            say(run.crash.text)
        for record in run.configuration.forced if run.configuration else ():
            say(f"{shown_path(run.folder)}: {record.text}")
        for change in run.rate_changes:
            say(f"{shown_path(run.folder)}: {change.text}")
    return [run for run in found if run.configuration]


def _rank(run: RunSummary) -> tuple[float, float, str]:
    best = run.best
    return (
        -(run.test.accuracy if run.test else -1.0),
        -((best.validation_accuracy if best else None) or 0.0),
        str(run.folder),
    )


def _plain(run: RunSummary) -> dict[str, object]:
    configuration, best = _configuration(run), run.best
    return {
        "run": str(run.folder),
        "network": configuration.network.name,
        "data": configuration.data.name,
        "epochs": len(run.rows),
        "of_epochs": configuration.recipe.epochs,
        "batch": configuration.recipe.batch_size,
        "optimizer": configuration.recipe.optimizer.text(),
        "seed": configuration.recipe.seed,
        "engine": configuration.engine,
        "best_epoch": best.epoch if best else None,
        "validation_accuracy": best.validation_accuracy if best else None,
        "test_accuracy": run.test.accuracy if run.test else None,
        "state": state_of(run),
        "forced": [record.to_dict() for record in configuration.forced],
        "rate_changes": [change._asdict() for change in run.rate_changes],
        "crash": run.crash.to_dict() if run.crash else None,
    }


def _columns() -> tuple[Column, ...]:
    return (
        Column(translate("Run")),
        Column(translate("Network")),
        Column(translate("Data")),
        Column(translate("Epochs"), numbers=True),
        Column(translate("Batch"), numbers=True),
        Column(translate("Optimizer")),
        Column(translate("Seed"), numbers=True),
        Column(translate("Validation"), numbers=True),
        Column(translate("Test"), numbers=True),
        Column(translate("State")),
    )


def _row(run: RunSummary) -> tuple[object, ...]:
    configuration, best = _configuration(run), run.best
    states = {
        "running": translate("running"),
        "finished": translate("finished"),
        "stopped": translate("stopped"),
    }
    return (
        shown_path(run.folder),
        configuration.network.name,
        configuration.data.name,
        f"{len(run.rows)}/{configuration.recipe.epochs}",
        configuration.recipe.batch_size,
        configuration.recipe.optimizer.text(),
        configuration.recipe.seed,
        percent_text(best.validation_accuracy if best else None),
        percent_text(run.test.accuracy if run.test else None),
        states[state_of(run)],
    )


def _configuration(run: RunSummary) -> Configuration:
    assert run.configuration is not None
    return run.configuration
