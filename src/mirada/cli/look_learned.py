"""What one layer has learned: filters, best patches, dead units."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada.cli.look_subject import Subject
from mirada.data import Dataset
from mirada.views import Section

__all__ = ["sections", "show"]


def show(
    subject: Subject, layer: str, source: str | None, folder: Path, *, as_json: bool
) -> None:
    """TO BE WRITTEN."""
    raise NotImplementedError


def sections(
    subject: Subject, data: Dataset, samples: NDArray[np.int64]
) -> Iterator[Section]:
    """TO BE WRITTEN: what the page of a run says of this; samples were held out."""
    yield from ()
