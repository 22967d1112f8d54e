"""Nothing of mirada's uses a network unless the user gives it an address."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRY = [sys.executable, "-m", "scripts.offline"]


def may_be_offline() -> bool:
    """Whether this system lets us make a network namespace."""
    if shutil.which("unshare") is None:
        return False
    done = subprocess.run([*TRY, "true"], cwd=ROOT, capture_output=True, check=False)
    return done.returncode == 0


needs_namespace = pytest.mark.skipif(
    not may_be_offline(), reason="no network namespace can be made here"
)


@needs_namespace
def test_a_command_that_reaches_out_fails_there() -> None:
    """The planted bug: whoever telephones home is heard."""
    home = "import socket; socket.create_connection(('192.0.2.1', 80), 5)"
    words = [*TRY, sys.executable, "-c", home]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "unreachable" in done.stderr


@needs_namespace
def test_a_run_needs_no_network(tmp_path: Path) -> None:
    words = [*TRY, sys.executable, "-m", "mirada", "train", "digits", "--epochs", "1"]
    done = subprocess.run(
        [*words, "--out", str(tmp_path / "run"), "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
