"""Every level of x86-64 this processor has computes what the interpreter does."""

import pytest

from mirada.compiler.interpreter import interpret
from mirada.compiler.target import require_here, target
from mirada.compiler.targets import X86_LEVELS
from mirada.errors import UsageError
from tests.compiler.targets.foreign import Job
from tests.compiler.targets.jobs import Results, agree, layers, operations, results


def skip_what_is_not_here(level: str) -> None:
    """Skips a test where this processor has not all of a level."""
    try:
        require_here(target(level))
    except UsageError as error:
        pytest.skip(str(error))


def interpreted(jobs: list[Job]) -> Results:
    """What the interpreter leaves in the buffers."""
    found = []
    for job in jobs:
        left = {name: array.copy() for name, array in job.arrays.items()}
        names = [argument.name for argument in job.kernel.arguments]
        interpret(job.kernel, left, **dict(zip(names, job.arguments, strict=True)))
        found.append(left)
    return found


@pytest.mark.parametrize("level", X86_LEVELS)
def test_every_layer(level: str) -> None:
    skip_what_is_not_here(level)
    sizes = target(level)
    jobs = layers(sizes.lanes, sizes.registers)
    agree(jobs, results(jobs, target(level)), interpreted(jobs))


@pytest.mark.parametrize("level", X86_LEVELS)
def test_every_operation(level: str) -> None:
    skip_what_is_not_here(level)
    jobs = operations()
    agree(jobs, results(jobs, target(level)), interpreted(jobs))
