"""Going on with a run that was stopped: its plan, as it was made."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirada.engines.group import ALONE, Group
from mirada.errors import UsageError
from mirada.tasks.prepare import Order, going_on, prepare
from mirada.training import Configuration, Plan, RunFolder
from mirada.training.checkpoint import checkpoint_paths
from mirada.training.inheritance import Inherited, read_initial
from mirada.training.tensors import Arrays

__all__ = ["plan_to_go_on"]


def plan_to_go_on(order: Order, folder: RunFolder | None, group: Group = ALONE) -> Plan:
    """The plan of the run in a folder, with what the order asks to be different.

    Of a group of processes the first one has the folder. Raises UsageError
    (`resume-without-data`) where it was stopped before it had begun and the order names
    no data, and what `prepare` does.
    """
    path, plain = group.told(group.at_first(lambda: _stored(folder)) or ("", None))
    if plain is not None:
        stored = Configuration.from_dict(plain, path)
        wanted = going_on(order, stored, Path(path))
        plan = group.everywhere(lambda: prepare(wanted))
        plan = replace(
            plan, configuration=plan.configuration.with_origins(stored.origins)
        )
        if order.wishes.weights:
            return plan
        return _as_begun(plan, stored, Path(path), group)
    return group.everywhere(lambda: _from_the_start(order, path))


def _from_the_start(order: Order, path: str) -> Plan:
    """The plan of a run that was stopped before it had begun."""
    if not order.source:
        raise UsageError(
            "resume-without-data",
            "The run in '{folder}' was stopped before it had begun. Say what to train, "
            "as in: mirada train digits --out {folder} --resume",
            folder=path,
        )
    return prepare(order)


def _as_begun(plan: Plan, stored: Configuration, folder: Path, group: Group) -> Plan:
    """The plan with the weights that the run began with, which its folder keeps."""
    told = stored.inherited
    if told is None:
        return plan
    kept = stored.preprocessing
    images = replace(plan.configuration.preprocessing, mean=kept.mean, std=kept.std)
    configuration = replace(plan.configuration, inherited=told, preprocessing=images)
    initial = group.at_first(lambda: _initial(folder, told))
    return replace(plan, configuration=configuration, initial=initial)


def _initial(folder: Path, told: Inherited) -> Arrays | None:
    """What the run began with; behind a checkpoint nobody needs it any more."""
    return None if checkpoint_paths(folder) else read_initial(folder, told)


def _stored(folder: RunFolder | None) -> tuple[str, Mapping[str, Any] | None]:
    """The folder's path and the configuration of its run, if one has begun."""
    assert folder is not None
    plain = folder.configuration().to_dict() if folder.has_run else None
    return str(folder.path), plain
