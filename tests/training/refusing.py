"""Whole runs of the command line whose disk refuses: told, kept, gone on with."""

import errno
import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from mirada.training.checkpoint import latest_checkpoint
from tests.training.example import COMPARED, files
from tests.training.nursery import Nursery
from tests.training.tally import Tally

__all__ = ["FAULTS", "operations_of", "refused_runs", "run_words"]

FAULTS = (errno.ENOSPC, errno.EIO, errno.EROFS)

_NETWORK = """
name = "tiny"
input = "1x8x8"
layers = ["conv 4 3x3", "batchnorm", "relu", "maxpool 2", "flatten", "linear 10"]
"""
_SETTINGS = (
    *("--epochs", "2", "--batch", "256", "--threads", "1", "--ema", "0.9"),
    *("--engine", "native"),
)
_FORGIVEN = ("remove ", "running.txt", ".lock")
"""What a run does without: an old file that stays, a word for the next process."""
_NEEDED = {"en": "it needs", "es": "necesita"}


def operations_of(children: Nursery, folder: Path) -> list[str]:
    """What a run asks of the disk, in order; its files lie in `folder`/whole."""
    whole, told = folder / "whole", folder / "told"
    (folder / "tiny.toml").write_text(_NETWORK)
    words = ("--lang", "en", *run_words(whole))
    assert children.command(*words, told=told, folder=str(whole)) == 0, told.read_text()
    done: list[str] = json.loads((folder / "told.operations").read_text())
    return done


def refused_runs(
    children: Nursery,
    folder: Path,
    cases: int | None = None,
    *,
    seed: int = 0,
    bug: str = "",
    only: str = "",
) -> Tally:
    """Runs in which one operation of the disk fails, or all from one on.

    Every operation with every errno, and every operation with all that follow; with
    `cases` so many of these, drawn, the first ones of a kind among them; with `only`
    of those whose name has it.
    """
    operations = operations_of(children, folder)
    before, tally = files(folder / "whole", COMPARED[1:]), Tally()
    for place, number, ever in _chosen(operations, cases, seed):
        if only not in operations[place - 1]:
            continue
        run, language = folder / "run", ("en", "es")[place % 2]
        fault = _refused(children, run, language, (place, number, ever), bug)
        fault = fault or _after(children, run, before)
        kind = f"{operations[place - 1].split()[0]}, {errno.errorcode[number]}"
        name = f"{place}, {operations[place - 1]}"
        note = f"operation {name}{', and all after it' * ever}: {fault}"
        tally.add(kind, note if fault else "")
        shutil.rmtree(run, ignore_errors=True)
    return tally


def _chosen(
    operations: Sequence[str], cases: int | None, seed: int
) -> list[tuple[int, int, bool]]:
    every = []
    for place in range(1, len(operations) + 1):
        every += [(place, number, False) for number in FAULTS]
        every.append((place, FAULTS[place % 3], True))
    if cases is None:
        return every
    draw = random.Random(seed)
    firsts = [operations.index(name) + 1 for name in sorted(set(operations))]
    first = [(place, draw.choice(FAULTS), False) for place in firsts]
    half = draw.sample(first, min(cases // 2, len(first)))
    return [*half, *draw.sample(every, cases - len(half))]


def _refused(
    children: Nursery,
    run: Path,
    language: str,
    failing: tuple[int, int, bool],
    bug: str,
) -> str:
    """What is wrong with how the refusal was told, if it was."""
    place, number, ever = failing
    told = run.with_name("told")
    status = children.command(
        *("--lang", language, *run_words(run)),
        told=told,
        folder=str(run),
        fail_at=place,
        number=number,
        ever=ever,
        **({"bug": bug} if bug else {}),
    )
    text = told.read_text()
    done = json.loads(run.with_name("told.operations").read_text())
    failed = done[place - 1 :] if ever else done[place - 1 : place]
    if not failed:
        return f"operation {place} was not reached"
    if status == 0 and all(map(_is_forgiven, failed)):
        return ""
    if status != 5:
        return f"{failed} failed, and it ended with {status}: {text[-300:]}"
    if str(run) not in text:
        return f"the path is not named: {text[-300:]}"
    is_write = "[cannot-write]" in text
    if is_write and _NEEDED[language] not in text:
        return f"the bytes are not named: {text[-300:]}"
    return "" if is_write or "[folder-refused]" in text else f"told as {text[-300:]}"


def _is_forgiven(operation: str) -> bool:
    return any(part in operation for part in _FORGIVEN)


def run_words(run: Path) -> tuple[str, ...]:
    """The command that trains in a folder, beside which its network lies."""
    network = str(run.with_name("tiny.toml"))
    return ("train", network, "digits", *_SETTINGS, "--out", str(run))


def _after(children: Nursery, run: Path, before: dict[str, bytes]) -> str:
    """What is wrong with what is left, and with going on."""
    if run.is_dir():
        found = latest_checkpoint(run)
        if found.damaged:
            return f"a checkpoint is damaged: {found.damaged[0]}"
    begun = (run / "configuration.json").exists()
    words = ("train", "--resume", "--out", str(run)) if begun else run_words(run)
    told = run.with_name("told")
    status = children.command(*words, told=told, folder=str(run))
    if status:
        return f"it cannot be gone on with ({status}): {told.read_text()[-300:]}"
    found_files = files(run, tuple(before))
    others = [name for name in before if before[name] != found_files[name]]
    if list(run.glob("*.part")) or (run / "running.txt").exists():
        return "a temporary file is left"
    return f"other bytes in {', '.join(others)}" if others else ""
