"""What is found out about every image of a source before any is trained on."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset, Part, Skipped
from mirada.data.examine import RECORD, pixel_digest
from mirada.data.likeness import near_pairs, shrink
from mirada.data.listing import Found, Listing, class_order, groups_known
from mirada.data.naming import shown_path
from mirada.data.pool import Decoders
from mirada.data.request import Request
from mirada.errors import DataError, Phrase

__all__ = ["Survey", "Watch", "survey"]

Watch = Callable[[int, int], None]
"""Is told how many files were looked at, of how many; what it raises ends the work."""

_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Survey:
    """The images that can be used, as columns, and what is left out.

    `records` is an array of `examine.RECORD`; `has_files` says whether the images are
    encoded files, so that their bytes can be compared. `parts` and `groups` are None
    where the source has none of its own. `classes` may hold one that has no image.
    """

    name: str
    names: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    parts: NDArray[np.uint8] | None
    records: NDArray[Any]
    has_files: bool
    groups: tuple[str, ...] | None = None
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Phrase, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    @property
    def found(self) -> int:
        """How many images and other files there are: those used and those not."""
        return len(self) + len(self.skipped)

    @cached_property
    def same_pixels(self) -> NDArray[np.int64]:
        """A number an image; two that show the same pixels have the same."""
        return np.unique(self.records["pixels"], return_inverse=True)[1].reshape(-1)

    @cached_property
    def same_bytes(self) -> NDArray[np.int64] | None:
        """The same of the encoded files, byte by byte; None where there are none."""
        if not self.has_files:
            return None
        return np.unique(self.records["content"], return_inverse=True)[1].reshape(-1)

    @cached_property
    def near(self) -> NDArray[np.int64]:
        """The pairs (m, 2) of different images that show nearly the same."""
        first = np.sort(np.unique(self.same_pixels, return_index=True)[1])
        return first[near_pairs(self.records["small"][first])]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of classes, labels, parts and all pixels at their own size."""
        given = self.parts is not None
        head = json.dumps([1, self.classes, given])
        digest = hashlib.sha256(head.encode("ascii"))
        digest.update(self.labels.astype("<i8").tobytes())
        if self.parts is not None:
            digest.update(self.parts.tobytes())
        digest.update(self.records["pixels"].tobytes())
        return digest.hexdigest()

    def counts(self) -> NDArray[np.int64]:
        """How many images each class has."""
        return np.bincount(self.labels, minlength=len(self.classes)).astype(np.int64)

    def part_counts(self) -> dict[Part, NDArray[np.int64]]:
        """The same of each part that the source has; empty where it has none."""
        if self.parts is None:
            return {}
        count = len(self.classes)
        return {
            part: np.bincount(self.labels[self.parts == part], minlength=count)
            for part in Part
            if (self.parts == part).any()
        }


def survey(
    source: Listing | Dataset, request: Request, watch: Watch | None = None
) -> Survey:
    """Looks at every image: files are decoded whole, each in a process of its own.

    Nothing is raised for a file: it is left out with its reason.
    """
    if isinstance(source, Dataset):
        return _of_arrays(source)
    used: list[Found] = []
    skipped = list(source.skipped)
    records = bytearray()
    with Decoders(request.limits, workers=request.threads) as decoders:
        answers = decoders.examine(source.encoded())
        total = len(source.files)
        for done, (file, answer) in enumerate(zip(source.files, answers, strict=True)):
            if watch is not None:
                watch(done, total)
            if isinstance(answer, DataError):
                skipped.append(Skipped(file.name, answer))
            else:
                used.append(file)
                records += answer.tobytes()
        notes = (*source.notes, *decoders.notes)
    classes = class_order(file.label for file in source.files)
    place = {name: number for number, name in enumerate(classes)}
    parts = np.array([file.part for file in used], dtype=np.uint8)
    return Survey(
        name=shown_path(source.root),
        names=tuple(file.name for file in used),
        labels=np.array([place[file.label] for file in used], dtype=np.int64),
        classes=classes,
        parts=parts if (parts != Part.TRAIN).any() else None,
        records=np.frombuffer(records, dtype=RECORD),
        has_files=True,
        groups=groups_known(used),
        skipped=tuple(sorted(skipped, key=lambda item: item.name)),
        notes=notes,
    )


def _of_arrays(data: Dataset) -> Survey:
    return Survey(
        name=data.name,
        names=data.names,
        labels=data.labels,
        classes=data.classes,
        parts=data.given,
        records=_records(data.images),
        has_files=False,
        groups=data.groups,
        skipped=data.skipped,
        notes=data.notes,
    )


def _records(images: NDArray[np.uint8]) -> NDArray[Any]:
    count, height, width, channels = images.shape
    records = np.zeros(count, dtype=RECORD)
    records["height"], records["width"] = height, width
    records["kind"] = b"array L" if channels == 1 else b"array RGB"
    records["pixels"] = [pixel_digest(image) for image in images]
    records["small"] = shrink(images)
    for start in range(0, count, _CHUNK):
        chunk, part = images[start : start + _CHUNK], records[start : start + _CHUNK]
        first = chunk[:, :1, :1]
        part["coloured"] = (chunk != chunk[..., :1]).any(axis=(1, 2, 3))
        part["constant"] = (chunk == first).all(axis=(1, 2, 3))
    return records
