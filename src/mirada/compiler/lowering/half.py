"""Convolutions of numbers of half the bits: two products an instruction.

Numbers are kept in full; what a convolution reads is rounded to bfloat16 on its way in,
two numbers a word, and summed in full. Which two are a pair is the layout's choice:

    forward             channels c and c + half of the image, and of the weights
    gradient by x       output channels o and o + half of dy, and of the weights
    gradient by w       a pixel and its neighbour, one window apart, of x and of dy

A pair whose second number there is not ends in a zero. On words the dense kernels work
as they do on numbers: half as many channels, or columns.
"""

from dataclasses import replace

from mirada.compiler.expression import (
    add,
    index,
    less,
    load,
    minimum,
    mul,
    number,
    pair,
    select,
)
from mirada.compiler.ir import Buffer, Const, Expr, Kernel, Stmt, Store, Var
from mirada.compiler.lowering import dense, product
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.dense_parts import deal
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.passes import paired
from mirada.compiler.target import Target
from mirada.network.window import Window

__all__ = [
    "alone",
    "forward",
    "half",
    "halve",
    "halve_columns",
    "halve_inputs",
    "halve_outputs",
    "halved",
    "halved_columns",
    "input_gradient",
    "linear_forward",
    "neighbours",
    "over_pairs",
    "pack",
    "pack_turned",
    "pair_neighbours",
    "weight_gradient",
    "words_of",
]

_PACKING = 16
"""Parts that packing is cut in, where there are so many rows."""


