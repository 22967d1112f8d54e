"""What a run can be taken away as: formats, their parity, files to download."""

import hashlib
import io
import json
import queue
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextvars import copy_context
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mirada.data.gate import read_plain
from mirada.errors import ConfigurationError, DataError, FileError
from mirada.export import FORMATS, PARITY
from mirada.lab.asked import (
    MOST_FILE_BYTES,
    Answer,
    Asked,
    Content,
    Event,
    Events,
    Work,
)
from mirada.lab.lab import Lab
from mirada.lab.look_runs import Opened, opened
from mirada.talk import heard_by
from mirada.tasks.model_card import model_card
from mirada.tasks.taken_away import stage_text, subject_text, taken_away

__all__ = ["WORK", "Exports", "folder_name"]

EXPORTS = "exports"
_CARD = "model-card.md"
_RUN_FILES = ("report.html", "curves.svg", "confusion.svg", "results.csv")
_MOST_REPORT_BYTES = 1 << 20
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_MOST_WAITING = 4
_MARK = 8
_END: Any = object()
_MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".csv": "text/csv; charset=utf-8",
    ".png": "image/png",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
}


def _formats(lab: Lab, asked: Asked) -> Answer:
    """Every format and what it is for."""
    about = [{"name": name, "about": str(f.about)} for name, f in FORMATS.items()]
    return {"formats": about, "has_torch": find_spec("torch") is not None}


def _about(lab: Lab, asked: Asked) -> Answer:
    """A run: its card, its own files, and the exports of it that are still good."""
    run = opened(lab, asked)
    to = asked.choice("to", tuple(FORMATS), "torch")
    made = {name: _export_of(lab, run, name) for name in FORMATS}
    return {
        "card": model_card(run.subject, to),
        "files": _sizes(run.subject.folder, _RUN_FILES),
        "exports": {name: found for name, found in made.items() if found},
    }


def _make(lab: Lab, asked: Asked) -> Answer:
    """Exports a run; tells what is being done, then what was made."""
    run = opened(lab, asked)
    to = asked.choice("to", tuple(FORMATS))
    return Events(_told_apart(lab, run, to))


class Exports:
    """The exports that are being made: one at a time, and few that wait for it."""

    def __init__(self, lab: Lab) -> None:
        self._one = threading.Lock()
        self._places = threading.BoundedSemaphore(_MOST_WAITING)

    def begin(self, does: Callable[[], None]) -> None:
        """Does it in a thread of its own, after those that were begun before.

        Raises ConfigurationError (`export-busy`).
        """
        if not self._places.acquire(blocking=False):
            raise ConfigurationError(
                "export-busy",
                "{count} exports are being made already. Wait until one is done.",
                count=_MOST_WAITING,
            )

        def work() -> None:
            try:
                with self._one:
                    does()
            finally:
                self._places.release()

        threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()

    def close(self) -> None:
        """What is being made ends with the lab."""


def _told_apart(lab: Lab, run: Opened, to: str) -> Iterator[Event]:
    """The events of an export, which goes on to its end although nobody listens."""
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def work() -> None:
        try:
            with heard_by(lambda text: heard.put(("told", {"text": str(text)}))):
                heard.put(("made", _made(lab, run, to, heard)))
            heard.put(_END)
        except BaseException as error:
            heard.put(error)

    lab.part(Exports).begin(work)
    while (event := heard.get()) is not _END:
        if isinstance(event, BaseException):
            raise event
        yield event


def _made(
    lab: Lab, run: Opened, to: str, heard: "queue.SimpleQueue[Any]"
) -> Mapping[str, Any]:
    source = run.source
    found = taken_away(
        run.subject,
        to,
        _place(lab, run, to),
        source=source if source and Path(source).exists() else None,
        stage=lambda name: heard.put(("stage", {"text": stage_text(name)})),
    )
    if found.files:
        return _export_of(lab, run, to) or {}
    return _plain(to, found.engine.to_dict(), found.parity.to_dict())


def _place(lab: Lab, run: Opened, to: str) -> Path:
    return lab.workplace.folder / EXPORTS / f"{folder_name(run.name)}-{to}"


def folder_name(run: str) -> str:
    """A name for a folder, of each run another one: `a/b` and `a-b` are two runs."""
    name = re.sub(r"[^\w.-]+", "-", run).strip("-.") or "run"
    if name == run:
        return name
    digest = hashlib.sha256(run.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name}-{digest[:_MARK]}"


def _export_of(lab: Lab, run: Opened, to: str) -> dict[str, Any] | None:
    """The export of a run as it lies there; None for one of older weights."""
    folder = _place(lab, run, to)
    path = folder / PARITY
    try:
        if path.stat().st_mtime_ns < run.stamp[1]:
            return None
        report = json.loads(read_plain(path, _MOST_REPORT_BYTES))
        names = sorted(each.name for each in folder.iterdir() if each.is_file())
        plain = _plain(to, report["engine"], report["parity"])
        return {
            **plain,
            "folder": str(folder),
            "images": report["images"],
            "files": _sizes(folder, names),
        }
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _plain(to: str, engine: Any, parity: Any) -> dict[str, Any]:
    told = {"engine": engine, to: parity}
    rows = [{"name": subject_text(name), **values} for name, values in told.items()]
    return {"to": to, "comparisons": rows, "folder": "", "files": []}


def _sizes(folder: Path, names: "list[str] | tuple[str, ...]") -> list[dict[str, Any]]:
    there = [name for name in names if (folder / name).is_file()]
    return [{"name": n, "bytes": (folder / n).stat().st_size} for n in there]


def _file(lab: Lab, asked: Asked) -> Answer:
    """One file: of an export, of the run itself, or its card."""
    run = opened(lab, asked)
    to = asked.text("to", "", most=20)
    name = asked.text("name", most=200)
    if not to and name == _CARD:
        wanted = asked.choice("card", tuple(FORMATS), "torch")
        return Content(_MEDIA[".md"], model_card(run.subject, wanted).encode(), _CARD)
    folder, names = run.subject.folder, list(_RUN_FILES)
    if to in FORMATS:
        folder = _place(lab, run, to)
        found = _export_of(lab, run, to)
        names = [each["name"] for each in found["files"]] if found else []
    if name not in names:
        raise _gone(name)
    try:
        content = read_plain(folder / name, MOST_FILE_BYTES)
    except DataError:
        raise _gone(name) from None
    media = _MEDIA.get(Path(name).suffix, "application/octet-stream")
    return Content(media, content, name)


def _zip(lab: Lab, asked: Asked) -> Answer:
    """All files of an export in one archive."""
    run = opened(lab, asked)
    to = asked.choice("to", tuple(FORMATS))
    found = _export_of(lab, run, to)
    if found is None:
        raise _gone(f"{to}.zip")
    folder, stream = _place(lab, run, to), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in found["files"]:
            entry = zipfile.ZipInfo(f"{folder.name}/{each['name']}", _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = read_plain(folder / each["name"], MOST_FILE_BYTES)
            archive.writestr(entry, content)
    return Content("application/zip", stream.getvalue(), f"{folder.name}.zip")


def _gone(name: str) -> FileError:
    return FileError(
        "export-file-gone",
        "There is no file {name!r} of this export: it was deleted, or the run was "
        "trained on. Export it again.",
        name=name[:100],
    )


WORK: tuple[Work, ...] = (
    Work("GET", "/api/export/formats", _formats),
    Work("POST", "/api/export/about", _about),
    Work("POST", "/api/export/make", _make),
    Work("POST", "/api/export/file", _file),
    Work("POST", "/api/export/zip", _zip),
)
