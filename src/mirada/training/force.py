"""Going on with a run although something differs: refused, or forced and recorded.

The configuration of a run holds what was forced upon it, so its fingerprint tells a run
that was forced from one that had these values all along. Checkpoints of before carry
the fingerprints of before, which the record names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirada.data.naming import shown_path
from mirada.errors import ConfigurationError, Phrase
from mirada.training.configuration import Configuration, Origin
from mirada.training.difference import Difference, Forced, differences_text
from mirada.training.history import line
from mirada.training.place import Place

__all__ = [
    "adapted",
    "changed_since",
    "forced",
    "notes_on",
    "reopened",
    "require_forceable",
    "require_optimizer",
    "require_same",
    "runs_of",
]

_OF_THE_ORDER = ("data.", "recipe.batch_size", "recipe.seed")
"""What decides which images a step takes, and which are held out."""


def require_same(stored: Configuration, now: Configuration, folder: Path) -> None:
    """Refuses values that decide the result and are not those of the run.

    Raises ConfigurationError (`resume-differs`).
    """
    differences = stored.differences(now)
    if differences:
        raise ConfigurationError(
            "resume-differs",
            "The run in '{folder}' cannot go on with other values: {differences}. Give "
            "the same as before, begin a new run in another folder, or add --force, "
            "which is recorded in the run.",
            folder=shown_path(folder),
            differences=differences_text(differences),
        )


def require_forceable(stored: Configuration, now: Configuration, folder: Path) -> None:
    """Refuses what no force can go on with: other classes, other parameters.

    Raises ConfigurationError (`force-impossible`).
    """
    for reason in _impossible(stored, now):
        raise _impossible_error(folder, reason)


def require_optimizer(
    kept: Mapping[str, Any], needed: Mapping[str, Any], folder: Path
) -> None:
    """Refuses an optimizer that needs other numbers than the checkpoint keeps.

    Raises ConfigurationError (`force-impossible`).
    """
    others = sorted(kept.keys() ^ needed.keys())
    if others:
        raise _impossible_error(
            folder,
            Phrase(
                "the optimizer remembers other numbers ({name})",
                name=others[0],
            ),
        )


def forced(stored: Configuration, now: Configuration, step: int) -> Configuration:
    """The configuration of now, with the record of what differs from the stored one."""
    differences = stored.differences(now)
    record = Forced(step, stored.fingerprint, differences)
    origins = {
        name: Origin("given") if _is_among(name, differences) else origin
        for name, origin in now.origins.items()
    }
    return replace(now, forced=(*stored.forced, record), origins=origins)


def notes_on(record: Forced) -> Iterator[Phrase]:
    """What a person should know of what was forced."""
    yield record.text
    if any(item.name.startswith("data.") for item in record.differences):
        yield Phrase(
            "Images that were trained on may now be held out: what this run measures "
            "may look better than it is."
        )


def runs_of(configuration: Configuration) -> tuple[str, ...]:
    """The fingerprints that checkpoints of the run may carry, the present one first."""
    before = [record.run for record in reversed(configuration.forced)]
    return (configuration.fingerprint, *before)


def changed_since(configuration: Configuration, run: str) -> frozenset[str]:
    """The names of what was forced since the configuration had that fingerprint."""
    runs = [record.run for record in configuration.forced]
    first = runs.index(run) if run in runs else len(runs)
    return frozenset(
        item.name
        for record in configuration.forced[first:]
        for item in record.differences
    )


def adapted(place: Place, changed: frozenset[str]) -> Place:
    """The place to go on from where so much was changed.

    An epoch whose images come in another order is begun again; a run that had ended may
    go on, which is for its new configuration to say.
    """
    if any(name.startswith(_OF_THE_ORDER) for name in changed):
        place = replace(place, batch=0, loss_sum=0.0, correct=0, seen=0)
    return reopened(place) if changed and place.ended else place


def reopened(place: Place) -> Place:
    """The place of a run that had ended and goes on, its end no longer in the metrics.

    >>> reopened(Place(step=9, ended="epochs", metrics_bytes=100)).metrics_bytes
    67
    """
    told = len(line("end", reason=place.ended))
    return replace(place, ended="", metrics_bytes=place.metrics_bytes - told)


def _is_among(name: str, differences: tuple[Difference, ...]) -> bool:
    """Whether the value of that name, or a part of it, differs."""
    return any(f"{item.name}.".startswith(f"{name}.") for item in differences)


def _impossible(stored: Configuration, now: Configuration) -> Iterator[Phrase]:
    if stored.data.classes != now.data.classes:
        yield Phrase(
            "its answers are for the classes {before} in this order, and the data now "
            "has {now}",
            before=_listed(stored.data.classes),
            now=_listed(now.data.classes),
        )
    before, after = (
        {name: item.shape for name, item in each.network.parameters.items()}
        for each in (stored, now)
    )
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield Phrase(
                "the parameter {name!r} had the shape {before}, and now has {now}",
                name=name,
                before=_shape(before.get(name)),
                now=_shape(after.get(name)),
            )


def _impossible_error(folder: Path, reason: Phrase) -> ConfigurationError:
    return ConfigurationError(
        "force-impossible",
        "The run in '{folder}' cannot go on, not even with --force: {reason}. Begin a "
        "new run in another folder.",
        folder=shown_path(folder),
        reason=reason,
    )


def _listed(names: tuple[str, ...]) -> str:
    text = ", ".join(names)
    return text if len(text) <= 200 else text[:197] + "..."


def _shape(shape: tuple[int, ...] | None) -> str:
    return "-" if shape is None else "x".join(map(str, shape)) or "1"
