"""Weights as bytes: the same bits as the numbers that they stand for."""

import numpy as np

from mirada.compiler.expression import fma, index, load, number
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import (
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
from mirada.compiler.passes.dequantize import ZERO, dequantize, worth_while
from mirada.compiler.printer import kernel_text
from mirada.compiler.verify import verify

INPUTS, OUTPUTS, LANES = 5, 12, 8


def product() -> Kernel:
    """A vector by a matrix (inputs, outputs), eight outputs at a time, then four."""
    x, y = Buffer("x", (INPUTS,)), Buffer("y", (OUTPUTS,))
    w = Buffer("w", (INPUTS, OUTPUTS), slack=16)
    body = list[Stmt]()
    for first, active in ((0, 0), (LANES, OUTPUTS - LANES)):
        total = Register(f"total{first}", lanes=LANES)
        weight = Load(w, (Var(f"i{first}"), index(first)), LANES, active)
        more = fma(load(x, f"i{first}"), weight, Get(total))
        body += [
            Let(total, number(0.0, LANES)),
            For(f"i{first}", INPUTS, (Set(total, more),)),
            Store(y, (index(first),), Get(total), active),
        ]
    return Kernel("product", (), (x, w, y), tuple(body))


def test_the_interpreter_gives_the_same_bits() -> None:
    rng = np.random.default_rng(1)
    scale = rng.uniform(0.5, 2.0, OUTPUTS).astype(np.float32)
    whole = rng.integers(-127, 128, (INPUTS, OUTPUTS))
    pad = np.zeros(16, np.float32)
    weights = np.concatenate([(whole * scale).astype(np.float32).ravel(), pad])
    scales = np.concatenate([np.tile(scale, INPUTS), pad])
    x = rng.normal(size=INPUTS).astype(np.float32)
    wanted, found = np.zeros(OUTPUTS, np.float32), np.zeros(OUTPUTS, np.float32)
    interpret(product(), {"x": x, "w": weights, "y": wanted})
    kernel, held = dequantize(product(), {"w": scales})
    verify(kernel)
    given = np.concatenate([whole.ravel() + ZERO, pad]).astype(np.uint8)
    interpret(kernel, {"x": x, "w": given, "y": found, **held})
    assert found.tobytes() == wanted.tobytes() and found.any()
    (own,) = held.values()
    assert len(own) == OUTPUTS + 16
    assert "w: u8[5,12]" in kernel_text(kernel)


def test_other_buffers_stay_as_they_are() -> None:
    assert dequantize(product(), {}) == (product(), {})


def test_scales_that_differ_everywhere_are_not_worth_while() -> None:
    every = np.arange(1.0, 61.0, dtype=np.float32)
    assert not worth_while(every, (5, 12))
    assert worth_while(np.tile(every[:4], 15), (15, 4))
