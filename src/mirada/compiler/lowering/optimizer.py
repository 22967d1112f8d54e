"""Optimizer steps as plain loops over one part of a block of parameters.

Blocks differ in their learning rates; what is frozen is in none of them.
The gradients of the chunks of a batch are added here, always in the order of the
chunks, whoever computed them. Where the gradient is clipped, `norm` runs over every
part first: it leaves the batch's gradient over that of the first chunk, and its square;
the update then reads that chunk alone.
"""

from typing import NamedTuple

from mirada.compiler.expression import (
    add,
    divide,
    fma,
    load,
    minimum,
    mul,
    number,
    sqrt,
    sub,
)
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Const,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Set,
    Stmt,
    Store,
    Total,
    Var,
)
from mirada.compiler.lowering.layout import loops
from mirada.compiler.program import PARTS, Block
from mirada.network import SGD, AdamW

__all__ = [
    "RATE",
    "SCALARS",
    "SCALE",
    "Average",
    "Clip",
    "adamw",
    "gather",
    "norm",
    "sgd",
]

SCALARS = Buffer("scalars", (8,))
SCALE, RATE, MEAN_SHARE, SQUARE_SHARE = 0, 1, 2, 3
"""Places in the scalars: one over the batch, the learning rate, and AdamW's
1 / (1 - beta**t) for the mean and for the square."""

_CLIP_EPSILON = 1e-6
"""Keeps the quotient of a clipped gradient finite, as PyTorch's `clip_grad_norm_`."""

_LEAST = 2.0**-126
"""The least normal number of float32."""

_LANES, _SUMS, _TURNS = 16, 4, 64
"""A sum of squares: lanes, vectors summed side by side, turns before they are added.

The same on every processor, so that the norm has the same bits on all of them. It is
off by at most as many roundings as a block has turns and as there are blocks.
"""

_G, _W = Register("gradient"), Register("weight")
_RATE, _FACTOR, _MOVED = Register("rate"), Register("factor"), Register("moved")


class Clip(NamedTuple):
    """Where `norm` left the squares of the parts, and the longest gradient wanted."""

    squares: Buffer
    most: float


class Average(NamedTuple):
    """The moving average of the parameters, (length,), and what share stays."""

    buffer: Buffer
    decay: float


def _arrays(gradients: Buffer, *names: str) -> list[Buffer]:
    return [Buffer(name, gradients.shape[1:]) for name in names]


