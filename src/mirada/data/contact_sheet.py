"""Some images of each class on one sheet."""

import numpy as np
from numpy.typing import NDArray

from mirada.data.report import DataReport
from mirada.data.report_images import report_images
from mirada.data.sheet import Row, Tile, sheet_png
from mirada.language import translate

__all__ = ["MOST_CLASSES", "contact_sheet", "some_of"]

MOST_CLASSES = 40
_MOST_IMAGES = 8
_SIDE = 96


def contact_sheet(report: DataReport) -> bytes:
    """A PNG with up to 8 images of each of up to 40 classes, evenly spaced.

    Files are decoded again, at the size in which they are shown.
    """
    survey = report.survey
    chosen = [some_of(survey.labels, label) for label in _shown_classes(report)]
    flat = [int(place) for places in chosen for place in places]
    images = dict(zip(flat, report_images(report, flat, _SIDE), strict=True))
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


def some_of(labels: NDArray[np.int64], label: int) -> NDArray[np.int64]:
    """The places of up to 8 images of a class, evenly spaced."""
    places = np.flatnonzero(labels == label)
    wanted = np.linspace(0, len(places) - 1, min(_MOST_IMAGES, len(places)))
    return places[np.rint(wanted).astype(np.int64)]
