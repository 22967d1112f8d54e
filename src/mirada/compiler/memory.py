"""Memory for buffers that live for a while: those that never meet share their place."""

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["ALIGNMENT", "Span", "arrange", "padded"]

ALIGNMENT = 64
"""Bytes of a cache line, where every buffer begins."""


class Span(NamedTuple):
    """A buffer's bytes, and the first and the last moment at which it is used."""

    name: str
    size: int
    first: int
    last: int


def padded(size: int) -> int:
    """The size in whole cache lines."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def arrange(spans: Iterable[Span]) -> tuple[dict[str, int], int]:
    """Where each buffer begins, and the bytes of all: the largest are placed first.

    >>> arrange([Span("a", 64, 0, 1), Span("b", 64, 1, 2), Span("c", 64, 2, 3)])
    ({'a': 0, 'b': 64, 'c': 0}, 128)
    """
    placed: list[tuple[int, Span]] = []
    for span in sorted(spans, key=lambda one: (-one.size, one.first, one.name)):
        at = 0
        for start, other in sorted(placed):
            meets = other.first <= span.last and span.first <= other.last
            if meets and start < at + padded(span.size):
                at = max(at, start + padded(other.size))
        placed.append((at, span))
    offsets = {span.name: at for at, span in placed}
    ends = [at + padded(span.size) for at, span in placed]
    return offsets, max(ends, default=0)
