"""What a file of C needs before its kernels: operations that C has no word for.

Signed numbers wrap around, as they do in machine code: C leaves that undefined, so
they are added as unsigned ones. Minimum and maximum take the second number where the
two do not compare. A number outside the kind it is turned into has no meaning, but
must not be undefined either.
"""

from collections.abc import Iterable, Iterator, Mapping

__all__ = ["HEADER", "HELPERS", "TYPES", "definitions"]

TYPES: Mapping[str, str] = {
    "f32": "float",
    "i32": "int32_t",
    "i64": "int64_t",
    "u8": "uint8_t",
    "u32": "uint32_t",
    "u64": "uint64_t",
    "bool": "bool",
}
"""The C type of every kind."""

HEADER = """\
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Roundings are those of single precision, and each is written down: a * b + c has
   two, fmaf(a, b, c) has one. */
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "float must be computed as float: on 32-bit x86 compile with -mfpmath=sse"
#endif
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif
"""
"""The first lines of every file."""

_LANES = (2, 4, 8, 16, 32, 64)
_NUMBERS = ("f32", "i32", "i64", "u32", "u64")
_WORDS = ("f32", "i32", "u32")
_SIGNS = {"add": "+", "sub": "-", "mul": "*"}


def _function(name: str, result: str, parameters: str, value: str) -> str:
    head = f"static inline {result} {name}({parameters})"
    return f"{head}\n{{\n    {value}\n}}\n"


def _wrapping() -> Iterator[tuple[str, str]]:
    for kind in ("i32", "i64"):
        whole, plain = TYPES[kind], TYPES["u" + kind[1:]]
        for name, sign in _SIGNS.items():
            value = f"return ({whole}) (({plain}) a {sign} ({plain}) b);"
            full = f"{name}_{kind}"
            yield full, _function(full, whole, f"{whole} a, {whole} b", value)
        left, right = f"shl_{kind}", f"shr_{kind}"
        value = f"return ({whole}) (({plain}) a << by);"
        yield left, _function(left, whole, f"{whole} a, int by", value)
        value = "return a < 0 ? ~(~a >> by) : a >> by;"
        yield right, _function(right, whole, f"{whole} a, int by", value)


def _choices() -> Iterator[tuple[str, str]]:
    for kind in _NUMBERS:
        number = TYPES[kind]
        for name, sign in (("min", "<"), ("max", ">")):
            value = f"return a {sign} b ? a : b;"
            full = f"{name}_{kind}"
            yield full, _function(full, number, f"{number} a, {number} b", value)
    for kind in ("u32", "u64"):
        number = TYPES[kind]
        for name, sign in (("lt", "<"), ("gt", ">"), ("ge", ">=")):
            full, value = f"{name}_{kind}", f"return a {sign} b;"
            yield full, _function(full, "bool", f"{number} a, {number} b", value)
    for kind, number in TYPES.items():
        parameters = f"bool where, {number} yes, {number} no"
        full = f"select_{kind}"
        yield full, _function(full, number, parameters, "return where ? yes : no;")


def _changes() -> Iterator[tuple[str, str]]:
    for kind, whole in TYPES.items():
        if kind in ("f32", "bool"):
            continue
        signed, bits = kind[0] == "i", int(kind[1:])
        low = f"x >= -0x1p{bits - 1}f" if signed else "x > -1.0f"
        high = f"x < 0x1p{bits - signed}f"
        other = f"INT{bits}_MIN" if signed else "0"
        value = f"return {low} && {high} ? ({whole}) x : {other};"
        full = f"{kind}_from_f32"
        yield full, _function(full, whole, "float x", value)
    for to in _WORDS:
        for given in _WORDS:
            value = f"{TYPES[to]} y;\n    memcpy(&y, &x, 4);\n    return y;"
            full = f"{to}_bits_{given}"
            yield full, _function(full, TYPES[to], f"{TYPES[given]} x", value)


def _totals() -> Iterator[tuple[str, str]]:
    for lanes in _LANES:
        full = f"total_{lanes}"
        value = f"""\
float sum[{lanes}];
    memcpy(sum, lanes, sizeof sum);
    for (int half = {lanes // 2}; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            sum[lane] = sum[lane] + sum[lane + half];
    return sum[0];"""
        yield full, _function(full, "float", f"const float lanes[{lanes}]", value)


def _mixed() -> Iterator[tuple[str, str]]:
    """What `expression.MIXED` says of numbers of 16 bits, in double precision."""
    value = """\
uint32_t word[2];
    memcpy(&word[0], &a, 4);
    memcpy(&word[1], &b, 4);
    for (int i = 0; i < 2; i++) {
        bool nan = (word[i] & 0x7FFFFFFFu) > 0x7F800000u;
        if ((word[i] & 0x7F800000u) == 0u)
            word[i] &= 0x80000000u;
        word[i] = nan ? word[i] | 0x400000u : word[i] + 0x7FFFu + (word[i] >> 16 & 1u);
    }
    return word[0] >> 16 | (word[1] & 0xFFFF0000u);"""
    yield "pair_f32", _function("pair_f32", "uint32_t", "float a, float b", value)
    value = """\
for (int half = 0; half < 2; half++) {
        uint32_t word[3];
        float number[3];
        uint64_t bits, signs;
        memcpy(&word[0], &sum, 4);
        word[1] = half == 0 ? x & 0xFFFF0000u : x << 16;
        word[2] = half == 0 ? y & 0xFFFF0000u : y << 16;
        for (int i = 0; i < 3; i++)
            if ((word[i] & 0x7F800000u) == 0u)
                word[i] &= 0x80000000u;
        memcpy(number, word, sizeof number);
        double product = (double) number[1] * (double) number[2];
        double more = (double) number[0];
        double total = product + more;
        double moved = total - product;
        double lost = (product - (total - moved)) + (more - moved);
        uint64_t inexact = lost < 0.0 || lost > 0.0;
        memcpy(&bits, &total, 8);
        memcpy(&signs, &lost, 8);
        bits = (bits - ((bits ^ signs) >> 63 & inexact)) | inexact;
        memcpy(&total, &bits, 8);
        if (total > -0x1.ffffffp-127 && total < 0x1.ffffffp-127)
            total = total * 0.0;
        sum = (float) total;
    }
    return sum;"""
    given = "float sum, uint32_t x, uint32_t y"
    yield "dot2_u32", _function("dot2_u32", "float", given, value)


def _plain() -> Iterator[tuple[str, str]]:
    """What else is a library's: one rounding or two, as the compiler likes."""
    given = "float a, float b, float c"
    yield "fma_f32", _function("fma_f32", "float", given, "return a * b + c;")
    value = """\
if (!(x > -0x1p23f && x < 0x1p23f))
        return x;
    float whole = (float) (int32_t) x;
    return whole > x ? whole - 1.0f : whole;"""
    yield "floor_f32", _function("floor_f32", "float", "float x", value)


HELPERS: Mapping[str, str] = {
    **dict(_wrapping()),
    **dict(_choices()),
    **dict(_changes()),
    **dict(_totals()),
    **dict(_mixed()),
    **dict(_plain()),
}
"""The text of each such operation, by its name."""


def definitions(used: Iterable[str]) -> str:
    """The text of the operations that are used, in their order."""
    wanted = set(used)
    return "\n".join(text for name, text in HELPERS.items() if name in wanted)
