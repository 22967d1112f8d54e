"""Numbers of 16 bits, two in a word: what a processor does with them, as LLVM's text.

Where it multiplies and adds them itself, an operation is one instruction. Elsewhere the
same bits are computed in float64, whose products of such numbers are exact. A number
too small to be normal counts as 0 before and after each step, as in the instruction.

Source: Intel, "Software Developer's Manual", volume 2, VDPBF16PS and VCVTNE2PS2BF16.
"""

import re

from mirada.compiler.targets import Target

__all__ = ["definition", "has_dot_products"]

_OURS = re.compile(r"mirada\.(dot2|pair)\.(\d+)")
_LEAST_LANES = 4

_HEAD = 'define linkonce_odr {result} @"{name}"({given}) alwaysinline nounwind {{'

_DOT = """
  %a = bitcast <{n} x i32> %x to <{m} x bfloat>
  %b = bitcast <{n} x i32> %y to <{m} x bfloat>
  %r = call <{n} x float> @{own}(<{n} x float> %c, <{m} x bfloat> %a, <{m} x bfloat> %b)
  ret <{n} x float> %r
}}
declare <{n} x float> @{own}(<{n} x float>, <{m} x bfloat>, <{m} x bfloat>)
"""

_PAIR = """
  %r = call <{m} x bfloat> @{own}(<{n} x float> %y, <{n} x float> %x)
  %h = bitcast <{m} x bfloat> %r to <{m} x i16>
  %z = shufflevector <{m} x i16> %h, <{m} x i16> poison, <{m} x i32> <{order}>
  %w = bitcast <{m} x i16> %z to <{n} x i32>
  ret <{n} x i32> %w
}}
declare <{m} x bfloat> @{own}(<{n} x float>, <{n} x float>)
"""

_WORD = "\n  %{t}w = bitcast {f} %{of} to {i}"

# A number that is too small becomes a zero of its sign.
_NORMAL = """
  %{to}.e = and {i} %{of}, {exponent}
  %{to}.z = icmp eq {i} %{to}.e, {zero}
  %{to}.s = and {i} %{of}, {sign}
  %{to} = select {i1} %{to}.z, {i} %{to}.s, {i} %{of}
"""

# One product added, with one rounding: see `legalize`, which has the source.
_STEP = """
  %{t}.a = bitcast {i} %{t}.x to {f}
  %{t}.b = bitcast {i} %{t}.y to {f}
  %{t}.c = bitcast {i} %{t}.n to {f}
  %{t}.aa = fpext {f} %{t}.a to {d}
  %{t}.bb = fpext {f} %{t}.b to {d}
  %{t}.more = fpext {f} %{t}.c to {d}
  %{t}.product = fmul {d} %{t}.aa, %{t}.bb
  %{t}.total = fadd {d} %{t}.product, %{t}.more
  %{t}.moved = fsub {d} %{t}.total, %{t}.product
  %{t}.kept = fsub {d} %{t}.total, %{t}.moved
  %{t}.left = fsub {d} %{t}.product, %{t}.kept
  %{t}.right = fsub {d} %{t}.more, %{t}.moved
  %{t}.lost = fadd {d} %{t}.left, %{t}.right
  %{t}.inexact = fcmp one {d} %{t}.lost, {none}
  %{t}.one = zext {i1} %{t}.inexact to {l}
  %{t}.bits = bitcast {d} %{t}.total to {l}
  %{t}.lbits = bitcast {d} %{t}.lost to {l}
  %{t}.signs = xor {l} %{t}.bits, %{t}.lbits
  %{t}.opposite = lshr {l} %{t}.signs, {last}
  %{t}.inwards = and {l} %{t}.opposite, %{t}.one
  %{t}.cut = sub {l} %{t}.bits, %{t}.inwards
  %{t}.odd = or {l} %{t}.cut, %{t}.one
  %{t}.size = and {l} %{t}.odd, {plain}
  %{t}.small = icmp ult {l} %{t}.size, {least}
  %{t}.nought = and {l} %{t}.odd, {minus}
  %{t}.whole = select {i1} %{t}.small, {l} %{t}.nought, {l} %{t}.odd
  %{t}.sum = bitcast {l} %{t}.whole to {d}
  %{t} = fptrunc {d} %{t}.sum to {f}
"""

_ROUNDED = """
  %{t}.r = lshr {i} %{t}.n, {sixteen}
  %{t}.o = and {i} %{t}.r, {one}
  %{t}.p = add {i} %{t}.n, {half}
  %{t}.q = add {i} %{t}.p, %{t}.o
  %{t}.f = bitcast {i} %{t}.n to {f}
  %{t}.u = fcmp uno {f} %{t}.f, %{t}.f
  %{t}.v = or {i} %{t}.n, {quiet}
  %{t} = select {i1} %{t}.u, {i} %{t}.v, {i} %{t}.q
"""


