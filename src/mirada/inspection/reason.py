"""One method's reason for an answer: a map, its scores, and what they mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.inspection.cam_layer import CamLayer
from mirada.inspection.methods import SIGNED
from mirada.inspection.reliability import Curve, Randomisation

__all__ = ["PARTS", "Answer", "Reason", "Region", "strongest"]

Doubles = NDArray[np.float64]

PARTS = (
    (Phrase("the top left"), Phrase("the top"), Phrase("the top right")),
    (Phrase("the left"), Phrase("the middle"), Phrase("the right")),
    (Phrase("the bottom left"), Phrase("the bottom"), Phrase("the bottom right")),
)
"""What the ninths of an image are called."""


class Answer(NamedTuple):
    """What is explained: a class, what the network gives it, and what it answers."""

    place: int
    score: float
    """Before softmax."""
    nothing: float
    """The score of the baseline, which says nothing."""
    probability: float
    first: int
    """The class that the network answers."""
    share: float
    """And its probability."""


@dataclass(frozen=True, eq=False)
class Reason:
    """One method's map of the image (h, w), and how far it can be trusted.

    `layer` is None for methods that look at the image itself, and so is `grid`, else
    the map on the layer's own places, before it is laid on the image.
    """

    method: str
    values: Doubles
    answer: Answer
    layer: CamLayer | None
    grid: Doubles | None
    deletion: Curve
    insertion: Curve
    randomisation: Randomisation

    @property
    def signed(self) -> bool:
        """Whether negative numbers speak against the class."""
        return self.method in SIGNED

    @property
    def empty(self) -> bool:
        """Whether the map is the same everywhere and so says nothing."""
        return bool(self.values.max() == self.values.min())

    @property
    def falls_sooner(self) -> bool:
        """Whether deletion is better than on all other places but one."""
        others = self.deletion.elsewhere
        return sum(self.deletion.area < area for area in others) >= len(others) - 1

    @property
    def rises_sooner(self) -> bool:
        """Whether insertion is better than on all other places but one."""
        others = self.insertion.elsewhere
        return sum(self.insertion.area > area for area in others) >= len(others) - 1

    @property
    def trusted(self) -> bool:
        """Whether nothing speaks against the map."""
        shows = self.falls_sooner and self.rises_sooner
        return not self.empty and shows and self.randomisation.passes

    @property
    def verdict(self) -> tuple[Phrase, ...]:
        """What the scores mean, in sentences."""
        return tuple(self._verdict())

    def _verdict(self) -> Iterator[Phrase]:
        if self.empty:
            yield Phrase("The map is empty: this method finds nothing for the class.")
            return
        if not self.randomisation.passes:
            yield Phrase(
                "This map does not depend on what was learned: it is much the same "
                "with random weights. Do not trust it."
            )
        if not self.falls_sooner and not self.rises_sooner:
            yield Phrase(
                "It finds the pixels that matter no better than when it is laid on "
                "another place by chance. Do not rely on it."
            )
        elif not (self.falls_sooner and self.rises_sooner):
            yield Phrase(
                "Only one of deletion and insertion is better than when the map is "
                "laid on another place. Take it with care."
            )
        if self.trusted:
            yield Phrase("It passes all three checks.")


class Region(NamedTuple):
    """Where a map is strongest."""

    part: Phrase
    """The ninth of the image that holds most of what is above the map's background."""
    share: float
    """How much of it."""
    row: int
    column: int
    """The pixel with the largest number, counted from 0."""


def strongest(values: Doubles) -> Region:
    """Where a map (h, w) is strongest; of a signed one, what is above zero.

    >>> found = strongest(np.eye(6) * [9, 1, 1, 1, 1, 1])
    >>> str(found.part), round(found.share, 2), found.row, found.column
    ('the top left', 0.71, 0, 0)
    """
    above = np.maximum(values - max(float(values.min()), 0.0), 0.0)
    total = float(above.sum())
    rows, columns = (np.arange(n) * 3 // n for n in values.shape)
    sums = np.zeros((3, 3))
    np.add.at(sums, (rows[:, None], columns[None, :]), above)
    place = np.unravel_index(sums.argmax(), sums.shape)
    peak = np.unravel_index(values.argmax(), values.shape)
    share = float(sums[place]) / total if total else 0.0
    return Region(PARTS[place[0]][place[1]], share, int(peak[0]), int(peak[1]))
