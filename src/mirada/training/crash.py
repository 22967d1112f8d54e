"""A process that dies of a fault: what is left in the run's folder to say so.

While a run goes on, `running.txt` says which network is computed by which engine, and
after how many steps. A process that dies of a fault, as machine code may, adds what it
was doing; one that ends by itself, however, takes the file away.
"""

import faulthandler
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from mirada.data.gate import read_plain
from mirada.data.naming import shown_path
from mirada.errors import MiradaError, Phrase
from mirada.training.configuration import Configuration
from mirada.training.disk import MORE_FLAGS, NEW_FLAGS, Disk
from mirada.training.history import EpochRow
from mirada.training.lock import is_held
from mirada.training.place import Place
from mirada.training.watch import Watch

__all__ = ["RUNNING", "Crash", "CrashWatch", "crash_watch", "last_crash"]

RUNNING = "running.txt"

_MOST_BYTES = 2**20
_STEP = '{"step": '
_WIDTH = 12
_FAULT = re.compile(r"(?:Fatal Python error|Windows fatal exception): ")
_NAMES = re.compile(
    "Segmentation fault|Bus error|Illegal instruction|Floating[- ]point exception|"
    "Aborted|access violation|stack overflow"
)
_FRAME = re.compile(r"^Current thread .*\n  File \"(.+)\", line \d+ in (\S+)$", re.M)
_DOORS = ("engines/prepared.py", "engines/crew.py")
"""The files from which machine code is called."""


class Crash(NamedTuple):
    """How the last process of a run died."""

    folder: Path
    network: str
    engine: str
    isa: str
    step: int
    fault: str
    in_machine_code: bool

    @property
    def text(self) -> Phrase:
        """What happened, and what to do."""
        about = {
            "folder": shown_path(self.folder),
            "fault": self.fault,
            "network": self.network,
            "engine": self.engine,
            "isa": self.isa,
            "step": self.step,
        }
        if self.in_machine_code:
            return Phrase(
                "The last process of the run in '{folder}' died in machine code of "
                "network {network!r}, after {step} steps ({fault}; engine {engine}, "
                "isa {isa}). This is a bug: report it. --resume goes on from the last "
                "checkpoint, or from the start.",
                **about,
            )
        return Phrase(
            "The last process of the run in '{folder}' died of a fault outside machine "
            "code, after {step} steps with network {network!r} ({fault}; engine "
            "{engine}, isa {isa}). --resume goes on from the last checkpoint, or from "
            "the start.",
            **about,
        )

    def to_dict(self) -> dict[str, Any]:
        """The crash as `mirada runs --json` prints it."""
        names = ("network", "engine", "isa", "step", "fault", "in_machine_code")
        return {name: getattr(self, name) for name in names}


class CrashWatch(Watch):
    """Tells another watch everything, and keeps the file up to date."""

    def __init__(self, folder: Path, watch: Watch, disk: Disk | None = None) -> None:
        self.path, self.watch = folder / RUNNING, watch
        self._disk = disk or Disk()
        self._file: int | None = None
        self._listens = False

    def note(self, text: Phrase) -> None:
        self.watch.note(text)

    def began(self, configuration: Configuration, place: Place) -> None:
        self._open(configuration, place.step)
        self.watch.began(configuration, place)

    def step(self, place: Place, loss: float) -> None:
        if self._file is not None:
            with suppress(OSError):
                os.lseek(self._file, len(_STEP), os.SEEK_SET)
                self._disk.write(self._file, f"{place.step:{_WIDTH}}".encode())
        self.watch.step(place, loss)

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        self.watch.epoch(row, seconds, images)

    def _open(self, configuration: Configuration, step: int) -> None:
        about = {
            "network": configuration.network.name,
            "engine": configuration.engine,
            "isa": configuration.isa,
            "threads": configuration.threads,
            "process": os.getpid(),
        }
        line = f"{_STEP}{step:{_WIDTH}}, {json.dumps(about)[1:]}\n"
        # A run does not fail because this cannot be written.
        with suppress(OSError):
            self._file = self._disk.open(self.path, NEW_FLAGS)
            self._disk.write(self._file, line.encode())
            # Somebody who listens already wants to hear of it instead.
            if not faulthandler.is_enabled():
                self._faults = self._disk.open(self.path, MORE_FLAGS)
                faulthandler.enable(self._faults)
                self._listens = True

    def close(self) -> None:
        """Nothing happened: takes the file away."""
        if self._file is None:
            return
        if self._listens:
            faulthandler.disable()
            self._listens = False
            with suppress(OSError):
                self._disk.close(self._faults)
        file, self._file = self._file, None
        with suppress(OSError):
            self._disk.close(file)
        with suppress(OSError):
            self._disk.remove(self.path)


@contextmanager
def crash_watch(folder: Path, watch: Watch) -> Iterator[CrashWatch]:
    """The watch, and a file in the folder that stays only if the process dies."""
    found = CrashWatch(folder, watch)
    try:
        yield found
    finally:
        found.close()


def last_crash(folder: Path, *, ours: bool = False) -> Crash | None:
    """How the last process of a run died of a fault; None if it did not.

    While a process holds the folder, nothing is said, unless it is `ours`. A process
    that was killed from outside, or lost its power, left no word and is not meant.
    """
    path = folder / RUNNING
    if not path.is_file() or (not ours and is_held(folder)):
        return None
    try:
        text = read_plain(path, _MOST_BYTES).decode("utf-8", "replace")
        head, _, rest = text.partition("\n")
        about = json.loads(head)
        faults, name, frame = (r.search(rest) for r in (_FAULT, _NAMES, _FRAME))
        if faults is None:
            return None
        where = frame[1].replace("\\", "/") if frame else ""
        # Two threads fault at once, their words mixed, in machine code alone.
        several = len(_FAULT.findall(rest)) > 1
        return Crash(
            folder,
            str(about["network"]),
            str(about["engine"]),
            str(about["isa"]),
            int(about["step"]),
            name[0] if name else "?",
            several or where.endswith(_DOORS),
        )
    except (MiradaError, ValueError, KeyError, TypeError, RecursionError):
        return None
