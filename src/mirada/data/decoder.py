"""The process that decodes images of other people: `python -m mirada.data.decoder`.

It reads requests from its standard input and answers on its standard output, one
answer an image, as soon as there is one, so that whoever asked always knows which image
is being decoded. What a broken or hostile image does to it (a crash, a hang, memory
without end) ends this process and no other. It opens the files it is told to and
nothing else, writes no file, and asks nobody on the network.
"""

import json
import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np

from mirada.data.decoding import decode, probe
from mirada.data.encoded import Content, Encoded
from mirada.data.examine import examine
from mirada.data.exchange import HEAD, LENGTH
from mirada.data.guard import decoder_guard
from mirada.data.limits import Limits
from mirada.data.refusal import to_json
from mirada.errors import MiradaError

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

__all__ = ["main", "serve"]

_ORPHAN_SECONDS = 5.0
_SPARE_SECONDS = 5.0
_SMALL_BYTES = 2**20

Answer = Callable[[bytes, int, int, int, Any], None]


def main() -> None:
    """Serves the process that started this one until it closes its end."""
    requests = os.fdopen(os.dup(0), "rb", buffering=2**16)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    # What a library prints goes nowhere, not in between the answers.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    with requests, answers, suppress(BrokenPipeError):
        serve(requests, answers)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers every request, until there are no more."""

    def answer(kind: bytes, height: int, width: int, channels: int, data: Any) -> None:
        head = HEAD.pack(kind, len(data), height, width, channels)
        if len(data) <= _SMALL_BYTES:  # one call wakes the reader once
            _send(answers, head + bytes(data))
            return
        _send(answers, head)
        _send(answers, data)

    parent = os.getppid()
    bounded = False
    answer(b"R", 0, 0, 0, b"")
    while _is_asked(requests, parent):
        head = requests.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return
        request = json.loads(requests.read(*LENGTH.unpack(head)))
        limits = Limits(**request["limits"])
        if not bounded:
            _bound(limits)
            bounded = True
        images = [_image(entry, requests) for entry in request["images"]]
        with decoder_guard(limits.pixels):  # once, not for each
            for image in images:
                _alarm(limits.image_seconds + _SPARE_SECONDS)
                _answer(image, request, limits, answer)
        _alarm(0)


def _answer(
    image: Encoded, request: dict[str, Any], limits: Limits, answer: Answer
) -> None:
    try:
        if request["do"] == "probe":
            header = probe(image, limits)
            answer(b"H", header.height, header.width, 3 if header.colour else 1, b"")
            return
        if request["do"] == "examine":
            pixels = examine(image, limits)
        else:
            pixels = decode(
                image,
                request["size"] and tuple(request["size"]),
                channels=request["channels"],
                rule=request["rule"],
                limits=limits,
            )
    except MiradaError as error:
        answer(b"N", 0, 0, 0, to_json(error).encode("ascii"))
    else:
        height, width, channels = pixels.shape
        data = np.ascontiguousarray(pixels).reshape(-1).data
        answer(b"P", height, width, channels, data)


def _image(entry: Any, requests: BinaryIO) -> Encoded:
    if isinstance(entry, str):
        return entry
    name, length = entry
    return Content(name, requests.read(length))


def _send(answers: BinaryIO, data: Any) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[answers.write(rest) :]


def _is_asked(requests: BinaryIO, parent: int) -> bool:
    """Waits for a request; a process whose parent has died waits no longer."""
    if os.name != "posix":
        return True
    while not select.select([requests], [], [], _ORPHAN_SECONDS)[0]:
        if os.getppid() != parent:
            return False
    return True


def _alarm(seconds: float) -> None:
    """The system ends this process then, even when nobody watches it any more."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _bound(limits: Limits) -> None:
    """Takes from this process what a decoder does not need: memory, files, dumps."""
    if resource is None:
        return
    bounds = [(resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)]
    in_use = _memory_in_use()
    if in_use is not None:
        bounds.append((resource.RLIMIT_DATA, in_use + limits.image_bytes))
    for what, most in bounds:
        with suppress(ValueError, OSError):  # a lower limit is in force already
            resource.setrlimit(what, (most, most))


def _memory_in_use() -> int | None:
    """What RLIMIT_DATA counts, in bytes; None where the system counts otherwise."""
    try:
        with open("/proc/self/status", "rb") as status:
            lines = status.read().splitlines()
    except OSError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith(b"VmData:")]
    return int(sizes[0]) * 1024 if sizes else None


if __name__ == "__main__":
    main()
