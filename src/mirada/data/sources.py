"""One way in for every kind of data: `load`."""

import os

from mirada.data.dataset import Dataset
from mirada.data.digits import read_digits
from mirada.data.fitting import fit_all
from mirada.data.gate import require_folder
from mirada.data.idx_folder import find_idx_files, load_idx_folder
from mirada.data.limits import Limits
from mirada.data.listed import load_listing
from mirada.data.request import Request
from mirada.data.scan import scan

__all__ = ["DIGITS", "load"]

DIGITS = "digits"


def load(
    source: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    channels: int | None = None,
    resize: str = "crop",
    limits: Limits | None = None,
    threads: int | None = None,
) -> Dataset:
    """The images and labels of a source, decoded to one size.

    `source` is "digits" (the 1,797 images that come with mirada; write "./digits" for a
    folder of that name), a folder with IDX files, or a folder of images, one subfolder
    a class. `size` (a side, or height and width) and `channels` (1 or 3) are those of
    the source where they are not given.

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
    )
    if source == DIGITS:
        return _digits(request)
    folder = require_folder(source)
    files = find_idx_files(folder)
    if files:
        return load_idx_folder(folder, files, request)
    return load_listing(scan(folder, request.limits), request)


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
