"""Batch normalization as plain loops: statistics, the normalized images, inference.

Statistics are made image by image and then put together in the order of the images:
they are the same whoever computes which. Channels are the vector axis, "oc".
"""

from math import prod
from typing import NamedTuple

from mirada.compiler.expression import (
    add,
    divide,
    fma,
    load,
    maximum,
    mul,
    number,
    rebuild,
    sqrt,
    sub,
)
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Const,
    Convert,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Register,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import (
    Image,
    count_of,
    distinct,
    each_pixel,
    loops,
    put,
)
from mirada.compiler.lowering.sums import Sum, across
from mirada.network import BatchNorm2d

__all__ = [
    "INVERSE",
    "MEAN",
    "SCALE",
    "SHIFT",
    "Parameters",
    "batch_of",
    "combine",
    "fold",
    "normalize",
    "partial",
    "running",
    "values_of",
]

MEAN, INVERSE, SCALE, SHIFT = range(4)
"""The rows of the buffer of coefficients (4, channels): y = x * scale + shift."""

_STRIP = 64
"""Pixels that a mean is taken of at once: in 64 channels they fit the first cache."""


class Parameters(NamedTuple):
    """The parameters of a batch normalization, (channels,) each."""

    weight: Buffer
    bias: Buffer
    running_mean: Buffer
    running_var: Buffer


def batch_of(partials: Buffer) -> Argument:
    """How many images of the whole batch there are."""
    return Argument("count", 0, partials.shape[0])


def values_of(pixels: int) -> Expr:
    """How many numbers of a channel the batch has."""
    return Convert(mul("count", pixels), "f32")


def partial(name: str, x: Image, partials: Buffer) -> Kernel:
    """The mean of each image's channel, and the squares of the deviations from it.

    `partials` is (images, 2, channels). Image rows are taken in strips: the strip's
    mean, then its deviations while it is in the cache, then both are put together
    with what is known of the strips before.
    Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
    computing sample variances", 1979, formulas 2.1.
    """
    rows = _strip(x)
    strips, pixels = x.height // rows, rows * x.width
    share, spread = Buffer("share", (strips,)), Buffer("spread", (strips,))
    mean, squares, centre = (Register(n) for n in ("mean", "squares", "centre"))
    apart = Register("apart")
    total, deviations = Sum("sum", x.width), Sum("deviation", x.width)
    row = add(mul("strip", rows), Var("y"))

    def collect(column: Expr, way: int) -> tuple[Stmt, ...]:
        value = load(x.buffer, *x.place("m", row, column, "oc"))
        into = total.registers[way]
        return (Set(into, add(Get(into), value)),)

    def deviate(column: Expr, way: int) -> tuple[Stmt, ...]:
        value = load(x.buffer, *x.place("m", row, column, "oc"))
        into = deviations.registers[way]
        far = sub(value, Get(centre))
        return (Set(into, fma(far, far, Get(into))),)

    farther = fma(mul(Get(apart), Get(apart)), load(spread, "strip"), Get(squares))
    strip = (
        *total.begin(),
        For("y", rows, across(x.width, collect)),
        Let(centre, mul(total.total, number(1 / pixels))),
        *deviations.begin(),
        For("y", rows, across(x.width, deviate)),
        Let(apart, sub(Get(centre), Get(mean))),
        Set(squares, add(farther, deviations.total)),
        Set(mean, fma(Get(apart), load(share, "strip"), Get(mean))),
    )
    body = loops(
        (
            Let(mean, number(0.0)),
            Let(squares, number(0.0)),
            For("strip", strips, strip),
            Store(partials, (Var("m"), Const(0), Var("oc")), Get(mean)),
            Store(partials, (Var("m"), Const(1), Var("oc")), Get(squares)),
        ),
        ("m", Var("count")),
        ("oc", x.channels),
    )
    shares = tuple(1 / (strip + 1) for strip in range(strips))
    spreads = tuple(pixels * strip / (strip + 1) for strip in range(strips))
    tables = ((share, shares), (spread, spreads))
    return Kernel(name, (count_of(x),), (x.buffer, partials), body, tables)


