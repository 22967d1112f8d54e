"""CIFAR-10 and CIFAR-100 in their binary version.

A record is one label byte (CIFAR-100: coarse, then fine) and 3072 pixels, a plane of
32x32 each for red, green and blue. Source: A. Krizhevsky, "The CIFAR-10 dataset",
section "Binary version". The "python version" is pickled, so it is refused: unpickling
can run anything.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.data.dataset import Dataset, Part
from mirada.data.encoded import Encoded
from mirada.data.fitting import fit_all
from mirada.data.limits import require_memory
from mirada.data.listing import class_order
from mirada.data.naming import shown
from mirada.data.request import Request
from mirada.data.stored import open_stored, read_stored, stored_length, stored_name
from mirada.errors import DataError

__all__ = ["CifarFiles", "find_cifar_files", "load_cifar", "pickled"]

_TEN = re.compile(r"(data_batch_\d+|test_batch)\.bin")
_HUNDRED = ("train.bin", "test.bin")
_PICKLED_TEN = re.compile(r"data_batch_\d+|test_batch|batches\.meta")
_PICKLED_HUNDRED = {"train", "test", "meta"}
_SIDE = 32
_PIXELS = 3 * _SIDE * _SIDE
_TOGETHER = 1024  # records read at a time
_MOST_NAMES_BYTES = 2**16


@dataclass(frozen=True)
class CifarFiles:
    """The names of the batches, training first, and of the class names, if there."""

    batches: tuple[str, ...]
    names: str | None
    label_bytes: int

    def all(self) -> tuple[str, ...]:
        """Every file that is read."""
        return self.batches if self.names is None else (*self.batches, self.names)


def find_cifar_files(folder: str, names: Iterable[str]) -> CifarFiles | None:
    """The files of the binary version among the names in a folder; None without.

    Raises DataError (`data-pickled`) for the "python version".
    """
    there = set(names)
    ten = sorted(filter(_TEN.fullmatch, there))
    if ten:
        meta = "batches.meta.txt"
        return CifarFiles(tuple(ten), meta if meta in there else None, 1)
    meta = "fine_label_names.txt"
    hundred = [name for name in _HUNDRED if name in there]
    if hundred and meta in there:
        return CifarFiles(tuple(hundred), meta, 2)
    batches = sorted(filter(_PICKLED_TEN.fullmatch, there))
    if there - {"file.txt~"} == _PICKLED_HUNDRED:
        batches = ["train", "test"]
    if len(batches) > 1:
        raise pickled(f"{folder}/{batches[0]}")
    return None


def load_cifar(
    folder: str, files: CifarFiles, stored: Mapping[str, Encoded], request: Request
) -> Dataset:
    """All batches as one dataset, given parts kept; classes are the labels that occur.

    Raises DataError: `cifar-length`, `cifar-label`, `cifar-names`; MemoryLimitError
    (`dataset-memory`) before anything is allocated.
    """
    counts = [_count(stored[name], files.label_bytes) for name in files.batches]
    total = sum(counts)
    require_memory(total * _PIXELS, total, (_SIDE, _SIDE), request.limits)
    images = np.empty((total, _SIDE, _SIDE, 3), dtype=np.uint8)
    numbers = np.empty(total, dtype=np.uint8)
    start = 0
    for name, count in zip(files.batches, counts, strict=True):
        end = start + count
        _read(stored[name], files.label_bytes, images[start:end], numbers[start:end])
        start = end
    texts = _class_names(files, stored, numbers)
    classes = class_order(texts[number] for number in set(numbers.tolist()))
    place = {text: number for number, text in enumerate(classes)}
    table = np.array([place.get(text, 0) for text in texts], dtype=np.int64)
    parts = [Part.TEST if "test" in name else Part.TRAIN for name in files.batches]
    given = np.repeat(np.array(parts, dtype=np.uint8), counts)
    return Dataset(
        name=folder,
        images=fit_all(
            images, request.size, request.channels, request.resize, request.limits
        ),
        labels=table[numbers],
        classes=classes,
        names=tuple(
            f"{name}/{number}"
            for name, count in zip(files.batches, counts, strict=True)
            for number in range(count)
        ),
        given=given if len(set(parts)) > 1 else None,
        resize=request.resize,
    )


def pickled(file: str) -> DataError:
    """The refusal of pickled data, whatever is in it."""
    return DataError(
        "data-pickled",
        "'{file}' is pickled, and unpickling can run any program, so it is not read. "
        "Take the binary version of CIFAR (cifar-10-binary.tar.gz, "
        "cifar-100-binary.tar.gz), or save arrays with numpy.savez.",
        file=file,
    )


def _count(source: Encoded, label_bytes: int) -> int:
    record = label_bytes + _PIXELS
    with open_stored(source) as stream:
        length = stored_length(stream)
    count, rest = divmod(length, record)
    if rest or not count:
        raise _wrong_length(source, length, record)
    return count


def _wrong_length(source: Encoded, length: int, record: int) -> DataError:
    return DataError(
        "cifar-length",
        "'{file}' has {length} bytes, but a CIFAR batch is whole records of {record} "
        "bytes. Download it again.",
        file=stored_name(source),
        length=length,
        record=record,
    )


def _read(
    source: Encoded,
    label_bytes: int,
    images: NDArray[np.uint8],
    numbers: NDArray[np.uint8],
) -> None:
    record = label_bytes + _PIXELS
    with open_stored(source) as stream:
        for start in range(0, len(images), _TOGETHER):
            end = min(start + _TOGETHER, len(images))
            came = np.frombuffer(stream.read((end - start) * record), dtype=np.uint8)
            if came.size < (end - start) * record:
                raise _wrong_length(source, stream.tell(), record)
            rows = came.reshape(end - start, record)
            numbers[start:end] = rows[:, label_bytes - 1]
            planes = rows[:, label_bytes:].reshape(-1, 3, _SIDE, _SIDE)
            images[start:end] = planes.transpose(0, 2, 3, 1)


def _class_names(
    files: CifarFiles, stored: Mapping[str, Encoded], numbers: NDArray[np.uint8]
) -> list[str]:
    """The name of each label; the numbers themselves where no file names them."""
    highest = int(numbers.max())
    if files.names is None:
        most = 9 if files.label_bytes == 1 else 99
        if highest > most:
            raise DataError(
                "cifar-label",
                "'{folder}' has a label {label}; CIFAR has labels from 0 to {most}. "
                "Download it again.",
                folder=stored_name(stored[files.batches[0]]),
                label=highest,
                most=most,
            )
        return [str(number) for number in range(most + 1)]
    source = stored[files.names]
    text = read_stored(source, _MOST_NAMES_BYTES).decode("utf-8", "surrogateescape")
    names = [shown(line.strip()) for line in text.split("\n") if line.strip()]
    if len(set(names)) < len(names) or len(names) <= highest:
        raise DataError(
            "cifar-names",
            "'{file}' must name every label from 0 to {highest}, each once, one a "
            "line; it has {count} lines with {names} names. Download it again.",
            file=stored_name(source),
            highest=highest,
            count=len(names),
            names=len(set(names)),
        )
    return names
