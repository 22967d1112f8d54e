"""Why the network answers as it does, and how far the picture can be trusted."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada.cli.look_subject import Picture, Subject
from mirada.data import Dataset
from mirada.views import Section

__all__ = ["sections", "show"]


def show(
    subject: Subject,
    picture: Picture,
    method: str,
    layer: str | None,
    place: int | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """TO BE WRITTEN."""
    raise NotImplementedError


def sections(
    subject: Subject, data: Dataset, samples: NDArray[np.int64]
) -> Iterator[Section]:
    """TO BE WRITTEN: what the page of a run says of this; samples were held out."""
    yield from ()
