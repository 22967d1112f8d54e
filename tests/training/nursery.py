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
from contextlib import (
    chdir,
    contextmanager,
    redirect_stderr,
    redirect_stdout,
    suppress,
)
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn
from unittest.mock import patch

from mirada.cli import main
from mirada.engines import torch_devices
from mirada.errors import MiradaError
from mirada.training import (
    Interrupt,
    RunFolder,
    RunInterruptedError,
    Watch,
    folder,
    tensors,
    train,
)
from mirada.training.disk import write_whole
from mirada.training.loop import _Run
from mirada.training.place import Place
from tests.training.example import made, plan_of
from tests.training.faulty import KillingDisk
from tests.training.watching import WatchedFolder

__all__ = ["ROOT", "Nursery", "nursery"]

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """The other end of the process, in the test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, folder: Path, **wishes: Any) -> int:
        """Trains in a folder and gives the exit status, negative for a signal.

        `kill_at` ends it by SIGKILL before that operation of the disk (`halfway` in the
        middle of it where it is a write), `kill_after` after so many seconds; `signals`
        are sent at step `signal_at`; `bug` plants one; `kind` is one of
        `example.KINDS`, computed by `threads`; with `counts` the names of all the
        disk's operations lie in `operations` afterwards.
        """
        return self._asked({"folder": os.fspath(folder), **wishes})

    def command(self, *words: str, told: Path, **wishes: Any) -> int:
        """Runs the command line, what it prints going to the file `told`.

        `fail_at` makes that operation on the folder `folder` fail with `number`, and
        `ever` all after it; with `stops` the signal `number` comes there instead. The
        names of all operations are then in `told`.operations.
        """
        return self._asked({"words": words, "told": os.fspath(told), **wishes})

    def _asked(self, wishes: Mapping[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
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
        if "words" in wishes:
            _warm_up()
        if "torch" in wishes.get("kind", ""):
            torch_devices()  # PyTorch is imported here, and not by every child
        child = os.fork()
        if not child:
            _train(wishes)
        if "kill_after" in wishes:
            time.sleep(wishes["kill_after"])
            os.kill(child, signal.SIGKILL)  # a zombie where it has ended already
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


@cache
def _warm_up() -> None:
    """Runs the command line once here, so that no child has to import what it needs."""
    words = ("train", "digits", "--epochs", "1", "--threads", "1", "--out", "run")
    with (
        TemporaryDirectory() as folder,
        chdir(folder),
        redirect_stdout(StringIO()),
        redirect_stderr(StringIO()),
    ):
        assert main(["--quiet", *words]) == 0


def _train(wishes: Mapping[str, Any]) -> NoReturn:
    code = 1
    try:
        code = _called(wishes) if "words" in wishes else _trained(wishes)
    except RunInterruptedError as stop:
        code = stop.exit_code
    except MiradaError as error:
        print(error.code, error, file=sys.stderr)
        code = error.exit_code
    finally:
        os._exit(code)


def _called(wishes: Mapping[str, Any]) -> int:
    # Ctrl-C is heard, also where the tests were started by a shell in background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "bug" in wishes:
        BUGS[wishes["bug"]]()
    told = os.open(wishes["told"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(told, 1)
    os.dup2(told, 2)
    place, number = wishes.get("fail_at", 0), wishes.get("number", 0)
    ever, folder = wishes.get("ever", False), Path(wishes["folder"])
    stops = wishes.get("stops", False)
    watched = WatchedFolder(folder, place, number, ever=ever, stops=stops)
    try:
        return main(wishes["words"])
    finally:
        sys.stdout.flush()
        Path(wishes["told"] + ".operations").write_text(json.dumps(watched.done))


def _trained(wishes: Mapping[str, Any]) -> int:
    if "bug" in wishes:
        BUGS[wishes["bug"]]()
    chosen = plan_of(wishes.get("kind", "small"), wishes.get("threads", 1))
    watch = Signalling(wishes.get("signal_at"), wishes.get("signals", []))
    disk = KillingDisk(wishes.get("kill_at", 0), halfway=wishes.get("halfway", False))
    folder = Path(wishes["folder"])
    folder.mkdir(exist_ok=True)
    with RunFolder.existing(folder, disk) as held, Interrupt() as interrupt:
        train(chosen, made(chosen), held, watch, interrupt)
    if wishes.get("counts"):
        (folder / "operations").write_text(json.dumps(disk.done))
    return 0


def _forget_the_optimizer() -> None:
    """The planted bug: the optimizer forgets what the checkpoint holds of it."""
    restore = _Run._restore

    def forgetting(run: _Run, *rest: Any) -> None:
        before = run.engine.optimizer_state()
        restore(run, *rest)
        run.engine.load_optimizer_state(before)

    patch.object(_Run, "_restore", forgetting).start()


def _forget_the_statistics() -> None:
    """The planted bug: the running statistics of batch norm are not restored."""
    restore = _Run._restore

    def forgetting(run: _Run, *rest: Any) -> None:
        before = run.engine.parameters()
        restore(run, *rest)
        kept = {name: v for name, v in before.items() if "running" in name}
        run.engine.load_parameters({**run.engine.parameters(), **kept})

    patch.object(_Run, "_restore", forgetting).start()


def _swallow() -> None:
    """The planted bug: a file that cannot be written is passed over in silence."""

    def write(path: Path, pieces: Any, disk: Any = None) -> None:
        with suppress(MiradaError):
            write_whole(path, pieces, disk)

    for module in (folder, tensors):
        patch.object(module, "write_whole", write).start()


def _save_twice() -> None:
    """The planted bug: who is asked to stop writes two checkpoints."""
    leave = _Run._leave

    def saving(run: _Run) -> None:
        if run.interrupt.number:
            run._save()
        leave(run)

    patch.object(_Run, "_leave", saving).start()


BUGS = {
    "optimizer": _forget_the_optimizer,
    "statistics": _forget_the_statistics,
    "twice": _save_twice,
    "swallow": _swallow,
}


if __name__ == "__main__":
    _serve()
