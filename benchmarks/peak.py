"""The most this processor multiplies and adds: `python benchmarks/peak.py [--json]`.

A kernel of the compiler's own language: independent sums in registers, each a fused
multiply-add after another, on one vector of factors. No network can be faster.
"""

import argparse
import ctypes
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from llvmlite import ir as llvm_ir

from mirada.compiler.expression import fma, index
from mirada.compiler.ir import (
    Argument,
    Buffer,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.jit import compile_module
from mirada.compiler.llvm import emit_kernel
from mirada.compiler.target import Target, host
from mirada.compiler.verify import verify

__all__ = ["kernel", "peak_gflops"]

_SUMS = 12
_NAME = "peak"
_TURNS = 4_000_000
_MOST_TURNS = 1 << 40


def kernel(target: Target) -> Kernel:
    """`count` times: every sum times a factor, plus a term."""
    lanes = target.lanes
    factors = Buffer("factors", (2, lanes))
    sums = Buffer("sums", (_SUMS, lanes))
    own = [Register(f"sum{i}", "f32", lanes) for i in range(_SUMS)]
    factor, term = (Register(name, "f32", lanes) for name in ("factor", "term"))
    begin: list[Stmt] = [
        Let(register, Load(factors, (index(row), index(0)), lanes))
        for row, register in enumerate((factor, term))
    ]
    begin += [
        Let(register, Load(sums, (index(row), index(0)), lanes))
        for row, register in enumerate(own)
    ]
    work = [Set(r, fma(Get(r), Get(factor), Get(term))) for r in own]
    end = [Store(sums, (index(i), index(0)), Get(r)) for i, r in enumerate(own)]
    return Kernel(
        _NAME,
        (Argument("count", 0, _MOST_TURNS),),
        (factors, sums),
        (*begin, For("turn", Var("count"), tuple(work)), *end),
    )


def peak_gflops(threads: int, rounds: int = 7) -> float:
    """Billions of float32 operations a second on so many threads; the best round."""
    target = host()
    made = kernel(target)
    verify(made)
    module = llvm_ir.Module(_NAME)
    emit_kernel(module, made).linkage = ""
    text = str(module)
    machine = compile_module(text, lambda: (text, 0), target)
    types = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    function = ctypes.CFUNCTYPE(None, *types)(machine.address(_NAME))
    operations = 2 * _SUMS * target.lanes * _TURNS * threads
    return max(operations / _seconds(function, threads) for _ in range(rounds)) / 1e9


def _seconds(function: Callable[..., None], threads: int) -> float:
    lanes, barrier = host().lanes, threading.Barrier(threads + 1)

    def run() -> None:
        factors = np.full((2, lanes), 0.5, np.float32)
        sums = np.ones((_SUMS, lanes), np.float32)
        barrier.wait()
        function(factors.ctypes.data, sums.ctypes.data, _TURNS)
        barrier.wait()

    crew = [threading.Thread(target=run) for _ in range(threads)]
    for member in crew:
        member.start()
    barrier.wait()
    start = time.perf_counter()
    barrier.wait()
    taken = time.perf_counter() - start
    for member in crew:
        member.join()
    return taken


def main() -> None:
    """Prints the peak on one thread and on all that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    found = {n: round(peak_gflops(n), 1) for n in range(1, given.threads + 1)}
    if given.json:
        print(json.dumps({"schema": 1, "fp32_gflops": found}))
        return
    for threads, gflops in found.items():
        print(f"{threads} threads: {gflops:.1f} GF/s")


if __name__ == "__main__":
    main()
