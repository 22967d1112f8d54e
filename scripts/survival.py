"""Shows, at length, that a run survives: kills, power, disk, damage, crowds, signals.

    python -m scripts.survival kills --cases 300
    python -m scripts.survival power --cases 5000
    python -m scripts.survival disk
    python -m scripts.survival signals
    python -m scripts.survival damage --cases 1000
    python -m scripts.survival starts --cases 50

The same harness that the tests try on fewer cases. The exit status is 1 where a case
was at fault, or none was tried; `--bug NAME` plants one of the harness's own bugs,
which must be found.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.training.crowding import crowded_starts
from tests.training.damaging import damaged_files
from tests.training.killing import killed_runs
from tests.training.nursery import nursery
from tests.training.outages import outages
from tests.training.refusing import refused_runs
from tests.training.stopping import stopped_runs
from tests.training.tally import Tally

__all__ = ["main"]

Harness = Callable[[Path, int, int, str], Tally]

_MOST_SHOWN = 20


def main(words: list[str] | None = None) -> int:
    """Runs one harness and prints what it found; 1 for a fault."""
    given = _parser().parse_args(words)
    harness, cases, _ = HARNESSES[given.promise]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        count = cases if given.cases is None else given.cases
        tally = harness(Path(folder), count, given.seed, given.bug)
    for name, number in sorted(tally.notes.items()):
        print(f"{number:6}  {name}")
    for fault in tally.faults[:_MOST_SHOWN]:
        print(f"FAULT   {fault}")
    seconds = time.monotonic() - began
    told = f"{tally.cases} cases, {len(tally.faults)} faults, {seconds:.0f} s"
    print(f"{given.promise}: {told}")
    return int(not tally.is_fine)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.survival",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    about = "; ".join(f"{name}: {words}" for name, (_, _, words) in HARNESSES.items())
    parser.add_argument("promise", choices=HARNESSES, help=about)
    parser.add_argument("--cases", type=int, metavar="N", help="how many to try")
    parser.add_argument("--seed", type=int, default=0, help="what chance begins with")
    parser.add_argument("--bug", default="", help="plant a bug, which must be found")
    parser.add_argument("--folder", metavar="DIR", help="where to try it")
    return parser


def _kills(folder: Path, cases: int, seed: int, bug: str) -> Tally:
    with nursery() as children:
        return killed_runs(children, folder, cases, seed=seed, bug=bug)


def _power(folder: Path, cases: int, seed: int, bug: str) -> Tally:
    return outages(folder, cases, kind="rich", seed=seed, bug=bug)


def _disk(folder: Path, cases: int, seed: int, bug: str) -> Tally:
    with nursery() as children:
        return refused_runs(children, folder, cases or None, seed=seed, bug=bug)


def _signals(folder: Path, cases: int, seed: int, bug: str) -> Tally:
    with nursery() as children:
        return stopped_runs(children, folder, cases or None, seed=seed, bug=bug)


def _damage(folder: Path, cases: int, seed: int, bug: str) -> Tally:
    return damaged_files(folder, cases, seed=seed, bug=bug)


def _starts(folder: Path, cases: int, seed: int, bug: str) -> Tally:
    found = crowded_starts(folder / "one", cases, "one", bug=bug)
    numbered = crowded_starts(folder / "many", cases, "numbered", bug=bug)
    notes = {**found.notes, **numbered.notes}
    faults = found.faults + numbered.faults
    return Tally(found.cases + numbered.cases, faults, notes)


HARNESSES: dict[str, tuple[Harness, int, str]] = {
    "kills": (_kills, 300, "SIGKILL at any moment, then gone on with"),
    "power": (_power, 5000, "every state that a loss of power may leave"),
    "disk": (_disk, 0, "every operation of the disk refused; 0 cases are all"),
    "signals": (_signals, 0, "both signals at every operation; 0 cases are all"),
    "damage": (_damage, 1000, "checkpoints and models with bits turned and ends cut"),
    "starts": (_starts, 50, "as many starts at once, in one folder and in new ones"),
}

if __name__ == "__main__":
    sys.exit(main())
