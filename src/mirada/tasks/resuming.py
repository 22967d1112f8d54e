"""Going on with a run that was stopped: its plan, as it was made."""

from dataclasses import replace

from mirada.errors import UsageError
from mirada.tasks.prepare import Order, going_on, prepare
from mirada.training import Plan, RunFolder

__all__ = ["plan_to_go_on"]


def plan_to_go_on(order: Order, folder: RunFolder) -> Plan:
    """The plan of the run in a folder, with what the order asks to be different.

    Raises UsageError (`resume-without-data`) where it was stopped before it had begun
    and the order names no data, and what `prepare` does.
    """
    if folder.has_run:
        stored = folder.configuration()
        plan = prepare(going_on(order, stored, folder.path))
        return replace(
            plan, configuration=plan.configuration.with_origins(stored.origins)
        )
    if order.source:
        return prepare(order)  # it was stopped before it had begun
    raise UsageError(
        "resume-without-data",
        "The run in '{folder}' was stopped before it had begun. Say what to train, as "
        "in: mirada train digits --out {folder} --resume",
        folder=folder.path,
    )
