"""From a listing of encoded images to a dataset: all decoded to one size."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mirada.data.automatic_size import choose_channels, choose_size
from mirada.data.dataset import Dataset, Part, Skipped
from mirada.data.decoding import Header
from mirada.data.limits import require_memory
from mirada.data.listing import Found, Listing, class_order, groups_known
from mirada.data.naming import shown_path
from mirada.data.pixel_cache import PixelCache, pixel_key
from mirada.data.pixel_file import Decoded
from mirada.data.pool import Decoders
from mirada.data.request import Request
from mirada.errors import DataError, Phrase

__all__ = ["UndecodedError", "load_listing"]

_PROBED = 1000
_WORTH_SECONDS = 0.3  # what takes less is not kept on disk


class UndecodedError(Exception):
    """Carries a listing past the loader of its source to who wants it undecoded."""

    def __init__(self, listing: Listing) -> None:
        super().__init__(listing.root)
        self.listing = listing


def load_listing(listing: Listing, request: Request) -> Dataset:
    """The images of a listing, decoded to one size; what cannot be used is listed.

    Where size or channels are not given, they are chosen from the headers of up to
    1,000 files (see `automatic_size`). Classes are in the order of `class_order`;
    samples are in the order of the listing. What takes long to decode is kept on disk
    where `request.cache` allows it; the images are then a read-only map of a file.

    Raises DataError: `no-images`, `no-class-folders`, `class-without-images`;
    MemoryLimitError (`dataset-memory`) before anything is decoded.
    """
    if not request.decode:
        raise UndecodedError(listing)
    if not listing.files:
        raise _nothing(listing.root, listing)
    key = pixel_key(listing, request) if request.cache else None
    if key is None:
        return _dataset(listing, request, _decoded(listing, request))
    cache = PixelCache(request.limits)
    known = cache.load(key)
    if known is not None:
        refused = _renamed(known.refused, listing.files, _remembered)
        return _dataset(listing, request, replace(known, refused=refused))
    began = time.monotonic()
    decoded = _decoded(listing, request)
    took = time.monotonic() - began
    data = _dataset(listing, request, decoded)
    if took >= _WORTH_SECONDS:
        refused = _renamed(decoded.refused, listing.files, _forgotten)

        def sealed() -> str | None:
            # Files that changed meanwhile have another key.
            return data.fingerprint if pixel_key(listing, request) == key else None

        cache.store(key, replace(decoded, refused=refused), sealed)
    notes = (*data.notes, *cache.notices)
    return replace(data, notes=notes) if cache.notices else data


def _dataset(listing: Listing, request: Request, decoded: Decoded) -> Dataset:
    files, folder = listing.files, listing.root
    used = [file for n, file in enumerate(files) if n not in decoded.refused]
    broken = [Skipped(files[n].name, error) for n, error in decoded.refused.items()]
    skipped = sorted([*listing.skipped, *broken], key=lambda item: item.name)
    classes = _classes(folder, files, used, broken)
    place = {name: number for number, name in enumerate(classes)}
    parts = np.array([file.part for file in used], dtype=np.uint8)
    data = Dataset(
        name=shown_path(folder),
        images=decoded.images,
        labels=np.array([place[file.label] for file in used], dtype=np.int64),
        classes=classes,
        names=tuple(file.name for file in used),
        given=parts if (parts != Part.TRAIN).any() else None,
        skipped=tuple(skipped),
        notes=(*listing.notes, *decoded.notes),
        resize=request.resize,
        groups=groups_known(used),
    )
    if decoded.fingerprint:  # as if it had been computed: a large file is not read
        vars(data)["fingerprint"] = decoded.fingerprint
    return data


def _decoded(listing: Listing, request: Request) -> Decoded:
    with Decoders(request.limits, workers=request.threads) as decoders:
        size, channels, notes = _shape(listing, request, decoders)
        count = len(listing.files)
        needed = count * size[0] * size[1] * channels
        require_memory(needed, count, size, request.limits)
        images = np.empty((count, *size, channels), dtype=np.uint8)
        refused: dict[int, DataError] = {}
        answers = decoders.decode(
            listing.encoded(), size, channels=channels, rule=request.resize
        )
        for number, answer in zip(range(count), answers, strict=True):
            if isinstance(answer, DataError):
                refused[number] = answer
            else:
                images[number - len(refused)] = answer
        notes = (*notes, *decoders.notes)
    return Decoded(images[: count - len(refused)], refused, notes)


def _renamed(
    refused: Mapping[int, DataError],
    files: Sequence[Found],
    rename: Callable[[object, str], object],
) -> dict[int, DataError]:
    """Refusals whose file is named as `rename` of its name and its path says."""
    return {
        number: error.told(file=rename(error.values["file"], files[number].path))
        if "file" in error.values
        else error
        for number, error in refused.items()
    }


def _forgotten(name: object, path: str) -> object:
    """Nothing for a path: the next time, the folder may be given otherwise."""
    return "" if name == shown_path(path) else name


def _remembered(name: object, path: str) -> object:
    return name or shown_path(path)


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
        "'{folder}' holds no images that can be used (files and folders left out: "
        "{count}). {first} Put images in, one subfolder a class.",
        folder=shown_path(folder),
        count=len(skipped),
        first=first,
    )


def _shape(
    listing: Listing, request: Request, decoders: Decoders
) -> tuple[tuple[int, int], int, tuple[Phrase, ...]]:
    size, channels, notes = request.size, request.channels, []
    headers: list[Header] = []
    if not (size and channels):  # refusals are told when the image is decoded
        answers = decoders.probe(listing.sampled(_PROBED))
        headers = [answer for answer in answers if isinstance(answer, Header)]
    if size is None:
        size, why = choose_size(headers)
        notes.append(why)
    if channels is None:
        channels, why = choose_channels(headers)
        notes.append(why)
    return size, channels, tuple(notes)


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
    return class_order(wanted)
