"""What the lab keeps between its starts: one small file, runs, images of one's own.

FOLDER/lab.json      the network that is being built, the data and the run in use
FOLDER/runs/         runs, where `mirada train` keeps them too
FOLDER/images/       collections of images that were dropped, drawn or taken
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirada.errors import ConfigurationError
from mirada.training.disk import write_whole

__all__ = ["STATE", "Workplace"]

STATE = "lab.json"

_EMPTY: Mapping[str, Any] = {
    "revision": 0,
    "network": "",
    "data": "",
    "run": "",
}
"""`network` is a description as TOML, `data` a source as `data.load` takes it, `run`
the name of a folder in `runs`."""


class Workplace:
    """The folder that a lab works in, and its state; every thread may ask it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = folder / "runs"
        self.images = folder / "images"
        self._lock = threading.Lock()

    def state(self) -> dict[str, Any]:
        """The state as it was last changed; that of a new place if it is damaged."""
        try:
            found = json.loads((self.folder / STATE).read_text("utf-8"))
            return {
                name: found[name] if type(found[name]) is type(value) else value
                for name, value in _EMPTY.items()
            }
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return dict(_EMPTY)

    def change(self, revision: int, changes: Mapping[str, str]) -> dict[str, Any]:
        """Changes some values of the state and gives the new one.

        `revision` is that of the state on which the changes were made. Raises
        ConfigurationError (`lab-changed-elsewhere`) where it is no longer so, and
        StorageError.
        """
        with self._lock:
            now = self.state()
            known = {name: changes[name] for name in changes.keys() & now.keys()}
            if all(now[name] == value for name, value in known.items()):
                return now
            if revision != now["revision"]:
                raise ConfigurationError(
                    "lab-changed-elsewhere",
                    "The network or the data was changed in another tab of the lab. "
                    "Take what is there, or keep yours.",
                )
            now |= known | {"revision": revision + 1}
            content = json.dumps(now, ensure_ascii=False, indent=1).encode()
            write_whole(self.folder / STATE, [content])
            return now
