"""The binary format of WebAssembly: numbers, names and sections, read and written.

Source: WebAssembly core specification 2.0, section 5.
"""

from collections.abc import Iterable, Iterator

from mirada.errors import InternalError

__all__ = [
    "HEAD",
    "Reader",
    "name",
    "padded",
    "padded_signed",
    "refused",
    "section",
    "sections",
    "signed",
    "unsigned",
    "vector",
]

HEAD = b"\0asm\x01\0\0\0"
_LONGEST = 10
_PADDED = 5


class Reader:
    """Reads one value after another; anything that is not there is refused."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    @property
    def left(self) -> bool:
        """Whether there is more."""
        return self.at < len(self.data)

    def bytes(self, count: int) -> bytes:
        """The next so many bytes."""
        if count > len(self.data) - self.at:
            raise refused("it ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        """The next byte."""
        return self.bytes(1)[0]

    def unsigned(self) -> int:
        """A whole number from 0 on, seven bits a byte, the lowest first."""
        return self._number()[0]

    def signed(self) -> int:
        """A whole number whose highest bit is its sign."""
        value, bits, last = self._number()
        return value - (1 << bits) if last & 0x40 else value

    def _number(self) -> tuple[int, int, int]:
        value = 0
        for place in range(_LONGEST):
            byte = self.byte()
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                return value, 7 * (place + 1), byte
        raise refused("a number does not end")

    def name(self) -> str:
        """A name, whatever letters it has."""
        return self.bytes(self.unsigned()).decode("utf-8", "replace")

    def limits(self) -> None:
        """How large a memory or a table is, which nobody here needs to know."""
        flags = self.byte()
        self.unsigned()
        if flags & 1:
            self.unsigned()


def refused(why: str) -> InternalError:
    """The error of an object file that cannot be linked."""
    return InternalError(
        "wasm-object",
        "The object file that LLVM made for WebAssembly cannot be linked: {why}. "
        "This is a bug of mirada's; report it with the description of the network.",
        why=why,
    )


def sections(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind and the content of every section of a module."""
    if data[: len(HEAD)] != HEAD:
        raise refused("it is no WebAssembly")
    reader = Reader(data, len(HEAD))
    while reader.left:
        kind = reader.byte()
        yield kind, reader.bytes(reader.unsigned())


def unsigned(value: int) -> bytes:
    """A whole number from 0 on in as few bytes as it needs.

    >>> unsigned(300).hex()
    'ac02'
    """
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def signed(value: int) -> bytes:
    """A whole number with its sign in as few bytes as it needs.

    >>> signed(-1).hex(), signed(64).hex()
    ('7f', 'c000')
    """
    out = bytearray()
    while not -0x40 <= value < 0x40:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value & 0x7F])


def padded(value: int) -> bytes:
    """A number of 32 bits in the five bytes that an object file keeps for it.

    >>> padded(1).hex()
    '8180808000'
    """
    return _five(value & 0xFFFFFFFF)


def padded_signed(value: int) -> bytes:
    """A number of 32 bits with its sign in five bytes.

    >>> padded_signed(-1).hex()
    'ffffffff7f'
    """
    return _five((value & 0xFFFFFFFF) - ((value & 0x80000000) << 1))


def _five(value: int) -> bytes:
    last = _PADDED - 1
    return bytes(
        value >> 7 * place & 0x7F | 0x80 * (place < last) for place in range(_PADDED)
    )


def name(text: str) -> bytes:
    """A name with its length before it."""
    letters = text.encode()
    return unsigned(len(letters)) + letters


def vector(items: Iterable[bytes]) -> bytes:
    """Things one after another, their count before them."""
    known = list(items)
    return unsigned(len(known)) + b"".join(known)


def section(kind: int, content: bytes) -> bytes:
    """A section; nothing where it would hold nothing."""
    return bytes([kind]) + unsigned(len(content)) + content if content else b""
