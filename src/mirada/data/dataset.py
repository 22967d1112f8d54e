"""Images with their labels, decoded and ready, as one value."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mirada.errors import DataError, MiradaError, Phrase

__all__ = ["Dataset", "Part", "Skipped"]

_SHOWN_CLASSES = 20


class Part(IntEnum):
    """What a sample is for."""

    TRAIN = 0
    VALIDATION = 1
    TEST = 2


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was found and not used, and why."""

    name: str
    reason: MiradaError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Decoded images (n, h, w, c) uint8 with labels (n,) int64; the arrays are locked.

    `classes` names the labels, `names` the samples. `given` says the `Part` of every
    sample where the source has parts of its own, else it is None. `skipped` lists what
    was found and not used; `notes` tells what was chosen automatically; `resize` is the
    rule by which the images got their size. `groups` names the group of every sample
    where the source says so: what must not be torn between parts, as a person.

    Raises DataError (`dataset-shape`).

    >>> flags = Dataset.of(np.zeros((2, 4, 4, 1), np.uint8), [0, 1], ["no", "yes"])
    >>> len(flags), flags.size, flags.channels, flags.counts().tolist()
    (2, (4, 4), 1, [1, 1])
    """

    name: str
    images: NDArray[np.uint8] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    classes: tuple[str, ...]
    names: tuple[str, ...] = field(repr=False)
    given: NDArray[np.uint8] | None = field(default=None, repr=False)
    skipped: tuple[Skipped, ...] = field(default=(), repr=False)
    notes: tuple[Phrase, ...] = ()
    resize: str = "crop"
    groups: tuple[str, ...] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _check(self)
        for array in (self.images, self.labels, self.given):
            if array is not None:
                array.flags.writeable = False

    @classmethod
    def of(
        cls,
        images: NDArray[np.uint8],
        labels: Sequence[int] | NDArray[np.integer],
        classes: Sequence[str],
        *,
        name: str = "arrays",
    ) -> Self:
        """A dataset of arrays that are in memory already (the images become locked)."""
        return cls(
            name=name,
            images=images,
            labels=np.array(labels, dtype=np.int64),
            classes=tuple(classes),
            names=tuple(str(number) for number in range(len(images))),
        )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of every image."""
        return self.images.shape[1], self.images.shape[2]

    @property
    def channels(self) -> int:
        """1 for grey, 3 for RGB."""
        return int(self.images.shape[3])

    def counts(self) -> NDArray[np.int64]:
        """How many samples each class has."""
        return np.bincount(self.labels, minlength=len(self.classes)).astype(np.int64)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of what a network can learn from, in hexadecimal.

        Pixels, labels, class names and given parts, in their order; not the file names.
        """
        given = self.given is not None
        head = json.dumps([1, self.images.shape, self.classes, given])
        digest = hashlib.sha256(head.encode("ascii"))
        digest.update(self.labels.astype("<i8").data)
        if self.given is not None:
            digest.update(np.ascontiguousarray(self.given).data)
        digest.update(np.ascontiguousarray(self.images).reshape(-1).data)
        return digest.hexdigest()

    def with_classes(
        self, classes: Sequence[str], *, reorder: bool = False
    ) -> "Dataset":
        """The same samples with labels that count in `classes`, a model's for instance.

        Classes of either side may be missing on the other as long as no sample is of
        one that `classes` lacks. Those on both sides must be in the same order, unless
        `reorder` says that equal names mean the same whatever their order.

        Raises DataError: `classes-unknown` when a class with samples is not there,
        `classes-order-differs` with the mapping of the numbers.

        >>> flags = Dataset.of(np.zeros((1, 2, 2, 1), np.uint8), [1], ["no", "yes"])
        >>> flags.with_classes(["maybe", "no", "yes"]).labels.tolist()
        [2]
        """
        place = {name: number for number, name in enumerate(classes)}
        counts = self.counts()
        unknown = [n for n, k in zip(self.classes, counts, strict=True) if k]
        unknown = [name for name in unknown if name not in place]
        if unknown:
            raise DataError(
                "classes-unknown",
                "{source} has samples of class {unknown}, but the model knows only "
                "{known}. Rename or remove these classes, or train a model with them.",
                source=self.name,
                unknown=", ".join(f"'{name}'" for name in unknown),
                known=", ".join(f"'{name}'" for name in classes),
            )
        if not reorder:
            self._require_order(place)
        table = np.array([place.get(name, 0) for name in self.classes], dtype=np.int64)
        return replace(self, labels=table[self.labels], classes=tuple(classes))

    def _require_order(self, place: Mapping[str, int]) -> None:
        both = [(n, name) for n, name in enumerate(self.classes) if name in place]
        wanted = [place[name] for _, name in both]
        if wanted == sorted(wanted):
            return
        moved = [(n, name) for n, name in both if place[name] != n]
        mapping = [f"{n} -> {place[name]} '{name}'" for n, name in moved]
        raise DataError(
            "classes-order-differs",
            "{source} counts its classes in another order than the model: {mapping} "
            "(number here -> number in the model{more}). A label means the same only "
            "in one order. List the classes as the model does, or train a model on "
            "this data; where equal names are sure to mean the same, "
            "with_classes(classes, reorder=True) maps them by name.",
            source=self.name,
            mapping=", ".join(mapping[:_SHOWN_CLASSES]),
            more=Phrase("; {count} in all", count=len(mapping)),
        )


def _check(data: Dataset) -> None:
    images, labels, count = data.images, data.labels, len(data.images)
    is_fine = (
        images.dtype == np.uint8
        and images.ndim == 4
        and images.shape[3] in (1, 3)
        and labels.shape == (count,)
        and labels.dtype == np.int64
        and len(data.names) == count
        and (data.given is None or data.given.shape == (count,))
        and (data.groups is None or len(data.groups) == count)
        and (count == 0 or 0 <= labels.min() <= labels.max() < len(data.classes))
        and len(set(data.classes)) == len(data.classes)
    )
    if not is_fine:
        raise DataError(
            "dataset-shape",
            "{source} gives images {images} of {dtype} and labels {labels} for "
            "{classes} classes. Images must be uint8 (n, h, w, 1 or 3), labels one a "
            "sample from 0 to {classes} - 1, class names all different.",
            source=data.name,
            images=images.shape,
            dtype=images.dtype.name,
            labels=labels.shape,
            classes=len(data.classes),
        )
