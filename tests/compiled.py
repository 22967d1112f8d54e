"""Kernels as functions on NumPy arrays, compiled for this processor or made like it.

run = Compiled({"copy": kernel}, target)
run("copy", {"x": x, "y": y}, count=3)
"""

import ctypes
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from mirada.compiler.interpreter import DTYPES
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.jit import compile_module
from mirada.compiler.llvm import emit_kernel
from mirada.compiler.target import Target, host

__all__ = ["TARGETS", "Compiled", "arrays_for"]

Arrays = Mapping[str, NDArray[Any]]


def _without_avx512(features: str) -> str:
    return re.sub(r"\+(avx512\w*|avx10\S*|evex512)", r"-\1", features)


def _targets() -> dict[str, Target]:
    """This processor, and smaller ones of its family whose code it runs."""
    here = host()
    narrow = replace(here, features=_without_avx512(here.features))
    return {
        "host": here,
        "wide": replace(here, lanes=8, registers=16),
        "avx2": replace(narrow, lanes=min(here.lanes, 8), registers=16),
        "sse": replace(narrow, lanes=4, registers=16),
    }


TARGETS = _targets()
"""The processors that tests compile for, by a name."""


class Compiled:
    """Kernels of one module, by name; each takes arrays for its buffers."""

    def __init__(self, kernels: Mapping[str, Kernel], target: Target) -> None:
        self.kernels = kernels
        module = ir.Module("tested")
        for name, kernel in kernels.items():
            emit_kernel(module, replace(kernel, name=name)).linkage = ""
        text = str(module)
        key = hashlib.sha256(text.encode()).hexdigest()
        self._machine = compile_module(key, lambda: (text, 0), target)

    def __call__(self, name: str, arrays: Arrays, **arguments: int) -> None:
        """Runs a kernel in place; scratch that is not given begins as zeros."""
        kernel = self.kernels[name]
        own = {b.name: np.zeros(b.size, DTYPES[b.kind]) for b in kernel.scratch}
        known = {**own, **arrays}
        given = [known[b.name] for b in (*kernel.buffers, *kernel.scratch)]
        for buffer, array in zip(
            (*kernel.buffers, *kernel.scratch), given, strict=True
        ):
            assert array.size == buffer.size and array.flags.c_contiguous, buffer.name
            assert array.dtype == DTYPES[buffer.kind], buffer.name
        whole = [arguments[argument.name] for argument in kernel.arguments]
        types = [ctypes.c_void_p] * len(given) + [ctypes.c_int64] * len(whole)
        function = ctypes.CFUNCTYPE(None, *types)(self._machine.address(name))
        function(*(array.ctypes.data for array in given), *whole)


def arrays_for(kernel: Kernel, noise: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Numbers that a kernel may meet in each of its buffers."""
    return {buffer.name: _numbers(buffer, noise) for buffer in kernel.buffers}


def _numbers(buffer: Buffer, noise: np.random.Generator) -> NDArray[Any]:
    kind = DTYPES[buffer.kind]
    if buffer.kind == "f32":
        return noise.normal(size=buffer.size).astype(kind)
    low, high = (buffer.low, buffer.high) if buffer.bounded else (0, 1)
    return noise.integers(low, high, buffer.size, kind, endpoint=True)
