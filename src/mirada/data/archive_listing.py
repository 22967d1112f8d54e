"""From what lies in an archive to images with classes: the folders in it decide."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mirada.data.archive import Archive
from mirada.data.archive_member import Member
from mirada.data.encoded import Content, Encoded
from mirada.data.layout import hidden, lay_out, without_class
from mirada.data.listing import Found, Listing, Reader
from mirada.errors import DataError, Phrase

__all__ = ["archive_listing", "archive_reader", "leave_refused", "visible_files"]

_NESTED = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar", ".zst")


def archive_listing(archive: Archive) -> Listing:
    """The images of an archive that holds class folders, also by parts.

    All may lie in one folder of any name. In the order of the archive where it must be
    read so, else by name.
    """
    listing = Listing(
        Path(archive.path),
        archive.limits.files,
        reader=archive_reader(archive),
        in_sequence=archive.in_sequence,
    )
    leave_refused(listing, archive)
    files = visible_files(archive, listing)
    places = lay_out([member.path for member in files])
    listing.has_folders = any(places) or not files
    for member, place in zip(files, places, strict=True):
        if place is None:
            listing.leave(archive.path, without_class(member.name), name=member.name)
        else:
            label, part = place
            listing.add(
                archive.path,
                label,
                part,
                name=member.name,
                place=member.number,
            )
    listing.has_parts = len({file.part for file in listing.files}) > 1
    _tell_collisions(listing)
    return listing


def archive_reader(archive: Archive) -> Reader:
    """What gives the images of a listing of an archive to a decoder."""

    def read(files: Sequence[Found]) -> Iterator[Encoded]:
        contents = archive.contents([file.place for file in files])
        for file, content in zip(files, contents, strict=True):
            yield Content(file.name, content)

    return read


def leave_refused(listing: Listing, archive: Archive) -> None:
    """Records the entries that cannot be used at all."""
    for member in archive.members:
        if member.reason is not None:
            listing.leave(archive.path, member.reason, name=member.name or "''")


def visible_files(archive: Archive, listing: Listing) -> list[Member]:
    """The files that can be images; hidden ones and nested archives are recorded."""
    found = []
    for member in archive.files():
        if any(part.startswith(".") for part in member.path):
            listing.leave(archive.path, hidden(member.name), name=member.name)
        elif member.path[-1].casefold().endswith(_NESTED):
            listing.leave(archive.path, _nested(member.name), name=member.name)
        else:
            found.append(member)
    return found if archive.in_sequence else sorted(found, key=lambda m: m.path)


def _nested(name: str) -> DataError:
    return DataError(
        "archive-nested",
        "'{file}' is an archive within the archive; only the outer one is opened. "
        "Unpack the inner one and pack its files.",
        file=name,
    )


def _tell_collisions(listing: Listing) -> None:
    """Names that are one on a disk that does not tell capitals from small letters."""
    names = {file.name for file in listing.files}
    alike = len(names) - len({name.casefold() for name in names})
    if alike:
        listing.notes.append(
            Phrase(
                "{count} names in the archive differ from others only in capital "
                "letters; some disks would keep one of them",
                count=alike,
            )
        )
