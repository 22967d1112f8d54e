"""What every logger does: makes named numbers of what a run tells."""

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mirada.data.gate import read_plain
from mirada.errors import MiradaError, Phrase
from mirada.training.configuration import Configuration
from mirada.training.disk import write_whole
from mirada.training.history import EpochRow
from mirada.training.place import Place
from mirada.training.watch import Watch

if TYPE_CHECKING:
    from mirada.training.plan import Outcome

__all__ = ["Logger", "Target"]

IDENTITIES = "loggers.json"
"""Under which name each program knows the run, so that a resumed run is the same."""

_STEP_LINES = 20
"""About how many steps of an epoch are told."""
_MOST_BYTES = 2**16


class Target(ABC):
    """The other program; abstract. Each lives in a file that alone imports it."""

    @abstractmethod
    def begin(
        self, folder: Path, identity: str, values: Mapping[str, Any], step: int
    ) -> str:
        """Opens the run, or goes on with it from `step`; what it is known as there.

        `identity` is what an earlier `begin` gave, or empty; `values` are those of the
        configuration by their full names.
        """

    @abstractmethod
    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by name, after so many steps."""

    @abstractmethod
    def end(self, *, finished: bool) -> None:
        """Closes the run; `finished` says whether it came to its end."""

    def notes(self) -> tuple[Phrase, ...]:
        """What a person should know, after `begin`."""
        return ()


class Logger(Watch):
    """Tells a target. One that fails is told no more, and the run goes on."""

    def __init__(
        self, name: str, target: Target, folder: Path, others: Watch | None = None
    ) -> None:
        self.name, self.target, self.folder = name, target, folder
        self.others = others or Watch()
        self._every = 1
        self._works = False
        self._finished = False

    def began(self, configuration: Configuration, place: Place) -> None:
        self._every = max(1, configuration.steps_per_epoch // _STEP_LINES)
        known = _identities(self.folder)
        values = dict(_plain(configuration.to_dict()))
        self._works = True
        with _guarding(self):
            identity = self.target.begin(
                self.folder, known.get(self.name, ""), values, place.step
            )
            if identity != known.get(self.name, ""):
                # Another logger of this run may have written its own meanwhile.
                known = {**_identities(self.folder), self.name: identity}
                text = json.dumps(known, indent=1) + "\n"
                write_whole(self.folder / IDENTITIES, [text.encode()])
            for note in self.target.notes():
                self.others.note(note)

    def step(self, place: Place, loss: float) -> None:
        if (place.batch - 1) % self._every == 0:
            self._write(place.step, {"train/step_loss": loss})

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        values = {
            "train/loss": row.train_loss,
            "train/accuracy": row.train_accuracy,
            "validation/loss": row.validation_loss,
            "validation/accuracy": row.validation_accuracy,
            "learning_rate": row.learning_rate,
            "epoch": float(row.epoch),
            "images_per_second": images / seconds if seconds else None,
        }
        known = {name: value for name, value in values.items() if value is not None}
        self._write(row.step, known)

    def ended(self, outcome: "Outcome") -> None:
        self._finished = True
        if outcome.test is not None:
            found = {"accuracy": outcome.test.accuracy, "loss": outcome.test.loss}
            values = {f"test/{name}": value for name, value in found.items()}
            self._write(outcome.rows[-1].step, values)

    def close(self) -> None:
        """Ends what was begun."""
        if self._works:
            with _guarding(self):
                self.target.end(finished=self._finished)
            self._works = False

    def _write(self, step: int, values: Mapping[str, float]) -> None:
        if self._works:
            with _guarding(self):
                self.target.write(step, values)

    def fail(self, error: Exception) -> None:
        """Says that the target failed; it is left alone from now on."""
        self._works = False
        text = Phrase(
            "{name} could not be told ({reason}); the run goes on without it.",
            name=self.name,
            reason=str(error).strip()[:200] or type(error).__name__,
        )
        self.others.note(text)


@contextmanager
def _guarding(logger: Logger) -> Iterator[None]:
    """Keeps what another program raises away from the run, and its talk off stdout."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except Exception as error:  # whatever it is, it must not end a training
        logger.fail(error)


def _identities(folder: Path) -> dict[str, str]:
    path = folder / IDENTITIES
    if not path.is_file():
        return {}
    try:
        found = json.loads(read_plain(path, _MOST_BYTES).decode())
    except (MiradaError, ValueError, RecursionError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _plain(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of the configuration by its full name; lists as JSON."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if name or key != "origins":
                yield from _plain(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        yield name, json.dumps(value, ensure_ascii=False)
    else:
        yield name, value
