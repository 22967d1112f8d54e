"""Decoded pixels kept on disk, so that a source is decoded once and then mapped.

An entry belongs to everything that decides its pixels: the files (name, size, times),
how they are to be decoded, and the code that does it. What has changed is decoded
again. Nothing here ever stops a load: a disk that is full, an entry that is damaged or
a folder that is not ours alone is told in `notices`, and the images are decoded.

Runs may share the folder: an entry appears whole or not at all, and what was used
longest ago goes when there are too many bytes.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import PIL
from PIL import features

from mirada.data import pixel_file
from mirada.data.limits import Limits
from mirada.data.listing import Listing
from mirada.data.pixel_file import DamagedError, Decoded
from mirada.data.request import Request
from mirada.errors import Phrase
from mirada.private_folder import cache_folder, is_private
from mirada.version import __version__

__all__ = ["PixelCache", "pixel_key"]

_FORMAT = 2
_ROWS = 1000
_MODULES = (
    *("automatic_size", "colour_profile", "decoding", "depth", "essentials"),
    *("fitting", "gate", "guard", "icc", "lab", "pixels", "starved", "traps"),
)
_SETTLED_NS = 2 * 10**9  # a file as young as this may change and keep its times
_LEFT_BEHIND_SECONDS = 3600.0
_PART = ".part-"


def pixel_key(listing: Listing, request: Request) -> str | None:
    """Names all that decides the pixels of a listing; None where that is not settled.

    A file that was changed a moment ago could change again without its times showing
    it, so it has no key yet.
    """
    limits = request.limits
    digest = hashlib.sha256()
    known: dict[str, tuple[int, ...]] = {}
    now = time.time_ns()
    rows: list[tuple[object, ...]] = [
        (_FORMAT, _code(), os.path.abspath(listing.root)),
        (request.size, request.channels, request.resize),
        (limits.pixels, limits.file_bytes, limits.image_seconds, limits.image_bytes),
    ]
    for file in listing.files:
        if len(rows) >= _ROWS:
            digest.update(json.dumps(rows).encode("ascii"))
            rows.clear()
        if file.path not in known:
            try:
                found = os.stat(file.path)
            except (OSError, ValueError):
                return None
            times = (found.st_mtime_ns, found.st_ctime_ns)
            if any(abs(now - moment) < _SETTLED_NS for moment in times):
                return None
            known[file.path] = (found.st_size, *times)
        about = (file.name, file.label, int(file.part), file.group, file.place)
        rows.append((os.path.basename(file.path), about, known[file.path]))
    digest.update(json.dumps(rows).encode("ascii"))
    return digest.hexdigest()


class PixelCache:
    """The folder of decoded pixels, kept below `most_bytes`.

    The environment's MIRADA_PIXEL_CACHE_BYTES goes before `Limits.cache_bytes`; 0 keeps
    nothing. `notices` says what was wrong.
    """

    def __init__(self, limits: Limits) -> None:
        self.folder = cache_folder("pixels")
        self.most_bytes = _most_bytes(limits)
        self.notices: list[Phrase] = []

    def load(self, key: str) -> Decoded | None:
        """What was stored under a key; None where there is nothing sound."""
        if not self.most_bytes or not self._is_usable():
            return None
        path = self.folder / key
        try:
            found = pixel_file.read(path, key)
        except FileNotFoundError:
            return None
        except (OSError, DamagedError):
            self.notices.append(
                Phrase("The decoded images in {path} were damaged.", path=path)
            )
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)  # it was used now
        return found

    def store(
        self,
        key: str,
        decoded: Decoded,
        sealed: Callable[[], str | None] | None = None,
    ) -> bool:
        """Keeps decoded pixels under a key; whether that was possible.

        `sealed` gives the fingerprint, or None where they are not to be kept; it is
        asked meanwhile (see `pixel_file.write`).
        """
        needed = decoded.images.nbytes
        if needed > self.most_bytes or not needed or not self._is_usable():
            return False
        try:
            self._make_room(needed)
            if 2 * needed > shutil.disk_usage(self.folder).free:
                raise OSError(28, os.strerror(28))
            return self._write(key, decoded, sealed)
        except OSError as error:
            self._cannot(error)
            return False

    def _write(
        self, key: str, decoded: Decoded, sealed: Callable[[], str | None] | None
    ) -> bool:
        handle, name = tempfile.mkstemp(prefix=_PART, dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as stream:
                whole = pixel_file.write(stream, key, decoded, sealed)
            if whole:
                os.replace(name, self.folder / key)
            else:
                os.unlink(name)
            return whole
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    def _make_room(self, needed: int) -> None:
        """Removes what was used longest ago, and is in use no more."""
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total + needed <= self.most_bytes:
                return
            if not pixel_file.is_in_use(path):
                with suppress(OSError):
                    path.unlink()
                    total -= size
        if total + needed > self.most_bytes:
            raise OSError(28, os.strerror(28))

    def _entries(self) -> Iterator[tuple[int, int, Path]]:
        """When each entry was last used, its bytes and its path."""
        for path in self.folder.iterdir():
            with suppress(OSError):
                found = path.lstat()
                young = time.time() - found.st_mtime < _LEFT_BEHIND_SECONDS
                if path.name.startswith(_PART) and not young:
                    path.unlink()  # a run that was ended while it wrote
                else:
                    yield found.st_mtime_ns, found.st_size, path

    def _is_usable(self) -> bool:
        try:
            if is_private(self.folder):
                return True
        except OSError as error:
            self._cannot(error)
            return False
        self._notice(
            Phrase(
                "Decoded images are not kept, because {folder} is another user's, is a "
                "link or is open to others. Close it with: chmod 700 {folder}; or set "
                "MIRADA_CACHE to a folder of your own.",
                folder=self.folder,
            )
        )
        return False

    def _notice(self, phrase: Phrase) -> None:
        if phrase not in self.notices:
            self.notices.append(phrase)

    def _cannot(self, error: OSError) -> None:
        self._notice(
            Phrase(
                "Decoded images are not kept in {folder} ({reason}): they are decoded "
                "again each time. Set MIRADA_CACHE to a folder with room.",
                folder=self.folder,
                reason=error.strerror or str(error),
            )
        )


def _most_bytes(limits: Limits) -> int:
    chosen = os.environ.get("MIRADA_PIXEL_CACHE_BYTES", "")
    return int(chosen) if chosen.isascii() and chosen.isdigit() else limits.cache_bytes


@lru_cache(maxsize=1)
def _code() -> str:
    """A digest of the code that makes pixels of files: ours and the libraries'."""
    versions = [__version__, PIL.__version__]
    versions += [str(features.version(name)) for name in ("jpg", "webp", "avif")]
    digest = hashlib.sha256(" ".join(versions).encode())
    here = Path(__file__).parent
    for name in _MODULES:
        with suppress(OSError):
            digest.update((here / f"{name}.py").read_bytes())
    return digest.hexdigest()
