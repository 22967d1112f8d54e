"""Several runs side by side: what they measured, and what they were made of."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from mirada.training.configuration import Configuration
from mirada.training.runs import RunSummary
from mirada.training.spreadsheet import spreadsheet_cell, spreadsheet_csv

__all__ = [
    "Changed",
    "configuration_changes",
    "run_row",
    "runs_csv",
    "runs_markdown",
    "state_of",
]

_SKIPPED = {"schema", "version", "origins", "forced"}


class Changed(NamedTuple):
    """A value of the configuration that is not the same in all runs.

    One value and one origin a run, in their order; None where a run has no such value.
    """

    name: str
    values: tuple[Any, ...]
    origins: tuple[str | None, ...]


def configuration_changes(runs: Sequence[Configuration]) -> list[Changed]:
    """What differs between configurations, with where each value came from.

    Where it was and in which folder, threads and checkpoints included: everything that
    `configuration.json` says, but for its version.
    """
    flat = [_flat(run.to_dict()) for run in runs]
    names: dict[str, None] = {}
    for one in flat:
        names |= dict.fromkeys(one)
    found = []
    for name in names:
        values = tuple(one.get(name) for one in flat)
        if any(value != values[0] for value in values[1:]):
            origins = tuple(_origin(run, name) for run in runs)
            found.append(Changed(name, values, origins))
    return found


def run_row(run: RunSummary) -> dict[str, Any]:
    """What there is to say of a run in one line of a table, by name."""
    configuration, best = run.configuration, run.best
    assert configuration is not None
    recipe, data = configuration.recipe, configuration.data
    return {
        "run": str(run.folder),
        "network": configuration.network.name,
        "data": data.name,
        "images": data.counts[0],
        "epochs": len(run.rows),
        "of_epochs": recipe.epochs,
        "batch": recipe.batch_size,
        "optimizer": recipe.optimizer.text(),
        "learning_rate": recipe.optimizer.learning_rate,
        "schedule": recipe.schedule.text(),
        "seed": recipe.seed,
        "fold": data.fold + 1 if data.folds else None,
        "engine": configuration.engine,
        "best_epoch": best.epoch if best else None,
        "train_loss": best.train_loss if best else None,
        "validation_loss": best.validation_loss if best else None,
        "validation_accuracy": best.validation_accuracy if best else None,
        "test_accuracy": run.test.accuracy if run.test else None,
        "test_loss": run.test.loss if run.test else None,
        "state": state_of(run),
    }


def state_of(run: RunSummary) -> str:
    """A word that scripts can rely on: running, finished or stopped."""
    if run.is_running:
        return "running"
    return "finished" if run.ended else "stopped"


def runs_csv(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as CSV, a heading first; see `spreadsheet_csv`.

    >>> print(runs_csv([{"run": "=1+1", "seed": 0}]), end="")
    run,seed
    '=1+1,0
    """
    names = list(rows[0]) if rows else []
    return spreadsheet_csv([names, *([row[name] for name in names] for row in rows)])


def runs_markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a table of Markdown.

    >>> print(runs_markdown([{"run": "a|b", "seed": 0}]), end="")
    | run | seed |
    | --- | --- |
    | a\\|b | 0 |
    """
    names = list(rows[0]) if rows else []
    lines = [names, ["---"] * len(names)]
    lines += [[_markdown(row[name]) for name in names] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Every value of nested tables by its full name; layers by their own names."""
    if isinstance(value, list) and name == "network.layers":
        value = {layer.get("name", str(n)): layer for n, layer in enumerate(value)}
    if not isinstance(value, dict):
        return {name: value}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        if name or key not in _SKIPPED:
            found |= _flat(inner, f"{name}.{key}" if name else key)
    return found


def _origin(run: Configuration, name: str) -> str | None:
    """Where the value came from: the origin of it, or of what it is a part of."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        origin = run.origins.get(".".join(parts[:length]))
        if origin is not None:
            return origin.kind
    return None


def _markdown(value: Any) -> str:
    text = spreadsheet_cell(value).replace("\\", "\\\\").replace("|", "\\|")
    return " ".join(text.replace("<", "&lt;").split())
