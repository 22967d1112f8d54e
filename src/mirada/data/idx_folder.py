"""A folder with the files of MNIST or one of its family."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset, Part
from mirada.data.encoded import Encoded
from mirada.data.fitting import LARGEST_SIDE, fit_all
from mirada.data.idx import read_header, read_values
from mirada.data.limits import require_memory
from mirada.data.naming import shown
from mirada.data.request import Request
from mirada.data.stored import stored_name
from mirada.errors import DataError

__all__ = ["IdxFiles", "find_idx_files", "load_idx"]

_NAME = re.compile(
    r"(.*?)(train|t10k|test)[-_.](images[-_.]idx3|labels[-_.]idx1)[-_.]ubyte(\.gz)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class IdxFiles:
    """The names of the files of one part: images and labels."""

    part: Part
    images: str
    labels: str


def find_idx_files(folder: str, names: Iterable[str]) -> list[IdxFiles]:
    """The training and the test files among the names in a folder, ordered.

    None where these are no IDX files. A plain file goes before a gzipped one of the
    same name. `folder` is how the folder is shown.

    Raises DataError: `idx-files-mixed`, `idx-file-missing`.
    """
    found: dict[tuple[str, str], str] = {}
    families = set()
    for name in sorted(names):
        match = _NAME.fullmatch(name)
        if match:
            family, part, what, _ = match.groups()
            families.add(shown(family))
            key = ("train" if part.casefold() == "train" else "test", what[:6].lower())
            found.setdefault(key, name)
    if len(families) > 1:
        raise DataError(
            "idx-files-mixed",
            "'{folder}' holds IDX files of {count} sets ({families}). Keep each set in "
            "a folder of its own.",
            folder=folder,
            count=len(families),
            families=", ".join(f"'{family}'" for family in sorted(families)),
        )
    if not found:
        return []
    parts = ["train", "test"] if any(part == "test" for part, _ in found) else ["train"]
    return [_files(folder, part, found) for part in parts]


def load_idx(
    folder: str,
    files: list[IdxFiles],
    stored: Mapping[str, Encoded],
    request: Request,
) -> Dataset:
    """The images and labels of the IDX files, given parts kept.

    `stored` gives each file by its name. The classes are the label numbers that occur,
    in order ("0" to "9" for MNIST).

    Raises DataError: `idx-counts-differ`, `idx-sizes-refused`, and those of `idx`;
    MemoryLimitError (`dataset-memory`) before anything is allocated.
    """
    counts, size = _announced(folder, files, stored)
    total = sum(counts)
    require_memory(total * size[0] * size[1], total, size, request.limits)
    images = np.empty((total, *size, 1), dtype=np.uint8)
    numbers = np.empty(total, dtype=np.uint8)
    start = 0
    for part, count in zip(files, counts, strict=True):
        read_values(stored[part.images], images[start : start + count, :, :, 0])
        read_values(stored[part.labels], numbers[start : start + count])
        start += count
    levels, labels = np.unique(numbers, return_inverse=True)
    return Dataset(
        name=folder,
        images=fit_all(
            images, request.size, request.channels, request.resize, request.limits
        ),
        labels=labels.astype(np.int64),
        classes=tuple(str(level) for level in levels),
        names=_names(files, counts),
        given=_given(files, counts),
        resize=request.resize,
    )


def _files(folder: str, part: str, found: dict[tuple[str, str], str]) -> IdxFiles:
    for what in ("images", "labels"):
        if (part, what) not in found:
            raise DataError(
                "idx-file-missing",
                "'{folder}' holds IDX files, but '{name}' is missing. Put it beside "
                "the others.",
                folder=folder,
                name=_usual_name(part, what),
            )
    kind = Part.TRAIN if part == "train" else Part.TEST
    return IdxFiles(kind, found[part, "images"], found[part, "labels"])


def _usual_name(part: str, what: str) -> str:
    head = "train" if part == "train" else "t10k"
    return f"{head}-{what}-idx{3 if what == 'images' else 1}-ubyte.gz"


def _announced(
    folder: str, files: list[IdxFiles], stored: Mapping[str, Encoded]
) -> tuple[list[int], tuple[int, int]]:
    """How many samples each part announces, and the size all images have."""
    counts = []
    sizes = set()
    for part in files:
        count, height, width = read_header(stored[part.images], axes=3)
        (labels,) = read_header(stored[part.labels], axes=1)
        if labels != count:
            raise DataError(
                "idx-counts-differ",
                "'{images}' holds {count} images, but '{file}' holds {labels} labels. "
                "Take both files from the same set.",
                images=stored_name(stored[part.images]),
                count=count,
                file=stored_name(stored[part.labels]),
                labels=labels,
            )
        counts.append(count)
        sizes.add((height, width))
    if len(sizes) > 1 or max(map(max, sizes)) > LARGEST_SIDE:
        raise DataError(
            "idx-sizes-refused",
            "The images of '{folder}' are {sizes} (height x width); they must all have "
            "one size, of at most {most} on a side. Take both parts from the same set.",
            folder=folder,
            sizes=", ".join(f"{h}x{w}" for h, w in sorted(sizes)),
            most=LARGEST_SIDE,
        )
    return counts, sizes.pop()


def _names(files: list[IdxFiles], counts: list[int]) -> tuple[str, ...]:
    return tuple(
        f"{part.part.name.lower()}/{number}"
        for part, count in zip(files, counts, strict=True)
        for number in range(count)
    )


def _given(files: list[IdxFiles], counts: list[int]) -> NDArray[np.uint8] | None:
    if len(files) == 1:
        return None
    parts = np.array([part.part for part in files], dtype=np.uint8)
    return np.repeat(parts, counts)
