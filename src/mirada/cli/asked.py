"""What a study was asked for, as its `study.json` holds it, there and back."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mirada.cli.train_options import TrainOptions
from mirada.data.naming import shown_path
from mirada.errors import FileError, UsageError
from mirada.network.text import OPTIMIZERS, SCHEDULES, read_value
from mirada.training.study_folder import StudyFolder

__all__ = ["Begun", "begun", "plain_asked"]

_APART = {"out", "resume", "force", "as_json", "threads", "log"}
"""Options that change no result, or say where it is: they may differ when going on."""


@dataclass(frozen=True)
class Begun:
    """What a study was begun with: the words, and the options of its runs."""

    network: str
    source: str
    options: TrainOptions
    rest: Mapping[str, Any]


def plain_asked(
    kind: str, network: str, source: str, options: TrainOptions, **rest: Any
) -> dict[str, Any]:
    """What decides which runs there are and how they go, as JSON holds it."""
    plain = {}
    for field in fields(options):
        value = getattr(options, field.name)
        if field.name not in _APART and value not in (None, False, ()):
            plain[field.name] = value.text() if hasattr(value, "text") else value
    about = {"kind": kind, "network": network, "source": source}
    return {**about, "options": plain, **rest}


def begun(folder: Path, now: TrainOptions, *, is_tune: bool = False) -> Begun:
    """What the study in a folder was begun with, and the free options of now.

    Raises UsageError (`study-verb`) for a study of the other command, FileError
    (`study-file`) where it cannot be read.
    """
    stored = StudyFolder.stored(folder).get("asked")
    try:
        if not isinstance(stored, dict):
            raise TypeError("asked")
        if is_tune != (stored["kind"] == "tune"):
            raise _other_verb(folder, "train" if is_tune else "tune")
        free = {name: getattr(now, name) for name in _APART}
        options = TrainOptions(**{**_read(stored["options"]), **free})
        network, source = str(stored["network"]), str(stored["source"])
        return Begun(network, source, options, stored)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, UsageError):
            raise
        raise FileError(
            "study-file",
            "What the study in '{folder}' was begun with cannot be read ({reason}). "
            "Give the whole command again with --resume.",
            folder=shown_path(folder),
            reason=repr(error)[:80],
        ) from None


def _read(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The options of their plain form."""
    found = dict(plain)
    for name, kinds in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        if name in found:
            found[name] = read_value(found[name], kinds)
    for name in ("class_weights", "freeze", "rate"):
        if isinstance(found.get(name), list):
            found[name] = tuple(found[name])
    return found


def _other_verb(folder: Path, verb: str) -> UsageError:
    return UsageError(
        "study-verb",
        "The study in '{folder}' is one of 'mirada {verb}'. Go on with it by: mirada "
        "{verb} --resume --out '{folder}'",
        folder=shown_path(folder),
        verb=verb,
    )
