"""One way in for every kind of data: `load`."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Union

from mirada.data.archive import is_archive
from mirada.data.archive_source import load_archive
from mirada.data.cifar import pickled
from mirada.data.dataset import Dataset
from mirada.data.digits import read_digits
from mirada.data.fitting import fit_all
from mirada.data.folder_source import load_folder
from mirada.data.gate import open_plain, require_source
from mirada.data.hub import is_hub_dataset, load_hub_dataset
from mirada.data.limits import Limits
from mirada.data.listed import UndecodedError
from mirada.data.listing import Listing
from mirada.data.naming import shown_path
from mirada.data.parquet import is_parquet, load_parquet
from mirada.data.request import Request
from mirada.data.table import TABLE_SUFFIXES
from mirada.data.table_source import load_table
from mirada.errors import DataError

if TYPE_CHECKING:
    from mirada.data.hub import HubDataset

__all__ = ["DIGITS", "find", "load"]

DIGITS = "digits"

_PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".joblib")


def load(
    source: Union[str, os.PathLike[str], "HubDataset"],
    *,
    size: int | tuple[int, int] | None = None,
    channels: int | None = None,
    resize: str = "crop",
    limits: Limits | None = None,
    threads: int | None = None,
    cache: bool = True,
) -> Dataset:
    """The images and labels of a source, decoded to one size.

    `source` is one of these:

    - "digits": the 1,797 images that come with mirada (write "./digits" for a folder of
      that name);
    - a folder of images, one subfolder a class, or `train`, `val` and `test` with such;
    - a table of labels (CSV or TSV) with the columns file and label, and split and
      group where there are; or a folder that holds one;
    - a folder with IDX files (MNIST) or the binary CIFAR-10 or CIFAR-100;
    - an `.npz` file, or a folder that holds one;
    - a zip or tar of any of these, never unpacked;
    - parquet files, or a data set of Hugging Face's `datasets` (each needs its extra).

    `size` (a side, or height and width) and `channels` (1 or 3) are those of the source
    where they are not given. `cache` lets decoded pixels be kept on disk.

    Raises DataError, and MemoryLimitError before more is allocated than there is.

    >>> load("digits")
    Dataset(name='digits', classes=('0', '1', ..., '9'), notes=(), resize='crop')
    """
    request = Request(
        size=(size, size) if isinstance(size, int) else size,
        channels=channels,
        resize=resize,
        limits=limits or Limits(),
        threads=threads,
        cache=cache,
    )
    return _loaded(source, request)


def find(
    source: Union[str, os.PathLike[str], "HubDataset"], request: Request
) -> Listing | Dataset:
    """The images of a source as they lie: a listing where they are encoded files.

    No image is decoded, and a listing without any is no error.
    """
    try:
        return _loaded(source, replace(request, decode=False))
    except UndecodedError as found:
        return found.listing


def _loaded(
    source: Union[str, os.PathLike[str], "HubDataset"], request: Request
) -> Dataset:
    if is_hub_dataset(source):
        return load_hub_dataset(source, request)
    if source == DIGITS:
        return _digits(request)
    if not isinstance(source, str | os.PathLike):
        raise DataError(
            "source-kind",
            "A source of data must be a path or a data set of Hugging Face; got "
            "{kind}. For arrays use mirada.data.Dataset.of(images, labels, classes).",
            kind=type(source).__name__,
        )
    path = require_source(source)
    return load_folder(path, request) if path.is_dir() else _load_file(path, request)


def _load_file(path: Path, request: Request) -> Dataset:
    with open_plain(path) as stream:
        head = stream.read(512)
    suffix = path.suffix.casefold()
    if suffix in _PICKLES:
        raise pickled(shown_path(path))
    if is_archive(head):
        return load_archive(path, request)
    if is_parquet(head):
        return load_parquet([path], path, request)
    if suffix in TABLE_SUFFIXES:
        return load_table(path, request)
    raise DataError(
        "source-unknown",
        "'{source}' is a file of no known source. Looked for: a zip or tar archive, an "
        ".npz file, a table of labels (.csv or .tsv), a parquet file. For images, or "
        "the four IDX files of the MNIST family, give the folder that holds them.",
        source=shown_path(path),
    )


def _digits(request: Request) -> Dataset:
    images, labels = read_digits()
    fitted = fit_all(
        images, request.size, request.channels, request.resize, request.limits
    )
    return Dataset(
        name=DIGITS,
        images=fitted,
        labels=labels,
        classes=tuple("0123456789"),
        names=tuple(f"digits/{number}" for number in range(len(images))),
        resize=request.resize,
    )
