"""Elementary functions in the loop language: no result depends on a system's libm.

exp, log and tanh are Cephes' in single precision (S. Moshier, "Methods and Programs
for Mathematical Functions", 1989). erf's polynomials are least in their largest
relative error on the interval they serve (weighted least squares, C. Lawson, 1961).

All stay within 2 units in the last place, sigmoid within 3. NaN stays NaN; tanh and
erf are odd to the last bit, of -0 and of what is less than normal too, and reach 1; exp
and sigmoid are 0 where they would be below exp(-87.33), about the least normal number.
"""

from mirada.compiler.expression import (
    add,
    both,
    divide,
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

__all__ = ["Steps", "erf", "exp", "log", "sigmoid", "tails", "tanh"]

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
_TANH_NEAR = 0.625
_TANH = (
    -5.70498872745e-3,
    2.06390887954e-2,
    -5.37397155531e-2,
    1.33314422036e-1,
    -3.33332819422e-1,
)
_ERF_NEAR, _ERF_MOST = 0.925, 4.0
_ERF = (
    8.3497443673452e-05,
    -8.137892256068899e-04,
    5.200608660169986e-03,
    -2.6859227820146665e-02,
    1.128369242847581e-01,
    -3.761263353694731e-01,
    1.2837916661795384e-01,
)
_ERF_TAIL = (
    -1.1423360843623576e-05,
    3.2472662470287136e-04,
    -3.6502790132857494e-03,
    2.3778606920557967e-02,
    -1.0625609052770595e-01,
    -6.351396954259843e-01,
    -1.2865135276943512e-01,
)
_SIGN = -(2**31)

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


def _negative(value: Expr) -> Expr:
    """-|value|."""
    bits = rebuild("or", (Bits(value, "i32"), Const(_SIGN, "i32", value.lanes)))
    return Bits(bits, "f32")


def _sign_and_size(let: _Named, value: Expr) -> tuple[Expr, Expr]:
    """The sign as its bit, and |value|."""
    bits = let("bits", Bits(value, "i32"))
    sign = let("sign", both(bits, Const(_SIGN, "i32", value.lanes)))
    kept = both(bits, Const(2**31 - 1, "i32", value.lanes))
    return sign, let("size", Bits(kept, "f32"))


def _signed(sign: Expr, size: Expr) -> Expr:
    """The size with the sign."""
    return Bits(rebuild("or", (Bits(size, "i32"), sign)), "f32")


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


def tails(prefix: str, value: Expr) -> tuple[list[Let], Expr, Expr]:
    """The sigmoid of -|value| and of |value|, neither of them a difference.

    e / (1 + e) and 1 / (1 + e) with e = exp(-|value|), which is never above 1.
    """
    let, lanes = _Named(prefix), value.lanes
    given = let("value", value)
    steps, power = exp(f"{prefix}.exp", _negative(given))
    let.steps += steps
    one = number(1.0, lanes)
    raised = let("raised", power)
    whole = let("whole", add(one, raised))
    low, high = let("low", divide(raised, whole)), let("high", divide(one, whole))
    return let.steps, low, high


def sigmoid(prefix: str, value: Expr) -> Steps:
    """1 / (1 + exp(-value))."""
    let, lanes = _Named(prefix), value.lanes
    given = let("given", value)
    steps, power = exp(f"{prefix}.exp", _negative(given))
    let.steps += steps
    one = number(1.0, lanes)
    raised = let("raised", power)
    below = less(given, number(0.0, lanes))
    return let.steps, divide(select(below, raised, one), add(one, raised))


def tanh(prefix: str, value: Expr) -> Steps:
    """The hyperbolic tangent.

    A polynomial below 0.625, 1 - 2 / (exp(2 x) + 1) from there.
    """
    let, lanes = _Named(prefix), value.lanes
    sign, size = _sign_and_size(let, value)
    square = let("square", mul(size, size))
    bend = let("bend", mul(_polynomial(_TANH, square), square))
    near = let("near", fma(bend, size, size))
    steps, power = exp(f"{prefix}.exp", add(size, size))
    let.steps += steps
    one, two = number(1.0, lanes), number(2.0, lanes)
    far = sub(one, divide(two, add(power, one)))
    found = select(less(size, number(_TANH_NEAR, lanes)), near, far)
    return let.steps, _signed(sign, found)


def erf(prefix: str, value: Expr) -> Steps:
    """The error function.

    x + x P(x**2) below 0.925; from there 1 - exp(-x + x Q(x)), whose exponent is the
    logarithm of 1 - erf. Above 4 it is 1 in float32.
    """
    let, lanes = _Named(prefix), value.lanes
    sign, size = _sign_and_size(let, value)
    bend = let("bend", _polynomial(_ERF, mul(size, size)))
    near = let("near", fma(bend, size, size))
    # In this order what is no number stays none.
    x = let("bounded", minimum(number(_ERF_MOST, lanes), size))
    tail = let("tail", _polynomial(_ERF_TAIL, x))
    exponent = fma(tail, x, mul(x, number(-1.0, lanes)))
    steps, power = exp(f"{prefix}.exp", exponent)
    let.steps += steps
    far = sub(number(1.0, lanes), power)
    found = select(less(size, number(_ERF_NEAR, lanes)), near, far)
    return let.steps, _signed(sign, found)
