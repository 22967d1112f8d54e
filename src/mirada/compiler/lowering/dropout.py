"""Dropout as plain loops, with Philox-4x32-10 drawn where the mask is made.

Element e (in the order channel, row, column) of image i is kept where word e % 4 of
philox((e // 4, i, step, layer), (seed, purpose)) is at least p * 2**32.
"""

from math import floor

from mirada.compiler.expression import (
    Term,
    add,
    both,
    equal,
    greater,
    index,
    load,
    mul,
    number,
    rebuild,
    select,
)
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Const,
    Convert,
    Expr,
    Get,
    Kernel,
    Let,
    Register,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import (
    Image,
    count_of,
    distinct,
    each_pixel,
    put,
)

__all__ = ["STEPS", "backward", "forward"]

STEPS = 2**31
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = 0xFFFFFFFF


def _u64(value: int) -> Const:
    return Const(value, "u64")


def _high(value: Expr) -> Expr:
    return rebuild("shr", (value, _u64(32)))


def _philox(counter: list[Expr], key: tuple[int, int]) -> tuple[list[Let], list[Expr]]:
    """The ten rounds of `mirada.randomness.philox`, a register a value."""
    steps: list[Let] = []

    def let(name: str, value: Expr) -> Expr:
        register = Register(name, "u64")
        steps.append(Let(register, value))
        return Get(register)

    c = [let(f"c{i}", word) for i, word in enumerate(counter)]
    k0, k1 = key
    for turn in range(10):
        first = let(f"first{turn}", mul(c[0], _u64(_MULTIPLIERS[0])))
        second = let(f"second{turn}", mul(c[2], _u64(_MULTIPLIERS[1])))
        mixed = rebuild("xor", (rebuild("xor", (_high(second), c[1])), _u64(k0)))
        other = rebuild("xor", (rebuild("xor", (_high(first), c[3])), _u64(k1)))
        words = (mixed, both(second, _u64(_LOW)), other, both(first, _u64(_LOW)))
        c = [let(f"c{i}.{turn}", word) for i, word in enumerate(words)]
        k0, k1 = (k0 + _WEYL[0]) & _LOW, (k1 + _WEYL[1]) & _LOW
    return steps, c


def forward(
    name: str,
    p: float,
    layer: int,
    key: tuple[int, int],
    x: Image,
    to: Image,
    kept: Buffer,
) -> Kernel:
    """X / (1 - p) where the element is kept, else 0; `kept` remembers which."""
    arguments = (
        count_of(x),
        Argument("first", 0, 2**31),
        Argument("step", 0, STEPS),
    )
    area, row = x.height * x.width, x.width
    place: Term = add(mul("oc", area), mul("oy", row), Var("ox"))
    element = Register("element", "u64")
    e = Get(element)
    image = Convert(add(Var("first"), Var("m")), "u64")
    block = rebuild("shr", (e, _u64(2)))
    counter = [block, image, Convert(Var("step"), "u64"), _u64(layer)]
    steps, words = _philox(counter, key)
    lane = Register("lane", "u64")
    word: Expr = words[3]
    for i in (2, 1, 0):
        word = select(equal(Get(lane), _u64(i)), words[i], word)
    keep = Register("keep", "bool")
    value = mul(load(x.buffer, *x.place("m", "oy", "ox", "oc")), _scale(p))
    here = (index("m"), index("oy"), index("ox"), index("oc"))
    one, none = Const(1, "u8"), Const(0, "u8")
    body: tuple[Stmt, ...] = (
        Let(element, Convert(index(place), "u64")),
        *steps,
        Let(lane, both(e, _u64(3))),
        Let(keep, rebuild("ge", (word, _u64(floor(p * 2**32))))),
        Store(to.buffer, to.place(*here), select(Get(keep), value, number(0.0))),
        Store(kept, here, select(Get(keep), one, none)),
    )
    return Kernel(name, arguments, (x.buffer, to.buffer, kept), each_pixel(to, body))


def backward(
    name: str,
    p: float,
    kept: Buffer,
    gradient: Image,
    to: Image,
    *,
    add: bool = False,
) -> Kernel:
    """The gradient / (1 - p) where the element was kept, else 0.

    `to` may be the gradient's own buffer; with `add`, it is added to another one.
    """
    g = load(gradient.buffer, *gradient.place("m", "oy", "ox", "oc"))
    was = greater(Convert(load(kept, "m", "oy", "ox", "oc"), "i32"), Const(0, "i32"))
    passed = select(was, mul(g, _scale(p)), number(0.0))
    given = distinct(kept, gradient.buffer, to.buffer)
    body = each_pixel(to, (put(to, passed, add),))
    return Kernel(name, (count_of(to),), given, body)


def _scale(p: float) -> Expr:
    return number(1.0 / (1.0 - p))
