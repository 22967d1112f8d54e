"""What passes did to a kernel, step by step, for people who want to look.

with traced() as steps:
    call.make()
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import NamedTuple, ParamSpec

from mirada.compiler.ir import Kernel

__all__ = ["LOWERED", "Step", "recorded", "steps_of", "traced"]

P = ParamSpec("P")

LOWERED = "lowering"
"""The step before any pass: the kernel as a lowering wrote it."""


class Step(NamedTuple):
    """A kernel, the pass that made it, and what that pass was told."""

    name: str
    arguments: tuple[str | int, ...]
    kernel: Kernel

    @property
    def text(self) -> str:
        """The pass as it was called: "tile ox 6"."""
        return " ".join(map(str, (self.name, *self.arguments)))


_steps: ContextVar[list[Step] | None] = ContextVar("steps", default=None)


@contextmanager
def traced() -> Iterator[list[Step]]:
    """Inside the block every pass adds a step to the list; its inputs too, once each.

    >>> from mirada.compiler.ir import Buffer, For, Load, Store, Var
    >>> from mirada.compiler.passes import unroll
    >>> x = Buffer("x", (2,))
    >>> body = (For("i", 2, (Store(x, (Var("i"),), Load(x, (Var("i"),))),)),)
    >>> with traced() as steps:
    ...     made = unroll(Kernel("same", (), (x,), body), "i")
    >>> [step.text for step in steps]
    ['lowering same', 'unroll i']
    """
    steps: list[Step] = []
    token = _steps.set(steps)
    try:
        yield steps
    finally:
        _steps.reset(token)


def recorded(change: Callable[P, Kernel]) -> Callable[P, Kernel]:
    """The pass, which says what it did where somebody listens."""

    @wraps(change)
    def telling(*args: P.args, **named: P.kwargs) -> Kernel:
        made = change(*args, **named)
        steps = _steps.get()
        if steps is not None:
            _tell(steps, change.__name__, (*args, *named.values()), made)
        return made

    return telling


def _tell(
    steps: list[Step], name: str, given: tuple[object, ...], made: Kernel
) -> None:
    told: list[str | int] = []
    for value in given:
        if isinstance(value, Kernel):
            if all(step.kernel is not value for step in steps):
                steps.append(Step(LOWERED, (value.name,), value))
        elif isinstance(value, str | int):
            told.append(value)
    steps.append(Step(name, tuple(told), made))


def steps_of(make: Callable[[], Kernel]) -> tuple[Step, ...]:
    """A kernel from its lowering to what is compiled; the last step's is the whole.

    A kernel that states its vectors itself has one step.
    """
    with traced() as steps:
        made = make()
    if not steps or steps[-1].kernel is not made:
        steps.append(Step(LOWERED, (made.name,), made))
    return tuple(steps)
