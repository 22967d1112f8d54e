"""Names that people give to classes and collections, as names of folders."""

import os
import unicodedata

from mirada.errors import DataError

__all__ = ["folder_name"]

_MOST_LETTERS = 80
_MOST_BYTES = 200
_FORBIDDEN = '/\\<>:"|?*' if os.name == "nt" else "/\\"


def folder_name(text: str) -> str:
    r"""The name as every disk takes it and every page shows it.

    Slashes and what cannot be printed become dashes, marks of direction and dots at its
    begin go, and it is cut to 80 letters. Raises DataError (`own-name-empty`).

    >>> folder_name("cat"), folder_name("../x"), folder_name("a/b\nc")
    ('cat', '-x', 'a-b-c')
    """
    letters = unicodedata.normalize("NFC", text[:10_000])
    kept = (_letter(one) for one in letters if unicodedata.category(one) != "Cf")
    name = "".join(kept).strip().lstrip(".")[:_MOST_LETTERS]
    while len(name.encode()) > _MOST_BYTES:
        name = name[:-1]
    name = name.rstrip(" .").strip()
    if not name:
        raise DataError(
            "own-name-empty",
            "The name '{name}' leaves nothing that a folder can be called. Give one "
            "with letters or digits.",
            name="".join(map(_letter, text[:40])),
        )
    return name


def _letter(letter: str) -> str:
    return letter if letter.isprintable() and letter not in _FORBIDDEN else "-"
