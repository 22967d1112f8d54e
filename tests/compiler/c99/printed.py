"""Kernels printed as C, compiled by the system's compiler and called from here."""

import ctypes
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.c99 import file_text
from mirada.compiler.c99.names import function_name
from mirada.compiler.interpreter import DTYPES
from mirada.compiler.ir import Kernel

__all__ = ["STRICT", "Printed", "build", "c_compiler"]

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-ffp-contract=off")
"""C99 and nothing else, not a warning, no rounding left out."""


def c_compiler() -> str:
    """The system's C compiler; without one the test is skipped."""
    found = shutil.which("gcc") or shutil.which("clang")
    if found is None:
        pytest.skip("no C compiler is installed: neither gcc nor clang")
    return found


def build(text: str, to: Path, options: Sequence[str]) -> Path:
    """What the compiler makes of a file of C, or the test fails with its words."""
    source = to.with_suffix(".c")
    source.write_text(text)
    command = [c_compiler(), *STRICT, *options, "-o", str(to), str(source), "-lm"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[:4000]
    return to


class Printed:
    """Kernels of one file of C, by name; each takes arrays for its buffers."""

    def __init__(
        self, kernels: Mapping[str, Kernel], folder: Path, options: Sequence[str]
    ) -> None:
        # Keys that come out alike would be told apart by the printer, not here.
        self.kernels = kernels
        self.names = {key: function_name("tested", key) for key in kernels}
        assert len(set(self.names.values())) == len(kernels)
        text = file_text(kernels, "tested")
        path = build(text, folder / "kernels.so", ("-shared", "-fPIC", *options))
        self._library = ctypes.CDLL(str(path))

    def __call__(
        self, key: str, arrays: Mapping[str, NDArray[Any]], **arguments: int
    ) -> None:
        """Runs a kernel in place; scratch begins as zeros."""
        kernel = self.kernels[key]
        own = {b.name: np.zeros(b.size, DTYPES[b.kind]) for b in kernel.scratch}
        known = {**own, **arrays}
        given = [known[b.name] for b in (*kernel.buffers, *kernel.scratch)]
        whole = [ctypes.c_int64(arguments[a.name]) for a in kernel.arguments]
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in given]
        getattr(self._library, self.names[key])(*pointers, *whole)
