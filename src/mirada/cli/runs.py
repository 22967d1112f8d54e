"""`mirada runs`: the runs of a folder, the best first."""

from pathlib import Path
from typing import Any

from mirada.cli.command import argument, as_command, json_option
from mirada.cli.output import Column, say, show, show_json, show_table
from mirada.errors import MiradaError, Phrase, UsageError
from mirada.language import translate
from mirada.training.configuration import Configuration
from mirada.training.folder import read_json

__all__ = ["command"]

SCHEMA = 1
_CONFIGURATION, _EVALUATION = "configuration.json", "evaluation.json"


@as_command("runs", examples=("mirada runs", "mirada runs runs --json"))
@argument(
    "folder",
    Phrase("The folder that holds runs."),
    metavar="[DIR]",
    default="runs",
    required=False,
)
@json_option()
def command(folder: str, as_json: bool) -> None:
    """Prints one line a run."""
    path = Path(folder)
    if not path.is_dir() and folder != "runs":
        raise UsageError(
            "runs-folder",
            "'{folder}' is no folder. Give the one that 'mirada train' wrote its runs "
            "into; it is 'runs' unless --out said otherwise.",
            folder=folder[:200],
        )
    found = sorted(_found(path), key=_merit, reverse=True)
    if as_json:
        show_json({"schema": SCHEMA, "runs": found})
    elif not found:
        show(translate("No runs here. 'mirada train digits' makes one."))
    else:
        show_table(_columns(), map(_row, found))


def _found(folder: Path) -> list[dict[str, Any]]:
    """What is known of each run; a run that cannot be read is named."""
    known = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not (path / _CONFIGURATION).is_file():
            continue
        try:
            known.append(_run(path))
        except MiradaError as error:
            say(f"{path}: {error}")
    return known


def _run(path: Path) -> dict[str, Any]:
    file = path / _CONFIGURATION
    configuration = Configuration.from_dict(read_json(file), str(file))
    evaluation = path / _EVALUATION
    accuracy = None
    if evaluation.is_file():
        accuracy = read_json(evaluation).get("accuracy")
    rows = (path / "results.csv").read_text().splitlines() if _has(path) else []
    return {
        "run": str(path),
        "network": configuration.network.name,
        "data": configuration.data.name,
        "epochs": max(len(rows) - 1, 0),
        "of_epochs": configuration.recipe.epochs,
        "optimizer": configuration.recipe.optimizer.text(),
        "seed": configuration.recipe.seed,
        "test_accuracy": accuracy,
    }


def _has(path: Path) -> bool:
    return (path / "results.csv").is_file()


def _merit(run: dict[str, Any]) -> tuple[float, str]:
    accuracy = run["test_accuracy"]
    return (-1.0 if accuracy is None else float(accuracy)), run["run"]


def _columns() -> tuple[Column, ...]:
    return (
        Column(translate("Run")),
        Column(translate("Network")),
        Column(translate("Data")),
        Column(translate("Epochs"), numbers=True),
        Column(translate("Optimizer")),
        Column(translate("Seed"), numbers=True),
        Column(translate("Test accuracy"), numbers=True),
    )


def _row(run: dict[str, Any]) -> tuple[object, ...]:
    accuracy = run["test_accuracy"]
    return (
        run["run"],
        run["network"],
        run["data"],
        f"{run['epochs']}/{run['of_epochs']}",
        run["optimizer"],
        run["seed"],
        "-" if accuracy is None else f"{100 * accuracy:.2f} %",
    )
