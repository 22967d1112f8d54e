"""Equal layers share their machine code: kernels that differ in names alone are one."""

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from mirada.compiler.ir import Kernel

__all__ = ["shared"]


def shared(kernels: Mapping[str, Kernel]) -> dict[str, Kernel]:
    """By every kernel's name, the first kernel that computes the same.

    Two do when they are equal once all that has a name but arguments and operations,
    buffers, registers, loops and counters, is called by its order.
    """
    alike: dict[Hashable, list[Kernel]] = {}
    for kernel in kernels.values():
        alike.setdefault(_outline(kernel), []).append(kernel)
    known: dict[Hashable, Kernel] = {}
    numbers: dict[Hashable, int] = {}
    found = {}
    for name, kernel in kernels.items():
        # Most are told apart by their outlines, without being taken apart.
        if len(alike[_outline(kernel)]) > 1:
            kernel = known.setdefault(_Form(kernel, numbers).whole, kernel)
        found[name] = kernel
    return found


def _outline(kernel: Kernel) -> Hashable:
    """Some of what equal kernels have in common."""
    owned = (*kernel.buffers, *kernel.scratch, *(table for table, _ in kernel.tables))
    shapes = tuple((buffer.shape, buffer.kind, buffer.slack) for buffer in owned)
    return kernel.arguments, shapes, len(kernel.body)


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
        kind: Any = type(value)
        if kind is str or kind is int:
            return value  # type: ignore[no-any-return]
        if kind is tuple:
            return self.number(("", *map(self.part, value)))
        # Expressions are shared a lot: each object is taken apart once.
        known = self.seen.get(id(value))
        if known is not None:
            return known
        if kind is float:
            return float.hex(value)  # 0.0 is not -0.0, nor 1.0 the whole number
        names = _fields(kind)
        if not names:
            return repr(value)
        given = [getattr(value, name) for name in names]
        if kind.__name__ in _NAMED:
            given[0] = self.names.setdefault(given[0], f"#{len(self.names)}")
        found = self.number((kind.__name__, *map(self.part, given)))
        self.seen[id(value)] = found
        return found

    def number(self, key: Hashable) -> Hashable:
        # Text, so that no number of a part is taken for a whole number of the kernel.
        return f"@{self.numbers.setdefault(key, len(self.numbers))}"


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    """The names of a dataclass's fields; none of anything else."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()
