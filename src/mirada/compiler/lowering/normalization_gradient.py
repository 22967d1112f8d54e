"""The gradients of batch normalization as plain loops.

With z = (x - mean) * inverse and N numbers in a channel, the gradient by x is
scale * (g - sum(g) / N - z * sum(g z) / N): in each channel a * g + b * x + c, whose
slopes a, b, c are known once the two sums are. Statistics that are fixed pass no
gradient: b and c are zero then.
"""

from mirada.compiler.expression import (
    add,
    divide,
    fma,
    greater,
    load,
    mul,
    number,
    select,
    sub,
)
from mirada.compiler.ir import (
    Buffer,
    Const,
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
from mirada.compiler.lowering.normalization import (
    INVERSE,
    MEAN,
    SCALE,
    batch_of,
    values_of,
)
from mirada.compiler.lowering.sums import Sum, across

__all__ = ["backward", "backward_combine", "backward_partial", "fixed_slopes"]


def _passed(value: Image | None, dy: Image, *place: Expr) -> Expr:
    """The gradient of what was normalized, where a ReLU behind it was positive."""
    gradient = load(dy.buffer, *dy.place(*place))
    if value is None:
        return gradient
    positive = greater(load(value.buffer, *value.place(*place)), number(0.0))
    return select(positive, gradient, number(0.0))


def backward_partial(
    name: str,
    x: Image,
    value: Image | None,
    dy: Image,
    coefficients: Buffer,
    partials: Buffer,
) -> Kernel:
    """The sums of g and of g z in each image's channel; partials (images, 2, channels).

    g is dy where `value`, the output behind a ReLU, is positive.
    """
    mean = Register("mean")
    plain, product = Sum("plain", x.width), Sum("product", x.width)

    def collect(column: Expr, way: int) -> tuple[Stmt, ...]:
        here = (Var("m"), Var("y"), column, Var("oc"))
        one, two = plain.registers[way], product.registers[way]
        own = Register(f"g{way}"), Register(f"far{way}")
        return (
            Let(own[0], _passed(value, dy, *here)),
            Let(own[1], sub(load(x.buffer, *x.place(*here)), Get(mean))),
            Set(one, add(Get(one), Get(own[0]))),
            Set(two, fma(Get(own[0]), Get(own[1]), Get(two))),
        )

    scaled = mul(product.total, load(coefficients, INVERSE, "oc"))
    body = loops(
        (
            Let(mean, load(coefficients, MEAN, "oc")),
            *plain.begin(),
            *product.begin(),
            For("y", x.height, across(x.width, collect)),
            Store(partials, (Var("m"), Const(0), Var("oc")), plain.total),
            Store(partials, (Var("m"), Const(1), Var("oc")), scaled),
        ),
        ("m", Var("count")),
        ("oc", x.channels),
    )
    mask = () if value is None else (value.buffer,)
    given = distinct(x.buffer, *mask, dy.buffer, coefficients, partials)
    return Kernel(name, (count_of(x),), given, body)


def backward_combine(
    name: str,
    pixels: int,
    partials: Buffer,
    coefficients: Buffer,
    weight: Buffer,
    bias: Buffer,
    slopes: Buffer,
    *,
    fixed: bool = False,
) -> Kernel:
    """The gradients of weight and bias, and the slopes (3, channels) of dx.

    `partials` holds the whole batch, "count" images of it. With `fixed`, the
    coefficients came from the running statistics.
    """
    plain, product = Register("plain"), Register("product")
    body: tuple[Stmt, ...] = (
        Let(plain, number(0.0)),
        Let(product, number(0.0)),
        For(
            "m",
            Var("count"),
            (
                Set(plain, add(Get(plain), load(partials, "m", 0, "oc"))),
                Set(product, add(Get(product), load(partials, "m", 1, "oc"))),
            ),
        ),
        Store(weight, (Var("oc"),), Get(product)),
        Store(bias, (Var("oc"),), Get(plain)),
    )
    if fixed:
        body += _fixed(coefficients, slopes)
    else:
        body += _slopes(pixels, coefficients, plain, product, slopes)
    nest = loops(body, ("oc", slopes.shape[-1]))
    given = distinct(partials, coefficients, weight, bias, slopes)
    return Kernel(name, (batch_of(partials),), given, nest)


def _slopes(
    pixels: int, coefficients: Buffer, plain: Register, product: Register, to: Buffer
) -> tuple[Stmt, ...]:
    """A = scale, b = -a * inverse * sum(g z) / N, c = -a * sum(g) / N - b * mean."""
    mean, inverse, a = (load(coefficients, row, "oc") for row in (MEAN, INVERSE, SCALE))
    n, b = values_of(pixels), Register("b")
    bend = mul(mul(a, inverse), divide(Get(product), n))
    level = mul(a, divide(Get(plain), n))
    c = sub(number(0.0), add(level, mul(Get(b), mean)))
    return (
        Let(b, sub(number(0.0), bend)),
        Store(to, (Const(0), Var("oc")), a),
        Store(to, (Const(1), Var("oc")), Get(b)),
        Store(to, (Const(2), Var("oc")), c),
    )


def _fixed(coefficients: Buffer, slopes: Buffer) -> tuple[Stmt, ...]:
    scale = load(coefficients, SCALE, "oc")
    values: tuple[Expr, ...] = (scale, number(0.0), number(0.0))
    return tuple(
        Store(slopes, (Const(row), Var("oc")), value)
        for row, value in enumerate(values)
    )


def fixed_slopes(name: str, coefficients: Buffer, slopes: Buffer) -> Kernel:
    """The slopes where the statistics are fixed: scale, 0, 0."""
    body = loops(_fixed(coefficients, slopes), ("oc", slopes.shape[-1]))
    return Kernel(name, (), (coefficients, slopes), body)


def backward(
    name: str,
    x: Image | None,
    value: Image | None,
    dy: Image,
    slopes: Buffer,
    to: Image,
    *,
    add: bool = False,
    other_to: Image | None = None,
    add_other: bool = False,
) -> Kernel:
    """Dx = a * g + b * x + c; without x (fixed statistics) a * g.

    g is dy where `value`, the output behind a ReLU, is positive; it is also the
    gradient of what was added before that ReLU, and goes to `other_to`. Either may be
    dy's own buffer, when nothing is added to it.
    """
    g = Register("g")
    a, b, c = (load(slopes, row, "oc") for row in range(3))
    here = (Var("m"), Var("oy"), Var("ox"), Var("oc"))
    dx = mul(a, Get(g))
    if x is not None:
        dx = fma(a, Get(g), fma(b, load(x.buffer, *x.place(*here)), c))
    stores: tuple[Stmt, ...] = (put(to, dx, add),)
    if other_to is not None:
        stores += (put(other_to, Get(g), add_other),)
    body = each_pixel(to, (Let(g, _passed(value, dy, *here)), *stores))
    images = (x, value, dy, to, other_to)
    buffers = (image.buffer for image in images if image is not None)
    given = distinct(*buffers, slopes)
    return Kernel(name, (count_of(to),), given, body)
