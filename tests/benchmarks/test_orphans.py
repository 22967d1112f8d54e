"""A race that is killed leaves no process behind, though its children stand still."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.child import ROOT, environment

RACE = """
from benchmarks.child import Child
child = Child.of("mirada", 1)
child.ask(do="list")
print(child.pid, flush=True)
input()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux ends children with parents")
def test_a_stopped_child_ends_with_a_race_that_is_killed() -> None:
    race = subprocess.Popen(
        [sys.executable, "-c", RACE],
        cwd=ROOT,
        env=environment(1),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert race.stdin is not None and race.stdout is not None
    with race.stdin, race.stdout:
        child = int(race.stdout.readline())
        os.kill(race.pid, signal.SIGKILL)
        race.wait()
    for _ in range(3000):
        if not is_running(child):
            return
        time.sleep(0.01)
    pytest.fail(f"process {child} still runs")


def is_running(process: int) -> bool:
    """Whether the process is there; one that only waits to be counted is not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"
