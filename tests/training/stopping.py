"""Whole runs of the command line that are asked to stop at any moment."""

import json
import random
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.training.example import COMPARED, files
from tests.training.nursery import Nursery
from tests.training.refusing import operations_of, run_words
from tests.training.tally import Tally

__all__ = ["stopped_runs"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_WORDS = ("all is saved. Go on with: mirada train --resume", "Interrupted.")


def stopped_runs(
    children: Nursery,
    folder: Path,
    cases: int | None = None,
    *,
    seed: int = 0,
    bug: str = "",
) -> Tally:
    """Runs that a signal reaches before one of their operations on the disk.

    Both signals at each; with `cases` so many of these, drawn.
    """
    operations, tally = operations_of(children, folder), Tally()
    before = files(folder / "whole", COMPARED[1:])
    every = [(p, n) for p in range(1, len(operations) + 1) for n in _SIGNALS]
    if cases is not None:
        every = random.Random(seed).sample(every, cases)
    for place, number in every:
        run, told = folder / "run", folder / "told"
        wishes = {"bug": bug} if bug else {}
        status = children.command(
            *("--lang", "en", *run_words(run)),
            told=told,
            folder=str(run),
            fail_at=place,
            number=int(number),
            stops=True,
            **wishes,
        )
        done = json.loads((folder / "told.operations").read_text())
        fault = _fault(status, number, told.read_text(), done[place - 1 :])
        fault = fault or _after(children, run, before)
        kind = f"{number.name}, {operations[place - 1].split()[0]}"
        name = f"operation {place}, {operations[place - 1]}"
        tally.add(kind, f"{name}: {fault}" if fault else "")
        shutil.rmtree(run, ignore_errors=True)
    return tally


def _fault(status: int, number: signal.Signals, text: str, rest: Sequence[str]) -> str:
    """What is wrong with how a run ended that a signal reached before `rest`."""
    written = sum(name.startswith("rename ckpt") for name in rest)
    if written > 1:
        return f"{written} checkpoints were written"
    if status == 0 and "remove running.txt" in rest:
        return "" if "rename report.html" in rest else "the report is missing"
    if status != 128 + number:
        return f"it ended with {status}: {text[-300:]}"
    if "Traceback" in text or not any(words in text for words in _WORDS):
        return f"told as {text[-300:]}"
    return ""


def _after(children: Nursery, run: Path, before: dict[str, bytes]) -> str:
    """What is wrong with what is left, and with going on."""
    if run.is_dir() and list(run.glob("*.part")):
        return "a temporary file is left"
    begun = (run / "configuration.json").exists()
    words = ("train", "--resume", "--out", str(run)) if begun else run_words(run)
    told = run.with_name("told")
    status = children.command(*words, told=told, folder=str(run))
    if status:
        return f"it cannot be gone on with ({status}): {told.read_text()[-300:]}"
    found = files(run, tuple(before))
    others = [name for name in before if before[name] != found[name]]
    return f"other bytes in {', '.join(others)}" if others else ""
