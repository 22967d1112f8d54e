"""A folder with the files of MNIST or one of its family."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset, Part
from mirada.data.fitting import LARGEST_SIDE, fit_all
from mirada.data.gate import list_folder
from mirada.data.idx import read_header, read_values
from mirada.data.limits import require_memory
from mirada.data.naming import shown, shown_path
from mirada.data.request import Request
from mirada.errors import DataError

__all__ = ["IdxFiles", "find_idx_files", "load_idx_folder"]

_NAME = re.compile(
    r"(.*?)(train|t10k|test)[-_.](images[-_.]idx3|labels[-_.]idx1)[-_.]ubyte(\.gz)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class IdxFiles:
    """The files of one part: images and labels, and which part they are."""

    part: Part
    images: Path
    labels: Path


def find_idx_files(folder: Path) -> list[IdxFiles]:
    """The training and the test files of a folder; none where it has no IDX files.

    A plain file goes before a gzipped one of the same name.

    Raises DataError: `idx-files-mixed`, `idx-file-missing`.
    """
    found: dict[tuple[str, str], Path] = {}
    families = set()
    for entry in list_folder(folder):
        match = _NAME.fullmatch(entry.name)
        if match:
            family, part, what, _ = match.groups()
            families.add(shown(family))
            key = ("train" if part.casefold() == "train" else "test", what[:6].lower())
            found.setdefault(key, Path(entry.path))
    if len(families) > 1:
        raise DataError(
            "idx-files-mixed",
            "'{folder}' holds IDX files of {count} sets ({families}). Keep each set in "
            "a folder of its own.",
            folder=shown_path(folder),
            count=len(families),
            families=", ".join(f"'{family}'" for family in sorted(families)),
        )
    if not found:
        return []
    parts = ["train", "test"] if any(part == "test" for part, _ in found) else ["train"]
    return [_files(folder, part, found) for part in parts]


def load_idx_folder(folder: Path, files: list[IdxFiles], request: Request) -> Dataset:
    """The images and labels of the IDX files, given parts kept.

    The classes are the label numbers that occur, in order ("0" to "9" for MNIST).

    Raises DataError: `idx-counts-differ`, `idx-sizes-refused`, and those of `idx`;
    MemoryLimitError (`dataset-memory`) before anything is allocated.
    """
    counts, size = _announced(files)
    total = sum(counts)
    require_memory(total * size[0] * size[1], total, size, request.limits)
    images = np.empty((total, *size, 1), dtype=np.uint8)
    numbers = np.empty(total, dtype=np.uint8)
    start = 0
    for part, count in zip(files, counts, strict=True):
        read_values(part.images, images[start : start + count, :, :, 0])
        read_values(part.labels, numbers[start : start + count])
        start += count
    levels, labels = np.unique(numbers, return_inverse=True)
    return Dataset(
        name=shown_path(folder),
        images=fit_all(
            images, request.size, request.channels, request.resize, request.limits
        ),
        labels=labels.astype(np.int64),
        classes=tuple(str(level) for level in levels),
        names=_names(files, counts),
        given=_given(files, counts),
        resize=request.resize,
    )


def _files(folder: Path, part: str, found: dict[tuple[str, str], Path]) -> IdxFiles:
    for what in ("images", "labels"):
        if (part, what) not in found:
            raise DataError(
                "idx-file-missing",
                "'{folder}' holds IDX files, but '{name}' is missing. Put it beside "
                "the others.",
                folder=shown_path(folder),
                name=_usual_name(part, what),
            )
    kind = Part.TRAIN if part == "train" else Part.TEST
    return IdxFiles(kind, found[part, "images"], found[part, "labels"])


def _usual_name(part: str, what: str) -> str:
    head = "train" if part == "train" else "t10k"
    return f"{head}-{what}-idx{3 if what == 'images' else 1}-ubyte.gz"


def _announced(files: list[IdxFiles]) -> tuple[list[int], tuple[int, int]]:
    """How many samples each part announces, and the size all images have."""
    counts = []
    sizes = set()
    for part in files:
        count, height, width = read_header(part.images, axes=3)
        (labels,) = read_header(part.labels, axes=1)
        if labels != count:
            raise DataError(
                "idx-counts-differ",
                "'{images}' holds {count} images, but '{file}' holds {labels} labels. "
                "Take both files from the same set.",
                images=shown_path(part.images),
                count=count,
                file=shown_path(part.labels),
                labels=labels,
            )
        counts.append(count)
        sizes.add((height, width))
    if len(sizes) > 1 or max(map(max, sizes)) > LARGEST_SIDE:
        raise DataError(
            "idx-sizes-refused",
            "The images of '{folder}' are {sizes} (height x width); they must all have "
            "one size, of at most {most} on a side. Take both parts from the same set.",
            folder=shown_path(files[0].images.parent),
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
