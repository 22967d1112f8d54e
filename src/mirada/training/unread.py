"""Steps that a device still computes, while the loop already gives it the next ones."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from mirada.engines import StepResult
from mirada.engines.group import Group
from mirada.training.place import Place

__all__ = ["MOST_UNREAD", "Taken", "Unread"]

MOST_UNREAD = 8
"""How many steps may be on their way."""


@dataclass(frozen=True)
class Taken:
    """A step that was taken: where the run then was, and what is told of it."""

    place: Place
    rate: float
    images: int
    result: StepResult
    has_line: bool


class Unread:
    """The steps whose results were not read yet, in order."""

    def __init__(self, group: Group) -> None:
        self._alone = group.size == 1
        self._steps: deque[Taken] = deque()

    def add(self, taken: Taken) -> None:
        """Puts a step at the end."""
        self._steps.append(taken)

    def until(self, most: int) -> Iterator[Taken]:
        """Those that are ready, and as many more as leave at most so many.

        Of several processes none may be ahead of others in what it reads, so there
        nothing is taken for being ready.
        """
        while self._steps:
            is_ready = self._alone and self._steps[0].result.is_ready
            if len(self._steps) <= most and not is_ready:
                return
            yield self._steps.popleft()
