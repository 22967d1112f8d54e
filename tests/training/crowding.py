"""Many processes that start a run at the same moment: none shares a folder.

    python -m tests.training.crowding FOLDER COUNT {one,numbered} [BUG]

forks them and prints one line of JSON a process.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from mirada.errors import MiradaError
from mirada.training import RunFolder, lock, train
from tests.training.example import made, plan_of
from tests.training.tally import Tally

__all__ = ["crowded_starts"]

ROOT = Path(__file__).resolve().parents[2]

_LOST = {"folder-in-use", "folder-taken"}
_MOST_SECONDS = 5.0
"""To be told that the folder is taken; it takes a thousandth, where nothing waits."""


def crowded_starts(folder: Path, count: int, mode: str, *, bug: str = "") -> Tally:
    """Starts so many runs at once: in one folder, or in new ones with a number.

    Each that gets a folder trains in it to the end. The bug "lock" takes no lock,
    "number" takes a folder that is there.
    """
    command = [sys.executable, "-m", "tests.training.crowding"]
    command += [os.fspath(folder), str(count), mode, bug]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    tally, won = Tally(), [item["run"] for item in told if item["said"] == "trained"]
    for item in told:
        fault = ""
        if mode == "numbered" and item["said"] != "trained":
            fault = f"no folder of its own: {item}"
        elif item["said"] not in {"trained", *_LOST}:
            fault = f"{item}"
        elif item.get("seconds", 0) > _MOST_SECONDS:
            fault = f"told late: {item}"
        tally.add(f"{mode}, {item['said']}", fault)
    shared = [name for name, times in Counter(won).items() if times > 1]
    expected = count if mode == "numbered" else 1
    if shared or len(won) != expected or len(told) != count:
        tally.faults.append(f"{len(won)} of {count} trained; shared: {shared}")
    return tally


def _plant(bug: str) -> None:
    if bug == "lock":
        patch.object(lock, "_take").start()
    elif bug == "number":
        make = Path.mkdir

        def mkdir(path: Path, *given: Any, **more: Any) -> None:
            make(path, parents=True, exist_ok=True)

        patch.object(Path, "mkdir", mkdir).start()


def _start(folder: Path, mode: str, began: int) -> dict[str, Any]:
    """Takes a folder and trains; what came of it."""
    os.read(began, 1)
    at = time.monotonic()
    plan = plan_of("small")
    try:
        open_folder = RunFolder.new(folder) if mode == "one" else None
        with open_folder or RunFolder.numbered(folder, "net") as held:
            train(plan, made(plan), held)
            return {"said": "trained", "run": held.path.name}
    except MiradaError as error:
        return {"said": error.code, "seconds": round(time.monotonic() - at, 3)}


def _forked(folder: Path, mode: str, began: int, told: int) -> NoReturn:
    try:
        found = _start(folder, mode, began)
    except BaseException as error:
        found = {"said": repr(error)}
    os.write(told, json.dumps(found).encode() + b"\n")
    os._exit(0)


def _main(folder: str, count: str, mode: str, bug: str = "") -> None:
    plan_of("small")  # before the start, once for all
    _plant(bug)
    (reads, starts), (tells, told) = os.pipe(), os.pipe()
    children = []
    for _ in range(int(count)):
        child = os.fork()
        if not child:
            os.close(starts)
            _forked(Path(folder), mode, reads, told)
        children.append(child)
    time.sleep(0.2)
    os.close(starts)  # all of them see its end at the same moment
    os.close(told)
    with os.fdopen(tells) as stream:
        for line in stream:
            print(line, end="")
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    _main(*sys.argv[1:])
