"""Tars made to do harm: names that lead out, things that are no files, lies."""

import bz2
import gzip
import lzma
import struct
import zlib
from collections.abc import Callable

from tests.data.outcome import GOOD, Hostile, refused, tar_without
from tests.data.packing import END, Entry, pax, record, tar, zip_of

__all__ = ["BROKEN_TARS", "KINDS", "NAMES"]

_ZEROS = bytes(2**24)
_OUTSIDE, _REFUSED = "archive-name-outside", "archive-name-refused"

NAMES = (
    tar_without("slip", Entry("../evil.png"), "../evil.png", _OUTSIDE),
    tar_without(
        "slip inside", Entry("cat/../../evil.png"), "cat/../../evil.png", _OUTSIDE
    ),
    tar_without(
        "slip that stays", Entry("cat/../dog/1.png"), "cat/../dog/1.png", _OUTSIDE
    ),
    tar_without("absolute", Entry("/etc/evil.png"), "/etc/evil.png", _OUTSIDE),
    tar_without("drive", Entry("C:/evil.png"), "C:/evil.png", _OUTSIDE),
    tar_without("drive relative", Entry("c:evil.png"), "c:evil.png", _OUTSIDE),
    tar_without("share", Entry(r"\\host\evil.png"), r"\\\\host\\evil.png", _OUTSIDE),
    tar_without(
        "backslash slip", Entry(r"a\..\..\evil.png"), r"a\\..\\..\\evil.png", _OUTSIDE
    ),
    tar_without("only dots", Entry("././."), "././.", _REFUSED),
    Hostile(
        "zero byte in a name",
        lambda: tar(GOOD, pax(record(b"path", b"cat/a\0.png")), Entry("cat/b.png")),
        skipped={r"cat/a\x00.png": _REFUSED},
    ),
    Hostile(
        "a thousand folders",
        lambda: tar(GOOD, pax(record(b"path", b"a/" * 1000 + b"1.png")), Entry("b")),
        skipped={"a/" * 1000 + "1.png": _REFUSED},
    ),
    Hostile(
        "a long name",
        lambda: tar(GOOD, Entry("L", b"n" * 5000 + b"\0", b"L"), Entry("n")),
        skipped={"n" * 5000: _REFUSED},
    ),
    Hostile(
        "names that turn the line",
        lambda: tar(Entry("cat/\u202egnp.exe"), Entry("c\u0430t/1.png")),
        used=("cat/\\u202egnp.exe", "c\u0430t/1.png"),
    ),
    Hostile(
        "names that are no text",
        lambda: tar(Entry(b"cat/\xff\n.png"), Entry("<script>/1.png")),
        used=("cat/\\xff\\n.png", "<script>/1.png"),
    ),
    Hostile(
        "twice the same name",
        lambda: tar(GOOD, Entry("./cat//good.png", b"other")),
        skipped={"cat/good.png": "archive-name-twice"},
    ),
    Hostile(
        "names that are one on some disks",
        lambda: tar(GOOD, Entry("CAT/good.png")),
        used=("CAT/good.png", "cat/good.png"),
    ),
)

KINDS = (
    Hostile(
        "a link out and a file through it",
        lambda: tar(Entry("up", b"", b"2", link=b"/etc"), Entry("up/1.png")),
        used=("up/1.png",),
        skipped={"up": "file-not-plain"},
    ),
    Hostile(
        "a chain of links",
        lambda: tar(
            GOOD,
            Entry("a", b"", b"2", link=b"b"),
            Entry("b", b"", b"2", link=b".."),
            Entry("a/b/evil.png"),
        ),
        used=("a/b/evil.png", "cat/good.png"),
        skipped={"a": "file-not-plain", "b": "file-not-plain"},
    ),
    tar_without(
        "a hard link",
        Entry("cat/hard.png", b"", b"1", link=b"../../etc/passwd"),
        "cat/hard.png",
        "archive-hard-link",
    ),
    tar_without("a terminal", Entry("cat/tty", b"", b"3"), "cat/tty", "file-not-plain"),
    tar_without("a disk", Entry("cat/sda", b"", b"4"), "cat/sda", "file-not-plain"),
    tar_without("a pipe", Entry("cat/pipe", b"", b"6"), "cat/pipe", "file-not-plain"),
    tar_without(
        "a sparse file",
        Entry("cat/big.png", kind=b"S"),
        "cat/big.png",
        "archive-entry-kind",
    ),
    Hostile(
        "a sparse file by pax",
        lambda: tar(
            GOOD,
            pax(
                record(b"GNU.sparse.major", b"1"),
                record(b"GNU.sparse.realsize", b"9" * 18),
            ),
            Entry("cat/big.png"),
        ),
        skipped={"cat/big.png": "archive-entry-kind"},
    ),
    tar_without(
        "an unknown kind",
        Entry("cat/v.png", kind=b"V"),
        "cat/v.png",
        "archive-entry-kind",
    ),
    tar_without("nothing in it", Entry("cat/0.png", b""), "cat/0.png", "file-empty"),
    tar_without(
        "a zip in a tar",
        Entry("cat/a.zip", zip_of(("b", b"c"))),
        "cat/a.zip",
        "archive-nested",
    ),
)

