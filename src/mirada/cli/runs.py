"""`mirada runs`: the runs of a folder, the best first."""

from pathlib import Path

from mirada.cli.command import argument, as_command, json_option
from mirada.cli.folders import RUNS
from mirada.cli.output import Column, say, show, show_json, show_table
from mirada.cli.quantities import percent_text
from mirada.data.naming import shown_path
from mirada.errors import Phrase, UsageError
from mirada.language import translate
from mirada.training import Configuration, RunSummary, list_runs

__all__ = ["command"]

SCHEMA = 1


@as_command("runs", examples=("mirada runs", "mirada runs runs --json"))
@argument(
    "folder",
    Phrase("The folder that holds runs, or one run; ./runs unless given."),
    metavar="[DIR]",
    default=str(RUNS),
    required=False,
)
@json_option()
def command(folder: str, as_json: bool) -> None:
    """Prints one line a run; what cannot be read is named."""
    path = Path(folder)
    if not path.is_dir() and path != RUNS:
        raise UsageError(
            "runs-folder",
            "'{folder}' is no folder. Give the one that 'mirada train' wrote its runs "
            "into; it is 'runs' unless --out said otherwise.",
            folder=shown_path(path),
        )
    found = list(list_runs(path)) if path.is_dir() else []
    for run in found:
        if run.problem is not None:
            say(run.problem)
        elif run.crash is not None:
            say(run.crash.text)
    known = sorted((run for run in found if run.configuration), key=_rank)
    if as_json:
        show_json({"schema": SCHEMA, "runs": [_plain(run) for run in known]})
    elif not known:
        show(translate("No runs here. 'mirada train digits' makes one."))
    else:
        show_table(_columns(), map(_row, known))


def _rank(run: RunSummary) -> tuple[float, float, str]:
    best = run.best
    return (
        -(run.test.accuracy if run.test else -1.0),
        -((best.validation_accuracy if best else None) or 0.0),
        str(run.folder),
    )


def _state(run: RunSummary) -> str:
    """A word that scripts can rely on."""
    if run.is_running:
        return "running"
    return "finished" if run.ended else "stopped"


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
        "state": _state(run),
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
        states[_state(run)],
    )


def _configuration(run: RunSummary) -> Configuration:
    assert run.configuration is not None
    return run.configuration
