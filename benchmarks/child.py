"""A family of peers in a process of its own, which stands still while others run.

Thread pools spin for a while after their work; a stopped process takes no core from
whoever is timed next. Libraries that would not share one process need not.
"""

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["ROOT", "Child", "GoneError", "environment", "last_line"]

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 900.0
"""Seconds after which a peer that does not answer is given up."""


class GoneError(Exception):
    """The process of a family ended or no longer answers; the words say how."""


class Child:
    """The process of a family: started, asked, stopped, at last ended."""

    def __init__(
        self, command: list[str], threads: int = 2, patience: float = PATIENCE
    ) -> None:
        self.patience = patience
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    @classmethod
    def of(cls, family: str, threads: int) -> "Child":
        """The process that serves a family of `peers.FAMILIES`."""
        module = "benchmarks.peers.serve"
        return cls([sys.executable, "-m", module, family, str(threads)], threads)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def ask(self, **request: Any) -> dict[str, Any]:
        """The answer to a request; the process runs only until it has given it."""
        if self._process.poll() is not None:
            raise GoneError(self._ending())
        assert self._process.stdin is not None
        try:
            self._signal("SIGCONT")
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            answer: dict[str, Any] = json.loads(self._line())
        except BrokenPipeError:
            self._process.wait()
            raise GoneError(self._ending()) from None
        self._signal("SIGSTOP")
        return answer

    def _line(self) -> bytes:
        output = self._process.stdout
        assert output is not None
        ready, _, _ = select.select([output], [], [], self.patience)
        if not ready:
            self.close()
            raise GoneError(f"no answer within {self.patience:g} s")
        line = output.readline()
        if not line.endswith(b"\n"):
            self._process.wait()
            raise GoneError(self._ending())
        return line

    def _ending(self) -> str:
        code = self._process.returncode
        if code is not None and code < 0:
            return f"its process ended by {signal.Signals(-code).name}"
        return f"its process ended with status {code}"

    def _signal(self, name: str) -> None:
        if hasattr(signal, name):
            self._process.send_signal(getattr(signal, name))

    def close(self) -> None:
        """Ends the process."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def environment(threads: int) -> dict[str, str]:
    """What a child starts with: these sources, and threads for who asks there."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, **dict.fromkeys(names, str(threads)), "PYTHONPATH": path}


def last_line(text: str) -> str:
    """The last line of what a process said: the error, where it ended by one."""
    return (text.strip().splitlines() or ["nothing said"])[-1][:300]
