"""Going on with a run that was stopped: its plan, as it was made."""

from dataclasses import replace
from pathlib import Path

from mirada.errors import UsageError
from mirada.tasks.prepare import Order, going_on, prepare
from mirada.training import Configuration, Plan, RunFolder
from mirada.training.checkpoint import checkpoint_paths
from mirada.training.inheritance import read_initial

__all__ = ["plan_to_go_on"]


def plan_to_go_on(order: Order, folder: RunFolder) -> Plan:
    """The plan of the run in a folder, with what the order asks to be different.

    Raises UsageError (`resume-without-data`) where it was stopped before it had begun
    and the order names no data, and what `prepare` does.
    """
    if folder.has_run:
        stored = folder.configuration()
        plan = prepare(going_on(order, stored, folder.path))
        plan = replace(
            plan, configuration=plan.configuration.with_origins(stored.origins)
        )
        return plan if order.wishes.weights else _as_begun(plan, stored, folder.path)
    if order.source:
        return prepare(order)  # it was stopped before it had begun
    raise UsageError(
        "resume-without-data",
        "The run in '{folder}' was stopped before it had begun. Say what to train, as "
        "in: mirada train digits --out {folder} --resume",
        folder=folder.path,
    )


def _as_begun(plan: Plan, stored: Configuration, folder: Path) -> Plan:
    """The plan with the weights that the run began with, which its folder keeps.

    Behind a checkpoint nobody needs them any more.
    """
    if stored.inherited is None:
        return plan
    kept = stored.preprocessing
    images = replace(plan.configuration.preprocessing, mean=kept.mean, std=kept.std)
    initial = None
    if not checkpoint_paths(folder):
        initial = read_initial(folder, stored.inherited)
    configuration = replace(
        plan.configuration, inherited=stored.inherited, preprocessing=images
    )
    return replace(plan, configuration=configuration, initial=initial)
