"""The most this processor multiplies and adds, measured: no network can be faster.

A kernel of the compiler's own language: independent sums in registers, each one fused
multiply-add after another.
"""

import ctypes
import threading
import time
from collections.abc import Callable

import numpy as np

from mirada.compiler.expression import add, fma, index, mul
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Expr,
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
from mirada.compiler.listing import module_text
from mirada.compiler.target import Target

__all__ = ["peak_gflops", "peak_kernel"]

_NAME = "peak"
_SUMS = 12
"""More than a multiply-add takes turns on two units, fewer than there are registers."""
_TURNS = 1_000_000
_MOST_TURNS = 1 << 40


def peak_kernel(target: Target) -> Kernel:
    """`count` times: every sum times a factor, plus a term."""
    lanes = target.lanes
    factors, sums = Buffer("factors", (2, lanes)), Buffer("sums", (_SUMS, lanes))
    own = [Register(f"sum{place}", "f32", lanes) for place in range(_SUMS)]
    factor, term = (Register(name, "f32", lanes) for name in ("factor", "term"))

    def first(buffer: Buffer, registers: list[Register]) -> list[Stmt]:
        return [
            Let(register, Load(buffer, (index(row), index(0)), lanes))
            for row, register in enumerate(registers)
        ]

    def turned(register: Register) -> Expr:
        if target.fma:
            return fma(Get(register), Get(factor), Get(term))
        return add(mul(Get(register), Get(factor)), Get(term))

    work = tuple(Set(register, turned(register)) for register in own)
    ends = [Store(sums, (index(i), index(0)), Get(r)) for i, r in enumerate(own)]
    body = (
        *first(factors, [factor, term]),
        *first(sums, own),
        For("turn", Var("count"), work),
        *ends,
    )
    return Kernel(_NAME, (Argument("count", 0, _MOST_TURNS),), (factors, sums), body)


def peak_gflops(target: Target, threads: int, rounds: int = 7) -> float:
    """Billions of float32 operations a second on so many threads; the best round.

    A multiply-add is two operations. It takes about 10 ms a round.
    """
    text = module_text(_NAME, [peak_kernel(target)])
    machine = compile_module(text, lambda: (text, 0), target)
    types = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    function = ctypes.CFUNCTYPE(None, *types)(machine.address(_NAME))
    operations = 2 * _SUMS * target.lanes * _TURNS * threads
    best = min(_seconds(function, threads, target.lanes) for _ in range(rounds))
    return operations / best / 1e9


def _seconds(function: Callable[..., None], threads: int, lanes: int) -> float:
    barrier = threading.Barrier(threads + 1)

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
