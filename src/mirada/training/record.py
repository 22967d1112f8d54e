"""What a run leaves in its folder besides checkpoints: measurements and weights."""

import json
import math
from dataclasses import replace
from pathlib import Path

from mirada.training.configuration import Configuration
from mirada.training.disk import Disk
from mirada.training.folder import RunFolder
from mirada.training.history import EpochRow, line, results_csv
from mirada.training.inheritance import INITIAL
from mirada.training.model import Model, save_model
from mirada.training.place import Place
from mirada.training.tensors import Arrays

__all__ = [
    "BEST",
    "EVALUATION",
    "LAST",
    "METRICS",
    "Record",
    "seconds_spent",
    "write_initial",
]

BEST, LAST = "best.safetensors", "last.safetensors"
METRICS, TIMING, RESULTS = "metrics.jsonl", "timing.jsonl", "results.csv"
EVALUATION = "evaluation.json"

_SCHEMA = 1


class Record:
    """The writer of these files; of metrics it writes where the place says."""

    def __init__(self, folder: RunFolder, configuration: Configuration) -> None:
        self._folder, self._configuration = folder, configuration

    def cut(self, place: Place) -> Place:
        """Leaves in `metrics.jsonl` what had been measured at this place.

        Lines that are lost are written anew from the place; then those of single steps
        are missing.
        """
        path = self._folder.path / METRICS
        content = path.read_bytes() if path.exists() else b""
        is_whole = 0 < place.metrics_bytes <= len(content)
        kept = content[: place.metrics_bytes] if is_whole else self._first_lines(place)
        if kept != content:
            self._folder.write(METRICS, kept)
        return replace(place, metrics_bytes=len(kept))

    def add(self, place: Place, kind: str, **values: object) -> Place:
        """Adds a line to `metrics.jsonl`; the place after it."""
        text = line(kind, **values)
        self._folder.append(METRICS, text)
        return replace(place, metrics_bytes=place.metrics_bytes + len(text))

    def sync(self) -> None:
        """Returns when the metrics are on the disk itself."""
        self._folder.append(METRICS, b"", sync=True)

    def results(self, rows: tuple[EpochRow, ...]) -> None:
        """Writes `results.csv`."""
        self._folder.write(RESULTS, results_csv(rows))

    def time(self, row: EpochRow, seconds: float, images: int) -> None:
        """Adds to `timing.jsonl` how long an epoch took, for how many images."""
        rate = images / seconds if seconds else 0.0
        text = line(
            "epoch",
            epoch=row.epoch,
            seconds=round(seconds, 3),
            images=images,
            images_per_second=round(rate),
        )
        self._folder.append(TIMING, text)

    def pause(self, seconds: float) -> None:
        """Adds to `timing.jsonl` what part of an epoch took before a signal came."""
        self._folder.append(TIMING, line("pause", seconds=round(seconds, 3)))

    def spent(self) -> float:
        """The seconds that the run has taken, see `seconds_spent`."""
        return seconds_spent(self._folder.path)

    def model(self, name: str, row: EpochRow, parameters: Arrays) -> None:
        """Writes the weights after an epoch as a model file."""
        flips = {"flips": True} if self._configuration.flips else {}
        model = _model(self._configuration, parameters, **flips, **row.to_dict())
        save_model(self._folder.path / name, model, self._folder.disk)

    def _first_lines(self, place: Place) -> bytes:
        start = line(
            "start",
            schema=_SCHEMA,
            epochs=self._configuration.recipe.epochs,
            steps_per_epoch=self._configuration.steps_per_epoch,
        )
        told = [(row.step, 0, line("epoch", **row.to_dict())) for row in place.rows]
        told += [(c.step, 1, line("rate", **c._asdict())) for c in place.rate_changes]
        return start + b"".join(text for _, _, text in sorted(told))


def write_initial(
    folder: Path, parameters: Arrays, configuration: Configuration, disk: Disk
) -> None:
    """Writes what a run begins with as a model file."""
    save_model(folder / INITIAL, _model(configuration, parameters), disk)


def _model(configuration: Configuration, parameters: Arrays, **facts: object) -> Model:
    return Model(
        network=configuration.network,
        parameters=parameters,
        classes=configuration.data.classes,
        preprocessing=configuration.preprocessing,
        facts={"data": configuration.data.name, **facts},
    )


def seconds_spent(folder: Path) -> float:
    """The seconds that `timing.jsonl` of a run tells of; lines that are torn none."""
    path = folder / TIMING
    lines = path.read_bytes().splitlines() if path.is_file() else []
    return sum(map(_seconds, lines))


def _seconds(line: bytes) -> float:
    """The seconds that a line of `timing.jsonl` tells of."""
    try:
        found = float(json.loads(line)["seconds"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return 0.0
    return found if 0 <= found < math.inf else 0.0
