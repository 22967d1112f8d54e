"""Archives made byte by byte, as no packing program would make them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from tests.data.pictures import picture

__all__ = [
    "END",
    "PNG",
    "Entry",
    "Piece",
    "pax",
    "png",
    "record",
    "tar",
    "zip_file",
    "zip_of",
]

BLOCK = 512
END = bytes(2 * BLOCK)


def png(number: int = 0) -> bytes:
    """A real image."""
    out = io.BytesIO()
    picture(number).save(out, "PNG")
    return out.getvalue()


PNG = png()


@dataclass(frozen=True)
class Entry:
    """One tar entry: header fields as they are written, and what follows."""

    name: str | bytes
    data: bytes = PNG
    kind: bytes = b"0"
    size: int | bytes | None = None
    link: bytes = b""
    checksum: bytes | None = None

    def packed(self) -> bytes:
        """The header and the data, filled up to whole blocks."""
        name = self.name.encode() if isinstance(self.name, str) else self.name
        size = len(self.data) if self.size is None else self.size
        digits = b"%011o\0" % size if isinstance(size, int) else size
        head = name.ljust(100, b"\0")[:100] + b"0000644\0" + b"0000000\0" * 2
        head += digits + b"00000000000\0" + b" " * 8 + self.kind
        head += self.link.ljust(100, b"\0") + b"ustar\x0000"
        head = head.ljust(BLOCK, b"\0")
        total = b"%06o\0 " % sum(head) if self.checksum is None else self.checksum
        head = head[:148] + total + head[156:]
        return head + self.data + bytes(-len(self.data) % BLOCK)


def tar(*entries: Entry | bytes, end: bytes = END) -> bytes:
    """Entries one after the other, and the mark of the end."""
    packed = (e if isinstance(e, bytes) else e.packed() for e in entries)
    return b"".join(packed) + end


def record(key: bytes, value: bytes) -> bytes:
    """A line of a pax header."""
    length = len(key) + len(value) + 3
    while len(str(length)) + len(key) + len(value) + 3 != length:
        length = len(str(length)) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (length, key, value)


def pax(*records: bytes, kind: bytes = b"x") -> Entry:
    """An extended header for the entry after it."""
    return Entry("pax", b"".join(records), kind)


def zip_of(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip as a packing program makes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


@dataclass(frozen=True)
class Piece:
    """One zip entry with the numbers it announces; `local_name` may lie."""

    name: bytes
    data: bytes = PNG
    method: int = 0
    flags: int = 0
    size: int | None = None
    crc: int | None = None
    system: int = 3
    mode: int = 0o100644
    local_name: bytes | None = None
    at: int | None = None

    def packed(self) -> bytes:
        """The data as it lies in the file."""
        if self.method != 8:
            return self.data
        coder = zlib.compressobj(9, zlib.DEFLATED, -15)
        return coder.compress(self.data) + coder.flush()

    def numbers(self) -> tuple[int, int, int]:
        """Checksum, packed size and size."""
        size = len(self.data) if self.size is None else self.size
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        return crc, len(self.packed()), size


def zip_file(
    pieces: Iterable[Piece],
    *,
    count: int | None = None,
    prefix: bytes = b"",
    remark: bytes = b"",
    disk: int = 0,
    end: bytes | None = None,
) -> bytes:
    """A zip whose directory and end say what they are told to say."""
    body, directory, number = bytearray(prefix), b"", 0
    for piece in pieces:
        at = len(body) if piece.at is None else piece.at
        name = piece.name if piece.local_name is None else piece.local_name
        both = (piece.flags, piece.method, 0, 0, *piece.numbers())
        if piece.at is None:
            body += struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, *both, len(name), 0)
            body += name + piece.packed()
        directory += struct.pack(
            "<4sBBHHHHHIIIHHHHHII",
            *(b"PK\1\2", 20, piece.system, 20, *both),
            *(len(piece.name), 0, 0, 0, 0, piece.mode << 16, at),
        )
        directory += piece.name
        number += 1
    told = number if count is None else count
    if end is None:
        end = struct.pack(
            "<4sHHHHIIH",
            *(b"PK\5\6", disk, 0, told, told, len(directory), len(body)),
            len(remark),
        )
    return bytes(body) + directory + end + remark
