"""The images that a report speaks of, decoded again at the size they are shown in."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset
from mirada.data.listing import Found, Listing
from mirada.data.pool import Decoders
from mirada.data.report import DataReport

__all__ = ["report_images"]


def report_images(
    report: DataReport,
    places: Sequence[int],
    side: int,
    decoders: Decoders | None = None,
) -> Iterator[NDArray[np.uint8] | None]:
    """The images at some places of a survey, in their order.

    Of files the middle, a square of `side`; arrays as they are. None for a file that
    has gone or changed since, so that it cannot be decoded.
    """
    if isinstance(report.source, Dataset):
        yield from (report.source.images[place] for place in places)
        return
    listing: Listing = report.source
    by_name: dict[str, Found] = {file.name: file for file in listing.files}
    files = [by_name[report.survey.names[place]] for place in places]
    # In the order of the listing: an archive may only be read so.
    order = sorted(range(len(files)), key=lambda at: (files[at].place, at))
    found: dict[int, NDArray[np.uint8]] = {}
    some = replace(listing, files=[files[at] for at in order])
    with Decoders(workers=1) if decoders is None else nullcontext(decoders) as pool:
        answers = pool.decode(some.encoded(), (side, side), rule="crop")
        for at, answer in zip(order, answers, strict=True):
            if isinstance(answer, np.ndarray):
                found[at] = answer
    yield from (found.get(at) for at in range(len(places)))
