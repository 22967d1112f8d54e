"""What exported files answer, asked in a process of its own.

Elsewhere mirada neither needs nor loads the package that runs them, and whatever an
installation of it does, a crash included, happens to that process.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.export.format import Answered, Pixels, one_image_ms
from mirada.export.process import not_here, run

__all__ = ["Computes", "Failed", "answer", "ask", "required_here"]

Computes = Callable[[Pixels], NDArray[np.floating]]
"""What is computed of pixels (n, h, w, c)."""

_START = "from {door} import answer; answer()"
_BATCH = 16
_ABSENT = 77


class Failed(NamedTuple):
    """Why files do not run that were made for a package."""

    why: str


def ask(
    door: str, package: str, folder: Path, pixels: Pixels
) -> Answered | Phrase | Failed:
    """What the files in a folder give for pixels (n, h, w, c), in float32.

    `door` is the module whose `answer` runs in the other process; a phrase says that
    the package itself does not run here.
    """
    with TemporaryDirectory() as place:
        given, found = Path(place, "pixels.npy"), Path(place, "outputs.npz")
        np.save(given, pixels, allow_pickle=False)
        paths = [os.fspath(path.absolute()) for path in (folder, given, found)]
        code, words = _asked(door, paths)
        if code:
            absent = code == _ABSENT or code < 0
            return not_here(package, words) if absent else Failed(words)
        with np.load(found, allow_pickle=False) as arrays:
            outputs = np.asarray(arrays["outputs"], np.float32)
            return Answered(outputs, float(arrays["latency_ms"]))


def _asked(door: str, paths: list[str]) -> tuple[int, str]:
    """How the other process ended, and its last words."""
    path = os.pathsep.join(filter(None, sys.path))
    # -P: a `torch.py` in the folder that a person works in is not executed.
    # -B: nothing is left beside the files that are asked.
    command = [sys.executable, "-P", "-B", "-c", _START.format(door=door), *paths]
    held, open_end = os.pipe()  # closed when this process ends, however it does
    try:
        ended = run(command, stdin=held, environment={**os.environ, "PYTHONPATH": path})
    except subprocess.TimeoutExpired:
        return _ABSENT, "timeout"
    finally:
        os.close(held)
        os.close(open_end)
    return ended.code, ended.words


def _end_with_asker() -> None:
    os.read(0, 1)
    os._exit(_ABSENT)


@contextmanager
def required_here() -> Iterator[None]:
    """Ends the other process with word of it where a package cannot be imported."""
    try:
        yield
    except (ImportError, OSError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(_ABSENT) from None


def answer(loaded: Callable[[Path], Computes]) -> None:
    """The other process: answers the pixels of one file into another.

    It is gone as soon as who asked is.
    """
    threading.Thread(target=_end_with_asker, daemon=True).start()
    folder, given, found = map(Path, sys.argv[1:4])
    computes = loaded(folder)
    pixels = np.load(given, allow_pickle=False)
    starts = range(0, len(pixels), _BATCH)
    outputs = [computes(pixels[start : start + _BATCH]) for start in starts]
    latency = one_image_ms(computes, pixels)
    np.savez(found, outputs=np.concatenate(outputs), latency_ms=latency)
