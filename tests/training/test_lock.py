import os
import subprocess
import sys
from pathlib import Path

from mirada.errors import ConfigurationError
from mirada.training.lock import LOCK_NAME, FolderLock
from tests.refusal import refuses

HOLDER = """
import os, sys, time
from pathlib import Path
from mirada.training.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_holder_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    with (
        FolderLock(tmp_path),
        refuses(ConfigurationError, "folder-in-use", f"process {os.getpid()})"),
    ):
        FolderLock(tmp_path)
    FolderLock(tmp_path).close()


def test_the_lock_of_a_killed_process_is_gone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with refuses(ConfigurationError, "folder-in-use", f"process {holder.pid})"):
            FolderLock(tmp_path)
        holder.kill()
        holder.wait()
        FolderLock(tmp_path).close()
    assert (tmp_path / LOCK_NAME).read_text() == str(os.getpid())
