"""This computer made to look like another."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from mirada.compiler import target as room
from mirada.compiler.target import host
from mirada.compiler.targets import TARGETS

__all__ = ["LEVELS", "Computer", "another_computer", "caches", "forget"]

LEVELS = {
    "v1": ("x86-64", ()),
    "v2": ("nehalem", TARGETS["x86-64-v2"].needs),
    "v3": ("haswell", TARGETS["x86-64-v3"].needs),
    "v4": ("skylake-avx512", TARGETS["x86-64-v4"].needs),
    "bf16": ("znver4", (*TARGETS["x86-64-v4"].needs, "avx512bf16")),
}
"""Processors by the level they have: a name LLVM knows, and their features."""


@contextmanager
def another_computer() -> Iterator["Computer"]:
    """Inside, this computer may become another; afterwards it is itself again."""
    with pytest.MonkeyPatch.context() as patch:
        yield Computer(patch)
    forget()


def forget() -> None:
    """Lets the processor be looked at again."""
    host.cache_clear()
    room._features.cache_clear()


class Computer:
    """Makes this one look like another."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch

    def becomes(self, cpu: str, features: tuple[str, ...], kind: str = "") -> None:
        """A processor, of the family x86-64 unless a triple says otherwise."""
        found = dict.fromkeys(TARGETS["x86-64-v4"].needs, False)
        found |= dict.fromkeys(features, True)
        self.patch.setattr(llvm, "get_host_cpu_name", lambda: cpu)
        self.patch.setattr(llvm, "get_host_cpu_features", lambda: found)
        triple = kind or "x86_64-unknown-linux-gnu"
        self.patch.setattr(llvm, "get_process_triple", lambda: triple)
        forget()


def caches(folder: Path, l1: str = "48K", l2: str = "2048K") -> Path:
    """A system's account of its caches."""
    rows = [("1", "Instruction", "64K"), ("1", "Data", l1), ("2", "Unified", l2)]
    for number, row in enumerate(rows):
        place = folder / f"index{number}"
        place.mkdir(parents=True)
        for name, text in zip(("level", "type", "size"), row, strict=True):
            (place / name).write_text(text + "\n")
    return folder
