"""Functions of each element with their slopes, as expressions.

Each takes its layer and x, and gives what to compute before and the result. Slopes are
computed from x, not from 1 - y or 1 - y**2, which lose all digits where y is nearly 1.
"""

from collections.abc import Callable, Mapping
from math import pi, sqrt
from typing import Any, NamedTuple

from mirada.compiler.elementary import Steps, erf, exp, sigmoid, tails, tanh
from mirada.compiler.expression import (
    add,
    fma,
    greater,
    maximum,
    minimum,
    mul,
    number,
    select,
)
from mirada.compiler.ir import Expr
from mirada.network import (
    GELU,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Tanh,
)

__all__ = ["ELEMENTWISE", "Elementwise", "Function"]

Function = Callable[[Any, Expr], Steps]


class Elementwise(NamedTuple):
    """A function of each element and its slope."""

    value: Function
    slope: Function


_FAR = 16.0
"""Beyond it each of these functions is x, 0 or 1 in float32, and straight."""


def _one(x: Expr) -> Expr:
    return number(1.0, x.lanes)


def _near(x: Expr) -> Expr:
    """X between -16 and 16, so that no power of it outgrows float32."""
    below = minimum(number(_FAR, x.lanes), x)
    return maximum(number(-_FAR, x.lanes), below)


def _leaky(layer: LeakyReLU, x: Expr) -> Steps:
    bent = mul(number(layer.slope), x)
    return [], select(greater(x, number(0.0)), x, bent)


def _leaky_slope(layer: LeakyReLU, x: Expr) -> Steps:
    return [], select(greater(x, number(0.0)), _one(x), number(layer.slope))


def _clipped(x: Expr) -> Expr:
    """Between 0 and 6, written so that NaN stays NaN."""
    return minimum(number(6.0, x.lanes), maximum(number(0.0, x.lanes), x))


def _between(low: float, x: Expr, high: float, inside: Expr, behind: Expr) -> Expr:
    """0 up to `low`, `inside` below `high`, `behind` from there."""
    near = select(greater(number(high), x), inside, behind)
    return select(greater(x, number(low)), near, number(0.0))


def _relu6(layer: ReLU6, x: Expr) -> Steps:
    return [], _clipped(x)


def _relu6_slope(layer: ReLU6, x: Expr) -> Steps:
    return [], _between(0.0, x, 6.0, _one(x), number(0.0))


def _hardsigmoid(layer: Hardsigmoid, x: Expr) -> Steps:
    return [], mul(_clipped(add(x, number(3.0))), number(1 / 6))


def _hardsigmoid_slope(layer: Hardsigmoid, x: Expr) -> Steps:
    return [], _between(-3.0, x, 3.0, number(1 / 6), number(0.0))


def _hardswish(layer: Hardswish, x: Expr) -> Steps:
    """X times its share, which is 1 to the last bit from 3 on."""
    return [], mul(x, mul(_clipped(add(x, number(3.0))), number(1 / 6)))


def _hardswish_slope(layer: Hardswish, x: Expr) -> Steps:
    rising = fma(x, number(1 / 3), number(0.5))
    return [], _between(-3.0, x, 3.0, rising, _one(x))


def _sigmoid(layer: Sigmoid, x: Expr) -> Steps:
    return sigmoid("sigmoid", x)


def _sigmoid_slope(layer: Sigmoid, x: Expr) -> Steps:
    """s(x) s(-x), which loses no digits where s is nearly 1."""
    steps, low, high = tails("tails", x)
    return steps, mul(low, high)


def _tanh(layer: Tanh, x: Expr) -> Steps:
    return tanh("tanh", x)


def _tanh_slope(layer: Tanh, x: Expr) -> Steps:
    """1 - tanh(x)**2 = 4 s(2 x) s(-2 x)."""
    steps, low, high = tails("tails", add(x, x))
    return steps, mul(mul(number(4.0), low), high)


def _silu(layer: SiLU, x: Expr) -> Steps:
    steps, value = sigmoid("sigmoid", x)
    return steps, mul(x, value)


def _silu_slope(layer: SiLU, x: Expr) -> Steps:
    """s(x) (1 + x s(-x))."""
    # Beyond 100 it is 0 or 1, and an infinite x times 0 would be no number.
    bounded = maximum(number(-100.0), minimum(number(100.0), x))
    steps, low, high = tails("tails", bounded)
    below = greater(number(0.0), x)
    own, other = select(below, low, high), select(below, high, low)
    return steps, mul(own, fma(bounded, other, _one(x)))


def _gelu(layer: GELU, x: Expr) -> Steps:
    steps, share = _gelu_share(layer, x)
    return steps, mul(x, share)


def _gelu_share(layer: GELU, x: Expr) -> Steps:
    """By what GELU multiplies x: (1 + erf(x / sqrt 2)) / 2, or (1 + tanh(u)) / 2."""
    half = number(0.5)
    if layer.approximate == "none":
        steps, value = erf("erf", mul(x, number(sqrt(0.5))))
    else:
        steps, value = tanh("tanh", _gelu_bend(x))
    return steps, fma(half, value, half)


def _gelu_bend(x: Expr) -> Expr:
    """U = sqrt(2 / pi) (x + 0.044715 x**3)."""
    near = _near(x)
    cubic = fma(number(0.044715 * sqrt(2 / pi)), mul(near, near), number(sqrt(2 / pi)))
    return mul(near, cubic)


def _gelu_slope(layer: GELU, x: Expr) -> Steps:
    """What x is multiplied by, plus x times the slope of that."""
    steps, share = _gelu_share(layer, x)
    near = _near(x)
    square = mul(near, near)
    if layer.approximate == "none":
        more, density = exp("density", mul(number(-0.5), square))
        bend = mul(mul(near, number(1 / sqrt(2 * pi))), density)
        return [*steps, *more], add(share, bend)
    # The slope of (1 + tanh(u)) / 2 is 2 s(2 u) s(-2 u) times that of u.
    u = _gelu_bend(x)
    more, low, high = tails("tails", add(u, u))
    rise = fma(number(3 * 0.044715 * sqrt(2 / pi)), square, number(sqrt(2 / pi)))
    bend = mul(mul(add(near, near), rise), mul(low, high))
    return [*steps, *more], add(share, bend)


ELEMENTWISE: Mapping[type[Layer], Elementwise] = {
    ReLU6: Elementwise(_relu6, _relu6_slope),
    LeakyReLU: Elementwise(_leaky, _leaky_slope),
    Sigmoid: Elementwise(_sigmoid, _sigmoid_slope),
    Tanh: Elementwise(_tanh, _tanh_slope),
    GELU: Elementwise(_gelu, _gelu_slope),
    SiLU: Elementwise(_silu, _silu_slope),
    Hardsigmoid: Elementwise(_hardsigmoid, _hardsigmoid_slope),
    Hardswish: Elementwise(_hardswish, _hardswish_slope),
}
"""By the layer that applies it."""
