"""A long time of everything a page and its enemies do, in which use stays flat."""

import os
import random
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from mirada.lab.files import page_files
from tests.lab.attacked import connected, head, said
from tests.lab.open_lab import OpenLab
from tests.training.tally import Tally

__all__ = ["Use", "soaked", "use_of"]

_MORE_HELD_BYTES, _MORE_BYTES = 5e5, 2e7
"""How much more may be held by Python, and by the process, than when all was warm.

The first is what tells a leak. Of the second the system's allocator keeps what was
freed, for each thread apart, which takes minutes to come to its end.
"""
_QUIET_S = 2.0
"""After so long nothing is left of what somebody has gone from."""
_TICK_S = 0.05


Deed = Callable[[OpenLab, random.Random], str]
Deeds = Sequence[tuple[str, Deed]]


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
    _held(lab)
    warming = _used(lab, tally, drawn, 0.4 * seconds, deeds)
    before = _held(lab)
    uses = _used(lab, tally, drawn, 0.6 * seconds, deeds)
    _compare(tally, "held_bytes", before, _held(lab), _MORE_HELD_BYTES)
    for name in Use._fields:
        first, last = (
            median(getattr(use, name) for use in found[len(found) // 2 :])
            for found in (warming, uses)
        )
        more = _MORE_BYTES if name == "resident_bytes" else 8
        _compare(tally, name, first, last, more)
    return tally


def _used(
    lab: OpenLab, tally: Tally, drawn: random.Random, seconds: float, deeds: Deeds
) -> list[Use]:
    """Uses it for so long; what it took meanwhile, by and by."""
    uses: list[Use] = []
    begun = seen = time.monotonic()
    while time.monotonic() - begun < seconds:
        name, does = drawn.choice(deeds)
        try:
            tally.add(name, does(lab, drawn))
        except OSError as error:
            tally.add(name, f"{type(error).__name__}: {error}")
        if not uses or time.monotonic() > seen + _TICK_S:
            uses.append(use_of(lab.process.pid))
            seen = time.monotonic()
    return uses


def _held(lab: OpenLab) -> float:
    """How many bytes Python holds when nobody asks for anything."""
    time.sleep(_QUIET_S)
    return float(lab.ask("GET", "/api/planted/held").value["bytes"])


def _compare(tally: Tally, name: str, before: float, after: float, more: float) -> None:
    fault = "" if after <= before + more else f"{before:.0f} -> {after:.0f}"
    tally.add(f"{name} flat", fault)
    tally.notes[f"{name} when warm"] = round(before)
    tally.notes[f"{name} at the end"] = round(after)


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


DEEDS: Deeds = (
    *(("page", _page), ("state", _state), ("upload", _upload), ("left", _left)),
    *(("too large", _too_large), ("stranger", _stranger), ("junk", _junk)),
)
"""What is done, by name."""
