"""Which images of a data set a run may be judged by."""

import numpy as np
from numpy.typing import NDArray

from mirada.cli.output import say
from mirada.cli.trained import run_folder
from mirada.data import Dataset, Part, read_split
from mirada.errors import DataError
from mirada.language import translate
from mirada.training.folder import SPLIT

__all__ = ["held_out"]


def held_out(run: str, data: Dataset) -> NDArray[np.int64]:
    """The images that the run did not see in training, as far as can be known.

    Which they are is told as talk.
    """
    path = run_folder(run) / SPLIT
    if path.is_file():
        try:
            samples = read_split(path, data).test
        except DataError:
            say(translate("This is not the data that the run was trained on."))
        else:
            text = translate("Only the {count} images that the run held out count.")
            say(text.format(count=len(samples)))
            return samples
    if data.given is not None and (data.given == Part.TEST).any():
        say(translate("Only the test part of the data counts."))
        return np.flatnonzero(data.given == Part.TEST)
    return np.arange(len(data))