_HUGE = b"\x80" + (2**62).to_bytes(11, "big")


def _xz_with_dictionary(code: int) -> bytes:
    """An xz stream whose head asks for another dictionary than it needs."""
    stream = bytearray(lzma.compress(tar(GOOD)))
    length = (stream[12] + 1) * 4
    head = stream[12 : 12 + length]
    assert head[2:4] == b"\x21\x01"
    head[4] = code
    head[-4:] = struct.pack("<I", zlib.crc32(head[:-4]))
    stream[12 : 12 + length] = head
    return bytes(stream)


def _bomb(pack: Callable[[bytes], bytes]) -> bytes:
    """A compressed tar with an entry of 256 MB of zeros."""
    head = tar(GOOD, Entry("cat/big.png", b"", size=2**28), end=b"")
    return pack(head) + pack(_ZEROS) * 16 + pack(END)


def _many_empty() -> bytes:
    """A million entries without content."""
    entries = Entry("cat/1.png", b"").packed() * 2**15
    return lzma.compress(entries, preset=0) * 31 + lzma.compress(END)


BROKEN_TARS = (
    refused(
        "announced eight exabytes",
        "archive-truncated",
        lambda: tar(GOOD, Entry("cat/b", size=_HUGE)),
    ),
    refused(
        "announced eight exabytes, compressed",
        "archive-truncated",
        lambda: gzip.compress(tar(GOOD, Entry("cat/b", size=_HUGE))),
    ),
    refused(
        "a negative size",
        "archive-damaged",
        lambda: tar(GOOD, Entry("b", size=b"\xff" * 12)),
    ),
    refused(
        "a size of letters",
        "archive-damaged",
        lambda: tar(GOOD, Entry("b", size=b"size  size  ")),
    ),
    refused("a gzip bomb", "archive-bomb", lambda: _bomb(gzip.compress)),
    refused(
        "an xz bomb",
        "archive-bomb",
        lambda: _bomb(lambda data: lzma.compress(data, preset=0)),
    ),
    refused("a bzip2 bomb", "archive-bomb", lambda: _bomb(bz2.compress)),
    refused("a million empty entries", "archive-endless", _many_empty),
    refused(
        "a giant dictionary", "archive-dictionary", lambda: _xz_with_dictionary(40)
    ),
    refused(
        "a hundred thousand empty streams",
        "archive-damaged",
        lambda: gzip.compress(tar(GOOD)) + gzip.compress(b"") * 100_000,
    ),
    refused(
        "one after another",
        "archive-more-data",
        lambda: tar(GOOD) + tar(Entry("dog/1.png")),
    ),
    refused(
        "one after another, compressed",
        "archive-more-data",
        lambda: gzip.compress(tar(GOOD)) + gzip.compress(tar(Entry("dog/1.png"))),
    ),
    refused("cut off in an entry", "archive-truncated", lambda: tar(GOOD, GOOD)[:1700]),
    refused("cut off between entries", "archive-truncated", lambda: tar(GOOD, end=b"")),
    refused(
        "cut off, compressed",
        "archive-truncated",
        lambda: gzip.compress(tar(GOOD, Entry("cat/2.png", bytes(range(256)) * 400)))[
            :-600
        ],
    ),
    refused(
        "cut off in the checksum",
        "archive-truncated",
        lambda: gzip.compress(tar(GOOD))[:-4],
    ),
    refused(
        "another checksum",
        "archive-damaged",
        lambda: gzip.compress(tar(GOOD))[:-8] + bytes(8),
    ),
    refused(
        "a header with a wrong sum",
        "archive-damaged",
        lambda: tar(GOOD, Entry("b", checksum=b"000000\0 ")),
    ),
    refused(
        "no tar in the gzip",
        "archive-damaged",
        lambda: gzip.compress(b"file,label\n" * 100),
    ),
    refused(
        "a pax header of a gigabyte",
        "archive-header-large",
        lambda: tar(Entry("p", b"", b"x", size=2**30), GOOD),
    ),
    refused(
        "a pax line that goes on",
        "archive-damaged",
        lambda: tar(pax(b"99 path=cat/1.png\n"), GOOD),
    ),
    refused(
        "a pax size of letters",
        "archive-damaged",
        lambda: tar(pax(record(b"size", b"-1")), GOOD),
    ),
    refused(
        "one name for all entries",
        "archive-damaged",
        lambda: tar(pax(record(b"path", b"a"), kind=b"g"), GOOD),
    ),
    refused(
        "a name of two megabytes",
        "archive-header-large",
        lambda: tar(Entry("L", b"n" * 2**21, b"L"), GOOD),
    ),
)
