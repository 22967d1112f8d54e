"""The command line and the order of play that every table of races shares."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from benchmarks.child import Child, GoneError
from benchmarks.peers import FAMILIES, OURS
from benchmarks.race import Row, Runner, Times, race, report
from benchmarks.works import Bout, flops
from mirada.compiler.target import host
from mirada.engines.peak import peak_gflops

__all__ = ["Tournament", "arguments", "choose", "families", "main", "play"]


class Tournament:
    """The processes of all families, and the races between them."""

    def __init__(self, families: Sequence[str], threads: int, stack: ExitStack) -> None:
        self.threads, self.children = threads, dict[str, Child]()
        self.precisions: dict[str, dict[str, str]] = {}
        self.missing: dict[str, str] = {}
        self.stack = stack
        for family in families:
            lacking = FAMILIES[family].missing
            if lacking:
                self.missing[family] = f"not installed: {', '.join(lacking)}"
            else:
                self._start(family)

    def _start(self, family: str) -> bool:
        child = self.stack.enter_context(Child.of(family, self.threads))
        try:
            self.precisions[family] = child.ask(do="list")["peers"]
        except GoneError as error:
            self.missing[family] = str(error)
            return False
        self.children[family] = child
        return True

    def row(self, bout: Bout, precision: str, rounds: int, seconds: float) -> Row:
        """The race of one bout among the peers of one precision."""
        refused: dict[str, str] = {}
        runners: dict[str, Runner] = {}
        for family, name in self._players(precision):
            answer = self._ask(family, do="prepare", peer=name, bout=vars(bout))
            if "refused" in answer:
                refused[name] = answer["refused"]
            elif "absent" in answer and family == OURS:
                refused[name] = answer["absent"]
            elif not answer:
                runners[name] = self._runner(family, name, seconds, refused)
        times = race(runners, rounds)
        for family in list(self.children):
            self._ask(family, do="drop")
        ours: Times | None = None
        for _, name in self._players(precision, (OURS,)):
            ours = times.pop(name, None)
        rivals = {name: t for name, t in times.items() if name not in refused}
        about = bout.work, bout.mode, bout.batch, precision
        return Row(*about, ours, rivals, refused, flops(bout))

    def _players(
        self, precision: str, families: Sequence[str] = ()
    ) -> Iterator[tuple[str, str]]:
        for family in families or list(self.precisions):
            for name, kind in self.precisions.get(family, {}).items():
                if kind == precision:
                    yield family, name

    def _runner(
        self, family: str, name: str, seconds: float, refused: dict[str, str]
    ) -> Runner:
        def run() -> list[float]:
            if name in refused:
                return []
            answer = self._ask(family, do="turn", peer=name, seconds=seconds)
            if "refused" in answer:
                refused[name] = answer["refused"]
            found: list[float] = answer.get("seconds", [])
            return found

        return run

    def _ask(self, family: str, **request: Any) -> dict[str, Any]:
        """The family's answer; one whose process ended is started anew for the next."""
        if family not in self.children:
            return {"refused": self.missing.get(family, "not running")}
        try:
            return self.children[family].ask(**request)
        except GoneError as error:
            del self.children[family]
            self._start(family)
            return {"refused": str(error)}


def arguments(about: str | None) -> argparse.ArgumentParser:
    """The options that every table takes."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--peers", help=f"names after commas, of {', '.join(FAMILIES)}; default all"
    )
    parser.add_argument("--work", nargs="+", help="only these networks or layers")
    parser.add_argument("--batch", "--batches", type=int, nargs="+", dest="batch")
    parser.add_argument(
        "--mode", choices=("train", "predict", "infer", "backward"), help="only this"
    )
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--seconds", type=float, default=0.1, help="about how long a turn lasts"
    )
    parser.add_argument(
        "--without-ours", action="store_true", help="time the peers among themselves"
    )
    return parser


def choose(bouts: Sequence[Bout], given: argparse.Namespace) -> list[Bout]:
    """The bouts that the options leave; a batch that no row has makes rows of it."""
    mode = "predict" if given.mode == "infer" else given.mode
    kept = [bout for bout in bouts if mode in (None, bout.mode)]
    if given.work:
        kept = [bout for bout in kept if bout.work in given.work]
    if given.batch:
        pairs = dict.fromkeys((bout.work, bout.mode) for bout in kept)
        kept = [Bout(*pair, batch) for pair in pairs for batch in given.batch]
    return kept


def families(given: argparse.Namespace) -> list[str]:
    """The families asked for, ours among them unless it was left out."""
    names = [name for name in FAMILIES if name != OURS]
    if given.peers is not None:
        asked = [name for name in given.peers.split(",") if name not in ("", OURS)]
        unknown = [name for name in asked if name not in names]
        if unknown:
            raise SystemExit(
                f"--peers has no {', '.join(unknown)}; there are {', '.join(names)}."
            )
        names = asked
    return names if given.without_ours else [OURS, *names]


def play(
    bouts: Sequence[Bout], given: argparse.Namespace
) -> tuple[list[Row], dict[str, str]]:
    """The rows of all races, and who is left out and why."""
    peak, rows = 0.0, list[Row]()
    with ExitStack() as stack:
        field = Tournament(families(given), given.threads, stack)
        for bout in bouts:
            print(f"{bout.work} {bout.mode} {bout.batch}", file=sys.stderr, flush=True)
            # On a shared machine the best of many moments is the processor's own.
            if given.precision == "fp32":
                peak = max(peak, peak_gflops(host(), given.threads))
            options = given.precision, given.rounds, given.seconds
            rows.append(field.row(bout, *options))
    return [replace(row, peak_gflops=peak) for row in rows], field.missing


def main(bouts: Sequence[Bout], about: str | None, **more: Any) -> None:
    """Runs a table of races and prints it."""
    given = arguments(about).parse_args()
    load = round(os.getloadavg()[0], 2)
    rows, missing = play(choose(bouts, given), given)
    command = " ".join(["python", *sys.argv])
    peak = rows[0].peak_gflops if rows else 0.0
    report(
        rows,
        given.json,
        missing=missing,
        peak_gflops=round(peak, 1),
        threads=given.threads,
        load_before=load,
        command=command,
        **more,
    )