def _strip(x: Image) -> int:
    """Rows in a strip: a divisor of the height."""
    most = max(_STRIP // x.width, 1)
    return max(r for r in range(1, x.height + 1) if x.height % r == 0 and r <= most)


def combine(
    name: str,
    layer: BatchNorm2d,
    pixels: int,
    partials: Buffer,
    parameters: Parameters,
    coefficients: Buffer,
) -> Kernel:
    """The batch's coefficients; the running statistics move towards the batch's.

    `partials` holds the whole batch, "count" images of it, at least one. The running
    variance takes the variance of count - 1, as the reference does.
    """
    mean, squares, total = (Register(n) for n in ("mean", "squares", "total"))
    variance, apart = Register("variance"), Register("apart")
    here = load(partials, "m", 0, "oc")
    count = Convert(Var("count"), "f32")
    within = load(partials, "m", 1, "oc")
    between = mul(mul(Get(apart), Get(apart)), number(pixels))
    free = rebuild("max", (sub(mul("count", pixels), 1), Const(1)))
    unbiased = divide(Get(squares), Convert(free, "f32"))
    body = loops(
        (
            Let(total, number(0.0)),
            For("m", Var("count"), (Set(total, add(Get(total), here)),)),
            Let(mean, divide(Get(total), count)),
            Let(squares, number(0.0)),
            For(
                "m",
                Var("count"),
                (
                    Let(apart, sub(here, Get(mean))),
                    Set(squares, add(Get(squares), add(within, between))),
                ),
            ),
            Let(variance, divide(Get(squares), values_of(pixels))),
            *_moved(layer, parameters.running_mean, Get(mean)),
            *_moved(layer, parameters.running_var, unbiased),
            *_coefficients(layer, parameters, mean, variance, coefficients),
        ),
        ("oc", coefficients.shape[-1]),
    )
    given = distinct(partials, *parameters, coefficients)
    return Kernel(name, (batch_of(partials),), given, body)


def _moved(layer: BatchNorm2d, statistic: Buffer, value: Expr) -> tuple[Stmt, ...]:
    """A running statistic, moved by `momentum` towards the batch's."""
    kept = mul(load(statistic, "oc"), number(1.0 - layer.momentum))
    moved = fma(value, number(layer.momentum), kept)
    return (Store(statistic, (Var("oc"),), moved),)


def _scale(layer: BatchNorm2d, weight: Expr, variance: Expr) -> tuple[Expr, Expr]:
    """1 / sqrt(variance + epsilon), and the weight divided by that root."""
    root = sqrt(add(variance, number(layer.epsilon)))
    return divide(number(1.0), root), divide(weight, root)


def _coefficients(
    layer: BatchNorm2d,
    parameters: Parameters,
    mean: Register,
    variance: Register,
    coefficients: Buffer,
) -> tuple[Stmt, ...]:
    inverse, scaled = _scale(layer, load(parameters.weight, "oc"), Get(variance))
    scale = Register("scale")
    shift = sub(load(parameters.bias, "oc"), mul(Get(mean), Get(scale)))
    rows = {MEAN: Get(mean), INVERSE: inverse, SCALE: Get(scale), SHIFT: shift}
    stores = (
        Store(coefficients, (Const(row), Var("oc")), value)
        for row, value in rows.items()
    )
    return (Let(scale, scaled), *stores)


def running(
    name: str, layer: BatchNorm2d, parameters: Parameters, coefficients: Buffer
) -> Kernel:
    """The coefficients of inference, from the running statistics."""
    mean, variance = Register("mean"), Register("variance")
    body = loops(
        (
            Let(mean, load(parameters.running_mean, "oc")),
            Let(variance, load(parameters.running_var, "oc")),
            *_coefficients(layer, parameters, mean, variance, coefficients),
        ),
        ("oc", coefficients.shape[-1]),
    )
    return Kernel(name, (), (*parameters, coefficients), body)


def normalize(
    name: str,
    x: Image,
    coefficients: Buffer,
    other: Image | None,
    relu: bool,
    to: Image,
) -> Kernel:
    """X * scale + shift, `other` added where there is one, then ReLU if wanted.

    NaN stays NaN. `to` may be the buffer of x or of `other`.
    """
    value: Expr = fma(
        load(x.buffer, *x.place("m", "oy", "ox", "oc")),
        load(coefficients, SCALE, "oc"),
        load(coefficients, SHIFT, "oc"),
    )
    if other is not None:
        value = add(value, load(other.buffer, *other.place("m", "oy", "ox", "oc")))
    if relu:
        value = maximum(number(0.0), value)
    body = each_pixel(to, (put(to, value, False),))
    more = () if other is None else (other.buffer,)
    given = distinct(x.buffer, coefficients, *more, to.buffer)
    return Kernel(name, (count_of(to),), given, body)


def fold(
    name: str,
    layer: BatchNorm2d,
    weight: Buffer,
    bias: Buffer | None,
    parameters: Parameters,
    folded_weight: Buffer,
    folded_bias: Buffer,
) -> Kernel:
    """A convolution's weights (channels, ...) with its normalization inside.

    w' = w * scale and b' = (b - running mean) * scale + the normalization's bias. The
    weights of a channel are the vector axis, "t".
    """
    channels, variance = weight.shape[0], load(parameters.running_var, "o")
    length = _length(weight)
    _, scaled = _scale(layer, load(parameters.weight, "o"), variance)
    scale, mean = Register("scale"), load(parameters.running_mean, "o")
    before = number(0.0) if bias is None else load(bias, "o")
    shift = fma(sub(before, mean), Get(scale), load(parameters.bias, "o"))
    rows, to = weight.view(channels, length), folded_weight.view(channels, length)
    product = mul(load(rows, "o", "t"), Get(scale))
    body = loops(
        (
            Let(scale, scaled),
            Store(folded_bias, (Var("o"),), shift),
            For("t", length, (Store(to, (Var("o"), Var("t")), product),)),
        ),
        ("o", channels),
    )
    own = () if bias is None else (bias,)
    given = distinct(weight, *own, *parameters, folded_weight, folded_bias)
    return Kernel(name, (), given, body)


def _length(weight: Buffer) -> int:
    """Weights of one output channel."""
    return prod(weight.shape[1:])
