"""Every level of x86-64 this processor has computes what the interpreter does."""

from functools import lru_cache

import numpy as np
import pytest

from mirada.compiler.interpreter import interpret
from mirada.compiler.target import require_here, target
from mirada.compiler.targets import X86_LEVELS
from mirada.errors import UsageError
from tests.compiled import Compiled, arrays_for
from tests.compiler import test_llvm
from tests.compiler.programs import CASES, MODES, kernels


@lru_cache(maxsize=len(X86_LEVELS))
def runs(level: str) -> bool:
    """Whether this processor has a level."""
    try:
        require_here(target(level))
    except UsageError:
        return False
    return True


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("level", X86_LEVELS)
def test_every_kernel(level: str, case: str) -> None:
    if not runs(level):
        pytest.skip(f"this processor has not all of {level}")
    made = {
        f"{mode}.{name}": kernel
        for mode in MODES
        for name, kernel in kernels(CASES[case], mode, target(level)).items()
    }
    run = Compiled(made, target(level))
    noise = np.random.default_rng(0)
    for name, kernel in made.items():
        given = arrays_for(kernel, noise)
        plain = {buffer: array.copy() for buffer, array in given.items()}
        most = {argument.name: argument.high for argument in kernel.arguments}
        run(name, given, **most)
        interpret(kernel, plain, **most)
        for buffer in given:
            test_llvm.same_bits(given[buffer], plain[buffer])
