"""How far a map can be trusted: three questions that need no right answer.

Deletion: the pixels that the map calls important are removed first, 5 % at a time; if
it is right, the probability of the class falls soon. Insertion: they are put into an
empty image first; if it is right, the probability rises soon. Both are areas under the
curve of the probability, from 0 to 1. What a network makes of a damaged image depends
on the shape of the damage as well, so the same map is also laid elsewhere on the image,
by chance and several times: only what it does better than that counts.

Randomisation: the weights are replaced by those of a network that was never trained. A
map that stays as it was does not show what was learned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.question import BLOCK, Question
from mirada.randomness import Purpose, uniform
from mirada.reference import initial_parameters

__all__ = [
    "Curve",
    "Randomisation",
    "deletion",
    "insertion",
    "random_networks",
    "rank_correlation",
    "untrained",
]

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]

PORTIONS = 20
"""Parts that the pixels are removed in."""
ELSEWHERE = 8
"""Other places that the map is laid on."""
NETWORKS = 3
"""Networks that were never trained."""
ALIKE = 0.5
"""From this similarity on two maps are taken for the same."""

_FIRST_SEED = 2**31
"""Beyond the seeds people give, so that no trained network began like this."""
_PLACES, _TIES = 2, 3


@dataclass(frozen=True)
class Curve:
    """The probability of the class after each portion, and the area under it.

    `elsewhere` are the areas when the map is laid on other places of the image.
    """

    probabilities: tuple[float, ...]
    elsewhere: tuple[float, ...]

    @property
    def area(self) -> float:
        """The area under the curve, from 0 to 1, by the trapezoid rule."""
        return _area(np.array(self.probabilities))

    @property
    def by_chance(self) -> float:
        """The mean area of the same map laid elsewhere."""
        return float(np.mean(self.elsewhere))


@dataclass(frozen=True)
class Randomisation:
    """The similarity of the map to those of networks that were never trained."""

    similarities: tuple[float, ...]

    @property
    def similarity(self) -> float:
        """The mean rank correlation, from -1 to 1."""
        return float(np.mean(self.similarities))

    @property
    def passes(self) -> bool:
        """Whether the map changed: it shows something that was learned."""
        return self.similarity < ALIKE


def deletion(question: Question, values: Doubles, seed: int = 0) -> Curve:
    """The probability while the most important pixels are removed first: low is good.

    A removed pixel has the baseline's value. Source: Petsiuk, Das, Saenko, "RISE", BMVC
    2018, section 4.2, arXiv 1806.07421; the comparison with other places is ours.
    """
    return _curve(question, values, seed, question.image, question.baseline)


def insertion(question: Question, values: Doubles, seed: int = 0) -> Curve:
    """The probability while the most important pixels are put in first: high is good.

    It begins with the baseline, and else is as `deletion`.
    """
    return _curve(question, values, seed, question.baseline, question.image)


def _curve(
    question: Question, values: Doubles, seed: int, before: Floats, after: Floats
) -> Curve:
    def probabilities(moved: Doubles) -> Doubles:
        ranks = _ranks(moved, seed)
        found = []
        for start in range(0, PORTIONS + 1, BLOCK):
            portions = np.arange(start, min(start + BLOCK, PORTIONS + 1))
            counts = np.rint(portions * values.size / PORTIONS)
            changed = ranks[None, None] < counts[:, None, None, None]
            images = np.where(changed, after, before)
            found.append(question.probability(images))
        return np.concatenate(found)

    own = tuple(probabilities(values).tolist())
    moves = _moves(values.shape, seed)
    areas = (_area(probabilities(np.roll(values, move, (0, 1)))) for move in moves)
    return Curve(own, tuple(areas))


def _ranks(values: Doubles, seed: int) -> NDArray[np.int64]:
    """The place of each pixel in the order, the largest first, equals by chance."""
    ties = uniform(seed, Purpose.EXPLAIN, values.size, epoch=_TIES)
    order = np.lexsort((ties, -values.ravel()))
    ranks = np.empty(values.size, np.int64)
    ranks[order] = np.arange(values.size)
    return ranks.reshape(values.shape)


def _moves(size: Sequence[int], seed: int) -> list[tuple[int, int]]:
    """How far down and to the right the map is moved, around the edges; never 0, 0."""
    height, width = size
    drawn = uniform(seed, Purpose.EXPLAIN, ELSEWHERE, epoch=_PLACES)
    numbers = 1 + (drawn * (height * width - 1)).astype(np.int64)
    return [(int(number) // width, int(number) % width) for number in numbers]


def _area(probabilities: Doubles) -> float:
    inner = probabilities[1:-1].sum() + (probabilities[0] + probabilities[-1]) / 2
    return float(inner / (len(probabilities) - 1))


def random_networks(
    question: Question, maps: Callable[[Question], Mapping[str, Doubles]]
) -> list[Mapping[str, Doubles]]:
    """What `maps` gives when the engine holds weights that were never trained.

    After it, and whatever happens, the engine holds its own again. Every weight of
    every layer is drawn anew, as for training, from seeds of its own.
    """
    found = []
    for number in range(NETWORKS):
        with question.holding(untrained(question, number)):
            found.append(maps(question))
    return found


def untrained(question: Question, number: int) -> dict[str, Floats]:
    """The parameters of the network of that number that was never trained.

    Source: Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018, section 3
    (all layers at once, the end of their cascade), arXiv 1810.03292.
    """
    return initial_parameters(question.engine.network, _FIRST_SEED + number)


def rank_correlation(one: Doubles, other: Doubles) -> float:
    """Spearman's rank correlation of two maps; 0 where one of them is flat.

    Pearson's correlation of the ranks, where equal numbers have the mean of theirs.

    >>> rank_correlation(np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 9.0]))
    1.0
    """
    ranks = [_mean_ranks(values.ravel()) for values in (one, other)]
    left, right = (rank - rank.mean() for rank in ranks)
    below = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return float((left * right).sum() / below) if below else 0.0


def _mean_ranks(values: Doubles) -> Doubles:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: Doubles = (last - (counts - 1) / 2.0)[places.ravel()]
    return found
