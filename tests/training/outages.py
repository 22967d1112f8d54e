"""Losses of power at every moment of a run: the loader finds the old or the new."""

import random
import shutil
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from mirada.errors import MiradaError
from mirada.training import RunFolder, load_model, read_run, train
from mirada.training.checkpoint import checkpoint_paths, latest_checkpoint
from mirada.training.disk import append
from mirada.training.record import METRICS, TIMING
from tests.training.example import COMPARED, files, made, plan_of
from tests.training.power import Entry, PoweredDisk, State
from tests.training.tally import Tally

__all__ = ["BUGS", "outages"]

BUGS = ("sync", "sync_folder", "metrics")
"""What a writer may forget: a file's sync, a folder's, that of the metrics."""

_APPENDED = (METRICS, TIMING)
_GONE_ON_WITH = 40
"""Every such state is gone on with, to the end."""


def outages(
    folder: Path, cases: int, *, kind: str = "small", seed: int = 0, bug: str = ""
) -> Tally:
    """Rebuilds so many states of the folder of a run, and looks at each.

    The states are spread over the whole run, and drawn as `State.drawn` says.
    """
    log = _logged(folder / "whole", kind, bug)
    whole, draw, tally = folder / "whole", random.Random(seed), Tally()
    real, believed, done = State(), State(), 0
    for case in range(cases):
        length = case * len(log) // max(cases - 1, 1)
        for entry in log[done:length]:
            believed.take(entry)
            if entry.is_real:
                real.take(entry)
        done = max(done, length)
        names, place = real.drawn(draw), folder / "state"
        place.mkdir()
        for name, content in names.items():
            (place / name).write_bytes(content)
        fault = _fault(place, names, believed, whole)
        if not fault and case % _GONE_ON_WITH == 0:
            fault = _gone_on_with(place, kind, whole)
        last = log[done - 1].kind if done else "nothing"
        tally.add(
            f"after {last}", f"state {case}, {done} entries: {fault}" * bool(fault)
        )
        shutil.rmtree(place)
    return tally


def _logged(folder: Path, kind: str, bug: str) -> list[Entry]:
    """What the disk was asked in a whole run."""
    disk, plan = PoweredDisk(bug), plan_of(kind)
    with ExitStack() as planted:
        if bug == "metrics":
            planted.enter_context(patch.object(RunFolder, "append", _added_unsynced))
        with RunFolder.new(folder, disk) as held:
            train(plan, made(plan), held)
    return disk.log


def _added_unsynced(
    held: RunFolder, name: str, line: bytes, *, sync: bool = False
) -> None:
    """Adds to a file of a run, and forgets what it was asked about the disk."""
    append(held.path / name, line, held.disk)


def _fault(place: Path, names: dict[str, bytes], believed: State, whole: Path) -> str:
    """What is wrong with a state: a mixture, or less than what was promised."""
    known = {*believed.names, *(entry.name for entry in believed.pending), *names}
    for name in sorted(known):
        if name.endswith(".part") or name in _APPENDED:
            continue
        if names.get(name) not in believed.versions(name):
            return f"{name} is neither the old nor the new"
    try:
        return _read(place, believed, whole)
    except MiradaError as error:
        return f"{error.code}: {error}"


def _read(place: Path, believed: State, whole: Path) -> str:
    promised = [name for name in believed.names if name.startswith("ckpt-")]
    kept = [path.name for path in checkpoint_paths(place)]
    found = latest_checkpoint(place)
    if found.damaged:
        return f"a checkpoint is damaged: {found.damaged[0]}"
    if found.checkpoint is None:
        return "no checkpoint is left" if promised else ""
    if kept[0] < max(promised, default=""):
        return f"the latest checkpoint is {kept[0]}, not {max(promised)}"
    size = found.checkpoint.place.metrics_bytes
    measured = (place / METRICS).read_bytes()[:size]
    if measured != (whole / METRICS).read_bytes()[:size]:
        return "metrics of before the checkpoint are lost"
    for model in ("best.safetensors", "last.safetensors"):
        if (place / model).exists():
            load_model(place / model)
    problem = read_run(place).problem
    return f"{problem}" if problem else ""


def _gone_on_with(place: Path, kind: str, whole: Path) -> str:
    plan = plan_of(kind)
    with RunFolder.existing(place) as held:
        train(plan, made(plan), held)
    before, after = files(whole), files(place)
    others = [name for name in COMPARED if before[name] != after[name]]
    if list(place.glob("*.part")):
        return "a temporary file is left"
    return f"gone on with, other bytes in {', '.join(others)}" if others else ""
