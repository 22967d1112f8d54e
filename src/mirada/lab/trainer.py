"""The trainer of a lab: one process at a time, steered by lines of JSON."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from mirada.errors import ConfigurationError, Phrase
from mirada.lab.asked import Event
from mirada.lab.lab import Lab
from mirada.lab.training_story import LIVE, Story, spoken
from mirada.language import current_language
from mirada.training.crash import last_crash

__all__ = ["Trainer"]

_GOODBYE_S = 1.4
"""How long a trainer has to save when the lab closes; see `training_process.GONE_S`."""
_MODULE = "mirada.lab.training_process"

Process = subprocess.Popen[bytes]


class Trainer:
    """Starts, follows and steers the process that trains."""

    def __init__(self, lab: Lab) -> None:
        self._place = lab.workplace
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._planner: Process | None = None
        self._follower: threading.Thread | None = None
        self.story = Story()

    @property
    def is_busy(self) -> bool:
        """Whether a training goes on."""
        return self._process is not None

    @property
    def process(self) -> int | None:
        """The number of the process that trains."""
        process = self._process
        return None if process is None else process.pid

    def start(self, order: Mapping[str, Any], **about: Any) -> None:
        """Begins a training; `about` is known of it already.

        Raises ConfigurationError (`training-busy`).
        """
        if self._follower is not None and self.story.state not in LIVE:
            self._follower.join(_GOODBYE_S)  # It has said its last word.
        with self._lock:
            if self._process is not None:
                raise ConfigurationError(
                    "training-busy",
                    "A training goes on already: {run}. Stop it, or wait for its end; "
                    "this lab trains one network at a time.",
                    run=self.story.run or Phrase("a run that has just been started"),
                )
            self.story.begin(**about)
            self._process = self._begun({**order, "runs": str(self._place.runs)})
            self._follower = threading.Thread(
                target=self._follow, args=(self._process,), daemon=True
            )
            self._follower.start()

    def command(self, does: str, **values: Any) -> None:
        """Tells the trainer something.

        Raises ConfigurationError (`training-none`) where nobody trains.
        """
        with self._lock:
            process = self._process
            if process is None or not _told(process, {"do": does, **values}):
                raise ConfigurationError(
                    "training-none",
                    "No training goes on, so there is nothing to steer. Start one, or "
                    "resume a run.",
                )
            if does == "stop":
                self.story.change("stopping")

    def plan(self, order: Mapping[str, Any]) -> Iterator[Event]:
        """What would be trained and what it would take, found by another process.

        Only the last that was asked for is worked on.
        """
        with self._lock:
            _end(self._planner)
            planner = self._planner = self._begun(order)
        try:
            for event in _heard(planner):
                kind = event.pop("kind")
                yield kind, {name: spoken(value) for name, value in event.items()}
        finally:
            _end(planner)

    def close(self) -> None:
        """Lets the trainer save what there is, and ends it."""
        with self._lock:
            process, follower = self._process, self._follower
            _end(self._planner)
        if process is None:
            return
        with suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        try:
            process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if follower is not None:
            follower.join(0.1)

    def _begun(self, order: Mapping[str, Any]) -> Process:
        # -P: what lies in the folder that it works in is data, and never imported.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self._place.folder,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        _told(process, {**order, "language": current_language()})
        return process

    def _follow(self, process: Process) -> None:
        """Hears the trainer until it has ended."""
        assert process.stdout is not None
        for text in process.stdout:
            with suppress(ValueError):  # A line torn by the death of who wrote it.
                self.story.hear(json.loads(text))
        status = process.wait()
        # In this order: who sees that nobody trains is told how that came.
        self.story.over(self._death(status))
        run = self.story.run
        if run and not (self._place.runs / run).is_dir():
            self.story.vanished()
        with self._lock:
            self._process = None
        with suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        process.stdout.close()

    def _death(self, status: int) -> Phrase | None:
        """How a trainer died that did not say that it ended."""
        if status in (0, 128 + signal.SIGTERM, 128 + signal.SIGINT):
            return None
        run = self.story.run
        crash = last_crash(self._place.runs / run) if run else None
        if crash is not None:
            return crash.text
        name = str(status)
        if status < 0:
            with suppress(ValueError):
                name = signal.Signals(-status).name
        return Phrase(
            "The process that trained has died ({how}). What it had saved is kept.",
            how=name,
        )


def _heard(process: Process) -> Iterator[dict[str, Any]]:
    """What a process tells until it ends, be it in the middle of a line."""
    assert process.stdout is not None
    try:
        for text in process.stdout:
            yield json.loads(text)
    except ValueError:  # a torn line, or the stream was closed
        return


def _told(process: Process, values: Mapping[str, Any]) -> bool:
    """Whether the process could be told."""
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(values).encode() + b"\n")
        process.stdin.flush()
    except (OSError, ValueError):
        return False
    return True


def _end(process: Process | None) -> None:
    """Ends a process that has nothing to save."""
    if process is None:
        return
    if process.poll() is None:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        with suppress(OSError, ValueError):
            assert stream is not None
            stream.close()
