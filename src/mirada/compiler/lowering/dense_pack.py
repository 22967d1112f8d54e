"""The weights of a dense convolution in the order its sweeps read them: as panels.

A block of as many rows as a vector has lanes is turned in registers: zips of the first
half of its vectors with the second, as often as the lanes can be halved.
"""

from collections.abc import Callable

from mirada.compiler.expression import add, index, minimum, mul, number, rebuild
from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Stmt,
    Store,
)
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.dense_parts import deal
from mirada.compiler.lowering.layout import loops
from mirada.compiler.target import Target

__all__ = [
    "pack",
    "pack_turned",
    "packed_shape",
    "turned",
    "turned_shape",
]

_PACKING = 16
"""Parts that packing is cut in, where there are so many panels."""


def packed_shape(taps: Taps, channels: int, target: Target) -> tuple[int, int, int]:
    """Weights packed for the forward pass: (panels, taps, output channels)."""
    lanes = target.vector(channels)
    return -(-channels // lanes), taps.length * len(taps.rows), lanes


def turned_shape(taps: Taps, channels: int, target: Target) -> tuple[int, int, int]:
    """Weights packed for the gradient by the input: (panels, taps, input channels).

    A tap there is a row and a column of the kernel, both counted from the last, and an
    output channel.
    """
    inputs = taps.image.channels
    lanes = target.vector(inputs)
    window = taps.vertical.size * taps.horizontal.size
    return -(-inputs // lanes), window * channels, lanes


def pack(name: str, weight: Buffer, packed: Buffer, target: Target) -> Kernel:
    """w[oc, tap] into p[panel, tap, lane], by turning blocks in registers.

    Argument part. Channels that there are not are 0.
    """
    channels = weight.shape[0]
    _, length, lanes = packed.shape
    rows = weight.view(channels, length)
    dealt = deal(channels, lanes, _PACKING)

    def panel(channel: Expr, size: int, mark: str) -> tuple[Stmt, ...]:
        at = index(f"u{mark[:-1]}") if size == lanes else Const(dealt.whole)
        if size == lanes:
            at = minimum(add(dealt.first, at), Const(dealt.whole - 1))
        chosen = Register(f"panel{mark}", "i64")
        blocks = _turned_blocks(rows, packed, chosen, channel, size, mark)
        return (Let(chosen, at), *blocks)

    body, given = dealt.each(panel), (dealt.argument,)
    return Kernel(name, given, (weight, packed), body, tuple(dealt.tables))


def _turned_blocks(
    rows: Buffer, packed: Buffer, panel: Register, first: Expr, channels: int, mark: str
) -> tuple[Stmt, ...]:
    """A panel: blocks of lanes taps by lanes channels, the last one cut."""
    _, length, lanes = packed.shape
    whole, rest = divmod(length, lanes)

    def block(tap: Expr, active: int, own: str) -> list[Stmt]:
        def row(lane: int) -> Load:
            return Load(rows, (add(first, lane), tap), lanes, active)

        def put(lane: int, value: Expr) -> Stmt:
            return Store(packed, (Get(panel), add(tap, lane), Const(0)), value)

        return turned(row, put, lanes, channels, active or lanes, own)

    body: list[Stmt] = []
    if whole:
        inner = block(mul(f"b{mark}", lanes), 0, f"{mark}w")
        body += loops(tuple(inner), (f"b{mark}", whole))
    if rest:
        body += block(Const(whole * lanes), rest, f"{mark}r")
    return tuple(body)


def turned(
    row: Callable[[int], Load],
    put: Callable[[int, Expr], Stmt],
    lanes: int,
    rows: int,
    columns: int,
    mark: str,
) -> list[Stmt]:
    """A block of rows loaded, turned by zips, and put down column by column.

    Rows from `rows` on are 0; `columns` are put.
    """
    body: list[Stmt] = []
    held: list[Expr] = [number(0.0, lanes)] * lanes
    for lane in range(rows):
        register = Register(f"v{mark}.{lane}", lanes=lanes)
        body.append(Let(register, row(lane)))
        held[lane] = Get(register)
    width, stage = 1, 0
    while width < lanes:
        half = lanes // 2
        following: list[Expr] = []
        for pair in range(half):
            for side in ("zip_low", "zip_high"):
                register = Register(f"z{mark}.{stage}.{len(following)}", lanes=lanes)
                value = rebuild(side, (held[pair], held[pair + half]))
                body.append(Let(register, value))
                following.append(Get(register))
        held, width, stage = following, 2 * width, stage + 1
    return [*body, *(put(lane, held[lane]) for lane in range(columns))]


def pack_turned(
    name: str, taps: Taps, weight: Buffer, turned: Buffer, target: Target
) -> Kernel:
    """w[oc, ky, kx, ic] into t[panel, last ky - ky, last kx - kx, oc, lane].

    Argument part. Channels that there are not are 0.
    """
    inputs, channels = taps.image.channels, weight.shape[0]
    high, wide = taps.vertical.size, taps.horizontal.size
    panels, _, lanes = turned.shape
    lying = weight.view(channels, high * wide * inputs)
    window, whole = high * wide, inputs // lanes
    dealt = deal(channels, 1, _PACKING)
    flipped = mul(add(mul("k", -1), window - 1), channels)

    def copy(oc: Expr, panel: Expr, active: int) -> Stmt:
        near = add(mul("k", inputs), mul(panel, lanes))
        value = Load(lying, (oc, near), lanes, active)
        return Store(turned, (panel, add(flipped, oc), Const(0)), value)

    def channel(oc: Expr, size: int, mark: str) -> tuple[Stmt, ...]:
        body: tuple[Stmt, ...] = ()
        if whole:
            body = loops((copy(oc, index("p"), 0),), ("p", whole))
        if inputs % lanes:
            body = (*body, copy(oc, Const(panels - 1), inputs % lanes))
        return loops(body, ("k", window))

    body, given = dealt.each(channel), (dealt.argument,)
    return Kernel(name, given, (weight, turned), body, tuple(dealt.tables))
