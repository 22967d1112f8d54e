"""exp and log in the loop language, so that no result depends on a system's libm.

Cephes' single-precision polynomials (S. Moshier, "Methods and Programs for
Mathematical Functions", 1989); both stay within 2 units in the last place.
"""

from mirada.compiler.expression import (
    add,
    both,
    floor,
    fma,
    less,
    maximum,
    minimum,
    mul,
    number,
    rebuild,
    select,
    sub,
)
from mirada.compiler.ir import Bits, Const, Convert, Expr, Get, Let, Register

__all__ = ["exp", "log"]

_LOWEST, _HIGHEST = -87.33, 88.37
_LN2_HIGH, _LN2_LOW = 0.693359375, -2.12194440e-4
_EXP = (
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
)
_LOG = (
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
)

Steps = tuple[list[Let], Expr]


class _Named:
    """Intermediate values, each in a register of its own."""

    def __init__(self, prefix: str) -> None:
        self.prefix, self.steps = prefix, list[Let]()

    def __call__(self, name: str, value: Expr) -> Get:
        register = Register(f"{self.prefix}.{name}", value.kind, value.lanes)
        self.steps.append(Let(register, value))
        return Get(register)


def _polynomial(coefficients: tuple[float, ...], x: Expr) -> Expr:
    value: Expr = number(coefficients[0], x.lanes)
    for coefficient in coefficients[1:]:
        value = fma(value, x, number(coefficient, x.lanes))
    return value


def exp(prefix: str, value: Expr) -> Steps:
    """The exponential of a value; 0 below -87.33, e**88.37 above 88.37.

    x = n ln 2 + r, |r| <= ln 2 / 2; e**r by a polynomial, 2**n in the exponent's bits.
    """
    let, lanes = _Named(prefix), value.lanes
    given = let("given", value)
    bounded = maximum(number(_LOWEST, lanes), given)
    x = let("x", minimum(number(_HIGHEST, lanes), bounded))
    turns = fma(x, number(1.44269504088896341, lanes), number(0.5, lanes))
    n = let("n", floor(turns))
    r = let("high", fma(n, number(-_LN2_HIGH, lanes), x))
    r = let("r", fma(n, number(-_LN2_LOW, lanes), r))
    p = let("p", _polynomial(_EXP, r))
    power = add(fma(p, mul(r, r), r), number(1.0, lanes))
    exponent = add(Convert(n, "i32"), Const(127, "i32", lanes))
    scale = Bits(rebuild("shl", (exponent, Const(23, "i32", lanes))), "f32")
    none = less(given, number(_LOWEST, lanes))
    return let.steps, select(none, number(0.0, lanes), mul(power, scale))


def log(prefix: str, value: Expr) -> Steps:
    """The natural logarithm of a positive, normal number.

    x = 2**e m, m in [sqrt(1/2), sqrt(2)); log m by a polynomial in m - 1.
    """
    let, lanes = _Named(prefix), value.lanes
    bits = let("bits", Bits(value, "i32"))
    shifted = rebuild("shr", (bits, Const(23, "i32", lanes)))
    whole = let("whole", Convert(sub(shifted, Const(126, "i32", lanes)), "f32"))
    kept = both(bits, Const(0x007FFFFF, "i32", lanes))
    half = Bits(rebuild("or", (kept, Const(0x3F000000, "i32", lanes))), "f32")
    m = let("m", half)
    low = let("low", less(m, number(0.707106781186547524, lanes)))
    one = number(1.0, lanes)
    e = let("e", select(low, sub(whole, one), whole))
    x = let("x", select(low, sub(add(m, m), one), sub(m, one)))
    z = let("z", mul(x, x))
    y = let("y", mul(mul(_polynomial(_LOG, x), x), z))
    y = let("low_part", fma(e, number(_LN2_LOW, lanes), y))
    y = let("square", fma(z, number(-0.5, lanes), y))
    return let.steps, fma(e, number(_LN2_HIGH, lanes), add(x, y))
