"""The folder of a run: one run has it, and everything the run writes is in it.

configuration.json   what the run is made of, and where each value came from
split.json           which samples train, validate and are held out
metrics.jsonl        what was measured, step by step; results.csv: by epoch
timing.jsonl         how long it took, apart, since it differs every time
ckpt-*.safetensors   the last two checkpoints
initial.safetensors  the weights it began with, where they came from elsewhere
best.safetensors, last.safetensors   the weights, with all that prediction needs
evaluation.json      the held-out part, answered with the best weights
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, NoReturn, Self

from mirada.data.gate import read_plain
from mirada.data.naming import shown, shown_path
from mirada.errors import ConfigurationError, FileError, MiradaError, StorageError
from mirada.training.configuration import Configuration
from mirada.training.disk import Disk, append, write_whole
from mirada.training.inheritance import INITIAL
from mirada.training.lock import LOCK_NAME, FolderLock

__all__ = ["CONFIGURATION", "SPLIT", "RunFolder", "read_json"]

CONFIGURATION, SPLIT = "configuration.json", "split.json"
_MOST_BYTES = 64 * 2**20


class RunFolder:
    """An existing folder, held by this process until `close`.

    Raises ConfigurationError (`folder-in-use`, `folder-foreign`), StorageError
    (`folder-refused`).
    """

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self.path, self.disk = path, disk or Disk()
        with _refusing(path):
            self._require_ours()  # before even the lock is put among others' files
            self._lock = FolderLock(path)
        try:
            self._require_ours()
        except ConfigurationError:
            self.close()
            raise

    def _require_ours(self) -> None:
        names = {entry.name for entry in self.path.iterdir()} - {LOCK_NAME}
        if not self.has_run and not all(map(_is_start, names)):
            raise ConfigurationError(
                "folder-foreign",
                "'{folder}' holds other files ({names}) and no run of mirada's. Choose "
                "an empty or a new folder with --out.",
                folder=shown_path(self.path),
                names=", ".join(shown(name) for name in sorted(names)[:3]),
            )

    @classmethod
    def new(cls, path: Path, disk: Disk | None = None) -> Self:
        """The folder `path`, made where it is not there, for a run that begins.

        Raises ConfigurationError (`folder-taken`) where a run has begun in it already.
        """
        with _refusing(path):
            path.mkdir(parents=True, exist_ok=True)
        found = cls(path, disk)
        try:
            cls.require_free(path)
        except ConfigurationError:
            found.close()
            raise
        return found

    @staticmethod
    def require_free(path: Path) -> None:
        """Refuses a folder in which a run has begun (`folder-taken`); makes nothing."""
        if (path / CONFIGURATION).exists():
            raise ConfigurationError(
                "folder-taken",
                "'{folder}' already holds a run. Go on with it by adding --resume, or "
                "choose another folder with --out.",
                folder=shown_path(path),
            )

    @classmethod
    def numbered(cls, parent: Path, name: str, disk: Disk | None = None) -> Self:
        """A new folder `parent`/`name`-<number>, the first number that is free."""
        with _refusing(parent):
            parent.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            path = parent / f"{name}-{number}"
            with _refusing(path), suppress(FileExistsError):
                path.mkdir()
                return cls(path, disk)
        raise AssertionError

    @classmethod
    def existing(cls, path: Path, disk: Disk | None = None) -> Self:
        """The folder of a run to go on with.

        Raises ConfigurationError (`folder-without-run`) where there is none.
        """
        if not path.is_dir():
            raise ConfigurationError(
                "folder-without-run",
                "'{folder}' does not exist, so there is no run to resume. Leave out "
                "--resume to begin one, or give its folder with --out.",
                folder=shown_path(path),
            )
        return cls(path, disk)

    @property
    def has_run(self) -> bool:
        """Whether a run has begun here."""
        return (self.path / CONFIGURATION).exists()

    def configuration(self) -> Configuration:
        """The configuration of the run that began here."""
        path = self.path / CONFIGURATION
        return Configuration.from_dict(read_json(path), shown_path(path))

    def write_configuration(self, configuration: Configuration) -> None:
        """Writes the configuration: from now on, a run has begun here."""
        self.write_json(CONFIGURATION, configuration.to_dict())

    def write(self, name: str, content: bytes) -> Path:
        """Writes a file of the folder, whole or not at all; its path."""
        write_whole(self.path / name, [content], self.disk)
        return self.path / name

    def write_json(self, name: str, value: Mapping[str, Any]) -> Path:
        """Writes a file of JSON; its path."""
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        return self.write(name, text.encode() + b"\n")

    def append(self, name: str, line: bytes, *, sync: bool = False) -> None:
        """Adds a line to a file of the folder."""
        append(self.path / name, line, self.disk, sync=sync)

    def close(self) -> None:
        """Gives the folder back."""
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file of JSON that mirada wrote.

    Raises FileError (`json-file`) and those of `data.gate.read_plain`.
    """
    try:
        found = json.loads(
            read_plain(path, _MOST_BYTES).decode(), parse_constant=_refuse_word
        )
    except (
        UnicodeDecodeError,
        json.JSONDecodeError,
        RecursionError,
        _WordError,
    ) as error:
        raise _json_error(path, str(error)) from None
    if not isinstance(found, dict):
        raise _json_error(path, type(found).__name__)
    return found


class _WordError(Exception):
    """A word such as NaN where JSON has a number."""


def _refuse_word(word: str) -> NoReturn:
    raise _WordError(word)


def _json_error(path: Path, reason: str) -> FileError:
    return FileError(
        "json-file",
        "'{file}' is not a JSON file that mirada wrote ({reason}). Copy it again from "
        "its source, or start the run again.",
        file=shown_path(path),
        reason=reason[:120],
    )


def _is_start(name: str) -> bool:
    """Whether a run that was killed while it began may have left the file."""
    return name in (SPLIT, INITIAL) or name.endswith(".part")


@contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, MiradaError):
            raise
        raise StorageError(
            "folder-refused",
            "The folder '{folder}' cannot be used ({reason}). Check its name and its "
            "permissions, or choose another one with --out.",
            folder=shown_path(folder),
            reason=error.strerror or type(error).__name__,
        ) from None
