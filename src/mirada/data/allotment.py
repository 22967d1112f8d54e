"""Whole groups dealt to parts so that every class has nearly its share in each.

Groups are taken one by one, the largest first, and each goes to the part where it
raises least what is to be small:

    sum over parts p and classes c of (n[p, c] - t[p, c])^2 / t[p, c]

with n the samples of a class in a part and t its share of them; a class that is absent
from a part counts `_ABSENT` more (from the first, which trains,
so much that every class is there). Then single groups move as long as that lowers the
sum. Exact answers would need integer programming; this is within a group or two of it.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["allot"]

_ABSENT = 1e6
_MOST_WORK = 2e8
"""About how many numbers the moves afterwards may look at."""

Counts = NDArray[np.float64]


def allot(
    counts: NDArray[np.int64], shares: NDArray[np.float64], *, equals: bool = False
) -> NDArray[np.int64]:
    """The part of every group: (groups,) from counts (groups, classes) and shares.

    `shares` add up to 1; with `equals` no part goes before another. Groups of equal
    size are taken in the order in which they stand, so whoever shuffles them decides.

    >>> allot(np.array([[2, 0], [0, 2], [1, 1], [1, 1]]), np.array([0.5, 0.5])).tolist()
    [0, 0, 1, 1]
    """
    found = _Allotment(counts.astype(np.float64), shares, equals)
    for group in np.argsort(-counts.sum(axis=1), kind="stable"):
        found.place(int(group))
    found.improve()
    return found.parts


class _Allotment:
    """How the groups lie while they are dealt."""

    def __init__(
        self, counts: Counts, shares: NDArray[np.float64], equals: bool
    ) -> None:
        self.counts = counts
        self.absent = np.full((len(shares), 1), _ABSENT)
        self.absent[0] *= 1 if equals else 10 * counts.shape[1]
        self.targets = shares[:, None] * counts.sum(axis=0)
        self.held = np.zeros_like(self.targets)
        self.parts = np.full(len(counts), -1, dtype=np.int64)

    def place(self, group: int) -> None:
        """Puts a group where it costs least; the first such part."""
        costs = self._cost(self.held + self.counts[group]) - self._cost(self.held)
        part = int(costs.argmin())
        self.held[part] += self.counts[group]
        self.parts[group] = part

    def improve(self) -> None:
        """Moves the group that gains most, again and again while one gains."""
        groups, classes = self.counts.shape
        rounds = int(_MOST_WORK / max(1, groups * classes * len(self.targets)))
        for _ in range(min(rounds, 2 * groups)):
            gains = self._gains()
            best = int(gains.argmax())
            if gains.flat[best] <= 1e-9:
                return
            group, part = divmod(best, len(self.targets))
            self.held[self.parts[group]] -= self.counts[group]
            self.held[part] += self.counts[group]
            self.parts[group] = part

    def _gains(self) -> Counts:
        """What moving each group (rows) to each part (columns) would lower."""
        now = self._cost(self.held)
        left = self._cost(self.held[self.parts] - self.counts, self.parts)
        gains = np.zeros((len(self.counts), len(self.targets)))
        for part in range(len(self.targets)):
            joined = self._cost(self.held[part] + self.counts, part)
            gains[:, part] = now[self.parts] - left + now[part] - joined
        gains[np.arange(len(self.parts)), self.parts] = 0.0
        return gains

    def _cost(
        self, held: Counts, part: int | NDArray[np.int64] | None = None
    ) -> Counts:
        """The sum over classes, for rows that are parts or would become `part`."""
        targets = self.targets if part is None else self.targets[part]
        penalty = self.absent if part is None else self.absent[part]
        wanted = targets > 0
        shares = (held - targets) ** 2 / np.where(wanted, targets, 1.0)
        absent = np.where(wanted & (held == 0), penalty, 0.0)
        cost: Counts = (np.where(wanted, shares, 0.0) + absent).sum(axis=-1)
        return cost
