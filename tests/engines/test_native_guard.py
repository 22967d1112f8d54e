"""No access leaves its array: tensors lie against pages that nobody may touch."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs mprotect")


def child(task: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.engines.guarded", task]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("task", ["kernels", "programs"])
def test_nothing_outside_is_touched(task: str) -> None:
    ended = child(task)
    assert ended.returncode == 0, ended.stderr
    assert "nothing outside was touched" in ended.stdout


@pytest.mark.parametrize(
    "task",
    ["read-behind", "read-before", "write-behind", "write-before", "memory-too-small"],
)
def test_a_planted_access_ends_the_child(task: str) -> None:
    ended = child(task)
    assert ended.returncode in (-signal.SIGSEGV, -signal.SIGBUS)
    assert "nothing outside" not in ended.stdout
