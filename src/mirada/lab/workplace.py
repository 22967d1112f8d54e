"""What the lab keeps between its starts: one small file, runs, images of one's own.

FOLDER/lab.json      the network that is being built, the data and the run in use
FOLDER/runs/         runs, where `mirada train` keeps them too
FOLDER/images/       collections of images that were dropped, drawn or taken
"""

import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mirada.errors import ConfigurationError
from mirada.lab.kept_file import read_kept

__all__ = ["DAMAGED", "STATE", "Workplace"]

STATE = "lab.json"
DAMAGED = "lab.damaged.json"
"""Where a state goes that could not be read when another is written."""

_MOST_BYTES = 16 << 20
_EMPTY: Mapping[str, Any] = {
    "revision": 0,
    "network": "",
    "data": "",
    "run": "",
    "options": {},
}
"""`network` is a description as TOML, `data` a source as `data.load` takes it, `run`
the name of a folder in `runs`, `options` what was chosen of the next training."""
_NEWER = frozenset({"options"})
"""What the state of an older lab does not have."""


class Workplace:
    """The folder that a lab works in, and its state; every thread may ask it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = folder / "runs"
        self.images = folder / "images"
        self._lock = threading.Lock()

    def state(self) -> dict[str, Any]:
        """The state as it was last changed; that of a new place if it is damaged."""
        return self._read() or dict(_EMPTY)

    def change(self, revision: int, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Changes some values of the state and gives the new one.

        `revision` is that of the state on which the changes were made. Raises
        ConfigurationError (`lab-changed-elsewhere`) where it is no longer so, and
        StorageError.
        """
        with self._lock:
            found = self._read()
            now = found or dict(_EMPTY)
            known = {name: changes[name] for name in changes.keys() & now.keys()}
            if all(now[name] == value for name, value in known.items()):
                return now
            if revision != now["revision"]:
                raise ConfigurationError(
                    "lab-changed-elsewhere",
                    "The network or the data was changed in another tab of the lab. "
                    "Take what is there, or keep yours.",
                )
            if found is None:
                with suppress(OSError):
                    os.replace(self.folder / STATE, self.folder / DAMAGED)
            now |= known | {"revision": revision + 1}
            # It comes with training and NumPy, which the lab's start does not wait for.
            from mirada.training.disk import write_whole

            content = json.dumps(now, ensure_ascii=False, indent=1).encode()
            write_whole(self.folder / STATE, [content])
            return now

    def _read(self) -> dict[str, Any] | None:
        """The state on disk; None where there is none that can be read."""
        kept = read_kept(self.folder / STATE, _MOST_BYTES)
        try:
            found = dict.fromkeys(_NEWER) | kept
            return {
                name: found[name] if type(found[name]) is type(value) else value
                for name, value in _EMPTY.items()
            }
        except (KeyError, TypeError):
            return None
