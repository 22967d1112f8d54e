"""What is to come of an archive that was made to do harm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.data.packing import Entry, Piece, tar, zip_file

__all__ = ["GOOD", "GOOD_ZIP", "Hostile", "refused", "tar_without", "zip_without"]

GOOD = Entry("cat/good.png")
GOOD_ZIP = Piece(b"cat/good.png")


@dataclass(frozen=True)
class Hostile:
    """An archive, and the code of its refusal or what of it is used and left out."""

    name: str
    build: Callable[[], bytes]
    refused: str = ""
    used: tuple[str, ...] = ("cat/good.png",)
    skipped: Mapping[str, str] = field(default_factory=dict)


def refused(name: str, code: str, build: Callable[[], bytes]) -> Hostile:
    """An archive that is refused as a whole."""
    return Hostile(name, build, refused=code, used=())


def tar_without(name: str, entry: Entry, shown: str, code: str) -> Hostile:
    """A tar in which one entry beside a good one is left out."""
    return Hostile(name, lambda: tar(GOOD, entry), skipped={shown: code})


def zip_without(name: str, piece: Piece, shown: str, code: str) -> Hostile:
    """A zip in which one entry beside a good one is left out."""
    return Hostile(name, lambda: zip_file([GOOD_ZIP, piece]), skipped={shown: code})
