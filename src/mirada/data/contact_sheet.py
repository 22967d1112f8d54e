"""Some images of each class on one sheet."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset
from mirada.data.listing import Found, Listing
from mirada.data.pool import Decoders
from mirada.data.report import DataReport
from mirada.data.sheet import Row, Tile, sheet_png
from mirada.language import translate

__all__ = ["MOST_CLASSES", "contact_sheet"]

MOST_CLASSES = 40
_MOST_IMAGES = 8
_SIDE = 96


def contact_sheet(report: DataReport) -> bytes:
    """A PNG with up to 8 images of each of up to 40 classes, evenly spaced.

    Files are decoded again, at the size in which they are shown.
    """
    survey = report.survey
    chosen = [_some(survey.labels, label) for label in _shown_classes(report)]
    flat = [int(place) for places in chosen for place in places]
    images = dict(zip(flat, _images(report, flat), strict=True))
    counts = survey.counts()
    rows = []
    for label, places in zip(_shown_classes(report), chosen, strict=True):
        tiles = tuple(
            Tile(image, survey.names[place].rpartition("/")[2])
            for place in places.tolist()
            if (image := images[place]) is not None
        )
        heading = f"{survey.classes[label]} ({int(counts[label])})"
        rows.append(Row(heading, tiles))
    title = translate("{name}: images {count}, classes {classes}").format(
        name=survey.name, count=len(survey), classes=len(survey.classes)
    )
    if len(survey.classes) > len(rows):
        title += " " + translate("(the first {count} are shown)").format(
            count=len(rows)
        )
    return sheet_png(title, rows, _SIDE)


def _shown_classes(report: DataReport) -> range:
    return range(min(MOST_CLASSES, len(report.survey.classes)))


def _some(labels: NDArray[np.int64], label: int) -> NDArray[np.int64]:
    places = np.flatnonzero(labels == label)
    wanted = np.linspace(0, len(places) - 1, min(_MOST_IMAGES, len(places)))
    return places[np.rint(wanted).astype(np.int64)]


def _images(
    report: DataReport, places: list[int]
) -> Iterator[NDArray[np.uint8] | None]:
    """The images to show; None for a file that has changed and cannot be decoded."""
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
    with Decoders(workers=1) as decoders:
        answers = decoders.decode(some.encoded(), (_SIDE, _SIDE), rule="crop")
        for at, answer in zip(order, answers, strict=True):
            if isinstance(answer, np.ndarray):
                found[at] = answer
    yield from (found.get(at) for at in range(len(places)))
