"""Files that hold many images each as arrays: IDX, binary CIFAR, `.npz`, parquet.

Which of the files of one folder make a data set, wherever the folder lies.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from mirada.data.cifar import find_cifar_files, load_cifar
from mirada.data.dataset import Dataset
from mirada.data.encoded import Encoded
from mirada.data.idx_folder import find_idx_files, load_idx
from mirada.data.npz import load_npz
from mirada.data.request import Request
from mirada.errors import DataError

__all__ = ["ArrayFiles", "find_array_files"]


@dataclass(frozen=True)
class ArrayFiles:
    """The names of the files that are needed, and what loads them."""

    names: tuple[str, ...]
    load: Callable[[Mapping[str, Encoded], Request], Dataset]


def find_array_files(
    folder: str, names: Collection[str], *, alone: bool
) -> ArrayFiles | None:
    """The files of one folder that hold images as arrays; None where there are none.

    `folder` is how it is shown. An `.npz` counts only where the folder holds no other
    folders (`alone`): beside images it may be anything.

    Raises DataError: `npz-many`, `data-pickled`, and those of the finders.
    """
    idx = find_idx_files(folder, names)
    if idx:
        needed = tuple(name for part in idx for name in (part.images, part.labels))
        return ArrayFiles(needed, partial(load_idx, folder, idx))
    cifar = find_cifar_files(folder, names)
    if cifar:
        return ArrayFiles(cifar.all(), partial(load_cifar, folder, cifar))
    arrays = sorted(name for name in names if name.casefold().endswith(".npz"))
    if not (arrays and alone):
        return None
    if len(arrays) > 1:
        raise DataError(
            "npz-many",
            "'{folder}' holds {count} .npz files. Give the path of one of them.",
            folder=folder,
            count=len(arrays),
        )
    name = arrays[0]
    return ArrayFiles((name,), lambda stored, request: load_npz(stored[name], request))
