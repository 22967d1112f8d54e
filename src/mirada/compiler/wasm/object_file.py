"""What a linker needs of a relocatable WebAssembly file, as LLVM writes it.

Source: "WebAssembly Object File Linking" of the WebAssembly tool conventions,
https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md
"""

from collections.abc import Mapping
from typing import NamedTuple

from mirada.compiler.wasm.binary import Reader, refused, sections

__all__ = ["ObjectFile", "Patch", "Segment", "Symbol", "parsed"]

CUSTOM, TYPES, IMPORTS, FUNCTIONS, CODE, DATA = 0, 1, 2, 3, 10, 11
_COPIED = (TYPES, FUNCTIONS, CODE)
_KNOWN = {CUSTOM, TYPES, IMPORTS, FUNCTIONS, CODE, DATA, 12}  # 12: count of segments
_FUNCTION, _DATA, _GLOBAL, _SECTION, _TABLE = 0, 1, 2, 3, 5
_UNDEFINED, _NAMED = 0x10, 0x40
_SEGMENT_INFO, _SYMBOL_TABLE = 5, 8


class Symbol(NamedTuple):
    """A function or a global by its number, or data by its segment and offset."""

    kind: int
    name: str
    number: int
    offset: int = 0
    defined: bool = True


class Segment(NamedTuple):
    """Data to be laid somewhere; `at` is where its content begins in the section."""

    content: bytes
    at: int
    alignment: int = 1


class Patch(NamedTuple):
    """A place in the code or the data where what a symbol stands for is written."""

    kind: int
    at: int
    symbol: int
    more: int = 0


class ObjectFile(NamedTuple):
    """The sections that are copied, by their kind, and what is changed in them."""

    copied: Mapping[int, bytes]
    imports: tuple[tuple[str, int], ...]
    """The name and the kind of everything that comes from outside."""
    segments: tuple[Segment, ...]
    symbols: tuple[Symbol, ...]
    code: tuple[Patch, ...]
    data: tuple[Patch, ...]


def parsed(content: bytes) -> ObjectFile:
    """A relocatable file taken apart.

    Raises InternalError (`wasm-object`) for what it does not know.
    """
    copied: dict[int, bytes] = {}
    imports: tuple[tuple[str, int], ...] = ()
    segments: list[Segment] = []
    symbols: tuple[Symbol, ...] = ()
    patches: dict[str, tuple[Patch, ...]] = {}
    for kind, body in sections(content):
        reader = Reader(body)
        if kind not in _KNOWN:
            raise refused(f"it has a section of kind {kind}")
        if kind in _COPIED:
            copied[kind] = body
        elif kind == IMPORTS:
            imports = _imports(reader)
        elif kind == DATA:
            segments = _segments(reader)
        elif kind == CUSTOM:
            name = reader.name()
            if name == "linking":
                symbols = _linking(reader, segments)
            elif name.startswith("reloc."):
                patches[name] = _patches(reader)
    code, data = (patches.get(name, ()) for name in ("reloc.CODE", "reloc.DATA"))
    return ObjectFile(copied, imports, tuple(segments), symbols, code, data)


def _imports(reader: Reader) -> tuple[tuple[str, int], ...]:
    found = []
    for _ in range(reader.unsigned()):
        reader.name()
        name, kind = reader.name(), reader.byte()
        match kind:
            case 0:
                reader.unsigned()
            case 1:
                reader.byte()
                reader.limits()
            case 2:
                reader.limits()
            case 3:
                reader.bytes(2)
            case _:
                raise refused(f"it imports {name}")
        found.append((name, kind))
    return tuple(found)


def _segments(reader: Reader) -> list[Segment]:
    found = []
    for _ in range(reader.unsigned()):
        if reader.bytes(2) != b"\0\x41":  # into the memory, at a constant
            raise refused("its data is not laid at a constant")
        reader.signed()
        if reader.byte() != 0x0B:
            raise refused("its data is not laid at a constant")
        size = reader.unsigned()
        found.append(Segment(reader.bytes(size), reader.at - size))
    return found


def _linking(reader: Reader, segments: list[Segment]) -> tuple[Symbol, ...]:
    """The symbols; the alignment of segments is put into these."""
    if reader.unsigned() != 2:
        raise refused("its linking section has another version")
    symbols: tuple[Symbol, ...] = ()
    while reader.left:
        kind, size = reader.byte(), reader.unsigned()
        part = Reader(reader.bytes(size))
        if kind == _SYMBOL_TABLE:
            symbols = tuple(_symbol(part) for _ in range(part.unsigned()))
        elif kind == _SEGMENT_INFO:
            for place in range(part.unsigned()):
                part.name()
                power = part.unsigned()
                part.unsigned()
                if place >= len(segments) or power > 16:
                    raise refused("it describes other data")
                segments[place] = segments[place]._replace(alignment=1 << power)
        else:
            raise refused(f"its linking section has a part of kind {kind}")
    return symbols


def _symbol(reader: Reader) -> Symbol:
    kind, flags = reader.byte(), reader.unsigned()
    defined = not flags & _UNDEFINED
    if kind in (_FUNCTION, _GLOBAL, _TABLE):
        index = reader.unsigned()
        name = reader.name() if defined or flags & _NAMED else ""
        return Symbol(kind, name, index, 0, defined)
    if kind == _DATA:
        name = reader.name()
        if not defined:
            return Symbol(kind, name, 0, 0, False)
        index, offset, _ = reader.unsigned(), reader.unsigned(), reader.unsigned()
        return Symbol(kind, name, index, offset)
    if kind == _SECTION:
        return Symbol(kind, "", reader.unsigned())
    raise refused(f"it has a symbol of kind {kind}")


def _patches(reader: Reader) -> tuple[Patch, ...]:
    reader.unsigned()  # the section's number, which its name says as well
    found = []
    for _ in range(reader.unsigned()):
        kind, at, symbol = reader.byte(), reader.unsigned(), reader.unsigned()
        more = reader.signed() if kind in WITH_MORE else 0
        found.append(Patch(kind, at, symbol, more))
    return tuple(found)


WITH_MORE = frozenset({3, 4, 5, 8, 9, 11})
"""Relocations that add a number to an address."""
