"""A process that decodes hostile files and tells what each of them cost.

It is held to what a decoder of mirada is held to: 512 MB beyond what it starts with and
10 seconds a file (of a core, so that a busy machine is no fault). `trials` starts it,
and starts it again after a file that ended it.
"""

import json
import resource
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from mirada.data.decoding import decode, probe
from mirada.data.encoded import Content
from mirada.data.limits import Limits
from mirada.errors import MiradaError
from tests.data.hostile.changes import Case

__all__ = ["ENDED", "Trial", "serve", "trials"]

SIZE = (16, 16)
ENDED = "ended"

_ROOT = Path(__file__).resolve().parents[3]
_LENGTH = struct.Struct("<QQ")


class Trial(NamedTuple):
    """What came of one file.

    `outcome` is "used", the code of a refusal, the name of an exception that got out
    after "escaped ", or "ended" and the signal that ended the process.
    """

    name: str
    outcome: str
    seconds: float = 0.0
    megabytes: float = 0.0
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the file was used or refused, by us and within the limits."""
        limits = Limits()
        kept = not self.outcome.startswith((ENDED, "escaped"))
        small = self.megabytes * 2**20 <= limits.image_bytes
        return kept and small and self.seconds <= limits.image_seconds


def trials(cases: Iterable[Case]) -> Iterator[Trial]:
    """What came of each file, in their order."""
    process: subprocess.Popen[bytes] | None = None
    try:
        for name, data in cases:
            if process is None:
                process = _start()
            result = _ask(process, name, data)
            if result is None:
                result = Trial(name, f"{ENDED} {_end(process)}")
                process = None
            yield result
    finally:
        if process is not None:
            process.kill()
            _end(process)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.data.hostile.trial"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
    )


def _end(process: "subprocess.Popen[bytes]") -> int:
    with suppress(BrokenPipeError):
        process.communicate()
    return process.returncode


def _ask(process: subprocess.Popen[bytes], name: str, data: bytes) -> Trial | None:
    text = name.encode()
    requests = cast(BinaryIO, process.stdin)
    try:
        requests.write(_LENGTH.pack(len(text), len(data)) + text + data)
        requests.flush()
    except BrokenPipeError:
        return None
    line = cast(BinaryIO, process.stdout).readline()
    return Trial(*json.loads(line)) if line else None


def serve() -> None:
    """Decodes what comes on the standard input, until it ends."""
    limits = Limits()
    most = int(_status("VmData") * 2**20) + limits.image_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    start = _status("VmRSS")
    while head := sys.stdin.buffer.read(_LENGTH.size):
        name, data = (sys.stdin.buffer.read(length) for length in _LENGTH.unpack(head))
        signal.setitimer(signal.ITIMER_PROF, limits.image_seconds)
        result = _tried(name.decode(), data, limits, start)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


def _tried(name: str, data: bytes, limits: Limits, before: float) -> Trial:
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    start = time.process_time()
    outcome, reason = _outcome(Content(name, data), limits)
    seconds, peak = time.process_time() - start, _status("VmHWM") - before
    return Trial(name, outcome, round(seconds, 3), round(peak, 1), reason)


def _outcome(content: Content, limits: Limits) -> tuple[str, str]:
    found = []
    for step in (probe, decode):
        try:
            if step is probe:
                probe(content, limits)
            else:
                pixels = decode(content, SIZE, limits=limits)
                assert pixels.shape == (*SIZE, 3)
        except MiradaError as error:
            found.append((error.code, str(error)[:200]))
        except Exception as error:
            return f"escaped {type(error).__name__}", str(error)[:200]
    return found[-1] if found else ("used", "")


def _status(name: str) -> float:
    """A size of this process, in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(x.split()[1]) / 1024 for x in lines if x.startswith(name + ":"))


if __name__ == "__main__":
    serve()
