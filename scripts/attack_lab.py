"""Attacks the lab at length: names, paths, other pages, uploads, requests, crowds.

    python -m scripts.attack_lab routes
    python -m scripts.attack_lab paths --cases 20000
    python -m scripts.attack_lab requests --cases 20000
    python -m scripts.attack_lab crowds --cases 2000
    python -m scripts.attack_lab soak --minutes 60
    python -m scripts.attack_lab rooms --cases 20000
    python -m scripts.attack_lab runs --cases 2000

The same harness that the tests try on fewer cases, on a lab with work planted in it.
The exit status is 1 where an attack came through, or none was tried; `--bug NAME`
leaves something out that guards the lab, which must be found.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.browser import chromium
from tests.cli.stage import example_folder, trained_examples
from tests.lab.attack_crowds import Crowd, crowded
from tests.lab.attack_names import foreign_names, spelled_paths, unkeyed_routes
from tests.lab.attack_pages import foreign_pages
from tests.lab.attack_requests import malformed_requests
from tests.lab.attack_rooms import drawn_requests, spoiled_runs
from tests.lab.attack_soak import soaked
from tests.lab.attack_uploads import spoiled_uploads
from tests.lab.attacked import attacked, words_of
from tests.lab.open_lab import OpenLab
from tests.lab.planted import BUGS
from tests.training.tally import Tally

__all__ = ["main"]

_MOST_SHOWN = 20


class Given(NamedTuple):
    """How much of it is wanted."""

    cases: int
    seed: int
    minutes: float


def main(words: list[str] | None = None) -> int:
    """Makes one attack and prints what came of it; 1 where it came through."""
    given = _parser().parse_args(words)
    attack, cases, hurry, _ = ATTACKS[given.attack]
    wanted = Given(
        cases if given.cases is None else given.cases, given.seed, given.minutes
    )
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        with attacked(Path(folder), given.bug, hurry) as lab:
            tally = attack(lab, wanted)
        talk = words_of(Path(folder))
    for name, number in sorted(tally.notes.items()):
        print(f"{number:9}  {name}")
    for fault in tally.faults[:_MOST_SHOWN]:
        print(f"FAULT   {fault}")
    if talk:
        print(f"the lab said:\n{talk[-2000:]}")
    told = f"{tally.cases} cases, {len(tally.faults)} faults"
    print(f"{given.attack}: {told}, {time.monotonic() - began:.0f} s")
    return int(not tally.is_fine)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.attack_lab",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    about = "; ".join(f"{name}: {each[3]}" for name, each in ATTACKS.items())
    parser.add_argument("attack", choices=ATTACKS, help=about)
    parser.add_argument("--cases", type=int, metavar="N", help="how many to try")
    parser.add_argument("--seed", type=int, default=0, help="what chance begins with")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long to soak")
    parser.add_argument("--bug", choices=BUGS, default="", help="what to leave out")
    return parser


def _pages(lab: OpenLab, given: Given) -> Tally:
    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as browser:
        return foreign_pages(lab, browser)


def _rooms(lab: OpenLab, given: Given) -> Tally:
    return drawn_requests(_stage(lab), given.cases, given.seed)


def _runs(lab: OpenLab, given: Given) -> Tally:
    return spoiled_runs(_stage(lab), given.cases, given.seed)


def _stage(lab: OpenLab) -> Path:
    """A folder with data and a run, beside the lab's own."""
    folder = example_folder(lab.folder / "stage")
    trained_examples(folder)
    return folder


def _crowds(lab: OpenLab, given: Given) -> Tally:
    tally = crowded(lab, Crowd(), given.cases, patience_s=25.0)
    amid = tally.notes["p95 in the crowd, in tenths of ms"]
    tally.add("p95 under 200 ms", "" if amid < 2000 else f"{amid / 10} ms")
    return tally


Attack = Callable[[OpenLab, Given], Tally]

ATTACKS: dict[str, tuple[Attack, int, float, str]] = {
    "routes": (lambda lab, given: unkeyed_routes(lab), 0, 1, "without the token"),
    "names": (lambda lab, given: foreign_names(lab), 0, 1, "by another host's name"),
    "paths": (
        *(lambda lab, given: spelled_paths(lab, given.cases, given.seed), 20_000, 1),
        "paths in every spelling",
    ),
    "pages": (_pages, 0, 1, "from another page in a browser"),
    "uploads": (
        *(lambda lab, given: spoiled_uploads(lab, patience_s=6.0), 0, 20),
        "lying, slow and endless uploads",
    ),
    "requests": (
        *(lambda lab, given: malformed_requests(lab, given.cases, given.seed), 20_000),
        *(20, "requests that are no HTTP"),
    ),
    "crowds": (_crowds, 1000, 1, "half-open, idle and slow connections, many"),
    "rooms": (_rooms, 2000, 1, "values that no page sends"),
    "runs": (_runs, 500, 1, "runs of somebody else's that are no good"),
    "soak": (
        *(lambda lab, given: soaked(lab, 60 * given.minutes, given.seed), 0, 1),
        "everything for long: memory stays flat",
    ),
}
"""Each attack, its cases, how much shorter the lab's patience is, and what it is."""

if __name__ == "__main__":
    sys.exit(main())
