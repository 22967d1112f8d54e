import errno
import os
import shutil
from pathlib import Path

import pytest

from mirada.errors import StorageError
from mirada.training.disk import Disk, append, remove_temporary, write_whole
from tests.refusal import refuses
from tests.training.faulty import FailingDisk, OutOfLuckError


def test_pieces_are_put_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, [b"one ", memoryview(b"two"), b""])
    assert path.read_bytes() == b"one two"
    assert os.listdir(tmp_path) == ["file"]


def test_a_write_that_takes_a_part_goes_on(tmp_path: Path) -> None:
    class Slow(Disk):
        def write(self, descriptor: int, piece: bytes | memoryview) -> int:
            return super().write(descriptor, memoryview(piece)[:3])

    write_whole(tmp_path / "file", [b"0123456789"], Slow())
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_every_refusal_of_the_disk_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    tried = 0
    for place in range(1, 50):
        disk = FailingDisk(place, errno.ENOSPC)
        try:
            write_whole(path, [b"new", b"er"], disk)
        except StorageError as error:
            tried += 1
            renamed = "sync_folder" in disk.done
            assert path.read_bytes() == (b"newer" if renamed else b"old")
            assert error.code == "cannot-write"
            assert "it needs 5 bytes" in str(error)
            assert os.listdir(tmp_path) == ["file"]
        else:
            break
    assert tried == 7  # open, write, write, sync, close, rename, sync_folder
    assert path.read_bytes() == b"newer"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with refuses(StorageError, "cannot-write", "gone/file", "? are free there"):
        write_whole(tmp_path / "gone" / "file", [b"x"])
    with refuses(StorageError, "cannot-write", "gone/file", "it needs 3 bytes"):
        append(tmp_path / "gone" / "file", b"abc")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    with refuses(StorageError, "cannot-write", "log"):
        append(tmp_path / "log", b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with refuses(StorageError, "write-not-a-file", name, "is no file"):
            write_whole(tmp_path / name, [b"x"])
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]


def test_append_adds_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append(path, b"one\n")
    append(path, b"two\n", sync=True)
    assert path.read_bytes() == b"one\ntwo\n"


def test_temporary_files_are_removed(tmp_path: Path) -> None:
    (tmp_path / "ckpt.part").write_bytes(b"half")
    (tmp_path / "kept").write_bytes(b"whole")
    remove_temporary(tmp_path)
    assert os.listdir(tmp_path) == ["kept"]


def test_a_real_full_disk_is_told(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")

    class Full(Disk):
        def open(self, path: Path, flags: int) -> int:
            return super().open(full, os.O_WRONLY)

    with refuses(StorageError, "cannot-write", "No space left", "it needs 100 bytes"):
        write_whole(tmp_path / "file", [bytes(100)], Full())
    free = shutil.disk_usage(tmp_path).free
    assert free > 0


def test_the_planted_fault_fires(tmp_path: Path) -> None:
    with pytest.raises(OutOfLuckError):
        FailingDisk(1, errno.EIO).open(tmp_path / "file", os.O_WRONLY)
