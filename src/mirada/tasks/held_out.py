"""Which images of a data set a run may be judged by."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.data import Dataset, Part, Split, read_split
from mirada.errors import DataError, Phrase
from mirada.language import count_text
from mirada.talk import say
from mirada.tasks.trained import run_folder
from mirada.training.folder import CONFIGURATION, SPLIT

__all__ = ["Judges", "held_out", "judges"]


class Judges(NamedTuple):
    """The images that a run is judged by, why these, and how many it has learned.

    `reasons` are empty where nothing is known of what the run was trained on.
    """

    samples: NDArray[np.int64]
    reasons: tuple[Phrase, ...] = ()
    learned: int = 0


def held_out(run: str, data: Dataset) -> NDArray[np.int64]:
    """The images that the run did not see in training, as far as can be known.

    Which they are is told as talk.
    """
    found = judges(run, data)
    for reason in found.reasons:
        say(reason)
    return found.samples


def judges(run: str, data: Dataset, *, every: bool = False) -> Judges:
    """The images that the run did not see in training, as far as can be known.

    Those that it held out; where it held out none, those that chose its best epoch.
    With `every` all of them.
    """
    path = run_folder(run) / SPLIT
    if not path.is_file():
        rest = _unknown(data, every=every)
        if not (path.parent / CONFIGURATION).is_file():
            return rest  # weights alone
        lost = Phrase(
            "'{file}' is missing from the run, so nothing says which images it held "
            "out: it may have been trained on those that count here.",
            file=SPLIT,
        )
        return rest._replace(reasons=(lost, *rest.reasons))
    try:
        split = read_split(path, data)
    except DataError:
        told = Phrase("This is not the data that the run was trained on.")
        rest = _unknown(data, every=every)
        return rest._replace(reasons=(told, *rest.reasons))
    return _all(data, split) if every else _kept_back(split)


def _unknown(data: Dataset, *, every: bool) -> Judges:
    """Data of which nothing says that the run has seen it."""
    if not every and data.given is not None and (data.given == Part.TEST).any():
        told = Phrase("Only the test part of the data counts.")
        return Judges(np.flatnonzero(data.given == Part.TEST), (told,))
    return Judges(np.arange(len(data)))


def _all(data: Dataset, split: Split) -> Judges:
    learned = len(split.train)
    told = Phrase(
        "All {count} images count, {learned} of which the run was trained on: the "
        "figures are better than for new images.",
        count=count_text(len(data)),
        learned=count_text(learned),
    )
    return Judges(np.arange(len(data)), (told,), learned)


def _kept_back(split: Split) -> Judges:
    if len(split.test) or not len(split.validation):
        told = Phrase(
            "Only the {count} images that the run held out count.",
            count=count_text(len(split.test)),
        )
        return Judges(split.test, (told,))
    told = Phrase(
        "The run held out no images: the {count} that chose its best epoch count, "
        "which makes the figures a little too good.",
        count=count_text(len(split.validation)),
    )
    return Judges(split.validation, (told,))
