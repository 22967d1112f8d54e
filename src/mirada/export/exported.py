"""One export: files written aside, compared with what the network means, then put."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from mirada.data.naming import shown_path
from mirada.errors import Phrase, StorageError, UsageError
from mirada.export.format import Examples, Format, Write, one_image_ms
from mirada.export.formats import FORMATS
from mirada.export.parity import Parity, compared, unchecked
from mirada.export.probabilities import ending_in_softmax
from mirada.export.quantization import Int8
from mirada.network import Network
from mirada.reference.first_order import first_order_bounds
from mirada.reference.rounding import Bounded
from mirada.training import Model
from mirada.training.disk import Disk, write_text
from mirada.version import __version__

__all__ = [
    "PARITY",
    "Exported",
    "Stage",
    "export",
    "require_int8",
    "require_place",
]

PARITY = "parity.json"
KIND = "mirada export"
SCHEMA = 1

Stage = Callable[[str], None]
"""Told of what begins: "write", "reference", "engine" or "format"."""

Card = Callable[[str, Parity, Parity], str]
"""A README from the format, the engine's comparison and the files' own."""


@dataclass(frozen=True)
class Exported:
    """What was made; `files` are empty where the comparison failed.

    `engine` is the native engine beside the law, `parity` what the files themselves
    compute beside it.
    """

    files: Mapping[str, int]
    """The size in bytes of every file by its name."""
    engine: Parity
    parity: Parity
    int8: Int8 | None = None
    """What weights of eight bits cost, where they were asked for."""

    @property
    def passed(self) -> bool:
        """Whether nothing that was compared is off by more than its bound."""
        return self.engine.passed is not False and self.parity.passed is not False


def export(
    model: Model,
    to: str,
    examples: Examples,
    folder: Path,
    *,
    card: Card | None = None,
    stage: Stage = lambda name: None,
    int8: Int8 | None = None,
) -> Exported:
    """Writes the model as `to` into a folder, with its parity report.

    `card` writes a README.md from both comparisons. Nothing is put in the folder where
    a comparison fails. With `int8` its weights are eight bits wide, and what is
    compared is the network with these. Raises UsageError and StorageError of
    `require_int8` and `require_place`, and those of `torch_outputs`, `c_outputs` and
    `write_whole`.
    """
    form = FORMATS[to]
    require_place(folder)
    write = form.write if int8 is None else require_int8(to)
    meant = model if int8 is None else int8.model
    with _aside(folder) as place:
        stage("write")
        write(model, examples, place)
        engine, parity = _comparisons(meant, form, examples, place, stage)
        report = {
            "schema": SCHEMA,
            "kind": KIND,
            "version": __version__,
            "to": to,
            "network": model.network.name,
            "images": "held-out" if examples.of else "random",
            "engine": engine.to_dict(),
            "parity": parity.to_dict(),
            "weights": "float32" if int8 is None else "int8",
            "int8": None if int8 is None else int8.to_dict(),
            "bytes": sum(path.stat().st_size for path in place.iterdir()),
        }
        write_text(
            place / PARITY, json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        )
        if card is not None:
            write_text(place / "README.md", card(to, engine, parity))
        made = Exported({}, engine, parity, int8)
        return replace(made, files=_put(place, folder)) if made.passed else made


def require_int8(to: str) -> Write:
    """How a format writes weights of eight bits.

    Raises UsageError (`export-int8`).
    """
    found = FORMATS[to].write_int8
    if found is None:
        able = [name for name, form in FORMATS.items() if form.write_int8 is not None]
        raise UsageError(
            "export-int8",
            "The format {to!r} has no weights of eight bits; they are for: {able}. "
            "Choose one of these with --to, or leave --weights out.",
            to=to,
            able=", ".join(able),
        )
    return found


def require_place(folder: Path) -> None:
    """Refuses a folder in which others' files would be written over.

    Raises UsageError (`export-foreign`), StorageError (`export-folder`).
    """
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not there.is_dir():
        raise StorageError(
            "export-folder",
            "The folder '{folder}' cannot be made: '{there}' is a file. Name another "
            "with --out.",
            folder=shown_path(folder),
            there=shown_path(there),
        )
    if not folder.is_dir() or not any(folder.iterdir()) or _is_ours(folder / PARITY):
        return
    raise UsageError(
        "export-foreign",
        "'{folder}' holds something other than an export of mirada's, which might be "
        "written over. Name a new folder with --out.",
        folder=shown_path(folder),
    )


def _is_ours(path: Path) -> bool:
    try:
        found: Any = json.loads(path.read_bytes()[: 1 << 20])
        return bool(found["kind"] == KIND)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _comparisons(
    model: Model, form: Format, examples: Examples, place: Path, stage: Stage
) -> tuple[Parity, Parity]:
    pixels, normalize = examples.pixels, model.preprocessing.normalize
    stage("reference")
    exact = _exact(model.network, model, examples)
    stage("engine")
    own = model.engine(exact=True)
    latency = one_image_ms(lambda one: own.predict(normalize(one)), pixels)
    engine = compared(own.predict(normalize(pixels)), exact, latency)
    if form.outputs is None:
        return engine, unchecked(Phrase("not checked: these files compute nothing"))
    network = ending_in_softmax(model.network) if form.probabilities else model.network
    if network is not model.network:
        exact = _exact(network, model, examples)
    stage("format")
    found = form.outputs(place, pixels)
    if isinstance(found, Phrase):
        return engine, unchecked(found)
    return engine, compared(found.outputs, exact, found.latency_ms)


def _exact(network: Network, model: Model, examples: Examples) -> Bounded:
    """What the law gives, and how far float32 may be from it: image by image."""
    values = model.preprocessing.normalize(examples.pixels)
    parts = [
        first_order_bounds(network, model.parameters, image[None], np.float32)
        for image in values
    ]
    value, bound = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("value", "bound")
    )
    return Bounded(value, bound, parts[0].u)


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """An empty folder on the same disk as another, gone afterwards."""
    parent = folder.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        made = TemporaryDirectory(prefix=f".{folder.name}-", suffix=".part", dir=parent)
    except OSError as error:
        raise StorageError(
            "export-place",
            "Nothing can be written beside '{folder}' ({reason}). Name another folder "
            "with --out.",
            folder=shown_path(folder),
            reason=error.strerror or str(error),
        ) from None
    with made as place:
        yield Path(place)


def _put(place: Path, folder: Path) -> dict[str, int]:
    """Moves every file to its folder, the report last: it says that all are there."""
    disk = Disk()
    names = sorted(path.name for path in place.iterdir())
    names.sort(key=lambda name: name == PARITY)
    sizes = {name: (place / name).stat().st_size for name in names}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            disk.rename(place / name, folder / name)
        disk.sync_folder(folder)
    except OSError as error:
        raise StorageError(
            "export-put",
            "The export cannot be put into '{folder}' ({reason}). Name another folder "
            "with --out.",
            folder=shown_path(folder),
            reason=error.strerror or os.strerror(error.errno or 0),
        ) from None
    return sizes
