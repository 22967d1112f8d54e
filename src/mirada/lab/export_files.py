"""The exports of a run as they lie there, and the files that are given away."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from mirada.data.gate import read_plain
from mirada.errors import DataError, FileError
from mirada.export import FORMATS, PARITY
from mirada.lab.asked import MOST_FILE_BYTES, Answer, Asked, Content
from mirada.lab.lab import Lab
from mirada.lab.look_runs import Opened, opened
from mirada.tasks.int8_loss import WEIGHTS
from mirada.tasks.model_card import model_card
from mirada.tasks.taken_away import subject_text

__all__ = [
    "CARD",
    "RUN_FILES",
    "Wanted",
    "export_of",
    "file",
    "folder_name",
    "formats",
    "parities",
    "place_of",
    "sizes",
    "wanted",
    "zipped",
]

EXPORTS = "exports"
CARD = "model-card.md"
RUN_FILES = ("report.html", "curves.svg", "confusion.svg", "results.csv")
_MOST_REPORT_BYTES = 1 << 20
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_MARK = 8
_MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".csv": "text/csv; charset=utf-8",
    ".png": "image/png",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
}


class Wanted(NamedTuple):
    """A format, and how wide its weights are."""

    to: str
    weights: str = WEIGHTS[0]

    @property
    def key(self) -> str:
        """A name for it among the exports of a run: `c`, `c-int8`."""
        return self.to if self.weights == WEIGHTS[0] else f"{self.to}-{self.weights}"

    @classmethod
    def every(cls) -> "list[Wanted]":
        """All there are."""
        return [cls(to, weights) for to in FORMATS for weights in _widths(to)]


def _widths(to: str) -> tuple[str, ...]:
    """How wide the weights of a format may be."""
    return WEIGHTS if FORMATS[to].write_int8 is not None else WEIGHTS[:1]


def wanted(asked: Asked) -> Wanted:
    """What a request names."""
    to = asked.choice("to", tuple(FORMATS))
    return Wanted(to, asked.choice("weights", _widths(to), WEIGHTS[0]))


def formats(lab: Lab, asked: Asked) -> Answer:
    """Every format, what it is for, and how wide its weights may be."""
    about = [
        {"name": name, "about": str(form.about), "weights": list(_widths(name))}
        for name, form in FORMATS.items()
    ]
    return {"formats": about, "has_torch": find_spec("torch") is not None}


def place_of(lab: Lab, run: Opened, what: Wanted) -> Path:
    """The folder of an export."""
    return lab.workplace.folder / EXPORTS / f"{folder_name(run.name)}-{what.key}"


def folder_name(run: str) -> str:
    """A name for a folder, of each run another one: `a/b` and `a-b` are two runs."""
    name = re.sub(r"[^\w.-]+", "-", run).strip("-.") or "run"
    if name == run:
        return name
    digest = hashlib.sha256(run.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name}-{digest[:_MARK]}"


def export_of(lab: Lab, run: Opened, what: Wanted) -> dict[str, Any] | None:
    """The export of a run as it lies there; None for one of older weights."""
    folder = place_of(lab, run, what)
    path = folder / PARITY
    try:
        if path.stat().st_mtime_ns < run.stamp[1]:
            return None
        report = json.loads(read_plain(path, _MOST_REPORT_BYTES))
        names = sorted(each.name for each in folder.iterdir() if each.is_file())
        return {
            **parities(what, report["engine"], report["parity"], report.get("int8")),
            "folder": str(folder),
            "images": report["images"],
            "files": sizes(folder, names),
        }
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def parities(what: Wanted, engine: Any, parity: Any, int8: Any) -> dict[str, Any]:
    """Both comparisons of an export, and what eight-bit weights cost."""
    told: Mapping[str, Any] = {"engine": engine, what.to: parity}
    rows = [{"name": subject_text(name), **values} for name, values in told.items()]
    return {
        **{"to": what.to, "key": what.key, "int8": int8},
        **{"comparisons": rows, "folder": "", "files": []},
    }


def sizes(folder: Path, names: "list[str] | tuple[str, ...]") -> list[dict[str, Any]]:
    """The files of these names that are there, with their bytes."""
    there = [name for name in names if (folder / name).is_file()]
    return [{"name": n, "bytes": (folder / n).stat().st_size} for n in there]


def file(lab: Lab, asked: Asked) -> Answer:
    """One file: of an export, of the run itself, or its card."""
    run = opened(lab, asked)
    name = asked.text("name", most=200)
    if not asked.text("to", "", most=20):
        return _own_file(run, asked, name)
    what = wanted(asked)
    found = export_of(lab, run, what)
    names = [each["name"] for each in found["files"]] if found else []
    return _given(place_of(lab, run, what), names, name)


def _own_file(run: Opened, asked: Asked, name: str) -> Content:
    if name == CARD:
        to = asked.choice("card", tuple(FORMATS), "torch")
        return Content(_MEDIA[".md"], model_card(run.subject, to).encode(), CARD)
    return _given(run.subject.folder, [*RUN_FILES], name)


def _given(folder: Path, names: list[str], name: str) -> Content:
    if name not in names:
        raise _gone(name)
    try:
        content = read_plain(folder / name, MOST_FILE_BYTES)
    except DataError:
        raise _gone(name) from None
    media = _MEDIA.get(Path(name).suffix, "application/octet-stream")
    return Content(media, content, name)


def zipped(lab: Lab, asked: Asked) -> Answer:
    """All files of an export in one archive."""
    run, what = opened(lab, asked), wanted(asked)
    found = export_of(lab, run, what)
    if found is None:
        raise _gone(f"{what.key}.zip")
    folder, stream = place_of(lab, run, what), io.BytesIO()
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
