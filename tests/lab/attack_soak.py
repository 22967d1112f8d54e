"""A long time of everything a page and its enemies do, in which use stays flat."""

import os
import random
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from mirada.lab.files import page_files
from tests.lab.attacked import connected, head, said
from tests.lab.open_lab import OpenLab
from tests.training.tally import Tally

__all__ = ["Use", "soaked", "use_of"]

_MORE_BYTES, _MORE_SHARE = 8e6, 0.05
"""How much more the lab may take at the end than after it has warmed up.

It holds what somebody may still read: at a time more, at a time less.
"""
_TICK_S = 0.05


class Use(NamedTuple):
    """What a process takes of its computer."""

    resident_bytes: int
    files: int
    threads: int


def use_of(process: int) -> Use:
    """What it takes now; only Linux tells."""
    folder = Path("/proc", str(process))
    lines = (folder / "status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    resident = 1024 * int(fields["VmRSS"].split()[0])
    return Use(resident, len(os.listdir(folder / "fd")), int(fields["Threads"]))


def soaked(
    lab: OpenLab, seconds: float, seed: int = 0, without: Collection[str] = ()
) -> Tally:
    """Uses the lab for so long; a fault where it takes ever more or fails to answer."""
    deeds = [each for each in DEEDS if each[0] not in without]
    tally, drawn = Tally(), random.Random(seed)
    uses: list[tuple[float, Use]] = []
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:
        name, does = drawn.choice(deeds)
        try:
            tally.add(name, does(lab, drawn))
        except OSError as error:
            tally.add(name, f"{type(error).__name__}: {error}")
        if not uses or passed > uses[-1][0] + _TICK_S:
            uses.append((passed, use_of(lab.process.pid)))
    _compare(tally, uses)
    return tally


def _compare(tally: Tally, uses: list[tuple[float, Use]]) -> None:
    """Compares the second fifth of the time, when all is warm, with the last."""
    fifth = len(uses) // 5
    for name in Use._fields:
        values = [float(getattr(use, name)) for _, use in uses]
        before, after = median(values[fifth : 2 * fifth]), median(values[-fifth:])
        is_size = name == "resident_bytes"
        more = max(_MORE_BYTES, _MORE_SHARE * before) if is_size else 8
        fault = "" if after <= before + more else f"{before:.0f} -> {after:.0f}"
        tally.add(f"{name} flat", fault)
        tally.notes[f"{name} then"] = round(before)
        tally.notes[f"{name} at the end"] = round(after)


Deed = Callable[[OpenLab, random.Random], str]


def _page(lab: OpenLab, drawn: random.Random) -> str:
    path = drawn.choice([*page_files()])
    return _unless(200, lab.ask("GET", path).status)


def _state(lab: OpenLab, drawn: random.Random) -> str:
    revision = lab.ask("GET", "/api/state").value["revision"]
    values = {"revision": revision, "network": "x" * drawn.randrange(100_000)}
    return _unless(200, lab.ask("PUT", "/api/state", values).status)


def _upload(lab: OpenLab, drawn: random.Random) -> str:
    content = bytes(drawn.randrange(1 << 20))
    return _unless(200, lab.ask("POST", "/api/planted/upload", content=content).status)


def _too_large(lab: OpenLab, drawn: random.Random) -> str:
    line = f"Content-Length: {2 << 20}"
    content = head(lab, "POST", "/api/planted/upload", line) + bytes(1 << 16)
    return _unless(413, said(lab, content, 5.0).status)


def _stranger(lab: OpenLab, drawn: random.Random) -> str:
    path = f"/api/{drawn.randbytes(8).hex()}"
    return _unless(401, said(lab, head(lab, "GET", path, token=False)).status)


def _junk(lab: OpenLab, drawn: random.Random) -> str:
    status = said(lab, drawn.randbytes(200) + b"\r\n\r\n", 0.2).status
    return "" if status in (0, 400) else str(status)


def _left(lab: OpenLab, drawn: random.Random) -> str:
    """A stream, or half a request, that is left."""
    target = drawn.choice(("ticks", "steps", "ticks?s=600", "large?mb=4"))
    with connected(lab) as connection:
        whole = head(lab, "GET", f"/api/planted/{target}")
        connection.sendall(whole if drawn.random() < 0.8 else whole[:-4])
        if drawn.random() < 0.5:
            connection.settimeout(1)
            with suppress(OSError):
                connection.recv(1 << 16)
    return ""


def _unless(wanted: int, status: int) -> str:
    return "" if status == wanted else f"{status}, not {wanted}"


DEEDS: tuple[tuple[str, Deed], ...] = (
    *(("page", _page), ("state", _state), ("upload", _upload), ("left", _left)),
    *(("too large", _too_large), ("stranger", _stranger), ("junk", _junk)),
)
"""What is done, by name."""
