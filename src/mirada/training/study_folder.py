"""The folder of many runs that answer one question: each in a subfolder of its own.

study.json   what was asked, and once all runs have ended, what came out
splits/      which samples a run may see, where that is not the plain split
<run>/       the runs, each a run folder like any other

Which runs have ended is read from their own folders: a study that is killed at any
moment finds there what is done, and nothing has to agree with anything.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from mirada.data import Split
from mirada.data.naming import shown, shown_path
from mirada.data.split_file import split_bytes
from mirada.errors import ConfigurationError, StorageError
from mirada.training.configuration import Configuration
from mirada.training.disk import Disk, remove_temporary, write_whole
from mirada.training.folder import CONFIGURATION, RunFolder, read_json
from mirada.training.force import require_same
from mirada.training.lock import LOCK_NAME, FolderLock
from mirada.training.runs import STUDY, RunSummary, read_run

__all__ = ["SCHEMA", "StudyFolder"]

SCHEMA = 1
_SPLITS = "splits"


class StudyFolder:
    """A folder that is held by this process until `close`.

    `asked` is what decides which runs there are, as JSON: a study goes on only with
    what it began with.

    Raises ConfigurationError (`folder-in-use`, `study-taken`, `study-missing`,
    `study-foreign`, `study-differs`), StorageError (`study-refused`).
    """

    def __init__(
        self,
        path: Path,
        asked: Mapping[str, Any],
        *,
        resume: bool = False,
        disk: Disk | None = None,
    ) -> None:
        self.path, self.disk = path, disk or Disk()
        self.asked = json.loads(json.dumps(asked))
        was_there = path.is_dir()
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._require_ours()  # before even the lock is put among others' files
            self._lock = FolderLock(path)
        except OSError as error:
            raise StorageError(
                "study-refused",
                "The folder '{folder}' cannot be used for a study ({reason}). Check "
                "its name and its permissions, or choose another one with --out.",
                folder=shown_path(path),
                reason=error.strerror or type(error).__name__,
            ) from None
        try:
            self._begin(resume=resume, was_there=was_there)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def is_study(path: Path) -> bool:
        """Whether a study has begun in a folder."""
        return (path / STUDY).is_file()

    @classmethod
    def require_study(cls, path: Path) -> None:
        """Refuses a folder in which no study has begun (`study-missing`)."""
        if not cls.is_study(path):
            raise ConfigurationError(
                "study-missing",
                "In '{folder}' no study has begun. Leave out --resume to begin one, or "
                "give its folder with --out.",
                folder=shown_path(path),
            )

    @staticmethod
    def stored(path: Path) -> dict[str, Any]:
        """What `study.json` of a folder holds.

        Raises FileError (`json-file`) and those of `data.gate.read_plain`.
        """
        return read_json(path / STUDY)

    def write(self, **found: Any) -> None:
        """Writes `study.json`: what was asked, and what has come out."""
        plain = {"schema": SCHEMA, "asked": self.asked, **found}
        text = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
        write_whole(self.path / STUDY, [text.encode() + b"\n"], self.disk)

    def write_split(self, name: str, split: Split) -> Path:
        """Writes a split for the run of that name; its path."""
        folder = self.path / _SPLITS
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.json"
        content = split_bytes(split)
        if not path.is_file() or path.read_bytes() != content:
            write_whole(path, [content], self.disk)
        return path

    def finished(self, name: str, configuration: Configuration) -> RunSummary | None:
        """The run of that name if it has ended; None if it is still to be trained.

        Raises ConfigurationError (`resume-differs`) where it is another run, and the
        reason why it cannot be read.
        """
        folder = self.path / name
        if not (folder / CONFIGURATION).exists():
            return None
        found = read_run(folder)
        if found.problem is not None:
            raise found.problem
        assert found.configuration is not None
        require_same(found.configuration, configuration, folder)
        whole = found.test is not None or not configuration.data.counts[2]
        return found if found.ended and whole else None

    def run(self, name: str) -> RunFolder:
        """The folder of a run of the study, held for training it."""
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        return RunFolder(folder, self.disk)

    def close(self) -> None:
        """Gives the folder back."""
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _begin(self, *, resume: bool, was_there: bool) -> None:
        remove_temporary(self.path)
        if self.is_study(self.path):
            self._go_on(resume=resume)
            return
        self._require_ours()
        if resume and not was_there:  # else it was killed before it had begun
            with suppress(OSError):
                (self.path / LOCK_NAME).unlink()
                self.path.rmdir()
            self.require_study(self.path)
        self.write()

    def _require_ours(self) -> None:
        if self.is_study(self.path):
            return
        names = set(os.listdir(self.path)) - {LOCK_NAME}
        others = sorted(name for name in names if not name.endswith(".part"))
        if others:
            raise ConfigurationError(
                "study-foreign",
                "'{folder}' holds other files ({names}) and no study of mirada's. "
                "Choose an empty or a new folder with --out.",
                folder=shown_path(self.path),
                names=", ".join(shown(name) for name in others[:3]),
            )

    def _go_on(self, *, resume: bool) -> None:
        if not resume:
            raise ConfigurationError(
                "study-taken",
                "'{folder}' already holds a study. Go on with it by adding --resume, "
                "or choose another folder with --out.",
                folder=shown_path(self.path),
            )
        stored = self.stored(self.path).get("asked")
        before = stored if isinstance(stored, dict) else {}
        names = [n for n in {**before, **self.asked} if self._differs(before, n)]
        if names:
            raise ConfigurationError(
                "study-differs",
                "The study in '{folder}' was begun with other values: {differences}. "
                "Give the same as before, or begin a new one in another folder.",
                folder=shown_path(self.path),
                differences="; ".join(
                    f"{n}: {_shown(before.get(n))} -> {_shown(self.asked.get(n))}"
                    for n in names[:8]
                ),
            )

    def _differs(self, before: Mapping[str, Any], name: str) -> bool:
        return bool(before.get(name) != self.asked.get(name))


def _shown(value: object) -> str:
    text = "-" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
