"""What a run can be taken away as: exports that are made, one after the other."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextvars import copy_context
from typing import Any

from mirada.errors import ConfigurationError
from mirada.export import FORMATS
from mirada.lab.asked import Answer, Asked, Event, Events, Work
from mirada.lab.export_files import (
    RUN_FILES,
    Wanted,
    export_of,
    file,
    formats,
    parities,
    place_of,
    sizes,
    wanted,
    zipped,
)
from mirada.lab.lab import Lab
from mirada.lab.look_runs import Opened, opened
from mirada.talk import heard_by
from mirada.tasks.model_card import model_card
from mirada.tasks.taken_away import stage_text, taken_away

__all__ = ["WORK", "Exports"]

_MOST_WAITING = 4
_END: Any = object()


def _about(lab: Lab, asked: Asked) -> Answer:
    """A run: its card, its own files, and the exports of it that are still good."""
    run = opened(lab, asked)
    to = asked.choice("to", tuple(FORMATS), "torch")
    made = {what.key: export_of(lab, run, what) for what in Wanted.every()}
    return {
        "card": model_card(run.subject, to),
        "files": sizes(run.subject.folder, RUN_FILES),
        "exports": {name: found for name, found in made.items() if found},
    }


def _make(lab: Lab, asked: Asked) -> Answer:
    """Exports a run; tells what is being done, then what was made."""
    run, what = opened(lab, asked), wanted(asked)
    return Events(_told_apart(lab, run, what))


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


def _told_apart(lab: Lab, run: Opened, what: Wanted) -> Iterator[Event]:
    """The events of an export, which goes on to its end although nobody listens."""
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def work() -> None:
        try:
            with heard_by(lambda text: heard.put(("told", {"text": str(text)}))):
                heard.put(("made", _made(lab, run, what, heard)))
            heard.put(_END)
        except BaseException as error:
            heard.put(error)

    lab.part(Exports).begin(work)
    while (event := heard.get()) is not _END:
        if isinstance(event, BaseException):
            raise event
        yield event


def _made(
    lab: Lab, run: Opened, what: Wanted, heard: "queue.SimpleQueue[Any]"
) -> Mapping[str, Any]:
    found = taken_away(
        run.subject,
        what.to,
        place_of(lab, run, what),
        source=run.compared_on(),
        stage=lambda name: heard.put(("stage", {"text": stage_text(name)})),
        weights=what.weights,
    )
    if found.files:
        return export_of(lab, run, what) or {}
    int8 = None if found.int8 is None else found.int8.to_dict()
    return parities(what, found.engine.to_dict(), found.parity.to_dict(), int8)


WORK: tuple[Work, ...] = (
    Work("GET", "/api/export/formats", formats),
    Work("POST", "/api/export/about", _about),
    Work("POST", "/api/export/make", _make),
    Work("POST", "/api/export/file", file),
    Work("POST", "/api/export/zip", zipped),
)
