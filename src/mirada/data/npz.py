"""Images and labels as arrays in one `.npz` file, without pickle.

The arrays are named x_train and y_train (with x_val, x_test...), train_images and
train_labels (with val_images, test_images...), or images and labels, or x and y;
`classes` may name the labels. Samples are uint8, or any numbers whose range says what
black and white are, by the rule of `depth`: over all images together, since one dark
image must stay dark.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mirada.data.archive_zip import read_entries
from mirada.data.dataset import Dataset, Part
from mirada.data.encoded import Encoded
from mirada.data.fitting import fit_all
from mirada.data.layout import PARTS
from mirada.data.limits import Limits, require_memory
from mirada.data.listing import class_order
from mirada.data.naming import shown
from mirada.data.npy import StoredArray, read_head
from mirada.data.npz_pixels import brightness, image_shape, to_bytes
from mirada.data.request import Request
from mirada.data.stored import open_stored, stored_name
from mirada.errors import DataError, Phrase

__all__ = ["is_npz_names", "load_npz"]

_X = re.compile(r"(?:x|images|data)(?:_([a-z]+))?|([a-z]+)_(?:x|images|data)")
_Y = re.compile(r"(?:y|labels|targets?)(?:_([a-z]+))?|([a-z]+)_(?:y|labels|targets?)")
_CLASSES = ("classes", "class_names", "label_names")
_MOST_CLASSES_BYTES = 2**24


@dataclass(frozen=True)
class _Pair:
    """The images and the labels of one part."""

    part: Part
    images: StoredArray
    labels: StoredArray


def is_npz_names(names: Sequence[str]) -> bool:
    """Whether the names in a zip are those of an `.npz`.

    >>> is_npz_names(["x.npy", "y.npy"]), is_npz_names(["a/1.png"])
    (True, False)
    """
    return bool(names) and all(name.endswith(".npy") for name in names)


def load_npz(source: Encoded, request: Request) -> Dataset:
    """The images of an `.npz`, brought to uint8 (n, h, w, c), given parts kept.

    Classes are the labels that occur, by `classes` where the file has it. Nothing is
    unpacked before what it announces is known to fit in memory.

    Raises DataError: `npz-arrays`, `npz-shape`, `npz-counts`, `npz-labels`,
    `npz-range`, `npz-classes`, and those of `npy` and `archive_zip`; MemoryLimitError.
    """
    name = stored_name(source)
    with open_stored(source) as stream:
        arrays = _arrays(stream, name, request.limits)
        pairs = _pairs(name, arrays)
        images = _images(stream, name, pairs, request)
        texts, labels = _labels(stream, name, pairs, arrays)
    counts = [pair.images.shape[0] for pair in pairs]
    parts = np.array([pair.part for pair in pairs], dtype=np.uint8)
    pixels, notes = images
    return Dataset(
        name=name,
        images=fit_all(
            pixels, request.size, request.channels, request.resize, request.limits
        ),
        labels=labels,
        classes=texts,
        names=tuple(
            f"{pair.images.name}/{number}"
            for pair, count in zip(pairs, counts, strict=True)
            for number in range(count)
        ),
        given=np.repeat(parts, counts) if len(pairs) > 1 else None,
        notes=notes,
        resize=request.resize,
    )


def _arrays(stream: BinaryIO, name: str, limits: Limits) -> dict[str, StoredArray]:
    """Every array by its name; memory is what bounds it, so no ratio is asked for."""
    free = Limits(archive_ratio=1100, archive_bytes=limits.archive_bytes)
    found: dict[str, StoredArray] = {}
    for entry in read_entries(stream, name, free):
        key = entry.name.decode("utf-8", "surrogateescape").removesuffix(".npy")
        if key in found:
            raise DataError(
                "npz-name-twice",
                "'{file}' holds two arrays named '{array}'. Save it again with each "
                "once.",
                file=name,
                array=shown(key),
            )
        if _X.fullmatch(key.lower()) or _Y.fullmatch(key.lower()) or key in _CLASSES:
            found[key] = read_head(stream, entry, f"{name}/{shown(key)}")
    return found


def _pairs(name: str, arrays: Mapping[str, StoredArray]) -> list[_Pair]:
    images, labels = _by_part(arrays, _X), _by_part(arrays, _Y)
    if not images or images.keys() != labels.keys():
        raise DataError(
            "npz-arrays",
            "'{file}' holds the arrays {found}; images and labels were looked for, as "
            "x_train and y_train (and x_test, y_test), or images and labels. Save them "
            "under such names.",
            file=name,
            found=", ".join(f"'{shown(key)}'" for key in arrays) or Phrase("(none)"),
        )
    pairs = [_Pair(part, images[part], labels[part]) for part in sorted(images)]
    for pair in pairs:
        count = pair.images.shape[:1]
        flat = pair.labels.shape[:1] if pair.labels.shape[1:] in ((), (1,)) else None
        if count != flat or not count or not count[0]:
            raise DataError(
                "npz-counts",
                "'{images}' has the shape {shape} and '{labels}' {other}. One label an "
                "image is needed, at least one; from rows of zeros and a one take "
                "labels.argmax(1).",
                images=pair.images.name,
                shape=pair.images.shape,
                labels=pair.labels.name,
                other=pair.labels.shape,
            )
    return pairs


def _by_part(
    arrays: Mapping[str, StoredArray], pattern: "re.Pattern[str]"
) -> dict[Part, StoredArray]:
    found = {}
    for key, array in arrays.items():
        match = pattern.fullmatch(key.lower())
        word = (match[1] or match[2] or "train") if match else ""
        if word in PARTS:
            found[PARTS[word]] = array
    return found


def _images(
    stream: BinaryIO, name: str, pairs: Sequence[_Pair], request: Request
) -> tuple[NDArray[np.uint8], tuple[Phrase, ...]]:
    shapes = {image_shape(pair.images) for pair in pairs}
    if len(shapes) > 1:
        raise DataError(
            "npz-sizes-differ",
            "The images of '{file}' are {shapes}; all parts must have one size. Save "
            "them at one size.",
            file=name,
            shapes=", ".join(sorted("x".join(map(str, shape)) for shape in shapes)),
        )
    (shape,) = shapes
    total = sum(pair.images.shape[0] for pair in pairs)
    height, width, depth = shape
    require_memory(
        total * height * width * depth, total, (height, width), request.limits
    )
    arrays = [pair.images for pair in pairs]
    factor, notes = brightness(stream, name, arrays)
    out = np.empty((total, *shape), dtype=np.uint8)
    start = 0
    for array in arrays:
        for values in array.rows(stream):
            out[start : start + len(values)] = to_bytes(values, factor)
            start += len(values)
    return out, notes


def _labels(
    stream: BinaryIO,
    name: str,
    pairs: Sequence[_Pair],
    arrays: Mapping[str, StoredArray],
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Class names by name, and the label of every image."""
    values = [text for pair in pairs for text in _texts(stream, pair.labels)]
    names = next((arrays[key] for key in _CLASSES if key in arrays), None)
    if names is not None:
        values = _named(stream, name, names, values)
    classes = class_order(values)
    place = {text: number for number, text in enumerate(classes)}
    return classes, np.array([place[text] for text in values], dtype=np.int64)


