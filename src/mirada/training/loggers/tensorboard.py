"""TensorBoard's event files, written without TensorFlow.

A file is a series of records: the length (uint64), its checksum, an Event message of
protocol buffers, and its checksum. Look at them with `tensorboard --logdir runs`.

Sources: TensorFlow, core/lib/io/record_writer.h and core/util/event.proto; the
checksum is CRC-32C (RFC 3720, appendix B.4), turned and shifted as TensorFlow does.
"""

import os
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from mirada.training.loggers.logger import Target

__all__ = ["TensorBoard", "crc32c", "record"]

FOLDER = "tensorboard"

_POLYNOMIAL = 0x82F63B78
_MASK = 0xA282EAD8
_VERSION = b"brain.Event:2"
_START = 1  # SessionLog.SessionStatus


def _row(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = tuple(map(_row, range(256)))


def crc32c(content: bytes) -> int:
    """The CRC-32C of some bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    rest = 0xFFFFFFFF
    for byte in content:
        rest = _TABLE[(rest ^ byte) & 0xFF] ^ rest >> 8
    return rest ^ 0xFFFFFFFF


def record(content: bytes) -> bytes:
    """A record of an event file."""
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


class TensorBoard(Target):
    """An event file for each time the run begins or goes on."""

    _file: BinaryIO

    def begin(
        self, folder: Path, identity: str, values: Mapping[str, Any], step: int
    ) -> str:
        place = folder / FOLDER
        place.mkdir(exist_ok=True)
        name = f"events.out.tfevents.{time.time_ns():020d}.{os.getpid()}.mirada"
        self._file = (place / name).open("xb")
        self._add(_bytes(3, _VERSION), step=0)
        if step:
            # What an earlier file says of later steps did not happen.
            self._add(_bytes(7, _number(1, _START)), step=step + 1)
        return ""

    def write(self, step: int, values: Mapping[str, float]) -> None:
        summary = b"".join(
            _bytes(1, _bytes(1, name.encode()) + _float(2, value))
            for name, value in values.items()
        )
        self._add(_bytes(5, summary), step=step)

    def end(self, *, finished: bool) -> None:
        self._file.close()

    def _add(self, what: bytes, step: int) -> None:
        event = _double(1, time.time()) + _number(2, step) + what
        self._file.write(record(event))
        self._file.flush()


def _checksum(content: bytes) -> bytes:
    crc = crc32c(content)
    turned = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", (turned + _MASK) & 0xFFFFFFFF)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)