def _place(block: Block) -> Expr:
    """Where number i of a part of the block lies."""
    return add(mul("part", block.length // PARTS), block.start, "i")


def _rate(block: Block) -> Let:
    """The block's own learning rate."""
    rate = load(SCALARS, RATE)
    return Let(_RATE, rate if block.factor == 1.0 else mul(rate, number(block.factor)))


def _summed(
    gradients: Buffer, here: tuple[Expr, ...], clip: Clip | None = None
) -> tuple[list[Let], Expr]:
    """The gradient at a place: the chunks' added from the first to the last.

    Where it is clipped, they were added before, and it is scaled here.
    """
    steps: list[Let] = []
    total: Expr = load(gradients, 0, *here)
    if clip is not None:
        return steps, mul(total, Get(_FACTOR))
    for chunk in range(1, gradients.shape[0]):
        register = Register(f"sum{chunk}")
        steps.append(Let(register, add(total, load(gradients, chunk, *here))))
        total = Get(register)
    return steps, total


def _written(
    weights: Buffer, here: Expr, moved: Expr, average: Average | None
) -> list[Stmt]:
    """The weight, and a share of the way from the average to it."""
    if average is None:
        return [Store(weights, (here,), moved)]
    before = load(average.buffer, here)
    # As a step towards the weight it has no drift: where both agree, it is none.
    after = fma(number(1.0 - average.decay), sub(Get(_MOVED), before), before)
    return [
        Let(_MOVED, moved),
        Store(weights, (here,), Get(_MOVED)),
        Store(average.buffer, (here,), after),
    ]


def _kernel(
    name: str,
    buffers: tuple[Buffer, ...],
    body: list[Stmt],
    length: int,
    clip: Clip | None = None,
    average: Average | None = None,
) -> Kernel:
    nest = loops(tuple(body), ("i", length))
    if clip is not None:
        buffers, nest = (*buffers, clip.squares), (*_factor(clip), *nest)
    if average is not None:
        buffers = (*buffers, average.buffer)
    return Kernel(name, (Argument("part", 0, PARTS - 1),), buffers, nest)


def _factor(clip: Clip) -> list[Stmt]:
    """By what the gradient is multiplied: 1, or less where it is longer than wanted."""
    total: Expr = load(clip.squares, 0)
    for part in range(1, clip.squares.shape[0]):
        total = add(total, load(clip.squares, part))
    most = divide(number(clip.most), add(sqrt(total), number(_CLIP_EPSILON)))
    return [Let(_FACTOR, minimum(number(1.0), most))]


def norm(name: str, gradients: Buffer, squares: Buffer) -> Kernel:
    """The batch's gradient, over that of its first chunk, and squares[part] of it.

    Its vectors are written out here: no schedule belongs to it.
    """
    parts, length = gradients.shape[1:]
    total = Register("total", "f32", _LANES)
    block = _LANES * _SUMS * _TURNS
    blocks, rest = divmod(length, block)
    turns, rest = divmod(rest, _LANES * _SUMS)
    body: list[Stmt] = [Let(total, number(0.0, _LANES))]
    if blocks:
        inside = _squared(gradients, mul("block", block), _TURNS, total)
        body.append(For("block", blocks, inside))
    if turns:
        body += _squared(gradients, Const(blocks * block), turns, total, ".rest")
    for at in range(length - rest, length, _LANES):
        active = min(length - at, _LANES) % _LANES
        body += _square(gradients, Const(at), total, f".{at}", active)
    body.append(Store(squares, (Var("part"),), Total(Get(total))))
    return Kernel(
        name, (Argument("part", 0, parts - 1),), (gradients, squares), tuple(body)
    )


def _squared(
    gradients: Buffer, first: Expr, turns: int, total: Register, name: str = ""
) -> tuple[Stmt, ...]:
    """Adds the squares of one block, summed by themselves first."""
    sums = [Register(f"sum{name}.{s}", "f32", _LANES) for s in range(_SUMS)]
    turn = f"turn{name}"
    start = add(first, mul(turn, _LANES * _SUMS))
    steps = (
        _square(gradients, add(start, s * _LANES), register, f"{name}.{s}")
        for s, register in enumerate(sums)
    )
    one, two, three, four = map(Get, sums)
    return (
        *(Let(register, number(0.0, _LANES)) for register in sums),
        For(turn, turns, tuple(stmt for step in steps for stmt in step)),
        Set(total, add(Get(total), add(add(one, two), add(three, four)))),
    )


def _square(
    gradients: Buffer, at: Expr, to: Register, name: str, active: int = 0
) -> tuple[Stmt, ...]:
    """Adds the squares of one vector; with `active`, of its first lanes."""
    chunks = gradients.shape[0]
    places = [(Const(chunk), Var("part"), at) for chunk in range(chunks)]
    found: Expr = Load(gradients, places[0], _LANES, active)
    for place in places[1:]:
        found = add(found, Load(gradients, place, _LANES, active))
    g = Register(f"g{name}", "f32", _LANES)
    store = (Store(gradients, places[0], Get(g), active),) if chunks > 1 else ()
    return Let(g, found), *store, Set(to, fma(Get(g), Get(g), Get(to)))


def gather(name: str, gradients: Buffer) -> Kernel:
    """The gradient of the batch, over that of its first chunk."""
    here = (Var("part"), Var("i"))
    steps, total = _summed(gradients, here)
    first = Store(gradients, (Const(0), *here), total)
    return _kernel(name, (gradients,), [*steps, first], gradients.shape[2])


def sgd(
    name: str,
    rule: SGD,
    gradients: Buffer,
    block: Block,
    clip: Clip | None = None,
    average: Average | None = None,
) -> Kernel:
    """V = momentum v + g;  w -= rate v, or rate (g + momentum v) with Nesterov.

    `gradients` is (chunks, length) of all learned parameters. With `clip`, g is
    multiplied by min(1, most / (|g| + 1e-6)) first; with `average`,
    average += (1 - decay) (w - average) afterwards.
    """
    weights, velocity = _arrays(gradients, "parameters", "momentum")
    here = _place(block)
    steps, total = _summed(gradients, (here,), clip)
    body: list[Stmt] = [*steps, Let(_W, load(weights, here)), _rate(block)]
    if rule.weight_decay:
        total = fma(number(rule.weight_decay), Get(_W), total)
    body.append(Let(_G, total))
    move: Expr = Get(_G)
    if rule.momentum:
        v = Register("velocity")
        momentum = number(rule.momentum)
        body.append(Let(v, fma(momentum, load(velocity, here), Get(_G))))
        body.append(Store(velocity, (here,), Get(v)))
        move = fma(momentum, Get(v), Get(_G)) if rule.nesterov else Get(v)
    moved = sub(Get(_W), mul(Get(_RATE), move))
    body += _written(weights, here, moved, average)
    state = (velocity,) if rule.momentum else ()
    buffers = (gradients, SCALARS, weights, *state)
    return _kernel(name, buffers, body, block.length // PARTS, clip, average)


def adamw(
    name: str,
    rule: AdamW,
    gradients: Buffer,
    block: Block,
    clip: Clip | None = None,
    average: Average | None = None,
) -> Kernel:
    """Adam with its weight decay apart (arXiv 1711.05101, algorithm 2).

    The other arguments are those of `sgd`.
    """
    weights, mean, square = _arrays(gradients, "parameters", "mean", "square")
    here = _place(block)
    steps, total = _summed(gradients, (here,), clip)
    m, v, root = Register("m"), Register("v"), Register("root")
    # What is less than float32 holds would leave 0 / 0 where a gradient is 0.
    epsilon = number(max(rule.epsilon, _LEAST))
    rate = Get(_RATE)
    more = mul(number(1.0 - rule.beta1), Get(_G))
    square_more = mul(mul(number(1.0 - rule.beta2), Get(_G)), Get(_G))
    kept = fma(mul(rate, number(-rule.weight_decay)), Get(_W), Get(_W))
    step = divide(mul(Get(m), load(SCALARS, MEAN_SHARE)), Get(root))
    body: list[Stmt] = [
        *steps,
        Let(_G, total),
        Let(_W, load(weights, here)),
        _rate(block),
        Let(m, fma(number(rule.beta1), load(mean, here), more)),
        Let(v, fma(number(rule.beta2), load(square, here), square_more)),
        Store(mean, (here,), Get(m)),
        Store(square, (here,), Get(v)),
        Let(
            root,
            add(sqrt(mul(Get(v), load(SCALARS, SQUARE_SHARE))), epsilon),
        ),
        *_written(weights, here, sub(kept, mul(rate, step)), average),
    ]
    buffers = (gradients, SCALARS, weights, mean, square)
    return _kernel(name, buffers, body, block.length // PARTS, clip, average)
