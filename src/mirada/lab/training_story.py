"""The story of a training: all that has happened, for whoever comes to look.

Who follows is given the state as it is, then what happens from then on. Nothing is kept
for anybody: who falls behind is given the state anew.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from mirada.errors import Phrase
from mirada.lab.asked import Event
from mirada.lab.training_watch import thinned
from mirada.language import current_language
from mirada.tasks.pictures import settings
from mirada.training import Configuration

__all__ = ["LIVE", "Story", "setup_of", "spoken"]

LIVE = ("starting", "running", "paused", "stopping")
"""The states in which there is a trainer."""

_MOST_KEPT = 300
_MOST_POINTS = 1200
_MOST_NOTES = 20
_ALONE = ("pictures", "images")
"""What is large, and of which only the last counts."""

Values = Mapping[str, Any]


class Story:
    """What is known of the last training of this lab; every thread may ask and tell."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._number = 0
        self._events: deque[tuple[int, str, Values]] = deque(maxlen=_MOST_KEPT)
        self._large: dict[str, tuple[int, Values]] = {}
        self._clear("none", {})

    def _clear(self, state: str, about: Values) -> None:
        self._state: dict[str, Any] = {
            "state": state,
            "run": "",
            "doing": "",
            "rows": [],
            "points": [],
            "rates": [],
            "notes": [],
            "last": None,
            "confusion": None,
            "test": None,
            "asked": None,
            "error": None,
            "diverged": False,
            "ended_text": None,
            "watched": [],
            "can_resume": False,
            **about,
        }
        self._configuration: Configuration | None = None
        self._large.clear()
        self._events.clear()

    # Told ---------------------------------------------------------------------------

    def begin(self, **about: Any) -> None:
        """Another training begins."""
        with self._lock:
            self._clear("starting", about)
            self._add("begin", {})

    def hear(self, event: Values) -> None:
        """Takes an event of the trainer."""
        kind = event["kind"]
        values = {name: value for name, value in event.items() if name != "kind"}
        with self._lock:
            heard = getattr(self, f"_{kind}", None)
            if heard is not None:
                heard(values)
            if kind == "began":
                self._add("begin", {})
            else:
                self._add(kind, values)

    def change(self, state: str) -> None:
        """The lab itself knows of another state."""
        with self._lock:
            self._state["state"] = state
            self._add("state", {"state": state})

    def over(self, died: Phrase | None) -> None:
        """The trainer is no more; `died` says how, where it did not end by itself."""
        with self._lock:
            if self._state["state"] not in LIVE:
                return
            self._state["state"] = "killed" if died else "stopped"
            if died:
                about = {"code": "trainer-died", "message": died, "exit_code": 1}
                self._state["error"] = about
            self._add("state", {"state": self._state["state"]})

    def vanished(self) -> None:
        """The folder of the run is no longer there, whatever its trainer met then."""
        message = Phrase(
            "The folder of the run {run} is no longer there: it was deleted, moved or "
            "renamed, and this training has ended. Put it back to go on.",
            run=self.run,
        )
        error = {"code": "run-folder-gone", "message": message, "exit_code": 5}
        with self._lock:
            self._state |= {"state": "failed", "error": error}
            self._add("state", {"state": "failed"})

    def _began(self, values: Values) -> None:
        self._configuration = Configuration.from_dict(values["configuration"])
        place = values["place"]
        self._state |= {
            "state": "running",
            "doing": "",
            "run": values["run"],
            "rows": place["rows"],
            "points": values["points"],
            "rates": place.get("rate_changes", []),
            "last": {"step": place["step"], "epoch": place["epoch"]},
            "can_resume": True,
        }

    def _steps(self, values: Values) -> None:
        points = self._state["points"]
        points.append((values["step"], values["loss"]))
        if len(points) > _MOST_POINTS:
            self._state["points"] = thinned(points)
        self._state["last"] = values

    def _epoch(self, values: Values) -> None:
        self._state["rows"] = [*self._state["rows"], values["row"]]

    def _confusion(self, values: Values) -> None:
        self._state["confusion"] = values

    def _rate(self, values: Values) -> None:
        self._state["rates"] = [*self._state["rates"], values]

    def _doing(self, values: Values) -> None:
        self._state["doing"] = values["what"]

    def _said(self, values: Values) -> None:
        self._state["notes"] = [*self._state["notes"], values["text"]][-_MOST_NOTES:]

    def _paused(self, values: Values) -> None:
        last = self._state["last"] or {}
        self._state |= {"state": "paused", "last": {**last, **values}}

    def _resumed(self, values: Values) -> None:
        self._state["state"] = "running"

    def _images(self, values: Values) -> None:
        self._state["watched"] = values["watched"]

    def _watched(self, values: Values) -> None:
        self._state["watched"] = values["images"]

    def _diverged(self, values: Values) -> None:
        self._state["diverged"] = True

    def _stopped(self, values: Values) -> None:
        self._state["state"] = "stopped"

    def _refused(self, values: Values) -> None:
        self._state |= {"state": "failed", "error": values}

    def _ended(self, values: Values) -> None:
        self._state |= {
            "state": "ended",
            "test": values["test"],
            "ended_text": values["text"],
            "can_resume": False,
        }

    # Asked --------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """The state in a word."""
        return str(self._state["state"])

    @property
    def run(self) -> str:
        """The name of the run; empty before it has a folder."""
        return str(self._state["run"])

    def short(self) -> dict[str, Any]:
        """What a line says of it."""
        with self._lock:
            found, chosen = self._state, self._configuration
            rows, last = found["rows"], found["last"] or {}
            row = rows[-1] if rows else None
            accuracy = row and (row["validation_accuracy"] or row["train_accuracy"])
            return {
                **{name: found[name] for name in ("state", "run", "doing")},
                "epoch": len(rows),
                "epochs": chosen.recipe.epochs if chosen else None,
                "step": last.get("step", 0),
                "steps": chosen.steps if chosen else None,
                "accuracy": accuracy,
                "left_s": last.get("left_s"),
            }

    def whole(self) -> dict[str, Any]:
        """All of it, in the language in use."""
        return self._snapshot()[1]

    def _snapshot(self) -> tuple[int, dict[str, Any]]:
        with self._lock:
            number, state = self._number, dict(self._state)
            large = {kind: values for kind, (_, values) in self._large.items()}
            chosen = self._configuration
        found = {**state, **{kind: large.get(kind) for kind in _ALONE}}
        for name in ("error", "ended_text"):
            found[name] = spoken(found[name])
        found["notes"] = [spoken(note) for note in found["notes"]]
        found["setup"] = None if chosen is None else setup_of(chosen)
        return number, found

    async def follow(self) -> AsyncIterator[Event]:
        """The state, then everything that happens, until nobody listens."""
        bell = asyncio.Event()
        with self._lock:
            self._waiting[bell] = asyncio.get_running_loop()
        try:
            seen, state = self._snapshot()
            yield "state", state
            while True:
                bell.clear()
                events = self._since(seen)
                if events is None:
                    seen, state = self._snapshot()
                    yield "state", state
                    continue
                for number, kind, values in events:
                    seen = number
                    yield kind, {name: spoken(v) for name, v in values.items()}
                if not events:
                    await bell.wait()
        finally:
            with self._lock:
                self._waiting.pop(bell, None)

    def _since(self, seen: int) -> list[tuple[int, str, Values]] | None:
        """What came after an event; None where the state must be told anew."""
        with self._lock:
            kept = [event for event in self._events if event[0] > seen]
            if any(kind in ("begin", "state") for _, kind, _ in kept):
                return None
            if len(kept) == _MOST_KEPT:
                return None
            large = [
                (number, kind, values)
                for kind, (number, values) in self._large.items()
                if number > seen
            ]
        return sorted([*kept, *large], key=lambda event: event[0])

    def _add(self, kind: str, values: Values) -> None:
        self._number += 1
        if kind in _ALONE:
            self._large[kind] = self._number, values
        else:
            self._events.append((self._number, kind, values))
        for bell, loop in self._waiting.items():
            with suppress(RuntimeError):  # Its loop has ended.
                loop.call_soon_threadsafe(bell.set)


def setup_of(configuration: Configuration) -> dict[str, Any]:
    """What a run is made of, and every value with its origin."""
    recipe, data = configuration.recipe, configuration.data
    return {
        "network": configuration.network.name,
        "data": data.name,
        "source": data.source,
        "classes": list(data.classes),
        "epochs": recipe.epochs,
        "steps_per_epoch": configuration.steps_per_epoch,
        "steps": configuration.steps,
        "learning_rate": recipe.optimizer.learning_rate,
        "settings": [asdict(row) for row in settings(configuration)],
    }


def spoken(value: Any) -> Any:
    """A message in the language in use, wherever it is in a value."""
    if isinstance(value, Phrase):
        return str(value)
    if isinstance(value, dict):
        if value.keys() == {"en", "es"}:
            return value[current_language()]
        if "message" in value:
            return {name: spoken(inside) for name, inside in value.items()}
    return value
