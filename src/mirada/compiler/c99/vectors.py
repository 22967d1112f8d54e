"""Lanes of float32 numbers as one value of C: a compiler's own vectors, or an array.

GCC and Clang have vectors of any length, which they take apart where the processor has
shorter ones. For every other compiler a vector is an array in a structure.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from mirada.compiler.c99.names import Names
from mirada.compiler.ir import (
    Buffer,
    Const,
    Convert,
    Expr,
    Get,
    Load,
    Op,
    Splat,
)

__all__ = ["VECTOR_HEADER", "Writer", "vector_definitions", "whole"]

VECTOR_HEADER = """\
#if !defined(PLAIN) && (defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 9))
#define VECTORS 1
#define INLINE static inline __attribute__((always_inline))
#define ALIGNED __attribute__((aligned(64)))
#else
#define VECTORS 0
#define INLINE static inline
#define ALIGNED
#endif
"""
"""What stands before the vectors; -DPLAIN does without a compiler's own."""

_ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_COMPARISONS = {"lt": "<", "gt": ">", "ge": ">=", "eq": "=="}
_CHOICES = {"min": "<", "max": ">"}
_PIECES = ((8, "VECTORS && defined(__AVX__)"), (4, "VECTORS"), (1, "1"))
"""Lanes of a compiler's own vector, the longest first, and where there are such."""


class Writer(Protocol):
    """Who writes the scalars inside a vector's text."""

    names: Names
    read: set[str]
    used: set[str]

    def text(self, expr: Expr, lane: str = "", proven: bool = False) -> str:
        """One lane of an expression."""

    def place(self, buffer: Buffer, index: tuple[Expr, ...], lane: str = "") -> str:
        """An element of a buffer."""


def whole(expr: Expr, writer: Writer) -> str | None:
    """The vector as one expression of C; None where it has to be made lane by lane."""
    before = set(writer.used), set(writer.read)
    found = _whole(expr, writer)
    if found is None:
        # What was written on the way is not needed.
        writer.used, writer.read = before
    return found


def _whole(expr: Expr, writer: Writer) -> str | None:
    lanes = f"f32x{expr.lanes}"
    match expr:
        case Get(register) if register.kind == "f32":
            writer.read.add(register.name)
            return writer.names("register", register.name)
        case Const(value, "f32"):
            return _call(writer, f"splat_{lanes}", writer.text(Const(value, "f32")))
        case Splat(value) if value.kind == "f32":
            return _call(writer, f"splat_{lanes}", writer.text(value))
        case Load(buffer) if buffer.kind == "f32":
            return _loaded(writer, "load", expr)
        case Convert(Load() as inner, "f32") if inner.kind == "u8":
            return _loaded(writer, "bytes", inner)
        case Op(name, args) if name in _OPERATIONS and args[-1].kind == "f32":
            texts = [_whole(arg, writer) for arg in args]
            known = [text for text in texts if text is not None]
            if len(known) == len(texts):
                return _call(writer, f"{name}_{lanes}", *known)
    return None


_OPERATIONS = {*_ARITHMETIC, *_COMPARISONS, *_CHOICES, "fma", "select"}


def _call(writer: Writer, name: str, *args: str) -> str:
    writer.used.add(name)
    return f"{name}({', '.join(args)})"


def _loaded(writer: Writer, name: str, load: Load) -> str:
    place = f"&{writer.place(load.buffer, load.index)}"
    if 0 < load.active < load.lanes:
        return _call(writer, f"{name}_part_f32x{load.lanes}", place, str(load.active))
    return _call(writer, f"{name}_f32x{load.lanes}", place)


def vector_definitions(used: Iterable[str]) -> str:
    """The types and operations of vectors that are used."""
    wanted = set(used)
    lanes = {int(n) for name in wanted for n in re.findall(r"_f32x(\d+)", name)}
    return "\n".join(_of_lanes(count, wanted) for count in sorted(lanes))


def _of_lanes(n: int, wanted: set[str]) -> str:
    """Vectors of so many lanes: one of the compiler's, two, or an array."""
    lines = list[str]()
    for piece, condition in _PIECES:
        if piece <= n:
            lines.append(f"#{'el' if lines else ''}if {condition}")
            lines += _types(n, piece)
            lines += [
                text
                for name, text in _functions(n, piece)
                if f"{name}_f32x{n}" in wanted
            ]
    return "\n".join([*lines, "#endif\n"])


