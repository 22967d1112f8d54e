"""The runs that the lab looks into: opened once, and anew when they changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from mirada.data.naming import shown_path
from mirada.engines import Engine
from mirada.errors import FileError, MiradaError, UsageError
from mirada.inspection.question import scoring
from mirada.lab.asked import Answer, Asked, Event
from mirada.lab.data_places import is_there, place_in, resolved
from mirada.lab.lab import Lab
from mirada.lab.training_runs import run_facts
from mirada.talk import heard_by
from mirada.tasks.findings import Findings, findings
from mirada.tasks.sample import Sample, sample_of
from mirada.tasks.subject import Images, Subject
from mirada.training import RunSummary, list_runs
from mirada.training.model import KIND
from mirada.training.record import BEST, LAST
from mirada.training.tensors import open_tensors

__all__ = ["Opened", "Runs", "known_runs", "listened", "opened", "runs"]

_MOST_OPEN = 4
_MOST_FILES = 100
Stamp = tuple[str, int, int]
T = TypeVar("T")


class Opened:
    """A run that is looked into; what is slow to make is made once, for all threads.

    `engine` answers and gives activations, several threads taking turns. `explaining`
    is another one, which at times holds other weights: it is used under `asking`.
    """

    def __init__(
        self, name: str, path: Path, stamp: Stamp, folder: Path, chosen: str = ""
    ) -> None:
        self.name = name
        self.stamp = stamp
        self.chosen = chosen
        """The images chosen in Data, for a model that does not tell of its own."""
        self.subject = Subject(str(path))
        self.model = self.subject.model
        self.engine = self.subject.engine
        self.asking = threading.Lock()
        self._folder = folder
        self._lock = threading.RLock()
        self._kept: dict[str, Any] = {}

    @property
    def source(self) -> str | None:
        """The data of the run, found from the lab's folder too; None if untold."""
        stored = self.subject.configuration
        if stored is None or not stored.data.source:
            return None
        beside = self._folder / stored.data.source
        return str(beside) if beside.exists() else stored.data.source

    @property
    def explaining(self) -> Engine:
        """The engine that reasons are asked of; it gives scores."""
        return self._once("explaining", lambda: scoring(self.model.engine()))

    def images(self) -> Images:
        """The images of the run's data, or else those that are chosen.

        Raises UsageError (`look-data-unsaid`), and what `Subject.images` does.
        """
        return self._once("images", lambda: self.subject.images(self._told_source()))

    def sample(self) -> Sample:
        """The images that layers are looked into with."""

        def chosen() -> Sample:
            data, judges = self.images()
            return sample_of(self.subject, data, judges.samples)

        return self._once("sample", chosen)

    def findings(self) -> Findings:
        """What the network answers for the images that count."""
        return self._once("findings", lambda: findings(self.subject, self.images()))

    def _told_source(self) -> str | None:
        """None where the subject itself finds its data, and tells why it does not."""
        if self.subject.configuration is None:
            return self._chosen_source()
        source = self.source
        return source if source and Path(source).exists() else None

    def compared_on(self) -> str | None:
        """The data of an export's comparison, where it is there and fits the classes.

        None where the subject itself finds its data, or has none.
        """
        if self.subject.configuration is not None:
            return self._told_source()
        with suppress(MiradaError):
            self.images()
            return self.chosen
        return None

    def _chosen_source(self) -> str:
        if not self.chosen:
            raise UsageError(
                "look-data-unsaid",
                "Nothing beside {run!r} says what it was trained on. Choose images of "
                "its classes in the room Data, or show it one of your own.",
                run=self.name[:200],
            )
        return self.chosen

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._kept:
                self._kept[name] = make()
            found: T = self._kept[name]
            return found


class Runs:
    """The runs that were opened last."""

    def __init__(self, lab: Lab) -> None:
        self._lab, self._place = lab, lab.workplace
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Opened] = OrderedDict()

    def close(self) -> None:
        """Forgets them."""
        self._open.clear()

    def open(self, name: str) -> Opened:
        """The run of that name in `runs`, or at that path; opened anew if it changed.

        Raises FileError (`look-run-gone`), and what `tasks.trained.trained` does.
        """
        path, chosen = self.path(name), self._chosen()
        with self._lock:
            known = self._open.pop(name, None)
            stamp = _stamp(path)
            if known is None or (known.stamp, known.chosen) != (stamp, chosen):
                known = Opened(name, path, stamp, self._place.folder, chosen)
            self._open[name] = known
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
            return known

    def _chosen(self) -> str:
        """The images chosen in Data, whole; nothing where none are."""
        source: str = self._lab.workplace.state()["data"]
        return source and resolved(self._lab, source)

    def path(self, name: str) -> Path:
        """Where the run of that name is, or the file; raises as `open` does."""
        for folder in (self._place.runs, self._place.folder):
            path = place_in(folder, name)
            if name and is_there(path):
                return path
        raise FileError(
            "look-run-gone",
            "There is no run {run!r} any more, nor a file of that name: it was "
            "deleted, moved or renamed. Choose another one, or train one.",
            run=name[:200],
        )


def opened(lab: Lab, asked: Asked, name: str = "run") -> Opened:
    """The run that a request names."""
    return lab.part(Runs).open(asked.text(name))


def listened(kind: str, does: Callable[[], Mapping[str, Any]]) -> Iterator[Event]:
    """What was said while something was done, as events, then what came of it."""
    heard: list[object] = []
    with heard_by(heard.append):
        found = does()
    for text in heard:
        yield "told", {"text": str(text)}
    yield kind, found


def _stamp(path: Path) -> Stamp:
    """What changes when the weights do."""
    if path.is_dir():
        path = path / (BEST if (path / BEST).is_file() else LAST)
    try:
        found = path.stat()
    except OSError:
        return (str(path), 0, 0)
    return (str(path), found.st_mtime_ns, found.st_size)


def runs(lab: Lab, asked: Asked) -> Answer:
    """Every run that the lab knows and model files beside them, the newest first."""
    return {"runs": known_runs(lab)}


def known_runs(lab: Lab) -> list[dict[str, Any]]:
    """The rows of `runs`."""
    place = lab.workplace
    known = list(list_runs(place.runs, studies=True)) if place.runs.is_dir() else []
    found = [(_begun(run.folder), _plain(run, place.runs)) for run in known]
    found += [(_begun(path), _plain_file(path)) for path in _models(place.folder)]
    found.sort(key=lambda one: one[0], reverse=True)
    return [row for _, row in found]


def _begun(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _models(folder: Path) -> Iterator[Path]:
    """The files of models in the lab's folder itself, as `mirada import` puts them."""
    for path in islice(sorted(folder.glob("*.safetensors")), _MOST_FILES):
        with suppress(MiradaError), open_tensors(path) as file:
            if file.metadata.get("kind") == KIND:
                yield path


def _plain_file(path: Path) -> dict[str, Any]:
    return {
        "run": path.name,
        "title": shown_path(path.name),
        "network": "",
        "data": "",
        "accuracy": None,
        "has_weights": True,
        "state": "",
        "problem": "",
    }


def _plain(run: RunSummary, folder: Path) -> dict[str, Any]:
    best, name = run.best, run.folder.relative_to(folder)
    measured = best.validation_accuracy if best else None
    facts = run_facts(run, name.as_posix())
    return {
        **facts,
        "title": shown_path(name),
        "accuracy": run.test.accuracy if run.test else measured,
        "has_weights": any((run.folder / name).is_file() for name in (BEST, LAST)),
        "state": facts["state"] if run.configuration else "",
    }
