"""Equal layers share their machine code: kernels that differ in names alone are one."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from mirada.compiler.ir import Kernel

__all__ = ["shared"]


def shared(kernels: Mapping[str, Kernel]) -> dict[str, Kernel]:
    """By every kernel's name, the first kernel that computes the same.

    Two do when they are equal once their buffers are called by their order.
    """
    known: dict[Any, Kernel] = {}
    found = {}
    for name, kernel in kernels.items():
        found[name] = known.setdefault(_form(kernel), kernel)
    return found


def _form(kernel: Kernel) -> Any:
    """The kernel as a tuple without its own name, buffers numbered in order."""
    owned = (*kernel.buffers, *kernel.scratch, *(table for table, _ in kernel.tables))
    names = {buffer.name: f"#{place}" for place, buffer in enumerate(owned)}
    arguments = (kernel.arguments, kernel.buffers, kernel.scratch, kernel.tables)
    return _plain((*arguments, kernel.body), names, {})


def _plain(value: Any, names: Mapping[str, str], seen: dict[int, Any]) -> Any:
    """A value as nested tuples, buffers under their new names."""
    if isinstance(value, tuple):
        return tuple(_plain(item, names, seen) for item in value)
    if isinstance(value, float):
        return value.hex()  # 0.0 is not -0.0, nor 1.0 the whole number
    if not is_dataclass(value):
        return value
    # Expressions are shared a lot: each object is taken apart once.
    if id(value) not in seen:
        kind = type(value).__name__
        parts = [
            names.get(part, part)
            if kind == "Buffer" and field.name == "name"
            else _plain(part, names, seen)
            for field in fields(value)
            for part in (getattr(value, field.name),)
        ]
        seen[id(value)] = (kind, *parts)
    return seen[id(value)]
