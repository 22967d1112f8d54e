"""Which columns of a stored table are the images, the labels, the part and the group.

For parquet and Hugging Face's `datasets`, which name them in a few usual ways.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mirada.data.layout import PARTS
from mirada.data.listing import Listing
from mirada.data.naming import shown
from mirada.errors import DataError, Phrase

__all__ = ["Columns", "choose_columns", "leave_row", "part_word"]

_IMAGES = ("image", "img", "picture", "jpg", "png", "bytes")
_LABELS = ("label", "labels", "fine_label", "class", "class_name")
_PARTS = ("split", "part", "set")
_GROUPS = ("group",)


class Columns(NamedTuple):
    """The names of the columns; empty where there is none."""

    image: str
    label: str
    part: str
    group: str


def choose_columns(source: str, kinds: Mapping[str, str]) -> Columns:
    """The columns by their names and kinds: "image", "label" or "other".

    The one column of images counts whatever it is called. Raises DataError
    (`columns-missing`).

    >>> choose_columns("t", {"photo": "image", "label": "label", "id": "label"})
    Columns(image='photo', label='label', part='', group='')
    """
    images = [name for name, kind in kinds.items() if kind == "image"]
    labels = [name for name, kind in kinds.items() if kind == "label"]
    image = images[0] if len(images) == 1 else _first(images, _IMAGES)
    label = _first(labels, _LABELS)
    if image and label:
        return Columns(image, label, _first(labels, _PARTS), _first(labels, _GROUPS))
    raise DataError(
        "columns-missing",
        "'{source}' has the columns {found}. Needed are one of encoded images (bytes, "
        "or a struct with bytes) and one of labels, whole numbers or texts, called "
        "{known}. Rename them.",
        source=source,
        found=", ".join(f"'{shown(name)[:80]}'" for name in list(kinds)[:20])
        or Phrase("(none)"),
        known="|".join(_LABELS),
    )


def part_word(listing: Listing, name: str, word: object) -> bool:
    """Whether a word names a part; if not, its row is recorded as left out."""
    if isinstance(word, str) and word.strip().casefold() in PARTS:
        return True
    leave_row(listing, name, Phrase("its part is '{word}'", word=shown(str(word))[:80]))
    return False


def leave_row(listing: Listing, name: str, reason: Phrase) -> None:
    """Records a row that cannot be used."""
    error = DataError(
        "row-unusable",
        "'{file}' is not used: {reason}. Give every row an image, a label, and a part "
        "(train, validation or test) where there are parts.",
        file=name,
        reason=reason,
    )
    listing.leave("", error, name=name)


def _first(there: Sequence[str], known: Sequence[str]) -> str:
    by_name = {name.casefold(): name for name in reversed(there)}
    return next((by_name[name] for name in known if name in by_name), "")
