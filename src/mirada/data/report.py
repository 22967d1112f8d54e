"""The report on a source of images: what is there, what is left out, what to know.

`report_on` looks at every image and takes its time; `quick_warnings` asks the two worst
questions of a data set in memory, fast enough for the start of every training.
"""

import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.data.copies import Samples, copy_warnings, groups, part_name
from mirada.data.dataset import Dataset, Part
from mirada.data.examine import pixel_digest
from mirada.data.findings import findings
from mirada.data.limits import Limits
from mirada.data.listing import Listing
from mirada.data.request import Request
from mirada.data.sources import find
from mirada.data.split import Split
from mirada.data.survey import Survey, Watch, survey
from mirada.data.warning import DataWarning

__all__ = ["SCHEMA", "DataReport", "SizeFacts", "quick_warnings", "report_on"]

SCHEMA = 1

_SAMPLED = 64


@dataclass(frozen=True)
class SizeFacts:
    """Sizes as (height, width): by area the smallest and largest, the median sides."""

    different: int
    smallest: tuple[int, int]
    median: tuple[int, int]
    largest: tuple[int, int]


@dataclass(frozen=True, eq=False)
class DataReport:
    """What a source is, the survey of it, and what that gives reason to warn of.

    >>> report = report_on("digits")
    >>> report.survey.found, report.sizes.median, report.kinds
    (1797, (8, 8), {'array L': 1797})
    """

    source: Listing | Dataset
    survey: Survey
    warnings: tuple[DataWarning, ...]

    @property
    def sizes(self) -> SizeFacts | None:
        """The sizes of the images that can be used; None where there are none."""
        records = self.survey.records
        if not len(records):
            return None
        sides = np.stack((records["height"], records["width"]), axis=1).astype(int)
        by_area = np.argsort(sides.prod(axis=1), kind="stable")
        middle = np.sort(sides, axis=0)[(len(sides) - 1) // 2]
        return SizeFacts(
            different=len(np.unique(sides, axis=0)),
            smallest=_size(sides[by_area[0]]),
            median=_size(middle),
            largest=_size(sides[by_area[-1]]),
        )

    @property
    def kinds(self) -> dict[str, int]:
        """How many images are stored in each format and mode, the most first."""
        counts = Counter(self.survey.records["kind"].tolist())
        return {kind.decode("ascii"): count for kind, count in counts.most_common()}

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON holds it; messages are in the language in use."""
        found, sizes = self.survey, self.sizes
        return {
            "schema": SCHEMA,
            "source": found.name,
            "found": found.found,
            "used": len(found),
            "skipped": [
                {
                    "file": item.name,
                    "reason": str(item.reason),
                    "code": item.reason.code,
                }
                for item in found.skipped
            ],
            "classes": _by_name(found.classes, found.counts()),
            "parts": {
                part_name(part): _by_name(found.classes, counts)
                for part, counts in found.part_counts().items()
            },
            "sizes": sizes and {n: _plain(v) for n, v in vars(sizes).items()},
            "kinds": self.kinds,
            "fingerprint": found.fingerprint,
            "warnings": [warning.to_dict() for warning in self.warnings],
        }


def report_on(
    source: str | os.PathLike[str],
    *,
    limits: Limits | None = None,
    threads: int | None = None,
    watch: Watch | None = None,
) -> DataReport:
    """The report on a source, any that `load` takes; nothing is kept on disk.

    `watch` is told how far it is.

    Files that cannot be used never stop it. Raises DataError for a source that cannot
    be opened at all.
    """
    request = Request(limits=limits or Limits(), threads=threads, cache=False)
    opened = find(source, request)
    found = survey(opened, request, watch)
    return DataReport(opened, found, findings(found))


def quick_warnings(data: Dataset, split: Split) -> tuple[DataWarning, ...]:
    """The images that are in two parts of a split or in two classes, pixel by pixel.

    Equal are images at the size they have in `data`. Costs less than reading the pixels
    twice.

    >>> from mirada.data.sources import load
    >>> from mirada.data.split import divide
    >>> quick_warnings(data := load("digits"), divide(data))
    ()
    """
    parts = np.full(len(data), -1, dtype=np.int64)
    for part in Part:
        parts[split.of(part)] = part
    used = np.flatnonzero(parts >= 0)
    pixels = _same_pixels(data.images)[used]
    samples = Samples(
        [data.names[place] for place in used.tolist()],
        data.labels[used],
        data.classes,
        parts[used],
    )
    found = copy_warnings(samples, pixels)
    return tuple(warning for warning in found if warning.is_serious)


def _same_pixels(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """A number an image, the same for equal ones: a few pixels first, then all."""
    numbers = np.arange(len(images), dtype=np.int64)
    if not len(images):
        return numbers
    flat = images.reshape(len(images), -1)
    few = np.ascontiguousarray(flat[:, :: max(1, flat.shape[1] // _SAMPLED)])
    keys = np.unique(few.view(f"S{few.shape[1]}")[:, 0], return_inverse=True)[1]
    for group in groups(keys.reshape(-1).astype(np.int64)):
        first: dict[bytes, int] = {}
        for place in group.tolist():
            digest = pixel_digest(images[place])
            numbers[place] = first.setdefault(digest, place)
    return numbers


def _size(sides: NDArray[np.integer]) -> tuple[int, int]:
    return int(sides[0]), int(sides[1])


def _by_name(names: tuple[str, ...], counts: NDArray[np.int64]) -> dict[str, int]:
    return dict(zip(names, counts.tolist(), strict=True))


def _plain(value: int | tuple[int, int]) -> int | list[int]:
    return list(value) if isinstance(value, tuple) else value
