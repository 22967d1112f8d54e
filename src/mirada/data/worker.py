"""The parent's end of a decoder process: started, asked, and ended when it fails."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from io import BufferedReader, BufferedWriter
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mirada.data.decoding import Header
from mirada.data.encoded import Encoded
from mirada.data.exchange import HEAD, LENGTH
from mirada.data.fitting import LARGEST_SIDE
from mirada.data.limits import Limits
from mirada.data.refusal import from_json
from mirada.errors import DataError

__all__ = ["Answer", "GoneError", "Worker", "default_command"]

Answer = NDArray[np.uint8] | Header | DataError

_START_SECONDS = 30.0
_LOOK_SECONDS = 0.05
_REFUSAL_BYTES = 2**20
# The package itself is not executed: a decoder needs none of the other modules.
_START = """
import sys
package = type(sys)("mirada.data")
package.__path__, sys.path[:] = [sys.argv[1]], sys.argv[2:]
sys.modules["mirada.data"] = package
from mirada.data.decoder import main
main()
"""


class GoneError(Exception):
    """A decoder ended, or was ended, before it answered.

    `slow` says whether its time was over; `how` is its exit status (negative: the
    signal that ended it).
    """

    def __init__(self, *, slow: bool, how: int) -> None:
        super().__init__(slow, how)
        self.slow = slow
        self.how = how


def default_command() -> list[str]:
    """What starts a decoder: this Python, with the modules that this process finds.

    The folder where a person works is not looked in: a `numpy.py` among images would be
    executed.
    """
    here = Path(__file__).resolve().parent
    working = ("", ".", os.getcwd())
    places = [place for place in sys.path if place not in working]
    ours = (str(here), str(here.parents[1]))
    return [sys.executable, "-I", "-S", "-c", _START, *ours, *places]


class Worker:
    """A decoder process. `answered` counts what it has answered since its start.

    Raises OSError when it cannot be started.
    """

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        self.answered = 0
        self._limits = limits
        self._slow = False
        self._deadline: float | None = None
        self._ended = threading.Event()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            bufsize=2**16,
        )
        self._requests = cast(BufferedWriter, self._process.stdin)
        self._answers = cast(BufferedReader, self._process.stdout)
        self._watch = threading.Thread(target=self._end_when_late, daemon=True)
        self._watch.start()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def ready(self) -> None:
        """Waits until it has started.

        Raises OSError when it does not.
        """
        try:
            self._within(_START_SECONDS)
            if self._head()[0] != b"R":
                raise self._gone()
        except GoneError as error:
            self.close()
            raise OSError(f"the decoder did not start (status {error.how})") from None
        self._deadline = None

    def ask(self, job: dict[str, Any], images: Sequence[Encoded]) -> Iterator[Answer]:
        """The answer for every image, each as soon as it is there.

        Raises GoneError: the next image is what it was working on.
        """
        self._within(self._limits.image_seconds)
        try:
            self._send(job, images)
        except OSError:
            raise self._gone() from None
        for _ in images:
            self._within(self._limits.image_seconds)
            answer = self._answer()
            self._deadline = None
            self.answered += 1
            yield answer

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._ended.set()
        self._watch.join()
        for stream in (self._requests, self._answers):
            with suppress(OSError):
                stream.close()

    def kill(self) -> None:
        """Lets whoever waits for an answer wait no longer; any thread may ask this."""
        self._process.kill()

    def _send(self, job: dict[str, Any], images: Sequence[Encoded]) -> None:
        named = [i if isinstance(i, str) else (i.name, len(i.data)) for i in images]
        request = {**job, "limits": asdict(self._limits), "images": named}
        text = json.dumps(request).encode("ascii")
        self._requests.write(LENGTH.pack(len(text)) + text)
        for image in images:
            if not isinstance(image, str):
                self._requests.write(image.data)
        self._requests.flush()

    def _answer(self) -> Answer:
        kind, length, height, width, channels = self._head()
        if kind == b"H":
            return Header(height, width, channels == 3)
        fits = height * width <= max(self._limits.pixels, LARGEST_SIDE**2)
        if kind == b"P" and fits and length == height * width * channels:
            pixels = np.empty((height, width, channels), dtype=np.uint8)
            if self._answers.readinto(pixels.reshape(-1).data) == length:
                return pixels
        if kind == b"N" and length <= _REFUSAL_BYTES:
            with suppress(ValueError):
                error = from_json(self._answers.read(length))
                if isinstance(error, DataError):
                    return error
        raise self._gone()

    def _head(self) -> tuple[bytes, int, int, int, int]:
        head = self._answers.read(HEAD.size)
        if len(head) < HEAD.size:
            raise self._gone()
        return cast("tuple[bytes, int, int, int, int]", HEAD.unpack(head))

    def _gone(self) -> GoneError:
        """What to raise; a process that says what it should not is ended."""
        self._process.kill()
        return GoneError(slow=self._slow, how=self._process.wait())

    def _within(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds

    def _end_when_late(self) -> None:
        """Pipes know no deadline on every system; a process that ends closes them."""
        while not self._ended.wait(_LOOK_SECONDS):
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                self._slow = True
                self._process.kill()
                return
