"""Training: a run in a process of its own, followed and steered."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mirada.data.gate import read_plain
from mirada.errors import DataError
from mirada.lab.asked import (
    MOST_FILE_BYTES,
    Answer,
    Asked,
    Content,
    Event,
    Events,
    Work,
)
from mirada.lab.lab import Lab
from mirada.lab.look_runs import Runs, known_runs
from mirada.lab.trainer import Trainer
from mirada.lab.training_order import order_of
from mirada.lab.training_runs import REPORT, run_named, run_rows, run_story
from mirada.lab.training_story import LIVE
from mirada.training.controls import LARGEST_RATE

__all__ = ["WORK"]

_MOST_BYTES = 4 << 20
_MOST_WATCHED, _MOST_SAMPLES = 4, 1 << 40
_ORDERED = ("network", "data", "options", "freeze")


def _state(lab: Lab, asked: Asked) -> Answer:
    trainer = lab.part(Trainer)
    return {**trainer.story.short(), "process": trainer.process}


def _follow(lab: Lab, asked: Asked) -> Answer:
    return Events(lab.part(Trainer).story.follow())


def _start(lab: Lab, asked: Asked) -> Answer:
    ordered, trainer = _ordered(lab, asked), lab.part(Trainer)
    trainer.start({"task": "train", **ordered}, asked=ordered)
    return trainer.story.short()


def _resume(lab: Lab, asked: Asked) -> Answer:
    path, trainer = _run(lab, asked), lab.part(Trainer)
    order: dict[str, Any] = {"task": "resume", "run": str(path)}
    if asked.value.get("times") is not None:
        order["times"] = asked.number("times", 1e-6, 1e6)
    trainer.start(order, run=path.name, can_resume=True)
    return trainer.story.short()


def _plan(lab: Lab, asked: Asked) -> Answer:
    return Events(_planned(lab, asked))


def _planned(lab: Lab, asked: Asked) -> Iterator[Event]:
    """What is typed is asked for as it is typed: refusing it is no failed request."""
    ordered, trainer = _ordered(lab, asked), lab.part(Trainer)
    # Measuring would take from the training that goes on, and be wrong besides.
    measure = asked.flag("measure") and not trainer.is_busy
    yield from trainer.plan({"task": "plan", "measure": measure, **ordered})


def _ordered(lab: Lab, asked: Asked) -> dict[str, Any]:
    """What the trainer is told; what can be known at once is refused here.

    Weights are read by the trainer alone, in the lab's folder.
    """
    order_of(asked.value)
    asked.flag("freeze")
    weights = asked.text("weights", "")
    path = weights and _as_typed(lab, lab.part(Runs).path(weights))
    return {**{name: asked.value.get(name) for name in _ORDERED}, "weights": path}


def _as_typed(lab: Lab, path: Path) -> str:
    """The path as one would write it in the lab's folder."""
    folder = lab.workplace.folder
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _choices(lab: Lab, asked: Asked) -> Answer:
    """What a training may begin with, and the engines that can compute it here."""
    known = [row for row in known_runs(lab) if row["has_weights"]]
    has_torch = find_spec("torch") is not None
    return {"weights": known, "engines": ["native", *["torch"][:has_torch]]}


def _command(does: str) -> Callable[[Lab, Asked], Answer]:
    def commanded(lab: Lab, asked: Asked) -> Answer:
        trainer = lab.part(Trainer)
        trainer.command(does)
        return trainer.story.short()

    return commanded


def _rate(lab: Lab, asked: Asked) -> Answer:
    trainer = lab.part(Trainer)
    if asked.value.get("times") is not None:
        trainer.command("rate", times=asked.number("times", 1e-6, 1e6))
    else:
        trainer.command("rate", value=asked.number("value", 1e-9, LARGEST_RATE))
    return trainer.story.short()


def _watch(lab: Lab, asked: Asked) -> Answer:
    given = asked.value.get("images")
    samples = given[:_MOST_WATCHED] if isinstance(given, list) else []
    each = [Asked(value={"image": sample}) for sample in samples]
    numbers = [one.whole("image", 0, _MOST_SAMPLES) for one in each]
    lab.part(Trainer).command("watch", images=numbers)
    return {"images": numbers}


def _runs(lab: Lab, asked: Asked) -> Answer:
    return {"runs": run_rows(lab.workplace.runs, _over(lab))}


def _run_story(lab: Lab, asked: Asked) -> Answer:
    return run_story(_run(lab, asked), _over(lab))


def _over(lab: Lab) -> str:
    """The run whose trainer has said that it ends, and may not be gone yet."""
    story = lab.part(Trainer).story
    return "" if story.state in LIVE else story.run


def _report(lab: Lab, asked: Asked) -> Answer:
    folder = _run(lab, asked)
    path = folder / REPORT
    if not path.is_file():
        raise DataError(
            "run-without-report",
            "The run {run!r} has no report yet; it is written when a run has ended.",
            run=folder.name,
        )
    content = read_plain(path, MOST_FILE_BYTES)
    return Content("text/html; charset=utf-8", content, f"{folder.name}.html")


def _run(lab: Lab, asked: Asked) -> Path:
    return run_named(lab.workplace.runs, asked.path["run"])


WORK: tuple[Work, ...] = (
    Work("GET", "/api/training", _state),
    Work("GET", "/api/training/follow", _follow),
    Work("GET", "/api/training/choices", _choices),
    Work("POST", "/api/training/plan", _plan, most_bytes=_MOST_BYTES),
    Work("POST", "/api/training/start", _start, most_bytes=_MOST_BYTES),
    Work("POST", "/api/training/pause", _command("pause")),
    Work("POST", "/api/training/go-on", _command("go_on")),
    Work("POST", "/api/training/stop", _command("stop")),
    Work("POST", "/api/training/rate", _rate),
    Work("POST", "/api/training/watch", _watch),
    Work("GET", "/api/training/runs", _runs),
    Work("GET", "/api/training/runs/{run}", _run_story),
    Work("GET", "/api/training/runs/{run}/report", _report),
    Work("POST", "/api/training/runs/{run}/resume", _resume),
)
