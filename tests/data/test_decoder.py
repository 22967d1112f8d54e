"""The decoder process: what it costs, what it may do, and what it says."""

import json
import os
import struct
import subprocess
import sys
import zlib
from dataclasses import asdict
from pathlib import Path

import pytest
from PIL import Image

from mirada.data.exchange import HEAD, LENGTH
from mirada.data.limits import Limits
from mirada.data.pool import Decoders
from mirada.data.worker import Worker, default_command
from mirada.errors import DataError
from tests.data.pictures import picture

SIZE = (96, 96)
MEGABYTES_512 = 512 * 2**20

linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is read from /proc"
)


def asked(path: str, limits: Limits, command: list[str]) -> tuple[bytes, bytes]:
    """All that a decoder says when it is asked for one image and then left."""
    request = {
        "do": "decode",
        "size": (4, 4),
        "channels": 3,
        "rule": "crop",
        "limits": asdict(limits),
        "images": [path],
    }
    text = json.dumps(request).encode()
    run = subprocess.run(
        command,
        input=LENGTH.pack(len(text)) + text,
        capture_output=True,
        check=True,
    )
    return run.stdout, run.stderr


@pytest.mark.parametrize(
    "command",
    [default_command(), [sys.executable, "-m", "mirada.data.decoder"]],
    ids=["as the pool starts it", "as a module"],
)
def test_it_answers_and_ends_when_nobody_asks(
    tmp_path: Path, command: list[str]
) -> None:
    picture(1, (4, 4)).save(tmp_path / "a.png")
    said, errors = asked(str(tmp_path / "a.png"), Limits(), command)
    ready, head = said[: HEAD.size], said[HEAD.size : 2 * HEAD.size]
    assert HEAD.unpack(ready) == (b"R", 0, 0, 0, 0)
    assert HEAD.unpack(head) == (b"P", 48, 4, 4, 3) and not errors
    assert said[2 * HEAD.size :] == picture(1, (4, 4)).tobytes()


def test_modules_beside_the_images_are_not_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `numpy.py` among images must not run, wherever a person stands."""
    for name in ("numpy.py", "PIL.py", "json.py", "mirada.py"):
        (tmp_path / name).write_text("raise SystemExit('executed')")
    picture(1).save(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    with Decoders(workers=1) as decoders:
        (answer,) = decoders.decode(["a.png"], SIZE)
    assert not isinstance(answer, DataError) and not decoders.notes


def test_it_knows_no_network() -> None:
    command = default_command()
    place = next(n for n, part in enumerate(command) if "main()" in part)
    names = ("socket", "ssl", "asyncio", "http", "multiprocessing")
    command[place] = command[place].replace(
        "\nmain()", f"\nprint([name for name in {names} if name in sys.modules])"
    )
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


WRITING = """
import sys
sys.path[:0] = sys.argv[1:]
from mirada.data import decoder
from mirada.data.limits import Limits
decoder._bound(Limits())
open("some-file", "wb", buffering=0).write(b"x" * 10)
"""


@pytest.mark.skipif(os.name != "posix", reason="limits are POSIX")
def test_it_can_write_no_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITING, *sys.path]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "File too large" in run.stderr and run.returncode == 1
    assert (tmp_path / "some-file").stat().st_size == 0


def flat_png(path: Path, side: int, mode: bytes) -> None:
    """A black PNG of side x side; `mode` is its bit depth and colour type."""
    depth, colour = mode
    samples = {0: 1, 2: 3, 6: 4}[colour]
    row = b"\0" * (1 + side * samples * depth // 8)
    deflate = zlib.compressobj(1)
    data = b"".join(deflate.compress(row) for _ in range(side)) + deflate.flush()
    head = struct.pack(">II", side, side) + mode + b"\0\0\0"
    chunks = [(b"IHDR", head), (b"IDAT", data), (b"IEND", b"")]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
            for name, content in chunks
        )
    )


def peak_bytes(process: int) -> int:
    """The most memory that a process had at any time so far."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(
        int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")
    )


def costs_at_most_512_mb(path: Path, limits: Limits) -> bool:
    """Whether the image was used; it must not cost more, nor end the decoder."""
    with Decoders(limits, workers=1) as decoders:
        list(decoders.probe(["none"]))
        (process,) = decoders.processes()
        start = peak_bytes(process)
        (answer,) = decoders.decode([str(path)], SIZE)
        assert decoders.processes() == [process], "it was ended"
        assert peak_bytes(process) - start <= MEGABYTES_512
    if isinstance(answer, DataError):
        assert answer.code == "image-unusable" and "memory" in str(answer)
        return False
    return True


@linux
@pytest.mark.parametrize(
    ("mode", "is_used"),
    [(b"\x01\x00", True), (b"\x08\x02", True), (b"\x08\x06", False)],
    ids=["1 bit", "RGB", "RGBA"],
)
def test_the_largest_images_cost_at_most_512_mb(
    tmp_path: Path, mode: bytes, is_used: bool
) -> None:
    flat_png(tmp_path / "bomb.png", 8000, mode)
    assert costs_at_most_512_mb(tmp_path / "bomb.png", Limits()) is is_used


@linux
def test_planted_lack_of_a_bound_is_noticed(tmp_path: Path) -> None:
    flat_png(tmp_path / "bomb.png", 8000, b"\x08\x06")
    with pytest.raises(AssertionError):
        costs_at_most_512_mb(tmp_path / "bomb.png", Limits(image_bytes=2**40))


@linux
def test_a_decoder_that_ran_out_of_memory_goes_on(tmp_path: Path) -> None:
    Image.new("RGB", (3000, 3000)).save(tmp_path / "large.png")
    picture(1).save(tmp_path / "small.png")
    paths = [str(tmp_path / name) for name in ("large.png", "small.png")]
    with Decoders(Limits(image_bytes=2**24), workers=1) as decoders:
        large, small = decoders.decode(paths, SIZE)
    assert isinstance(large, DataError) and "not enough memory" in str(large)
    assert not isinstance(small, DataError)


def test_a_worker_that_does_not_start_is_told_so() -> None:
    worker = Worker([sys.executable, "-c", "raise SystemExit(5)"], Limits())
    with pytest.raises(OSError, match=r"did not start \(status 5\)"):
        worker.ready()
