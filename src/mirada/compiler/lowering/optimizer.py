"""Optimizer steps as plain loops over one part of all parameters.

The gradients of the chunks of a batch are added here, always in the order of the
chunks, whoever computed them.
"""

from mirada.compiler.expression import add, divide, fma, load, mul, number, sqrt, sub
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Const,
    Expr,
    Get,
    Kernel,
    Let,
    Register,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import loops
from mirada.network import SGD, AdamW

__all__ = ["RATE", "SCALARS", "SCALE", "adamw", "gather", "sgd"]

SCALARS = Buffer("scalars", (8,))
SCALE, RATE, MEAN_SHARE, SQUARE_SHARE = 0, 1, 2, 3
"""Places in the scalars: one over the batch, the learning rate, and AdamW's
1 / (1 - beta**t) for the mean and for the square."""

_LEAST = 2.0**-126
"""The least normal number of float32."""

_G, _W = Register("gradient"), Register("weight")
_RATE = Register("rate")
_HERE = (Var("part"), Var("i"))


def _arrays(gradients: Buffer, *names: str) -> list[Buffer]:
    return [Buffer(name, gradients.shape[1:]) for name in names]


def _summed(gradients: Buffer) -> tuple[list[Let], Expr]:
    """The gradient at (part, i): the chunks' added from the first to the last."""
    steps: list[Let] = []
    total: Expr = load(gradients, 0, "part", "i")
    for chunk in range(1, gradients.shape[0]):
        register = Register(f"sum{chunk}")
        steps.append(Let(register, add(total, load(gradients, chunk, "part", "i"))))
        total = Get(register)
    return steps, total


def _kernel(name: str, buffers: tuple[Buffer, ...], body: list[Stmt]) -> Kernel:
    parts, length = buffers[0].shape[-2:]
    nest = loops(tuple(body), ("i", length))
    return Kernel(name, (Argument("part", 0, parts - 1),), buffers, nest)


def gather(name: str, gradients: Buffer) -> Kernel:
    """The gradient of the batch, over that of its first chunk."""
    steps, total = _summed(gradients)
    first = (Const(0), *_HERE)
    return _kernel(name, (gradients,), [*steps, Store(gradients, first, total)])


def sgd(name: str, rule: SGD, gradients: Buffer) -> Kernel:
    """V = momentum v + g;  w -= rate v, or rate (g + momentum v) with Nesterov."""
    weights, velocity = _arrays(gradients, "parameters", "momentum")
    steps, total = _summed(gradients)
    body: list[Stmt] = [*steps, Let(_W, load(weights, *_HERE))]
    body.append(Let(_RATE, load(SCALARS, RATE)))
    if rule.weight_decay:
        total = fma(number(rule.weight_decay), Get(_W), total)
    body.append(Let(_G, total))
    move: Expr = Get(_G)
    if rule.momentum:
        v = Register("velocity")
        momentum = number(rule.momentum)
        body.append(Let(v, fma(momentum, load(velocity, *_HERE), Get(_G))))
        body.append(Store(velocity, _HERE, Get(v)))
        move = fma(momentum, Get(v), Get(_G)) if rule.nesterov else Get(v)
    moved = sub(Get(_W), mul(Get(_RATE), move))
    body.append(Store(weights, _HERE, moved))
    state = (velocity,) if rule.momentum else ()
    return _kernel(name, (gradients, SCALARS, weights, *state), body)


def adamw(name: str, rule: AdamW, gradients: Buffer) -> Kernel:
    """Adam with its weight decay apart (arXiv 1711.05101, algorithm 2)."""
    weights, mean, square = _arrays(gradients, "parameters", "mean", "square")
    steps, total = _summed(gradients)
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
        Let(_W, load(weights, *_HERE)),
        Let(_RATE, load(SCALARS, RATE)),
        Let(m, fma(number(rule.beta1), load(mean, *_HERE), more)),
        Let(v, fma(number(rule.beta2), load(square, *_HERE), square_more)),
        Store(mean, _HERE, Get(m)),
        Store(square, _HERE, Get(v)),
        Let(
            root,
            add(sqrt(mul(Get(v), load(SCALARS, SQUARE_SHARE))), epsilon),
        ),
        Store(weights, _HERE, sub(kept, mul(rate, step))),
    ]
    return _kernel(name, (gradients, SCALARS, weights, mean, square), body)
