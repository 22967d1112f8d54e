"""`mirada doctor`: what mirada finds on this computer, and whether it computes right."""

import importlib.metadata
import platform
import sys
from collections.abc import Iterator

import numpy as np

from mirada.cli.command import as_command, json_option
from mirada.cli.output import Column, bytes_text, show, show_json, show_table
from mirada.compiler.cache import cache_folder, usable
from mirada.compiler.target import cores, host
from mirada.data.limits import Limits, available_bytes
from mirada.engines import create
from mirada.errors import MiradaError, Phrase
from mirada.language import current_language, translate
from mirada.models import lenet5
from mirada.network import Recipe
from mirada.version import __version__

__all__ = ["command"]

SCHEMA = 1
FOUND_WRONG = 7
_PACKAGES = ("numpy", "llvmlite", "pillow", "safetensors", "click", "rich")
_OPTIONAL = ("torch",)


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
    facts = dict(_facts())
    checks = dict(_checks())
    wrong = [name for name, problem in checks.items() if problem]
    if as_json:
        show_json({"schema": SCHEMA, "facts": facts, "checks": checks})
    else:
        columns = (Column(translate("What")), Column(translate("Found")))
        show_table(columns, facts.items())
        show()
        for name, problem in checks.items():
            show(
                f"{'!!' if problem else 'ok'}  {name}{f': {problem}' if problem else ''}"
            )
    return FOUND_WRONG if wrong else 0


def _facts() -> Iterator[tuple[str, str]]:
    target = host()
    yield "mirada", __version__
    yield "python", platform.python_version()
    for package in (*_PACKAGES, *_OPTIONAL):
        yield package, _version(package)
    yield translate("processor"), f"{target.cpu} ({target.triple})"
    yield translate("vector"), f"{target.lanes} x float32, {target.registers}"
    yield translate("cores"), str(cores())
    yield translate("free memory"), bytes_text(available_bytes())
    yield translate("compiled code"), str(cache_folder())
    yield translate("language"), current_language()
    for name, value in vars(Limits()).items():
        yield translate("limit") + f" {name}", str(value)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "-"


def _checks() -> Iterator[tuple[str, str]]:
    """The name of each check, and what is wrong; empty when nothing is."""
    old = sys.version_info < (3, 11)
    yield translate("Python is new enough"), platform.python_version() if old else ""
    private = usable(cache_folder())
    kept = "" if private else translate("it is not private to you; nothing is kept")
    yield translate("compiled code can be kept"), kept
    yield translate("compiled code answers like the reference"), _differs()


def _differs() -> str:
    """LeNet-5 on random images by the compiler and by the reference."""
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
    return "" if largest < 1e-5 else f"{largest:.3g}"
