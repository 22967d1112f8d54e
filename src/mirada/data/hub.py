"""Data sets of Hugging Face's `datasets` in memory. Needs mirada[datasets].

Its images stay encoded until our own decoder reads them, so that they get the same
pixels as files do.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeGuard

from mirada.data.columns import Columns, choose_columns, leave_row, part_word
from mirada.data.dataset import Dataset, Part
from mirada.data.encoded import Content, Encoded
from mirada.data.layout import PARTS
from mirada.data.listed import load_listing
from mirada.data.listing import Found, Listing
from mirada.data.naming import shown
from mirada.data.request import Request
from mirada.errors import DataError, Phrase

__all__ = ["HubDataset", "is_hub_dataset", "load_hub_dataset"]


class HubDataset(Protocol):
    """A `datasets.Dataset`, or a `DatasetDict` of them by part."""

    def cast_column(self, column: str, feature: Any, /) -> Any:
        """The same with another feature in a column."""
        ...


def is_hub_dataset(source: object) -> TypeGuard[HubDataset]:
    """Whether an object comes from the package `datasets`; nothing is imported.

    >>> is_hub_dataset("digits")
    False
    """
    return type(source).__module__.split(".")[0] == "datasets"


def load_hub_dataset(source: HubDataset, request: Request) -> Dataset:
    """The images and labels of a data set of Hugging Face, splits kept.

    Raises DataError: `hub-kind`, `hub-split`, `columns-missing`, and those of
    `load_listing`.
    """
    parts = _parts(source)
    columns = {part: _columns(table) for part, table in parts.items()}
    encoded = {
        part: table.cast_column(columns[part].image, _as_stored())
        for part, table in parts.items()
    }

    def read(files: Sequence[Found]) -> Iterator[Encoded]:
        for file in files:
            value = encoded[Part(file.place % 4)][file.place // 4]
            yield _encoded(file, value[columns[Part(file.place % 4)].image])

    name = type(source).__name__
    listing = Listing(Path(name), request.limits.files, reader=read)
    listing.has_folders = True
    for part, table in parts.items():
        _list(listing, part, table, columns[part])
    listing.has_parts = len(parts) > 1
    return load_listing(listing, request)


def _parts(source: Any) -> dict[Part, Any]:
    if isinstance(source, Mapping):
        found: dict[Part, Any] = {}
        for name, table in source.items():
            part = PARTS.get(str(name).casefold())
            if part is None or part in found:
                raise DataError(
                    "hub-split",
                    "The data set has the splits {names}; they must be train, and "
                    "validation and test where there are. Rename or leave out "
                    "'{name}'.",
                    names=", ".join(f"'{shown(str(key))}'" for key in source),
                    name=shown(str(name)),
                )
            found[part] = table
        return dict(sorted(found.items()))
    if not hasattr(source, "num_rows"):
        raise DataError(
            "hub-kind",
            "A {kind} cannot be loaded: its rows are not all there. Load the data set "
            "without streaming=True.",
            kind=type(source).__name__,
        )
    return {Part.TRAIN: source}


def _columns(table: Any) -> Columns:
    kinds = {name: _kind(feature) for name, feature in table.features.items()}
    return choose_columns(type(table).__name__, kinds)


def _kind(feature: Any) -> str:
    name = type(feature).__name__
    dtype = str(getattr(feature, "dtype", ""))
    if name == "Image" or dtype in ("binary", "large_binary"):
        return "image"
    is_plain = "int" in dtype or "string" in dtype
    return "label" if name == "ClassLabel" or is_plain else "other"


def _as_stored() -> Any:
    return import_module("datasets").Image(decode=False)


def _list(listing: Listing, part: Part, table: Any, columns: Columns) -> None:
    labels = list(table[columns.label])
    words = list(table[columns.part]) if columns.part else None
    groups = list(table[columns.group]) if columns.group else [None] * len(labels)
    names = getattr(table.features[columns.label], "names", None)
    for number, label in enumerate(labels):
        name = f"{part.name.lower()}/{number}"
        text = _text(label, names)
        if text is None:
            leave_row(listing, name, Phrase("it has no label"))
            continue
        meant = part
        if words is not None:
            if not part_word(listing, name, words[number]):
                continue
            meant = PARTS[words[number].strip().casefold()]
        group = None if groups[number] in (None, "") else str(groups[number])
        listing.add(
            "", text, meant, name=name, group=group, place=4 * number + int(part)
        )


def _text(value: Any, names: Sequence[str] | None) -> str | None:
    if value is None or value == "":
        return None
    if names is None or not isinstance(value, int):
        return str(value)
    return names[value] if 0 <= value < len(names) else None


def _encoded(file: Found, value: Any) -> Encoded:
    """The bytes of an image, or the path of its file."""
    if isinstance(value, Mapping):
        content, path = value.get("bytes"), value.get("path")
        return str(path) if path and not content else Content(file.name, content or b"")
    return Content(file.name, value or b"")
