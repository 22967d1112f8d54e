"""Runs that are killed again and again, and must end as if nothing had happened."""

import json
import random
import shutil
import signal
from pathlib import Path
from typing import Any

from tests.training.example import COMPARED, KINDS, files
from tests.training.nursery import Nursery
from tests.training.tally import Tally

__all__ = ["killed_runs"]

_COMPARED = COMPARED[1:]  # the configuration tells the number of threads
_MOST_KILLS, _STEPS = 4, 21


def killed_runs(
    children: Nursery, folder: Path, kills: int, *, seed: int = 0, bug: str = ""
) -> Tally:
    """Kills runs of every kind until so many kills have hit; a case is a kill.

    Each is at a random moment, at a named operation of the disk, halfway in a write, or
    after a step; the next process computes with another number of threads. `bug` is
    planted in every process that goes on.
    """
    draw, tally, round_ = random.Random(seed), Tally(), 0
    whole = {kind: _whole(children, folder, kind) for kind in KINDS}
    while tally.cases < kills:
        kind = KINDS[round_ % len(KINDS)]
        run = folder / f"run {round_}"
        story, hit = _killed(children, run, kind, draw, whole[kind][1], bug)
        wishes = {"bug": bug} if bug else {}
        status = children.run(run, kind=kind, threads=draw.randint(1, 4), **wishes)
        fault = _fault(run, status, whole[kind][0])
        for how in hit[:-1]:
            tally.add(f"{kind}, {how}")
        if hit or fault:
            how = hit[-1] if hit else "not killed"
            tally.add(f"{kind}, {how}", f"{story}: {fault}" if fault else "")
        shutil.rmtree(run)
        round_ += 1
    return tally


def _whole(children: Nursery, folder: Path, kind: str) -> tuple[dict[str, bytes], int]:
    """The files of a run that nothing happened to, and its operations of the disk."""
    run = folder / f"whole {kind}"
    assert children.run(run, kind=kind, counts=True) == 0
    operations = json.loads((run / "operations").read_text())
    return files(run, _COMPARED), len(operations)


def _killed(
    children: Nursery,
    run: Path,
    kind: str,
    draw: random.Random,
    operations: int,
    bug: str,
) -> tuple[list[dict[str, Any]], list[str]]:
    """What was done to a run, and how each kill came that hit."""
    story, hit = [], []
    for number in range(draw.randint(1, _MOST_KILLS)):
        how, wishes = _way(draw, operations)
        if bug and number:
            wishes["bug"] = bug
        wishes["threads"] = draw.randint(1, 4)
        story.append(wishes)
        if children.run(run, kind=kind, **wishes) == -signal.SIGKILL:
            hit.append(how)
    return story, hit


def _way(draw: random.Random, operations: int) -> tuple[str, dict[str, Any]]:
    match draw.randrange(4):
        case 0:
            return "at a moment", {"kill_after": draw.uniform(0.003, 0.12)}
        case 1:
            return "before an operation", {"kill_at": draw.randint(1, operations)}
        case 2:
            wishes = {"kill_at": draw.randint(1, operations), "halfway": True}
            return "in an operation", wishes
    step = draw.randint(1, _STEPS)
    return "after a step", {"signal_at": step, "signals": [int(signal.SIGKILL)]}


def _fault(run: Path, status: int, whole: dict[str, bytes]) -> str:
    if status:
        return f"it cannot be gone on with (status {status})"
    if list(run.glob("*.part")):
        return "a temporary file is left"
    found = files(run, _COMPARED)
    others = [name for name in whole if found[name] != whole[name]]
    return f"other bytes in {', '.join(others)}" if others else ""
