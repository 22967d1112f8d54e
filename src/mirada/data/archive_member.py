"""What an archive says of one thing in it, and whether that can be used.

Nothing is ever written, so no name can do harm; yet a name that would leave the folder
is no name of an image, and one that reads differently elsewhere is told.
"""

import re
from typing import NamedTuple

from mirada.data.naming import shown
from mirada.errors import DataError, MiradaError, Phrase

__all__ = ["Member", "hard_link", "member_path", "too_often"]

_MOST_BYTES = 4096  # PATH_MAX
_MOST_PART_BYTES = 255  # NAME_MAX
_MOST_PARTS = 64
_DRIVE = re.compile(r"[A-Za-z]:")


class Member(NamedTuple):
    """One entry: its number, path in parts, size, place, and why it cannot be used.

    `offset` is where its content begins in a file that can be read anywhere.
    """

    number: int
    path: tuple[str, ...]
    name: str
    size: int
    offset: int
    reason: MiradaError | None
    is_folder: bool = False


def member_path(name: str, *, backslashes: bool) -> tuple[str, ...]:
    r"""The parts of the name of an archive's entry; with `backslashes` these part too.

    Raises DataError: `archive-name-outside`, `archive-name-refused`.

    >>> member_path("./cats/1.png", backslashes=False)
    ('cats', '1.png')
    """
    _require_inside(name)
    if backslashes:
        name = name.replace("\\", "/")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    reason = _reason_against(name, parts)
    if reason is not None:
        raise DataError(
            "archive-name-refused",
            "The entry '{file}' has a name that no file can have: {reason}. Rename it "
            "and pack the archive again.",
            file=_short(name),
            reason=reason,
        )
    return parts


def _require_inside(name: str) -> None:
    """Whatever parts names on any system, none may lead out of the archive's folder."""
    parts = re.split(r"[/\\]", name)
    if not name or not (parts[0] == "" or ".." in parts or _DRIVE.match(name)):
        return
    raise DataError(
        "archive-name-outside",
        "The entry '{file}' leads out of the folder that the archive would be unpacked "
        "to (by '..', a drive, or a beginning with / or \\). Names must stay inside. "
        "Pack the archive again with names from one folder on, if you trust it.",
        file=_short(name),
    )


def _reason_against(name: str, parts: tuple[str, ...]) -> Phrase | None:
    if not parts:
        return Phrase("it is empty")
    if "\0" in name:
        return Phrase("it has a zero byte in it")
    if len(parts) > _MOST_PARTS:
        return Phrase("it lies more than {most} folders deep", most=_MOST_PARTS)
    if 4 * len(name) <= _MOST_PART_BYTES:
        return None
    lengths = [len(part.encode("utf-8", "replace")) for part in parts]
    if max(lengths) > _MOST_PART_BYTES or sum(lengths) > _MOST_BYTES:
        return Phrase("it is too long")
    return None


def _short(name: str) -> str:
    text = shown(name[:200])
    return text if len(name) <= 200 else f"{text}…"


def too_often(name: str) -> DataError:
    """The reason against a second entry of the same name."""
    return DataError(
        "archive-name-twice",
        "The archive holds '{file}' more than once; the first is used. Pack it again "
        "with each file once.",
        file=name,
    )


def hard_link(name: str) -> DataError:
    """The reason against an entry that is only another name of an earlier one."""
    return DataError(
        "archive-hard-link",
        "'{file}' is a link to another file of the archive; only files themselves are "
        "read. Pack it again with 'tar --hard-dereference'.",
        file=name,
    )
