"""`mirada doctor`: what mirada finds on this computer, and whether it works right."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mirada.cli.command import as_command, json_option
from mirada.cli.facts import facts
from mirada.cli.output import Column, show, show_json, show_table
from mirada.compiler.cache import cache_folder
from mirada.engines import create
from mirada.errors import MiradaError, Phrase
from mirada.language import translate
from mirada.models import lenet5
from mirada.network import Recipe
from mirada.tasks.folders import RUNS
from mirada.training.crash import last_crash

__all__ = ["Check", "command"]

SCHEMA = 1
FOUND_WRONG = 7

_MOST_DIFFERENCE = 1e-5


class Check(NamedTuple):
    """Something that was checked, and what is wrong with it; empty for nothing."""

    key: str
    name: str
    problem: str


@as_command(
    "doctor",
    details=Phrase(
        "Ends with 7 when something is wrong. Nothing leaves this computer."
    ),
    examples=("mirada doctor", "mirada doctor --json"),
)
@json_option()
def command(as_json: bool) -> int:
    """Prints what is there, then what was checked."""
    found, checks = list(facts()), list(_checks())
    if as_json:
        show_json(
            {
                "schema": SCHEMA,
                "facts": {fact.key: fact.value for fact in found},
                "checks": {check.key: check.problem for check in checks},
            }
        )
    else:
        columns = (Column(translate("What")), Column(translate("Found")))
        show_table(columns, [(fact.name, fact.value) for fact in found])
        show()
        for check in checks:
            show(_line(check))
    return FOUND_WRONG if any(check.problem for check in checks) else 0


def _line(check: Check) -> str:
    if not check.problem:
        return translate("well   {name}").format(name=check.name)
    text = translate("WRONG  {name}: {problem}")
    return text.format(name=check.name, problem=check.problem)


def _checks() -> Iterator[Check]:
    yield Check(
        "cache", translate("compiled code can be kept"), _cache_problem(cache_folder())
    )
    yield Check(
        "native",
        translate("compiled code answers like the reference"),
        _native_problem(),
    )
    yield Check(
        "runs", translate("no run in ./runs died in machine code"), _runs_problem(RUNS)
    )


def _cache_problem(folder: Path) -> str:
    """Why the folder of compiled code cannot be used; nothing is made."""
    if folder.is_dir():
        found = folder.lstat()
        others = found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        if hasattr(os, "getuid") and (found.st_uid != os.getuid() or others):
            text = translate("{folder} is open to others; close it: chmod 700 {folder}")
            return text.format(folder=folder)
    above = next(path for path in (folder, *folder.parents) if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        text = translate(
            "{folder} cannot be written; set MIRADA_CACHE to a folder that can"
        )
        return text.format(folder=above)
    return ""


def _runs_problem(folder: Path) -> str:
    """The runs whose last process died of a fault in machine code."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    found = [crash for path in paths if (crash := last_crash(path)) is not None]
    return " ".join(str(crash.text) for crash in found if crash.in_machine_code)


def _native_problem() -> str:
    """LeNet-5 on three random images by the compiler and by the reference."""
    images = np.random.default_rng(0).standard_normal((3, 1, 28, 28))
    batch = images.astype(np.float32)
    try:
        answers = [
            create(name, lenet5(), Recipe(), threads=1).predict(batch)
            for name in ("native", "reference")
        ]
    except MiradaError as error:
        return str(error)
    largest = float(np.abs(answers[0] - answers[1]).max())
    if largest <= _MOST_DIFFERENCE:
        return ""
    text = translate("the answers differ by {largest:.3g}; report it with these lines")
    return text.format(largest=largest)
