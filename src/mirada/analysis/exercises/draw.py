"""Numbers drawn for one exercise: the same on every computer, now and later."""

from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Draw", "Rows"]

Item = TypeVar("Item")
Rows = tuple[tuple[int, ...], ...]

_BLOCKS = 16


class Draw:
    """A row of random numbers that follows from a seed and from where it is used.

    `place` is up to three numbers below 2**32. Philox, see `mirada.randomness`.

    >>> draw = Draw(42, 0, 1, 2)
    >>> [draw.whole(1, 6) for _ in range(5)]
    [5, 2, 4, 2, 6]
    """

    def __init__(self, seed: int, *place: int) -> None:
        self._seed = seed
        self._place = (*place, 0, 0, 0)[:3]
        self._words: list[int] = []
        self._block = 0

    def _word(self) -> int:
        if not self._words:
            self._words = self._drawn()[::-1]
        return self._words.pop()

    def _drawn(self) -> list[int]:
        # NumPy is imported where exercises are drawn, not by everything in this room.
        from mirada.randomness import Purpose, key, philox

        blocks = list(range(self._block, self._block + _BLOCKS))
        self._block += _BLOCKS
        first, second, third = self._place
        counter = (blocks, first, second, third)
        words = philox(counter, key(self._seed, Purpose.EXERCISE))
        return [int(word) for word in words.ravel()]

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + (self._word() * (high - low + 1) >> 32)

    def one(self, options: Sequence[Item]) -> Item:
        """One of the options."""
        return options[self.whole(0, len(options) - 1)]

    def shuffled(self, options: Sequence[Item]) -> list[Item]:
        """The options in another order (Fisher and Yates)."""
        found = list(options)
        for last in range(len(found) - 1, 0, -1):
            at = self.whole(0, last)
            found[last], found[at] = found[at], found[last]
        return found

    def rows(self, height: int, width: int, options: Sequence[int]) -> Rows:
        """A matrix of some of the options."""
        return tuple(
            tuple(self.one(options) for _ in range(width)) for _ in range(height)
        )
