"""Activations as plain loops."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from mirada.compiler.elementary import exp
from mirada.compiler.expression import add as plus
from mirada.compiler.expression import (
    divide,
    fma,
    greater,
    load,
    maximum,
    mul,
    number,
    select,
    sub,
)
from mirada.compiler.ir import Buffer, Get, Kernel, Let, Register, Set, Store, Var
from mirada.compiler.lowering.elementwise import ELEMENTWISE, Elementwise, Function
from mirada.compiler.lowering.layout import (
    Image,
    count_of,
    distinct,
    each_pixel,
    loops,
    put,
)
from mirada.network import Layer, ReLU, Softmax

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "copy",
    "of_each",
    "relu_backward",
    "relu_forward",
    "softmax_backward",
    "softmax_forward",
]

_X = Register("x")


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


def relu_backward(
    name: str, value: Image, gradient: Image, to: Image, *, add: bool = False
) -> Kernel:
    """The gradient where the output was positive, 0 elsewhere.

    `to` may be the gradient's own buffer; with `add`, it is added to another one.
    """
    y, g = (
        load(image.buffer, *image.place("m", "oy", "ox", "oc"))
        for image in (value, gradient)
    )
    passed = select(greater(y, number(0.0)), g, number(0.0))
    body = each_pixel(to, (put(to, passed, add),))
    given = distinct(value.buffer, gradient.buffer, to.buffer)
    return Kernel(name, (count_of(to),), given, body)


def softmax_forward(name: str, x: Image, to: Image, *, whole: bool = False) -> Kernel:
    """exp(x[c] - top) over their sum, for the channels of every pixel.

    With `whole`, over all the numbers of an image that is flattened: the same kernel on
    `x.flattened` is faster, but a border forbids it.
    """
    top, total = Register("top"), Register("total")
    value = load(x.buffer, *x.place("m", "oy", "ox", "oc"))
    given = load(x.buffer, *x.place("m", "oy", "ox", "j"))
    pixels: tuple[tuple[str, int], ...] = (("oy", x.height), ("ox", x.width))
    outer, inner = ((), pixels) if whole else (pixels, ())
    at = tuple(var for var, _ in inner)
    power = Buffer("power", (*(extent for _, extent in inner), x.channels))
    steps, result = exp("exp", sub(given, Get(top)))
    here = (*map(Var, at), Var("j"))
    share = divide(load(power, *here), Get(total))
    each, written = (*inner, ("oc", x.channels)), (*inner, ("j", x.channels))
    raised = load(power, *at, "oc")
    pixel = (
        Let(top, number(float("-inf"))),
        *loops((Set(top, maximum(Get(top), value)),), *each),
        Let(total, number(0.0)),
        *loops((*steps, Store(power, here, result)), *written),
        *loops((Set(total, plus(Get(total), raised)),), *each),
        *loops((Store(to.buffer, to.place("m", "oy", "ox", "j"), share),), *written),
    )
    body = loops(pixel, ("m", Var("count")), *outer)
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body, (), (power,))


def softmax_backward(
    name: str,
    value: Image,
    gradient: Image,
    to: Image,
    *,
    add: bool = False,
    whole: bool = False,
) -> Kernel:
    """y[j] * (g[j] - sum of y[c] * g[c]), for the channels of every pixel.

    With `whole`, over all the numbers of an image. `to` may be the gradient's own
    buffer; with `add`, it is added to another one.
    """
    mean = Register("mean")
    y, g = (load(i.buffer, *i.place("m", "oy", "ox", "oc")) for i in (value, gradient))
    own, by = (
        load(i.buffer, *i.place("m", "oy", "ox", "j")) for i in (value, gradient)
    )
    pixels: tuple[tuple[str, int], ...] = (("oy", to.height), ("ox", to.width))
    outer, inner = ((), pixels) if whole else (pixels, ())
    place = to.place("m", "oy", "ox", "j")
    passed = mul(own, sub(by, Get(mean)))
    moved = plus(load(to.buffer, *place), passed) if add else passed
    pixel = (
        Let(mean, number(0.0)),
        *loops((Set(mean, fma(y, g, Get(mean))),), *inner, ("oc", to.channels)),
        *loops((Store(to.buffer, place, moved),), *inner, ("j", to.channels)),
    )
    body = loops(pixel, ("m", Var("count")), *outer)
    given = distinct(value.buffer, gradient.buffer, to.buffer)
    return Kernel(name, (count_of(to),), given, body)


def _each(function: Function, name: str, layer: Layer, x: Image, to: Image) -> Kernel:
    """The kernel of a function of each element."""
    value = load(x.buffer, *x.place("m", "oy", "ox", "oc"))
    steps, result = function(layer, Get(_X))
    body = each_pixel(to, (Let(_X, value), *steps, put(to, result, False)))
    return Kernel(name, (count_of(to),), distinct(x.buffer, to.buffer), body)


def _each_backward(
    slope: Function,
    name: str,
    layer: Layer,
    x: Image,
    y: Image,
    dy: Image,
    to: Image,
    add: bool = False,
) -> Kernel:
    """The kernel that passes a gradient through a function of each element.

    `to` may be dy's own buffer; with `add`, it is added to another one.
    """
    value, g = (load(i.buffer, *i.place("m", "oy", "ox", "oc")) for i in (x, dy))
    steps, factor = slope(layer, Get(_X))
    body = each_pixel(to, (Let(_X, value), *steps, put(to, mul(g, factor), add)))
    given = distinct(x.buffer, dy.buffer, to.buffer)
    return Kernel(name, (count_of(to),), given, body)


def _relu(name: str, layer: Layer, x: Image, to: Image) -> Kernel:
    return relu_forward(name, x, to)


def _relu_backward(
    name: str,
    layer: Layer,
    x: Image,
    y: Image,
    dy: Image,
    to: Image,
    add: bool = False,
) -> Kernel:
    return relu_backward(name, y, dy, to, add=add)


def _softmax(name: str, layer: Layer, x: Image, to: Image) -> Kernel:
    return softmax_forward(name, x, to)


def _softmax_backward(
    name: str,
    layer: Layer,
    x: Image,
    y: Image,
    dy: Image,
    to: Image,
    add: bool = False,
) -> Kernel:
    return softmax_backward(name, y, dy, to, add=add)


class Activation(NamedTuple):
    """What an activation becomes.

    `forward(name, layer, x, to)` and `backward(name, layer, x, y, dy, to, add)` give
    the kernels; `loop` is the loop of them that may become vectors, over `to`'s
    channels; `reads` says whether backward reads "x" or "y".
    """

    forward: Callable[[str, Layer, Image, Image], Kernel]
    backward: Callable[[str, Layer, Image, Image, Image, Image, bool], Kernel]
    loop: str = "oc"
    reads: str = "x"


def of_each(function: Elementwise) -> Activation:
    """What a function of each element becomes."""
    return Activation(
        partial(_each, function.value), partial(_each_backward, function.slope)
    )


ACTIVATIONS: Mapping[type[Layer], Activation] = {
    ReLU: Activation(_relu, _relu_backward, reads="y"),
    Softmax: Activation(_softmax, _softmax_backward, loop="j", reads="y"),
    **{layer: of_each(function) for layer, function in ELEMENTWISE.items()},
}
"""Every activation: one door for all."""
