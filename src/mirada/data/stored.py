"""Reading what is a plain file or content from an archive, without knowing which."""

import io
import os
from typing import BinaryIO, TypeAlias

from mirada.data.encoded import Content, Encoded
from mirada.data.gate import open_plain, read_plain, require_length
from mirada.data.naming import shown_path

__all__ = ["Stored", "open_stored", "read_stored", "stored_length", "stored_name"]

Stored: TypeAlias = Encoded | os.PathLike[str]


def open_stored(source: Stored) -> BinaryIO:
    """A stream to read and to seek in.

    Raises those DataErrors of `gate.open_plain`.
    """
    if isinstance(source, Content):
        return io.BytesIO(source.data)
    return open_plain(source)


def read_stored(source: Stored, most_bytes: int) -> bytes:
    """The whole content, refused when it is empty or too large.

    >>> read_stored(Content("label", b"cat"), 10)
    b'cat'
    """
    if isinstance(source, Content):
        require_length(source.name, len(source.data), most_bytes)
        return source.data
    return read_plain(source, most_bytes)


def stored_length(stream: BinaryIO) -> int:
    """How many bytes a stream of `open_stored` has; it is then at its begin."""
    length = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return length


def stored_name(source: Stored) -> str:
    """How it is shown in messages."""
    return shown_path(source.name if isinstance(source, Content) else source)