def _texts(stream: BinaryIO, array: StoredArray) -> Iterator[str]:
    """Labels as text: whole numbers, or words."""
    whole = array.dtype.kind in "bui"
    if not whole and array.dtype.kind not in "US":
        raise DataError(
            "npz-labels",
            "'{file}' holds labels of {dtype}; whole numbers or words are needed. Save "
            "labels.astype('int64').",
            file=array.name,
            dtype=array.dtype.name,
        )
    for values in array.rows(stream):
        flat = values.reshape(-1)
        if whole:
            yield from map(str, flat.astype(np.int64).tolist())
        else:
            yield from map(_word, flat.tolist())


def _word(value: str | bytes) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    return shown(value)


def _named(
    stream: BinaryIO, name: str, array: StoredArray, values: Sequence[str]
) -> list[str]:
    small = array.nbytes <= _MOST_CLASSES_BYTES and 0 not in array.shape
    texts = list(_texts(stream, array)) if array.dtype.kind in "US" and small else []
    known = {str(number): text for number, text in enumerate(texts)}
    unknown = sorted(set(values) - known.keys())
    if unknown or len(set(texts)) < len(texts):
        raise DataError(
            "npz-classes",
            "'{file}' must hold one different text for each label; it has {count} "
            "for the labels of '{source}', which have {label} too. Save the names of "
            "all classes, in the order of their numbers.",
            file=array.name,
            count=len(texts),
            source=name,
            label=unknown[0] if unknown else texts[0],
        )
    return [known[value] for value in values]
