"""Taking up the run of a folder: what it is now, and the checkpoint to go on from."""

from dataclasses import replace
from typing import NamedTuple

from mirada.data.split_file import split_bytes
from mirada.engines import Engine
from mirada.errors import Phrase
from mirada.training.checkpoint import Checkpoint, latest_checkpoint
from mirada.training.configuration import Configuration
from mirada.training.folder import SPLIT, RunFolder
from mirada.training.force import (
    changed_since,
    forced,
    notes_on,
    require_forceable,
    require_optimizer,
    require_same,
    runs_of,
)
from mirada.training.plan import Plan
from mirada.training.record import write_initial
from mirada.training.watch import Watch

__all__ = ["TakenUp", "take_up", "write_start"]


class TakenUp(NamedTuple):
    """A run that is gone on with.

    `stored` is its configuration as it was, `configuration` as it is now; without a
    `checkpoint` it begins at the start; `changed` names what was forced since that.
    """

    stored: Configuration
    configuration: Configuration
    checkpoint: Checkpoint | None
    changed: frozenset[str]


def write_start(folder: RunFolder, plan: Plan, configuration: Configuration) -> None:
    """Writes the split and then the configuration, with which a run has begun.

    Before them the parameters that it begins with, where they came from elsewhere.
    """
    if plan.initial is not None:
        write_initial(folder.path, plan.initial, configuration, folder.disk)
    folder.write(SPLIT, split_bytes(plan.split))
    folder.write_configuration(configuration)


def take_up(
    plan: Plan, engine: Engine, folder: RunFolder, watch: Watch, *, force: bool
) -> TakenUp:
    """The run of the folder; refused, or forced, where something differs.

    Nothing is written before everything has been found to fit. Raises
    ConfigurationError (`resume-differs`, `force-impossible`).
    """
    stored = folder.configuration()
    now = replace(plan.configuration, forced=stored.forced)
    if not force:
        require_same(stored, now, folder.path)
    require_forceable(stored, now, folder.path)
    checkpoint = _latest(folder, runs_of(stored), watch)
    if checkpoint is not None:
        needed = engine.optimizer_state()
        require_optimizer(checkpoint.optimizer, needed, folder.path)
    if stored.differences(now):
        now = forced(stored, now, checkpoint.place.step if checkpoint else 0)
        write_start(folder, plan, now)
        for note in notes_on(now.forced[-1]):
            watch.note(note)
    changed = changed_since(now, checkpoint.run) if checkpoint else frozenset[str]()
    return TakenUp(stored, now, checkpoint, changed)


def _latest(
    folder: RunFolder, runs: tuple[str, ...], watch: Watch
) -> Checkpoint | None:
    found = latest_checkpoint(folder.path, *runs)
    for error in found.damaged:
        watch.note(Phrase("{what} It is left out.", what=error))
    if found.damaged and found.checkpoint is None:
        watch.note(Phrase("No checkpoint can be read: from the start."))
    return found.checkpoint
