"""The fully connected layer as plain loops, and the matrix products of its gradients.

Weights lie as (input, output), so that outputs are the vector axis; the gradient by
the input takes them transposed. Products run over every image of a block, those that
are not there included: their rows are computed and never read.
"""

from mirada.compiler.expression import add, fma, load, maximum, number
from mirada.compiler.ir import (
    Buffer,
    For,
    Get,
    Kernel,
    Let,
    Register,
    Set,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import Image, count_of, loops

__all__ = [
    "bias_gradient",
    "forward",
    "input_gradient",
    "relu_rows",
    "transpose",
    "weight_gradient",
]

_ACC = Register("acc")


def forward(
    name: str, x: Image, weight: Buffer, bias: Buffer | None, to: Image
) -> Kernel:
    """y[m, o] = b[o] + sum over i of x[m, i] * w[i, o]."""
    first = number(0.0) if bias is None else load(bias, "oc")
    product = fma(load(x.vectors(), "m", "i"), load(weight, "i", "oc"), Get(_ACC))
    body = loops(
        (
            Let(_ACC, first),
            For("i", x.features, (Set(_ACC, product),)),
            Store(to.vectors(), (Var("m"), Var("oc")), Get(_ACC)),
        ),
        ("m", x.images),
        ("oc", to.features),
    )
    given = (x.buffer, weight, *(() if bias is None else (bias,)), to.buffer)
    return Kernel(name, (), given, body)


def relu_rows(name: str, x: Image, to: Image) -> Kernel:
    """max(0, x) over (images, features), written so that NaN stays NaN."""
    value = maximum(number(0.0), load(x.vectors(), "m", "oc"))
    store = Store(to.vectors(), (Var("m"), Var("oc")), value)
    body = loops((store,), ("m", x.images), ("oc", to.features))
    return Kernel(name, (), (x.buffer, to.buffer), body)


def weight_gradient(name: str, x: Image, gradient: Image, weight: Buffer) -> Kernel:
    """Adds to dw[i, o]: sum over images of x[m, i] * g[m, o]."""
    g = load(gradient.vectors(), "m", "oc")
    place = (Var("i"), Var("oc"))
    body = loops(
        (
            Let(_ACC, load(weight, *place)),
            For(
                "m",
                Var("count"),
                (Set(_ACC, fma(load(x.vectors(), "m", "i"), g, Get(_ACC))),),
            ),
            Store(weight, place, Get(_ACC)),
        ),
        ("i", x.features),
        ("oc", gradient.features),
    )
    given = (x.buffer, gradient.buffer, weight)
    return Kernel(name, (count_of(x),), given, body)


def bias_gradient(name: str, gradient: Image, bias: Buffer) -> Kernel:
    """Adds to db[o]: sum over images of g[m, o]."""
    more = add(Get(_ACC), load(gradient.vectors(), "m", "oc"))
    body = loops(
        (
            Let(_ACC, load(bias, "oc")),
            For("m", Var("count"), (Set(_ACC, more),)),
            Store(bias, (Var("oc"),), Get(_ACC)),
        ),
        ("oc", gradient.features),
    )
    return Kernel(name, (count_of(gradient),), (gradient.buffer, bias), body)


def input_gradient(
    name: str, gradient: Image, turned: Buffer, to: Image, *, add: bool = False
) -> Kernel:
    """dx[m, i] = sum over o of g[m, o] * w[o, i], the weights transposed.

    With `add`, the sum begins with what is in dx.
    """
    product = fma(
        load(gradient.vectors(), "m", "o"), load(turned, "o", "oc"), Get(_ACC)
    )
    place = (Var("m"), Var("oc"))
    first = load(to.vectors(), *place) if add else number(0.0)
    body = loops(
        (
            Let(_ACC, first),
            For("o", gradient.features, (Set(_ACC, product),)),
            Store(to.vectors(), place, Get(_ACC)),
        ),
        ("m", to.images),
        ("oc", to.features),
    )
    return Kernel(name, (), (gradient.buffer, turned, to.buffer), body)


def transpose(name: str, weight: Buffer, turned: Buffer) -> Kernel:
    """w[i, o] into t[o, i]."""
    inputs, outputs = weight.shape
    store = Store(turned, (Var("o"), Var("i")), load(weight, "i", "o"))
    body = loops((store,), ("o", outputs), ("i", inputs))
    return Kernel(name, (), (weight, turned), body)
