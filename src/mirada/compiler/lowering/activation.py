"""Activations as plain loops."""

from mirada.compiler.elementary import exp
from mirada.compiler.expression import (
    add,
    divide,
    greater,
    load,
    maximum,
    number,
    select,
    sub,
)
from mirada.compiler.ir import Buffer, For, Get, Kernel, Let, Register, Set, Store, Var
from mirada.compiler.lowering.layout import Image, count_of, each_pixel, loops

__all__ = ["copy", "relu_backward", "relu_forward", "softmax_forward"]


def relu_forward(name: str, x: Image, to: Image) -> Kernel:
    """max(0, x), written so that NaN stays NaN."""
    value = maximum(number(0.0), load(x.buffer, *x.place("m", "oy", "ox", "oc")))
    body = each_pixel(to, (Store(to.buffer, to.place("m", "oy", "ox", "oc"), value),))
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body)


def copy(name: str, x: Image, to: Image) -> Kernel:
    """X itself: what a layer does that only training changes."""
    value = load(x.buffer, *x.place("m", "oy", "ox", "oc"))
    body = each_pixel(to, (Store(to.buffer, to.place("m", "oy", "ox", "oc"), value),))
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body)


def relu_backward(name: str, value: Image, gradient: Image, to: Image) -> Kernel:
    """The gradient where the output was positive, 0 elsewhere."""
    y, g, d = (
        load(image.buffer, *image.place("m", "oy", "ox", "oc"))
        for image in (value, gradient, to)
    )
    passed = select(greater(y, number(0.0)), g, number(0.0))
    body = each_pixel(to, (Store(to.buffer, d.index, passed),))
    given = {image.buffer.name: image.buffer for image in (value, gradient, to)}
    return Kernel(name, (count_of(to),), tuple(given.values()), body)


def softmax_forward(name: str, x: Image, to: Image) -> Kernel:
    """exp(x[c] - top) over their sum, for the channels of every pixel."""
    top, total = Register("top"), Register("total")
    value = load(x.buffer, *x.place("m", "oy", "ox", "oc"))
    given = load(x.buffer, *x.place("m", "oy", "ox", "j"))
    place = to.place("m", "oy", "ox", "j")
    power = Buffer("power", (x.channels,))
    steps, result = exp("exp", sub(given, Get(top)))
    channels = x.channels
    pixel = (
        Let(top, number(float("-inf"))),
        For("oc", channels, (Set(top, maximum(Get(top), value)),)),
        Let(total, number(0.0)),
        For("j", channels, (*steps, Store(power, (Var("j"),), result))),
        For("oc", channels, (Set(total, add(Get(total), load(power, "oc"))),)),
        For(
            "j",
            channels,
            (Store(to.buffer, place, divide(load(power, "j"), Get(total))),),
        ),
    )
    nest = (("m", Var("count")), ("oy", x.height), ("ox", x.width))
    body = loops(pixel, *nest)
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body, (), (power,))