def half(channels: int) -> int:
    """Words for so many channels.

    >>> half(64), half(3)
    (32, 2)
    """
    return -(-channels // 2)


def halved(image: Image, name: str) -> Image:
    """Where an image lies whose channels are paired; of the same form otherwise."""
    channels = half(image.channels)
    shape = (*image.buffer.shape[:3], channels)
    buffer = Buffer(name, shape, "u32", image.buffer.slack)
    return replace(image, buffer=buffer, channels=channels)


def halved_columns(image: Image, name: str) -> Image:
    """Where an image lies whose pixels are paired with the next ones; no border."""
    width = half(image.width)
    shape = (image.images, image.height, width, image.channels)
    buffer = Buffer(name, shape, "u32", image.buffer.slack)
    return Image(buffer, image.channels, image.height, width)


def neighbours(image: Image, name: str) -> Image:
    """Where an image lies of which every pixel is paired with one to its right."""
    return replace(image, buffer=replace(image.buffer, name=name, kind="u32"))


def halve(name: str, image: Image, to: Image) -> Kernel:
    """to[c] = pair(x[c], x[c + half]), border and all. Argument count."""
    x, y, whole = image.buffer, to.buffer, image.channels // 2
    here = ("m", "oy", "ox")

    def put(at: int | str, second: Expr) -> Stmt:
        place = (*map(Var, here), index(at))
        return Store(y, place, pair(load(x, *here, at), second))

    second = load(x, *here, add("oc", to.channels))
    body = loops((put("oc", second),), ("oc", whole)) if whole else ()
    if image.channels % 2:
        body = (*body, put(whole, number(0.0)))
    nest = (("m", Var("count")), ("oy", image.rows), ("ox", image.columns))
    return Kernel(name, (count_of(image),), (x, y), loops(body, *nest))


def halve_columns(name: str, image: Image, to: Image) -> Kernel:
    """to[x] = pair(dy[2 x], dy[2 x + 1]). Argument count."""

    def at(column: Expr | int) -> Expr:
        return load(image.buffer, *image.place("m", "oy", column, "oc"))

    def put(column: Expr | int, value: Expr) -> Stmt:
        return Store(to.buffer, to.place("m", "oy", column, "oc"), value)

    nest = ("oc", to.channels)
    whole, left = mul("ox", 2), image.width - 1
    both = put(Var("ox"), pair(at(whole), at(add(whole, 1))))
    body: tuple[Stmt, ...] = ()
    if image.width > 1:
        body = loops((both,), ("ox", image.width // 2), nest)
    if image.width % 2:
        last = put(to.width - 1, pair(at(left), number(0.0)))
        body = (*body, *loops((last,), nest))
    body = loops(body, ("m", Var("count")), ("oy", to.height))
    return Kernel(name, (count_of(image),), (image.buffer, to.buffer), body)


def pair_neighbours(name: str, image: Image, apart: int, to: Image) -> Kernel:
    """to[x] = pair(x[x], x[x + apart]), border and all. Argument count."""
    columns, channels = image.columns, image.channels
    shape = image.images, image.rows, columns * channels
    x, y = image.buffer.view(*shape), to.buffer.view(*shape)
    both = max(columns - apart, 0) * channels

    def put(at: Expr | str, second: Expr) -> Stmt:
        place = (Var("m"), Var("oy"), index(at))
        return Store(y, place, pair(load(x, "m", "oy", at), second))

    body: tuple[Stmt, ...] = ()
    if both:
        second = load(x, "m", "oy", add("oc", apart * channels))
        body = loops((put("oc", second),), ("oc", both))
    alone = loops((put(add("oc", both), number(0.0)),), ("oc", shape[2] - both))
    body = loops((*body, *alone), ("m", Var("count")), ("oy", image.rows))
    return Kernel(name, (count_of(image),), (image.buffer, to.buffer), body)


def halve_inputs(name: str, weight: Buffer, inputs: int, to: Buffer) -> Kernel:
    """w[oc, tap, c] into pairs (c, c + half). Argument part."""
    count = weight.shape[0] * weight.shape[1] * weight.shape[2] // inputs
    w, words = weight.view(count, inputs), to.view(count, half(inputs))
    dealt = deal(count, 1, _PACKING)

    def row(at: Expr, size: int, mark: str) -> tuple[Stmt, ...]:
        second = load(w, at, add("oc", words.shape[1]))
        store = Store(words, (at, Var("oc")), pair(load(w, at, "oc"), second))
        body: tuple[Stmt, ...] = ()
        if inputs > 1:
            body = loops((store,), ("oc", inputs // 2))
        if inputs % 2:
            last = pair(load(w, at, inputs // 2), number(0.0))
            body = (*body, Store(words, (at, Const(inputs // 2)), last))
        return body

    tables, given = tuple(dealt.tables), (dealt.argument,)
    return Kernel(name, given, (weight, to), dealt.each(row), tables)


def halve_outputs(name: str, weight: Buffer, to: Buffer) -> Kernel:
    """w[oc, taps] into pairs (oc, oc + half). Argument part."""
    channels, length = weight.shape[0], weight.shape[1] * weight.shape[2]
    words = half(channels)
    w, given = weight.view(channels, length), to.view(words, length)
    dealt = deal(words, 1, _PACKING)

    def row(at: Expr, size: int, mark: str) -> tuple[Stmt, ...]:
        second: Expr = load(w, minimum(add(at, words), Const(channels - 1)), "oc")
        if channels % 2:
            second = select(less(at, Const(words - 1)), second, number(0.0))
        store = Store(given, (at, Var("oc")), pair(load(w, at, "oc"), second))
        return loops((store,), ("oc", length))

    tables, part = tuple(dealt.tables), (dealt.argument,)
    return Kernel(name, part, (weight, to), dealt.each(row), tables)


def words_of(weight: Buffer, name: str, inputs: int = 0) -> Buffer:
    """Where weights lie whose inputs are paired, so many; or else their outputs."""
    channels, rows, length = weight.shape
    shape = (half(channels), rows, length)
    if inputs:
        shape = (channels, rows, length // inputs * half(inputs))
    return Buffer(name, shape, "u32")


def pack(name: str, words: Buffer, packed: Buffer, target: Target) -> Kernel:
    """Weights whose inputs are paired, as `dense.pack` packs them."""
    made = dense.pack(name, _numbers(words), _numbers(packed), target)
    return paired(made, words.name)


def pack_turned(
    name: str, taps: Taps, words: Buffer, turned: Buffer, target: Target
) -> Kernel:
    """Weights whose outputs are paired, as `dense.pack_turned` packs them."""
    made = dense.pack_turned(name, taps, _numbers(words), _numbers(turned), target)
    return paired(made, words.name)


def forward(
    name: str,
    taps: Taps,
    packed: Buffer,
    bias: Buffer | None,
    other: Image | None,
    relu: bool,
    to: Image,
    target: Target,
    wanted: int = 1,
) -> Kernel:
    """`dense.forward` over an image of pairs of channels."""
    words = packed.name, taps.image.buffer.name
    made = dense.forward(
        name,
        replace(taps, image=_image(taps.image)),
        _numbers(packed),
        bias,
        other,
        relu,
        to,
        target,
        wanted,
    )
    return paired(made, *words)


def input_gradient(
    name: str,
    taps: Taps,
    dy: Image,
    turned: Buffer,
    to: Image,
    more: bool,
    target: Target,
    wanted: int = 1,
) -> Kernel:
    """`dense.input_gradient` over a gradient of pairs of channels."""
    given, weights = _image(dy), _numbers(turned)
    made = dense.input_gradient(name, taps, given, weights, to, more, target, wanted)
    return paired(made, dy.buffer.name, turned.name)


def alone(down: Window, across: Window) -> bool:
    """Whether every pixel is a window: then two windows are a pair of pixels."""
    return down == across == Window(1)


def over_pairs(taps: Taps, pairs: Image) -> Taps:
    """The taps of every other window over an image of pairs of pixels.

    Without overlap (`alone`) the image has pairs of columns, else of `neighbours`.
    """
    if alone(taps.vertical, taps.horizontal):
        return replace(taps, image=pairs)
    twice = replace(taps.horizontal, stride=2 * taps.horizontal.stride)
    return Taps(taps.vertical, twice, pairs)


def weight_gradient(
    name: str, taps: Taps, dy: Image, weight: Buffer, target: Target, wanted: int = 8
) -> Kernel:
    """`dense.weight_gradient` over an image and a gradient of pairs of pixels.

    The taps are those that `over_pairs` gives.
    """
    given = replace(taps, image=_image(taps.image))
    made = dense.weight_gradient(name, given, _image(dy), weight, target, wanted)
    return paired(made, taps.image.buffer.name, dy.buffer.name)


def linear_forward(
    name: str,
    x: Image,
    words: Buffer,
    bias: Buffer | None,
    relu: bool,
    to: Image,
    target: Target,
    wanted: int = 1,
) -> Kernel:
    """`product.linear_forward` over pairs of inputs (i, i + half)."""
    given, weight = _image(x), _numbers(words)
    made = product.linear_forward(name, given, weight, bias, relu, to, target, wanted)
    return paired(made, x.buffer.name, words.name)


def _numbers(words: Buffer) -> Buffer:
    return replace(words, kind="f32")


def _image(words: Image) -> Image:
    return replace(words, buffer=_numbers(words.buffer))