def _types(n: int, piece: int) -> Iterator[str]:
    f, i, size = f"f32x{n}", f"i32x{n}", f"__attribute__((vector_size({4 * piece})))"
    if piece == 1:
        yield f"typedef struct {{ float at[{n}]; }} {f};"
        yield f"typedef struct {{ int32_t at[{n}]; }} {i};"
        yield f"#define LANE_{f}(vector, lane) ((vector).at[lane])"
        return
    near = f"vector_size({4 * piece}), aligned(4), may_alias"
    yield f"typedef float {f}_piece {size};"
    yield f"typedef int32_t {i}_piece {size};"
    yield f"typedef float {f}_near __attribute__(({near}));"
    yield f"typedef uint16_t {f}_halves __attribute__((vector_size({2 * piece})));"
    near = f"vector_size({piece}), aligned(1), may_alias"
    yield f"typedef uint8_t {f}_bytes __attribute__(({near}));"
    yield f"typedef struct {{ {f}_piece at[{n // piece}]; }} {f};"
    yield f"typedef struct {{ {i}_piece at[{n // piece}]; }} {i};"
    lane = f"((vector).at[(lane) / {piece}][(lane) % {piece}])"
    yield f"#define LANE_{f}(vector, lane) {lane}"


def _functions(n: int, piece: int) -> Iterator[tuple[str, str]]:
    """Every operation as a function that gives its pieces one after another."""
    f, i = f"f32x{n}", f"i32x{n}"

    def made(name: str, given: str, each: str, result: str = f) -> tuple[str, str]:
        places = range(0, n, piece)
        parts = ", ".join(
            each.replace("[]", f"[{at // piece}]").replace("@", str(at))
            for at in places
        )
        head = f"INLINE {result} {name}_{f}({given})"
        return name, f"{head}\n{{\n    return ({result}) {{{{{parts}}}}};\n}}\n"

    two, own = f"{f} a, {f} b", piece > 1
    spread = f"({f}_piece) {{{', '.join('x' * piece)}}}"
    yield made("splat", "float x", spread if own else "x")
    for name, sign in _ARITHMETIC.items():
        yield made(name, two, f"a.at[] {sign} b.at[]")
    yield made("fma", f"{two}, {f} c", "a.at[] * b.at[] + c.at[]")
    for name, sign in _COMPARISONS.items():
        yield made(name, two, f"a.at[] {sign} b.at[]", i)
    for name, sign in _CHOICES.items():
        chosen = _chosen(f"(a.at[] {sign} b.at[])", "a.at[]", "b.at[]", n, own)
        yield made(name, two, chosen)
    given = f"{i} where, {f} yes, {f} no"
    yield made("select", given, _chosen("where.at[]", "yes.at[]", "no.at[]", n, own))
    # Step by step: GCC would take the numbers one by one otherwise.
    wide = f"*(const {f}_bytes *) (from + @)"
    for kind in (f"{f}_halves", f"{i}_piece", f"{f}_piece"):
        wide = f"__builtin_convertvector({wide}, {kind})"
    yield made("bytes", "const uint8_t *from", wide if own else "from[@]")
    near = f"*(const {f}_near *) (from + @)" if own else "from[@]"
    yield made("load", "const float *from", near)
    # By way of memory a processor would wait for what it has just written.
    some = ", ".join(f"count > @ + {k} ? from[@ + {k}] : 0" for k in range(piece))
    some = f"({f}_piece) {{{some}}}" if own else some
    yield made("load_part", "const float *from, int count", some)
    yield made("bytes_part", "const uint8_t *from, int count", some)


def _chosen(where: str, yes: str, no: str, n: int, own: bool) -> str:
    if not own:
        return f"{where} ? {yes} : {no}"
    f, i = f"(f32x{n}_piece)", f"(i32x{n}_piece)"
    return f"{f} (({i} {where} & {i} {yes}) | (~{i} {where} & {i} {no}))"
