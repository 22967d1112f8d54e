"""From a listing of encoded images to a dataset: all decoded to one size."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada.data.automatic_size import choose_channels, choose_size
from mirada.data.dataset import Dataset, Part, Skipped
from mirada.data.decoding import Header, decode, probe
from mirada.data.guard import decoder_guard
from mirada.data.limits import require_memory
from mirada.data.listing import Found, Listing
from mirada.data.naming import shown_path
from mirada.data.request import Request
from mirada.data.workers import in_order
from mirada.errors import DataError, Phrase

__all__ = ["load_listing"]

_PROBED = 1000


def load_listing(listing: Listing, request: Request) -> Dataset:
    """The images of a listing, decoded to one size; what cannot be used is listed.

    Where size or channels are not given, they are chosen from the headers of up to
    1,000 files, evenly spaced (see `automatic_size`). Classes are the labels, sorted;
    samples are in the order of the listing.

    Raises DataError: `no-images`, `no-class-folders`, `class-without-images`;
    MemoryLimitError (`dataset-memory`) before anything is decoded.
    """
    folder = listing.root
    if not listing.files:
        raise _nothing(folder, listing)
    size, channels, notes = _shape(listing.files, request)
    images, used, broken = _decode(listing.files, size, channels, request)
    skipped = sorted([*listing.skipped, *broken], key=lambda item: item.name)
    classes = _classes(folder, listing.files, used, broken)
    place = {name: number for number, name in enumerate(classes)}
    parts = np.array([file.part for file in used], dtype=np.uint8)
    return Dataset(
        name=shown_path(folder),
        images=images,
        labels=np.array([place[file.label] for file in used], dtype=np.int64),
        classes=classes,
        names=tuple(file.name for file in used),
        given=parts if (parts != Part.TRAIN).any() else None,
        skipped=tuple(skipped),
        notes=notes,
        resize=request.resize,
    )


def _nothing(folder: Path, listing: Listing) -> DataError:
    if listing.skipped and not listing.has_folders:
        return DataError(
            "no-class-folders",
            "'{folder}' holds {count} files but no class folders. Make one subfolder "
            "a class and put its images in.",
            folder=shown_path(folder),
            count=len(listing.skipped),
        )
    return _no_images(folder, listing.skipped)


def _no_images(folder: Path, skipped: Sequence[Skipped]) -> DataError:
    first: object = skipped[0].reason if skipped else Phrase("It is empty.")
    return DataError(
        "no-images",
        "'{folder}' holds no images that can be used ({count} files and folders were "
        "left out). {first} Put images in, one subfolder a class.",
        folder=shown_path(folder),
        count=len(skipped),
        first=first,
    )


def _shape(
    files: Sequence[Found], request: Request
) -> tuple[tuple[int, int], int, tuple[Phrase, ...]]:
    size, channels, notes = request.size, request.channels, []
    headers = _headers(files, request) if not (size and channels) else []
    if size is None:
        size, why = choose_size(headers)
        notes.append(why)
    if channels is None:
        channels, why = choose_channels(headers)
        notes.append(why)
    return size, channels, tuple(notes)


def _headers(files: Sequence[Found], request: Request) -> list[Header]:
    limits = request.limits
    step = -(-len(files) // _PROBED)

    def header(file: Found) -> Header | None:
        try:
            return probe(file.path, limits)
        except DataError:
            return None  # its reason is told when it is decoded

    with decoder_guard(limits.pixels):
        found = list(in_order(header, files[::step], request.threads))
    return [known for known in found if known is not None]


def _decode(
    files: Sequence[Found], size: tuple[int, int], channels: int, request: Request
) -> tuple[NDArray[np.uint8], list[Found], list[Skipped]]:
    shape = (len(files), *size, channels)
    limits, rule = request.limits, request.resize
    require_memory(len(files) * size[0] * size[1] * channels, shape[0], size, limits)

    def pixels(file: Found) -> NDArray[np.uint8] | DataError:
        try:
            return decode(file.path, size, channels=channels, rule=rule, limits=limits)
        except DataError as error:
            return error

    images = np.empty(shape, dtype=np.uint8)
    used: list[Found] = []
    broken: list[Skipped] = []
    with decoder_guard(limits.pixels):
        results = in_order(pixels, files, request.threads)
        for file, result in zip(files, results, strict=True):
            if isinstance(result, DataError):
                broken.append(Skipped(file.name, result))
            else:
                images[len(used)] = result
                used.append(file)
    return images[: len(used)], used, broken


def _classes(
    folder: Path,
    files: Sequence[Found],
    used: Sequence[Found],
    broken: Sequence[Skipped],
) -> tuple[str, ...]:
    if not used:
        raise _no_images(folder, broken)
    wanted = {file.label for file in files}
    empty = sorted(wanted - {file.label for file in used})
    if empty:
        reasons = {skip.name: skip.reason for skip in broken}
        lost = [file for file in files if file.label == empty[0]]
        raise DataError(
            "class-without-images",
            "None of the {count} files of class '{label}' in '{folder}' can be used. "
            "{first} Repair them, or delete the folder of the class.",
            count=len(lost),
            label=empty[0],
            folder=shown_path(folder),
            first=reasons[lost[0].name],
        )
    return tuple(sorted(wanted))