def has_dot_products(target: Target) -> bool:
    """Whether a target's own instructions do this.

    >>> from mirada.compiler.targets import TARGETS
    >>> has_dot_products(TARGETS["x86-64-v3"])
    False
    """
    features = target.features.split(",")
    known = {"+avx512bf16", "+avx512vl"} <= set(features)
    return target.architecture == "x86_64" and target.bf16 and known


def definition(name: str, target: Target) -> str:
    """The text of a function that kernels call by a name of ours; "" for another's.

    >>> from mirada.compiler.targets import TARGETS
    >>> definition("llvm.sqrt.f32", TARGETS["x86-64-v3"])
    ''
    """
    found = _OURS.fullmatch(name)
    if found is None:
        return ""
    lanes = int(found[2])
    own = has_dot_products(target) and _LEAST_LANES <= lanes <= target.lanes
    if found[1] == "dot2":
        return _dot(name, lanes) if own else _dot_by_steps(name, lanes)
    return _pair(name, lanes) if own else _pair_by_steps(name, lanes)


def _kind(scalar: str, lanes: int) -> str:
    return scalar if lanes == 1 else f"<{lanes} x {scalar}>"


def _kinds(lanes: int) -> dict[str, str]:
    """The types and constants of the texts."""

    def constant(value: int, bits: int) -> str:
        return str(value) if lanes == 1 else f"splat (i{bits} {value})"

    words = {
        "zero": 0,
        "one": 1,
        "sixteen": 16,
        "exponent": 0x7F800000,
        "sign": 0x80000000,
        "upper": 0xFFFF0000,
        "half": 0x7FFF,
        "quiet": 0x400000,
    }
    longs = {
        "last": 63,
        "plain": (1 << 63) - 1,
        "minus": 1 << 63,
        # 2 ** -126 - 2 ** -151: what is smaller is rounded below the normal numbers.
        "least": (1023 - 127 << 52) + (1 << 52) - (1 << 28),
    }
    return {
        "f": _kind("float", lanes),
        "d": _kind("double", lanes),
        "i": _kind("i32", lanes),
        "l": _kind("i64", lanes),
        "i1": _kind("i1", lanes),
        "none": "0.0" if lanes == 1 else "zeroinitializer",
        **{key: constant(value, 32) for key, value in words.items()},
        **{key: constant(value, 64) for key, value in longs.items()},
    }


def _head(name: str, lanes: int, result: str, *given: str) -> str:
    named = zip(given, "cxy"[-len(given) :], strict=True)
    text = ", ".join(f"{_kind(kind, lanes)} %{letter}" for kind, letter in named)
    return _HEAD.format(result=_kind(result, lanes), name=name, given=text)


def _dot(name: str, lanes: int) -> str:
    own = f"llvm.x86.avx512bf16.dpbf16ps.{32 * lanes}"
    head = _head(name, lanes, "float", "float", "i32", "i32")
    return head + _DOT.format(n=lanes, m=2 * lanes, own=own)


def _pair(name: str, lanes: int) -> str:
    own = f"llvm.x86.avx512bf16.cvtne2ps2bf16.{32 * lanes}"
    order = ", ".join(f"i32 {i // 2 + lanes * (i % 2)}" for i in range(2 * lanes))
    head = _head(name, lanes, "i32", "float", "float")
    return head + _PAIR.format(n=lanes, m=2 * lanes, own=own, order=order)


def _dot_by_steps(name: str, lanes: int) -> str:
    kinds = _kinds(lanes)
    text = _head(name, lanes, "float", "float", "i32", "i32")
    before = "c"
    halves = (("s", "and {i} %{w}, {upper}"), ("r", "shl {i} %{w}, {sixteen}"))
    for step, part in halves:
        for word in "xy":
            text += f"\n  %{step}.{word}w = {part.format(w=word, **kinds)}"
            text += _NORMAL.format(to=f"{step}.{word}", of=f"{step}.{word}w", **kinds)
        text += _WORD.format(t=f"{step}.c", of=before, **kinds)
        text += _NORMAL.format(to=f"{step}.n", of=f"{step}.cw", **kinds)
        text += _STEP.format(t=step, **kinds)
        before = step
    return text + f"  ret {kinds['f']} %r\n}}\n"


def _pair_by_steps(name: str, lanes: int) -> str:
    kinds = _kinds(lanes)
    text = _head(name, lanes, "i32", "float", "float")
    for step, given in (("low", "x"), ("high", "y")):
        text += _WORD.format(t=f"{step}.", of=given, **kinds)
        text += _NORMAL.format(to=f"{step}.n", of=f"{step}.w", **kinds)
        text += _ROUNDED.format(t=step, **kinds)
    return text + (
        "  %first = lshr {i} %low, {sixteen}\n"
        "  %second = and {i} %high, {upper}\n"
        "  %both = or {i} %first, %second\n"
        "  ret {i} %both\n}}\n"
    ).format(**kinds)
