"""Equal layers share their machine code: kernels that differ in names alone are one."""

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from mirada.compiler.ir import Kernel

__all__ = ["shared"]


def shared(kernels: Mapping[str, Kernel]) -> dict[str, Kernel]:
    """By every kernel's name, the first kernel that computes the same.

    Two do when they are equal once all that has a name but arguments and operations,
    buffers, registers, loops and counters, is called by its order.
    """
    known: dict[Hashable, Kernel] = {}
    numbers: dict[Hashable, int] = {}
    return {
        name: known.setdefault(_Form(kernel, numbers).whole, kernel)
        for name, kernel in kernels.items()
    }


_NAMED = {"Buffer", "Register", "Counter", "Var", "For"}
"""Kinds whose first field is a name."""


class _Form:
    """A kernel without names: every part of it is a number, equal parts the same."""

    def __init__(self, kernel: Kernel, numbers: dict[Hashable, int]) -> None:
        self.numbers = numbers
        self.names = {argument.name: argument.name for argument in kernel.arguments}
        self.seen: dict[int, Hashable] = {}
        owned = (*kernel.buffers, *kernel.scratch)
        self.whole = self.part((kernel.arguments, owned, len(kernel.scratch)))
        self.whole = self.part((self.whole, kernel.tables, kernel.body))

    def part(self, value: Any) -> Hashable:
        """A number for something that has parts; what has none stands for itself."""
        if isinstance(value, tuple):
            return self.number(("", *map(self.part, value)))
        if isinstance(value, float):
            return value.hex()  # 0.0 is not -0.0, nor 1.0 the whole number
        if isinstance(value, bool):
            return str(value)
        kind = type(value).__name__
        names = _fields(type(value))
        if not names:
            return value  # type: ignore[no-any-return]
        # Expressions are shared a lot: each object is taken apart once.
        known = self.seen.get(id(value))
        if known is not None:
            return known
        given = [getattr(value, name) for name in names]
        if kind in _NAMED:
            given[0] = self.names.setdefault(given[0], f"#{len(self.names)}")
        found = self.number((kind, *map(self.part, given)))
        self.seen[id(value)] = found
        return found

    def number(self, key: Hashable) -> Hashable:
        # Text, so that no number of a part is taken for a whole number of the kernel.
        return f"@{self.numbers.setdefault(key, len(self.numbers))}"


@lru_cache(maxsize=64)
def _fields(kind: type) -> tuple[str, ...]:
    """The names of a dataclass's fields; none of anything else."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()
