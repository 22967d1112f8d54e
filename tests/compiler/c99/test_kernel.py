"""Printed C and interpreter agree bit for bit, on every operation and statement."""

from pathlib import Path

import numpy as np
import pytest

from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Kernel
from mirada.compiler.verify import verify
from tests.compiled import TARGETS, Compiled
from tests.compiler.c99.printed import Printed
from tests.compiler.test_llvm import (
    conversions,
    lists,
    numbers,
    operations,
    same_bits,
    vectors,
)

MADE = {
    "operations": operations,
    "conversions": conversions,
    "vectors": vectors,
    "lists": lists,
}


def agree(kernels: dict[str, Kernel], folder: Path, options: tuple[str, ...]) -> None:
    """Passes when C, machine code and interpreter leave the same bits."""
    printed = Printed(kernels, folder, options)
    compiled = Compiled(kernels, TARGETS["host"])
    noise = np.random.default_rng(1)
    for name, kernel in kernels.items():
        verify(kernel)
        given = {b.name: numbers(b.kind, noise) for b in kernel.buffers}
        plain, machine = ({n: a.copy() for n, a in given.items()} for _ in "ab")
        printed(name, given)
        interpret(kernel, plain)
        compiled(name, machine)
        for buffer in given:
            for other in (plain, machine):
                try:
                    same_bits(given[buffer], other[buffer])
                except AssertionError as error:
                    raise AssertionError(f"{name} differs in {buffer}") from error


@pytest.mark.parametrize("which", MADE)
def test_the_same_bits(which: str, tmp_path: Path) -> None:
    agree(dict(MADE[which]()), tmp_path, ("-O2",))
