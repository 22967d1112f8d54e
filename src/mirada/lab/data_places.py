"""Where images are on this machine: a path as it is typed, folders, recent sources."""

import json
import os
import threading
from pathlib import Path

from mirada.data.gate import list_folder
from mirada.data.naming import shown
from mirada.data.sources import DIGITS
from mirada.errors import MiradaError, UsageError
from mirada.lab.asked import Answer, Asked
from mirada.lab.kept_file import read_kept
from mirada.lab.lab import Lab
from mirada.training.disk import write_whole

__all__ = ["Recent", "folders", "is_there", "place_in", "resolved", "source_of"]

_MOST_FOLDERS = 200
_MOST_RECENT = 8
_MOST_BYTES = 1 << 20
_FILE = "data.json"


def source_of(lab: Lab, asked: Asked) -> str:
    """The source that a request names, whole (see `resolved`)."""
    source = asked.text("source").strip()
    if not source:
        raise UsageError(
            "source-empty",
            "No source is named. Give the path of a folder, an archive or a table of "
            "labels, or 'digits'.",
        )
    return resolved(lab, source)


def resolved(lab: Lab, source: str) -> str:
    """The source with its whole path: a relative one is in the folder of the lab.

    `digits` stays, and `~` is the home of who asks.
    """
    if source == DIGITS:
        return source
    return os.path.normpath(place_in(lab.workplace.folder.absolute(), source))


def place_in(folder: Path, name: str) -> Path:
    """What a path that was typed means in a folder; `~` is the home of who asks."""
    try:
        return folder / Path(name).expanduser()
    except (RuntimeError, ValueError):  # no home is known
        return folder / name


def is_there(source: str | Path) -> bool:
    """Whether a whole source is still where it was; no name is too odd to be asked."""
    try:
        return source == DIGITS or Path(source).exists()
    except (OSError, ValueError):
        return False


def folders(lab: Lab, asked: Asked) -> Answer:
    """The folders whose path begins as what was typed; no file is named.

    Hidden ones only where a dot was typed. `problem` says why a folder cannot be read.
    """
    typed = asked.text("path", "")
    if typed == "~":
        typed = "~/"
    cut = 1 + max(typed.rfind(mark) for mark in {"/", os.sep})
    head, start = typed[:cut], typed[cut:].casefold()
    try:
        entries = list_folder(resolved(lab, head or "."))
    except (MiradaError, ValueError) as error:
        return {"folders": [], "more": 0, "problem": str(error) if head else ""}
    names = [
        entry.name
        for entry in entries
        if entry.name.casefold().startswith(start)
        if start.startswith(".") or not entry.name.startswith(".")
        if shown(entry.name) == entry.name and _is_folder(entry)
    ]
    found = [{"name": name, "path": head + name} for name in names[:_MOST_FOLDERS]]
    return {"folders": found, "more": len(names) - len(found), "problem": ""}


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


class Recent:
    """The sources that were looked at, the last first, kept in the lab's folder."""

    def __init__(self, lab: Lab) -> None:
        self._path = lab.workplace.folder / _FILE
        self._lock = threading.Lock()

    def all(self) -> list[str]:
        """The sources; none where the file is damaged."""
        try:
            found = read_kept(self._path, _MOST_BYTES)["recent"]
            return [each for each in found if isinstance(each, str)][:_MOST_RECENT]
        except (KeyError, TypeError):
            return []

    def add(self, source: str) -> None:
        """Puts a source first."""
        with self._lock:
            others = [each for each in self.all() if each != source]
            content = {"recent": [source, *others][:_MOST_RECENT]}
            write_whole(self._path, [json.dumps(content, indent=1).encode()])

    def close(self) -> None:
        """Nothing is open."""
