"""All measurements into one page: `python -m benchmarks.results [--quick]`.

Runs every script of this folder, one after another, and writes what they say to
`benchmarks/RESULTS.md`, with the command of each table; the picture of the scaling
goes to `docs/images/scaling.svg`. Nothing else should run meanwhile.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.child import ROOT, environment, last_line

__all__ = ["TABLES", "Table", "page", "race_table"]

PAGE = ROOT / "benchmarks" / "RESULTS.md"
PICTURE = "docs/images/scaling.svg"
_QUICK = ("--rounds", "2", "--seconds", "0.02")

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A heading, and the script and options behind it."""

    title: str
    script: str
    options: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """What a person types to measure it again."""
        return " ".join(["python", f"benchmarks/{self.script}.py", *self.options])


_RACES = (
    ("LeNet-5 (28x28x1)", "lenet"),
    ("CIFAR network (32x32x3)", "cifar"),
    ("Larger networks", "resnet"),
    ("Single layers", "layers"),
)
TABLES = (
    *(Table(title, script) for title, script in _RACES),
    *(
        Table(f"{title}, bf16", script, ("--precision", "bf16"))
        for title, script in _RACES
    ),
    Table("Scaling", "scaling", ("--svg", PICTURE)),
    Table("Compiling", "compile"),
    Table("Memory of a training step", "memory"),
    Table("Starting", "startup"),
    Table("The processor", "peak"),
    Table("CIFAR-10 on a GPU", "cifar10_gpu"),
)


def run(table: Table, more: Sequence[str]) -> Said:
    """What the script says as JSON, or {"failed": its last words}."""
    races = {script for _, script in _RACES} | {"scaling"}
    script = str(ROOT / "benchmarks" / f"{table.script}.py")
    extra = more if table.script in races else ()
    command = [sys.executable, script, "--json", *table.options, *extra]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment(2), stdout=subprocess.PIPE, text=True
    )
    if ran.returncode:
        return {"failed": f"status {ran.returncode}: {last_line(ran.stdout)}"}
    said: Said = json.loads(ran.stdout.strip().splitlines()[-1])
    return said


def page(said: Mapping[Table, Said]) -> str:
    """The whole page of Markdown."""
    parts = ["# Measurements", "", *_head(said)]
    for table, found in said.items():
        parts += ["", f"## {table.title}", "", f"    {table.command}", ""]
        parts += _body(table, found)
    return "\n".join(parts) + "\n"


def _head(said: Mapping[Table, Said]) -> Iterator[str]:
    yield (
        "Written by `python -m benchmarks.results`. Medians in milliseconds of turns "
        "that alternate between all peers, each in a process of its own that stands "
        "still while another is timed; *ratio* is the strongest peer's time over "
        "mirada's, *of minima* the same of the least times, *peak* mirada's share of "
        "the measured peak of fused multiply-adds. An empty field: the peer does not "
        "do this, or failed; why is said below the table."
    )
    machines = [found["machine"] for found in said.values() if "machine" in found]
    if machines:
        yield ""
        yield ", ".join(f"{name} {value}" for name, value in machines[0].items())


def _body(table: Table, found: Said) -> Iterator[str]:
    if "failed" in found:
        yield f"Not measured: {found['failed'].rstrip('.')}."
    elif "rows" in found:
        yield from race_table(found)
        if table.script == "scaling":
            yield ""
            yield f"![Images a second by batch and by side](../{PICTURE})"
    else:
        about = {k: v for k, v in found.items() if k not in ("schema", "machine")}
        yield from _values(about)


def race_table(found: Said) -> Iterator[str]:
    """The rows of a race as a Markdown table, and under it who failed and why."""
    rows = found["rows"]
    peers = sorted({name for row in rows for name in row["peers"]})
    head = ["work", "mode", "batch", "mirada", *peers, "ratio", "of minima", "peak"]
    yield _line(head)
    yield _line(["---"] * len(head))
    for row in rows:
        share = row["share_of_peak"]
        yield _line(
            [
                *(row["work"], row["mode"], row["batch"], _ms(row["ours_ms"])),
                *(
                    _ms(row["peers"].get(name), name == row["strongest"])
                    for name in peers
                ),
                "" if row["ratio"] is None else f"**{row['ratio']:.2f}**",
                "" if row["ratio"] is None else f"{row['ratio_of_minima']:.2f}",
                "" if share is None else f"{100 * share:.0f} %",
            ]
        )
    if found.get("peak_gflops"):
        yield ""
        load = found.get("load_before", "not measured")
        yield (
            f"Peak: {found['peak_gflops']} GF/s on {found['threads']} threads. Load "
            f"average of the machine before the first race: {load}."
        )
    yield from _failures(found)


def _failures(found: Said) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for row in found["rows"]:
        for name, why in row["refused"].items():
            place = f"{row['work']} {row['mode']} {row['batch']}"
            said.setdefault(f"{name}: {why}", []).append(place)
    lines = [f"- {why} ({', '.join(places)})" for why, places in said.items()]
    lines += [f"- {name}: {why}" for name, why in found.get("missing", {}).items()]
    if lines:
        yield from ("", *lines)


def _values(about: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in about.items():
        if isinstance(value, Mapping):
            yield from _values(value, f"{before}{name}, ")
        else:
            yield f"- {before}{name}: {value}"


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _ms(value: float | None, strongest: bool = False) -> str:
    if value is None:
        return ""
    text = f"{value:.3g}" if value < 100 else f"{value:.0f}"
    return f"*{text}*" if strongest else text


def main() -> None:
    """Measures everything and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: a rehearsal")
    parser.add_argument("--only", nargs="+", help="these scripts alone, e.g. lenet")
    parser.add_argument("--peers", help="as the tables take it")
    parser.add_argument("--to", type=Path, default=PAGE)
    given = parser.parse_args()
    more = list(_QUICK) if given.quick else []
    more += ["--peers", given.peers] if given.peers else []
    chosen = [t for t in TABLES if not given.only or t.script in given.only]
    said = {}
    for table in chosen:
        print(table.command, file=sys.stderr, flush=True)
        said[table] = run(table, more)
    given.to.write_text(page(said), "utf-8")


if __name__ == "__main__":
    main()
