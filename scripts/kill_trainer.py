"""Kills the trainer of a real lab again and again, and looks at what the lab does.

    python -m scripts.kill_trainer --cases 50

The same harness that a test tries on a few cases. The exit status is 1 where a case was
at fault, or none was tried; `--bug NAME` plants one of the harness's own bugs, which
must be found.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.lab.trainer_kills import BUGS, killed_trainers

__all__ = ["main"]

_MOST_SHOWN = 20


def main(words: list[str] | None = None) -> int:
    """Runs the harness and prints what it found; 1 for a fault."""
    parser = argparse.ArgumentParser(prog="python -m scripts.kill_trainer")
    parser.add_argument("--cases", type=int, default=50, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bug", default="", choices=("", *BUGS))
    given = parser.parse_args(words)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        tally = killed_trainers(place, given.cases, seed=given.seed, bug=given.bug)
    for name, number in sorted(tally.notes.items()):
        print(f"{number:6}  {name}")
    for fault in tally.faults[:_MOST_SHOWN]:
        print(f"FAULT   {fault}")
    seconds = time.monotonic() - began
    told = f"{tally.cases} cases, {len(tally.faults)} faults, {seconds:.0f} s"
    print(f"kill_trainer: {told}")
    return int(not tally.is_fine)


if __name__ == "__main__":
    sys.exit(main())
