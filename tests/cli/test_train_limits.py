"""`mirada train` at its limits: numbers, memory and disk; and nothing is lost."""

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from mirada import models
from mirada.cli import main
from mirada.compiler.target import host
from mirada.engines import memory
from mirada.network import Recipe
from mirada.training.checkpoint import checkpoint_paths, latest_checkpoint
from mirada.training.disk import Disk, Piece
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.training.example import COMPARED, files

FAST = ("--epochs", "1")
WILD = ("optimizer=sgd 1000 momentum 0.99", "schedule=constant", "epochs=3")


def test_a_loss_that_is_not_finite(call: Caller, here: Path) -> None:
    words = ("train", "digits", *WILD)
    told = refused(call, *words, code="loss-not-finite", exit_code=6)
    assert "Step 4: the loss is nan, and layer 'maxpool1'" in told.english
    assert "'maxpool1'" in told.spanish
    assert "checkpoint" not in told.talk


def test_a_loss_that_diverges_later_leaves_the_checkpoint(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirada.training.loop._Run._rate", _wild_after_50)
    called = call("train", "digits", "--out", "new", "epochs=3")
    assert called.code == 6
    assert "The last checkpoint before is kept in new." in called.err
    found = latest_checkpoint(Path("new")).checkpoint
    assert found is not None and found.place.epoch == 1
    monkeypatch.undo()
    with chdir(here):
        assert call("train", "--resume", "--out", "new").code == 0


def _wild_after_50(run: object, step: int) -> float:
    return 0.01 if step < 50 else 1e30


def test_a_network_too_large_for_memory(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = models.digits()
    most, least = (
        memory.training_bytes(network, Recipe(batch_size=n), 1, host())
        for n in (1024, 1)
    )
    monkeypatch.setattr(memory, "available_bytes", lambda: (most + least) // 2)
    words = ("train", "digits", *FAST, "--batch", "1024", "--threads", "1")
    told = refused(call, *words, code="memory-batch", exit_code=5)
    fits = told.english.partition("--batch ")[2].rstrip(".")
    assert f"--batch {fits}" in told.spanish
    assert not (here / "runs" / "digits-digits-1").exists()
    called = call("train", "digits", *FAST, "--batch", fits, "--threads", "1")
    assert called.code == 0, called.err
    other = ("train", "vgg16", "digits", *FAST, "--size", "32")
    told = refused(call, *other, code="memory-network", exit_code=5)
    assert "even for one image at a time" in told.english


def test_too_large_for_memory_is_known_before_any_is_taken(tmp_path: Path) -> None:
    """Two GiB of address space hold no VGG16, and it is not tried either."""
    resource = pytest.importorskip("resource")
    description = tmp_path / "wide.toml"
    description.write_text(
        'name = "wide"\ninput = "1x8x8"\n'
        'layers = ["flatten", "linear 1000000", "linear 100000", "linear 10"]\n'
    )
    limit = 4 * 2**30

    def confined() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    ended = subprocess.run(
        [sys.executable, "-m", "mirada", "train", str(description), "digits"],
        cwd=tmp_path,
        env={**os.environ, "MIRADA_LANG": "en"},
        preexec_fn=confined,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 5, ended.stderr
    assert "Error [memory-network]: Training 'wide' needs" in ended.stderr
    assert not (tmp_path / "runs").exists()


class _Full:
    """A disk that has room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, disk: Disk, descriptor: int, piece: Piece) -> int:
        size = min(len(piece), self.room)
        if not size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= size
        return os.write(descriptor, piece[:size])


@pytest.fixture(scope="module")
def whole(stage: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run of three epochs that nothing happened to."""
    out = tmp_path_factory.mktemp("whole") / "run"
    words = [
        "--lang",
        "en",
        "-q",
        "train",
        "digits",
        "--epochs",
        "3",
        "--out",
        str(out),
    ]
    assert main(words) == 0
    return files(out)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_full_disk(
    call: Caller,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    whole: dict[str, bytes],
    language: str,
) -> None:
    size = checkpoint_paths(here / "runs" / "example")[0].stat().st_size
    full = _Full(2 * size)
    with monkeypatch.context() as patch:
        patch.setattr(Disk, "write", lambda *given: full.write(*given))
        words = ("--epochs", "3", "--out", "new", "--json", "--lang", language)
        called = call("train", "digits", *words)
    assert called.code == 5
    error = called.json["error"]
    assert error["code"] == "cannot-write"
    assert re.search(r"'new/[^']+'.* \d+ bytes", error["message"])
    assert called.err.endswith(f"Error [cannot-write]: {error['message']}\n")
    assert latest_checkpoint(here / "new").checkpoint is not None
    assert call("train", "--resume", "--out", "new").code == 0
    names = COMPARED[1:]  # the configuration has reasons, in a language
    assert files(here / "new", names) == {name: whole[name] for name in names}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 KiB, where this process may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "mirada-test", str(folder)]
    if (
        shutil.which("mount") is None
        or subprocess.run(mount, capture_output=True).returncode
    ):
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(
    call: Caller, small_disk: Path, whole: dict[str, bytes]
) -> None:
    words = ("train", "digits", "--epochs", "3", "--out")
    called = call(*words, str(small_disk / "run"), "--json")
    assert called.code == 5
    assert called.json["error"]["code"] == "cannot-write"
    assert "No space left on device" in called.err
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    assert call("train", "--resume", "--out", str(small_disk / "run")).code == 0
    assert files(small_disk / "run") == whole
    assert not list((small_disk / "run").glob("*.part"))
