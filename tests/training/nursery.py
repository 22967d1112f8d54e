"""A process that runs small trainings in children of its own, for tests that kill them.

It imports everything once and forks for each run, which is some thirty times faster
than a new interpreter. One JSON object a line in, one a line out.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from mirada.engines import create
from mirada.errors import MiradaError
from mirada.training import Interrupt, RunFolder, RunInterruptedError, Watch, train
from mirada.training.loop import _Run
from mirada.training.place import Place
from tests.training.example import plan
from tests.training.faulty import KillingDisk

__all__ = ["Nursery", "nursery"]

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """The other end of the process, in the test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, folder: Path, **wishes: Any) -> int:
        """Trains in a folder and gives the exit status, negative for a signal.

        `kill_at` ends it by SIGKILL before that operation of the disk, `kill_after`
        after so many seconds; `signals` are sent at step `signal_at`; `bug` plants one;
        `native_threads` computes on the native engine.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wishes["folder"] = os.fspath(folder)
        self._process.stdin.write(json.dumps(wishes) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery that ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.training.nursery"],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0


class Signalling(Watch):
    """Sends this process signals at a step."""

    def __init__(self, step: int | None, numbers: list[int]) -> None:
        self._step, self._numbers = step, numbers

    def step(self, place: Place, loss: float) -> None:
        if place.step == self._step:
            for number in self._numbers:
                signal.raise_signal(number)


def _serve() -> None:
    for text in sys.stdin:
        wishes = json.loads(text)
        child = os.fork()
        if not child:
            _train(wishes)
        if "kill_after" in wishes:
            time.sleep(wishes["kill_after"])
            os.kill(child, signal.SIGKILL)  # a zombie where it has ended already
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _train(wishes: Mapping[str, Any]) -> NoReturn:
    code = 1
    try:
        code = _trained(wishes)
    except RunInterruptedError as stop:
        code = stop.exit_code
    except MiradaError as error:
        print(error.code, error, file=sys.stderr)
        code = error.exit_code
    finally:
        os._exit(code)


def _trained(wishes: Mapping[str, Any]) -> int:
    if wishes.get("bug") == "optimizer":
        _Run._restore = _forgetting  # type: ignore[method-assign,assignment]
    threads = wishes.get("native_threads")
    used = {"engine": "native", "threads": threads} if threads else {}
    chosen = plan(checkpoint_steps=3, **used)
    configuration = chosen.configuration
    watch = Signalling(wishes.get("signal_at"), wishes.get("signals", []))
    disk = KillingDisk(wishes.get("kill_at", 0))
    folder = Path(wishes["folder"])
    folder.mkdir(exist_ok=True)
    with RunFolder.existing(folder, disk) as held, Interrupt() as interrupt:
        network, recipe = configuration.network, configuration.recipe
        made = create(configuration.engine, network, recipe, configuration.threads)
        train(chosen, made, held, watch, interrupt)
    return 0


_restore = _Run._restore


def _forgetting(run: _Run) -> None:
    """The planted bug: the optimizer forgets what the checkpoint holds of it."""
    before = run.engine.optimizer_state()
    _restore(run)
    run.engine.load_optimizer_state(before)


if __name__ == "__main__":
    _serve()
