"""Decoding many images at a time, each in a process that it cannot take us along with.

An image that crashes its decoder, or takes longer than `Limits.image_seconds`, is
blamed by a refusal of its own; all others are decoded as if it were not there. Blame is
exact: a decoder that crashed may have been harmed by an image before, so the one it
crashed at is tried again, first and alone in a new one.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from signal import Signals
from threading import Lock
from types import TracebackType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mirada.data.decoding import Header, decode, probe
from mirada.data.encoded import Encoded
from mirada.data.examine import RECORD, examine
from mirada.data.limits import Limits, available_bytes
from mirada.data.naming import shown_path
from mirada.data.worker import Answer, GoneError, Worker, default_command
from mirada.errors import DataError, Phrase

__all__ = ["Decoders", "decoded"]

_MOST_WORKERS = 8
_AHEAD = 4  # requests a worker may be ahead of the answer that is awaited
_MOST_IMAGES = 64
_ENCODED_BYTES = 2**19  # of one request: some tens of milliseconds
_DECODED_BYTES = 2**23


class Decoders:
    """Processes that decode, started when there is something to decode.

    `workers` of them at most (None: one a core, up to 8, as far as there is memory).
    `notes` tells what a person should know: that no process could be started, so that
    images are decoded in this one, where a crash would end it.

    >>> with Decoders(workers=1) as decoders:
    ...     [str(answer) for answer in decoders.probe(["no-such.png"])]
    ["'no-such.png' does not exist. Check the path, or give another file."]
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        workers: int | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.workers = workers or _affordable(self.limits)
        self.notes: tuple[Phrase, ...] = ()
        self._command = command
        self._threads = ThreadPoolExecutor(self.workers, "mirada-decoder")
        self._lock = Lock()
        self._all: set[Worker] = set()
        self._idle: list[Worker] = []
        self._closed = False

    def decode(
        self,
        encoded: Iterable[Encoded],
        size: tuple[int, int] | None = None,
        *,
        channels: int = 3,
        rule: str = "crop",
    ) -> Iterator[NDArray[np.uint8] | DataError]:
        """The pixels of every image, or why there are none, in the order they came.

        The same as `decoding.decode` gives, whatever the number of workers. Errors of
        `encoded` itself are raised.
        """
        job = {"do": "decode", "size": size, "channels": channels, "rule": rule}
        most = 1  # an image of any size may be large
        if size is not None:
            most = max(1, _DECODED_BYTES // (size[0] * size[1] * channels))
        answers = self._in_order(job, encoded, min(most, _MOST_IMAGES))
        return cast("Iterator[NDArray[np.uint8] | DataError]", answers)

    def probe(self, encoded: Iterable[Encoded]) -> Iterator[Header | DataError]:
        """The header of every image, or why there is none, in the order they came."""
        answers = self._in_order({"do": "probe"}, encoded, _MOST_IMAGES)
        return cast("Iterator[Header | DataError]", answers)

    def examine(self, encoded: Iterable[Encoded]) -> Iterator[NDArray[Any] | DataError]:
        """The `examine.RECORD` of every image, or why there is none, in order."""
        for answer in self._in_order({"do": "examine"}, encoded, _MOST_IMAGES):
            if isinstance(answer, np.ndarray):
                yield answer.reshape(-1).view(RECORD)
            else:
                yield cast(DataError, answer)

    def processes(self) -> list[int]:
        """The numbers of the processes that are there now."""
        with self._lock:
            return sorted(worker.pid for worker in self._all)

    def close(self) -> None:
        """Ends every process; what was asked and not answered is lost."""
        with self._lock:
            self._closed = True
            workers = list(self._all)
        for worker in workers:
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in workers:
            worker.close()
        self._all.clear()
        self._idle.clear()

    def __enter__(self) -> "Decoders":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _in_order(
        self, job: dict[str, Any], encoded: Iterable[Encoded], most: int
    ) -> Iterator[Answer]:
        waiting: deque[Future[list[Answer]]] = deque()
        try:
            for images in _requests(encoded, most):
                waiting.append(self._threads.submit(self._answers, job, images))
                if len(waiting) >= self.workers * _AHEAD:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def _answers(self, job: dict[str, Any], images: Sequence[Encoded]) -> list[Answer]:
        """One answer an image, by as many workers as it takes."""
        answers: list[Answer] = []
        suspected: GoneError | None = None  # how a decoder ended at the next image
        while len(answers) < len(images):
            rest = images[len(answers) :]
            worker = self._rested() if suspected is None else self._started()
            if worker is None:
                if suspected is None:
                    return answers + [_here(job, image, self.limits) for image in rest]
                answers.append(_blame(rest[0], suspected, self.limits))
                suspected = None
                continue
            try:
                for answer in worker.ask(job, rest[:1] if suspected else rest):
                    answers.append(answer)
                suspected = None
                with self._lock:
                    self._idle.append(worker)
            except GoneError as gone:
                self._forget(worker)
                suspected = gone
                if gone.slow or worker.answered == 0:
                    answers.append(_blame(images[len(answers)], gone, self.limits))
                    suspected = None
        return answers

    def _rested(self) -> Worker | None:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._started()

    def _started(self) -> Worker | None:
        """A worker that has done nothing yet; None where none can be started."""
        with self._lock:
            if self._closed:
                raise CancelledError
            if self.notes:
                return None
            try:
                worker = Worker(self._command or default_command(), self.limits)
            except OSError as error:
                self._cannot(error)
                return None
            self._all.add(worker)
        try:
            worker.ready()
        except OSError as error:
            self._forget(worker)
            self._cannot(error)
            return None
        return worker

    def _cannot(self, error: OSError) -> None:
        self.notes = (
            Phrase(
                "No process could be started to decode images ({reason}): they are "
                "decoded in this one, which an image that crashes its decoder ends.",
                reason=error.strerror or str(error),
            ),
        )

    def _forget(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.close()
        if self._closed:
            raise CancelledError


def decoded(
    encoded: Iterable[Encoded],
    size: tuple[int, int],
    *,
    channels: int = 3,
    rule: str = "crop",
    limits: Limits | None = None,
    workers: int | None = None,
) -> Iterator[NDArray[np.uint8] | DataError]:
    """What `Decoders.decode` gives, from decoders of its own: for a handful of files.

    >>> [answer.code for answer in decoded(["no-such.png"], (8, 8), workers=1)]
    ['file-missing']
    """
    with Decoders(limits, workers=workers) as decoders:
        yield from decoders.decode(encoded, size, channels=channels, rule=rule)


def _affordable(limits: Limits) -> int:
    """One worker a core, as long as each may take all the memory it is allowed."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min(cores, _MOST_WORKERS, available_bytes() // limits.image_bytes))


def _requests(encoded: Iterable[Encoded], most: int) -> Iterator[list[Encoded]]:
    """The images in groups whose decoding takes some tens of milliseconds."""
    group: list[Encoded] = []
    size = 0
    for image in encoded:
        group.append(image)
        size += _length(image)
        if len(group) >= most or size >= _ENCODED_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _length(image: Encoded) -> int:
    if not isinstance(image, str):
        return len(image.data)
    try:
        return os.stat(image).st_size
    except (OSError, ValueError):
        return 0  # whoever decodes it says why


def _here(job: dict[str, Any], image: Encoded, limits: Limits) -> Answer:
    """The answer of this process, where no other can be had."""
    try:
        if job["do"] == "probe":
            return probe(image, limits)
        if job["do"] == "examine":
            return examine(image, limits)
        channels, rule = job["channels"], job["rule"]
        return decode(image, job["size"], channels=channels, rule=rule, limits=limits)
    except DataError as error:
        return error


def _blame(image: Encoded, gone: GoneError, limits: Limits) -> DataError:
    name = shown_path(image if isinstance(image, str) else image.name)
    if gone.slow:
        return DataError(
            "decoder-too-slow",
            "'{file}' took more than {seconds:g} s to decode. Save it again as PNG or "
            "JPEG, or raise the limit.",
            file=name,
            seconds=limits.image_seconds,
        )
    return DataError(
        "decoder-crashed",
        "'{file}' ended the process that decoded it ({how}). Save it again as PNG or "
        "JPEG, or delete it.",
        file=name,
        how=_ending(gone.how),
    )


def _ending(status: int) -> Phrase:
    if status >= 0:
        return Phrase("status {status}", status=status)
    try:
        return Phrase("signal {name}", name=Signals(-status).name)
    except ValueError:
        return Phrase("signal {name}", name=-status)
