"""The event files are those of TensorFlow: read here by a reader of the format."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirada.training.loggers.tensorboard import TensorBoard, crc32c, record


def unmasked(word: bytes) -> int:
    """The checksum that TensorFlow stores turned and shifted."""
    turned: int = (struct.unpack("<I", word)[0] - 0xA282EAD8) & 0xFFFFFFFF
    return (turned >> 17 | turned << 15) & 0xFFFFFFFF


def records(path: Path) -> Iterator[bytes]:
    """The messages of a file, every checksum verified."""
    content = path.read_bytes()
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        assert unmasked(content[8:12]) == crc32c(content[:8])
        message, rest = content[12 : 12 + length], content[12 + length :]
        assert unmasked(rest[:4]) == crc32c(message)
        yield message
        content = rest[4:]


def fields(message: bytes) -> dict[int, list[object]]:
    """A message of protocol buffers, by the numbers of its fields."""
    found: dict[int, list[object]] = {}
    place = 0

    def varint() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(message):
        key = varint()
        value: object
        if key & 7 == 0:
            value = varint()
        elif key & 7 == 2:
            length = varint()
            value, place = message[place : place + length], place + length
        else:
            kind, size = {1: ("<d", 8), 5: ("<f", 4)}[key & 7]
            (value,) = struct.unpack(kind, message[place : place + size])
            place += size
        found.setdefault(key >> 3, []).append(value)
    return found


def scalars(message: bytes) -> dict[str, object]:
    """The numbers of an event by name."""
    (summary,) = fields(message)[5]
    assert isinstance(summary, bytes)
    found = {}
    for value in fields(summary)[1]:
        assert isinstance(value, bytes)
        pair = fields(value)
        (name,), (number,) = pair[1], pair[2]
        assert isinstance(name, bytes)
        found[name.decode()] = number
    return found


@pytest.mark.parametrize(
    ("content", "crc"),
    [(b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"", 0)],
)
def test_crc_of_the_standard(content: bytes, crc: int) -> None:
    """RFC 3720, appendix B.4, and the usual check value."""
    assert crc32c(content) == crc


def test_a_record_holds_length_content_and_checksums() -> None:
    found = record(b"abc")
    assert found[:8] == struct.pack("<Q", 3) and found[12:15] == b"abc"
    assert len(found) == 8 + 4 + 3 + 4


def test_a_run_can_be_read_back(tmp_path: Path) -> None:
    target = TensorBoard()
    assert target.begin(tmp_path, "", {}, 0) == ""
    target.write(300, {"train/loss": 0.5, "validation/accuracy": 0.75})
    target.end(finished=True)
    (path,) = (tmp_path / "tensorboard").iterdir()
    first, second = records(path)
    assert fields(first)[3] == [b"brain.Event:2"]
    assert fields(second)[2] == [300]
    assert scalars(second) == {"train/loss": 0.5, "validation/accuracy": 0.75}


def test_a_run_that_goes_on_takes_back_what_did_not_happen(tmp_path: Path) -> None:
    for step in (0, 20):
        target = TensorBoard()
        target.begin(tmp_path, "", {}, step)
        target.end(finished=False)
    paths = sorted((tmp_path / "tensorboard").iterdir())
    messages = list(records(paths[1]))
    begun = fields(messages[1])
    assert begun[2] == [21] and begun[7] == [b"\x08\x01"]
    assert len(list(records(paths[0]))) == 1
