"""Data: folders of this machine and collections of one's own, before training."""

from collections.abc import Iterator
from contextlib import suppress

from mirada.data.groups import UNGROUPED
from mirada.data.report_images import report_images
from mirada.data.sources import DIGITS
from mirada.errors import StorageError
from mirada.lab import data_own
from mirada.lab.asked import Answer, Asked, Event, Events, Work
from mirada.lab.data_findings import shown_report
from mirada.lab.data_places import Recent, folders, is_there, source_of
from mirada.lab.data_preview import Previews, preview, words
from mirada.lab.data_scan import Scan, Scans, following
from mirada.lab.data_split import divided, ways
from mirada.lab.decoders import LabDecoders
from mirada.lab.lab import Lab
from mirada.lab.tiles import names_of, sheet

__all__ = ["WORK"]


def _here(lab: Lab, asked: Asked) -> Answer:
    """What is in use, what was looked at before, and the collections."""
    source, scan = lab.workplace.state()["data"], lab.part(Scans).now
    recent = [each for each in lab.part(Recent).all() if each != DIGITS]
    return {
        "folder": str(lab.workplace.folder.absolute()),
        "in_use": {"source": source, "is_there": not source or is_there(source)},
        "recent": [{"source": s, "is_there": is_there(s)} for s in recent],
        "sets": data_own.summaries(lab),
        "scanned": scan.source if scan and not scan.is_cancelled else "",
    }


def _scan(lab: Lab, asked: Asked) -> Answer:
    """Looks at a source, or follows the look that is there already."""
    source, anew = source_of(lab, asked), asked.flag("anew")
    scan = lab.part(Scans).begin(source, anew=anew)
    if anew:
        lab.part(Previews).forget(source)
    return Events(_told(lab, scan))


def _told(lab: Lab, scan: Scan) -> Iterator[Event]:
    yield from following(scan)
    if scan.report is not None:
        with suppress(StorageError):  # a convenience, on a full disk done without
            lab.part(Recent).add(scan.source)
        found = shown_report(scan.report, scan.source)
        yield "report", {**found, "ways": ways(scan.report.survey)}


def _cancel(lab: Lab, asked: Asked) -> Answer:
    lab.part(Scans).cancel()
    return {}


def _tiles(lab: Lab, asked: Asked) -> Answer:
    """Images of the source that was looked at, by their names."""
    report, names = lab.part(Scans).report(source_of(lab, asked)), names_of(asked)
    side = asked.whole("side", 16, 256, 96)
    places = {name: place for place, name in enumerate(report.survey.names)}
    known = [name for name in names if name in places]
    decoders = lab.part(LabDecoders).get()
    images = report_images(report, [places[n] for n in known], side, decoders)
    found = dict(zip(known, images, strict=True))
    return sheet([found.get(name) for name in names], side)


def _split(lab: Lab, asked: Asked) -> Answer:
    report = lab.part(Scans).report(source_of(lab, asked))
    return divided(
        report.survey,
        asked.number("validation", 0, 1, 0.1),
        asked.number("test", 0, 1, 0.2),
        asked.whole("seed", 0, 2**31 - 1, 0),
        asked.text("by", UNGROUPED, most=80),
    )


WORK = (
    Work("GET", "/api/data", _here),
    Work("GET", "/api/data/folders", folders),
    Work("POST", "/api/data/scan", _scan),
    Work("DELETE", "/api/data/scan", _cancel),
    Work("POST", "/api/data/tiles", _tiles),
    Work("POST", "/api/data/split", _split),
    Work("GET", "/api/data/augmentations", words),
    Work("POST", "/api/data/preview", preview),
    *data_own.WORK,
)
