"""A small linker: one relocatable object file of ours becomes a module.

It knows what LLVM writes for one of our programs, which is a small part of what may be
in an object file: functions that call one another, tables of constants, a stack. There
is nothing to resolve, so all indices stay as they are; what is decided here is where
data lies, and every address of it is written into the code. Anything else is refused.
"""

from collections.abc import Collection
from typing import NamedTuple

from mirada.compiler.wasm.binary import (
    HEAD,
    name,
    padded,
    padded_signed,
    refused,
    section,
    signed,
    unsigned,
    vector,
)
from mirada.compiler.wasm.object_file import (
    CODE,
    FUNCTIONS,
    TYPES,
    ObjectFile,
    Patch,
    Symbol,
    parsed,
)

__all__ = ["PAGE_BYTES", "Linked", "linked"]

PAGE_BYTES = 1 << 16
_FUNCTION, _DATA, _GLOBAL = 0, 1, 2
_MEMORY, _GLOBALS, _EXPORTS, _DATA_SECTION, _COUNT = 5, 6, 7, 11, 12
_FUNCTION_INDEX, _TYPE_INDEX, _GLOBAL_INDEX = 0, 6, 7
_ADDRESSES = {3: padded, 4: padded_signed}
_WORD_ADDRESS = 5
_END = b"\x0b"
_I32 = b"\x7f"


class Linked(NamedTuple):
    """A module, and the bytes of its memory, which does not grow."""

    code: bytes
    memory_bytes: int


def linked(
    code: bytes, exported: Collection[str], *, stack_top: int, base: int
) -> Linked:
    """A module of an object file, with its memory and these functions for all.

    The stack grows down from `stack_top`; constants lie from `base` on, where the
    memory ends with them. Raises InternalError (`wasm-object`) for what this linker
    does not know.
    """
    file = parsed(code)
    _require_closed(file)
    places, end = _laid_out(file, base)
    functions = {
        symbol.name: symbol.number
        for symbol in file.symbols
        if symbol.kind == _FUNCTION and symbol.name in exported
    }
    missing = sorted(set(exported) - set(functions))
    if missing:
        raise refused(f"it has no function {missing[0]}")
    pages = -(-max(end, stack_top) // PAGE_BYTES)
    stack = _I32 + b"\x01\x41" + signed(stack_top) + _END
    out = [name("memory") + b"\x02\0"]
    out += [name(one) + b"\0" + unsigned(index) for one, index in functions.items()]
    uses_stack = any(kind == 3 for _, kind in file.imports)
    patched = _patched(file.copied.get(CODE, b""), file.code, file, places)
    parts = (
        section(TYPES, file.copied.get(TYPES, b"")),
        section(FUNCTIONS, file.copied.get(FUNCTIONS, b"")),
        section(_MEMORY, vector([b"\x01" + unsigned(pages) + unsigned(pages)])),
        section(_GLOBALS, vector([stack]) if uses_stack else b""),
        section(_EXPORTS, vector(out)),
        section(_COUNT, unsigned(len(file.segments))) if file.segments else b"",
        section(CODE, patched),
        section(_DATA_SECTION, _data(file, places)),
    )
    return Linked(HEAD + b"".join(parts), pages * PAGE_BYTES)


def _require_closed(file: ObjectFile) -> None:
    """Nothing comes from outside but the memory, the stack and an empty table."""
    known = {("__linear_memory", 2), ("__stack_pointer", 3)}
    known.add(("__indirect_function_table", 1))
    for each in file.imports:
        if each not in known:
            raise refused(f"it needs {each[0]} from outside")


def _laid_out(file: ObjectFile, base: int) -> tuple[list[int], int]:
    """Where each segment of data lies, and where all of them end."""
    places = []
    for segment in file.segments:
        base = -(-base // segment.alignment) * segment.alignment
        places.append(base)
        base += len(segment.content)
    return places, base


def _data(file: ObjectFile, places: list[int]) -> bytes:
    """The section of data, the addresses inside it written."""
    if not file.segments:
        return b""
    items = []
    for segment, place in zip(file.segments, places, strict=True):
        own = [
            patch._replace(at=patch.at - segment.at)
            for patch in file.data
            if 0 <= patch.at - segment.at < len(segment.content)
        ]
        content = _patched(segment.content, tuple(own), file, places)
        head = b"\0\x41" + signed(place) + _END
        items.append(head + unsigned(len(content)) + content)
    return vector(items)


def _patched(
    content: bytes, patches: tuple[Patch, ...], file: ObjectFile, places: list[int]
) -> bytes:
    """The content with what every patch asks for."""
    out = bytearray(content)
    for patch in patches:
        wanted = _written(patch, file, places)
        if patch.at + len(wanted) > len(out):
            raise refused("it changes what it does not have")
        out[patch.at : patch.at + len(wanted)] = wanted
    return bytes(out)


def _written(patch: Patch, file: ObjectFile, places: list[int]) -> bytes:
    """What stands in the place of a patch."""
    if patch.kind == _TYPE_INDEX:
        return padded(patch.symbol)
    if patch.symbol >= len(file.symbols):
        raise refused("it names a symbol that is not there")
    symbol = file.symbols[patch.symbol]
    if patch.kind == _FUNCTION_INDEX and symbol.kind == _FUNCTION and symbol.defined:
        return padded(symbol.number)
    if patch.kind == _GLOBAL_INDEX and symbol.kind == _GLOBAL:
        return padded(0)  # the stack pointer, which is the only one
    if symbol.kind == _DATA:
        address = _address(symbol, places) + patch.more
        if patch.kind in _ADDRESSES:
            return _ADDRESSES[patch.kind](address)
        if patch.kind == _WORD_ADDRESS:
            return (address & 0xFFFFFFFF).to_bytes(4, "little")
    raise refused(f"it has a relocation of kind {patch.kind}")


def _address(symbol: Symbol, places: list[int]) -> int:
    if not symbol.defined or symbol.number >= len(places):
        raise refused(f"it needs {symbol.name} from outside")
    return places[symbol.number] + symbol.offset
