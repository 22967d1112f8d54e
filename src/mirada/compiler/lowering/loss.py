"""Losses as plain loops: the mean loss of a batch and its gradient by the scores.

`scalars[SCALE]` is one over what the batch's sum is divided by; `result` collects the
loss and the number of right answers.

A mixed image has a second label with a share s: its loss is 1 - s times that of its own
label and s times that of the other; right is the label with the larger share.
"""

from collections.abc import Sequence

from mirada.compiler.elementary import exp, log
from mirada.compiler.expression import (
    Term,
    add,
    divide,
    equal,
    fma,
    greater,
    load,
    maximum,
    mul,
    number,
    select,
    sub,
)
from mirada.compiler.ir import (
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
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.lowering.optimizer import SCALARS, SCALE

__all__ = [
    "RESULT",
    "cross_entropy",
    "labels_of",
    "mean_squared_error",
    "mixing_of",
]

RESULT = Buffer("result", (2,))
_TOP, _TOTAL, _BEST = Register("top"), Register("total"), Register("best", "i64")
_LABEL, _SUM = Register("label", "i64"), Register("sum")
_OTHER, _PART = Register("other", "i64"), Register("share")
_OWN = Register("own")
_WEIGHT, _SCALE = Register("weight"), Register("scale")
_PULL, _PUSH = Register("pull"), Register("push")
"""What the logarithm of a label's probability counts in the batch."""

_MOST_WEIGHTS = 65536
"""Classes whose weights are looked up even where all of them are 1."""


def labels_of(scores: Image) -> Buffer:
    """The right class of every image."""
    return Buffer("labels", (scores.images,), "i32", 0, 0, scores.features - 1)


def mixing_of(scores: Image) -> tuple[Buffer, Buffer]:
    """The second label of every image, and its share."""
    others = Buffer("others", (scores.images,), "i32", 0, 0, scores.features - 1)
    return others, Buffer("shares", (scores.images,))


def cross_entropy(
    name: str,
    scores: Image,
    gradient: Image,
    smoothing: float,
    weights: Sequence[float],
    mixed: bool = False,
) -> Kernel:
    """Softmax cross-entropy, smoothed and weighted as in PyTorch.

    With p = softmax(x), K classes, label t, weights w summing to W, smoothing s:
    loss = -(1 - s) w[t] log p[t] - s/K sum w[j] log p[j];
    gradient = p[j] ((1 - s) w[t] + s/K W) - s/K w[j] - (1 - s) w[t] [j = t].
    With `mixed` the terms of t are there for both labels, each times its share.
    """
    classes, labels = scores.features, labels_of(scores)
    x, d = scores.vectors(), gradient.vectors()
    power = Buffer("power", (classes,))
    table = Buffer("weights", (classes,))
    known = classes <= _MOST_WEIGHTS or any(weight != 1.0 for weight in weights)
    tables = ((table, tuple(weights)),) if known else ()

    def weight_of(at: Term) -> Expr:
        return load(table, at) if known else number(1.0)

    share, spread = 1.0 - smoothing, smoothing / classes
    level, row = Register("level"), Register("row")
    steps, result = exp("exp", sub(load(x, "m", "j"), Get(_TOP)))
    ends = ((_LABEL, _PULL), (_OTHER, _PUSH)) if mixed else ((_LABEL, _PULL),)
    losses = _row_loss(x, row, ends, (weight_of("oc"), spread, classes))
    smooth = mul(mul(weight_of("j"), number(spread)), Get(_SCALE))
    slope = mul(load(power, "j"), Get(level))
    pulled = add(Get(_PULL), Get(_PUSH)) if mixed else Get(_PULL)
    flat = fma(number(spread * sum(weights)), Get(_SCALE), pulled)
    body = (
        *_best(x, classes),
        Let(_LABEL, Convert(load(labels, "m"), "i64")),
        *(_second(scores) if mixed else ()),
        Let(_WEIGHT, weight_of(Get(_LABEL))),
        Let(_SCALE, load(SCALARS, SCALE)),
        *_pulls(share, weight_of(Get(_OTHER)) if mixed else None),
        For("j", classes, (*steps, Store(power, (Var("j"),), result))),
        Let(_TOTAL, number(0.0)),
        For("oc", classes, (Set(_TOTAL, add(Get(_TOTAL), load(power, "oc"))),)),
        *losses,
        Let(level, divide(flat, Get(_TOTAL))),
        For("j", classes, (Store(d, (Var("m"), Var("j")), sub(slope, smooth)),)),
        *(
            Store(d, (Var("m"), Get(at)), sub(load(d, "m", Get(at)), Get(much)))
            for at, much in ends
        ),
        *_record(Get(row), mixed),
    )
    given = (scores.buffer, labels, *(mixing_of(scores) if mixed else ()))
    given += (SCALARS, gradient.buffer, RESULT)
    nest = loops(body, ("m", Var("count")))
    return Kernel(name, (count_of(scores),), given, nest, tables, (power,))


def _pulls(share: float, far: Expr | None) -> tuple[Stmt, ...]:
    """How much the label counts, and the other one of the weight `far`."""
    whole = mul(mul(number(share), Get(_WEIGHT)), Get(_SCALE))
    if far is None:
        return (Let(_PULL, whole),)
    other = mul(mul(number(share), far), Get(_SCALE))
    return Let(_PULL, mul(whole, Get(_OWN))), Let(_PUSH, mul(other, Get(_PART)))


def _second(scores: Image) -> tuple[Stmt, ...]:
    """The other label, its share, and what is left to the first."""
    others, shares = mixing_of(scores)
    return (
        Let(_OTHER, Convert(load(others, "m"), "i64")),
        Let(_PART, load(shares, "m")),
        Let(_OWN, sub(number(1.0), Get(_PART))),
    )


def _row_loss(
    x: Buffer,
    row: Register,
    ends: tuple[tuple[Register, Register], ...],
    smoothing: tuple[Expr, float, int],
) -> list[Stmt]:
    """An image's loss: log p[j] = x[j] - top - log(total) = x[j] - shift."""
    weight, spread, classes = smoothing
    label, pull = ends[0]
    steps, log_total = log("log", Get(_TOTAL))
    shift = Register("shift")
    loss: list[Stmt] = [
        *steps,
        Let(shift, add(log_total, Get(_TOP))),
        Let(row, mul(Get(pull), sub(Get(shift), load(x, Var("m"), Get(label))))),
    ]
    for other, push in ends[1:]:
        term = fma(Get(push), sub(Get(shift), load(x, "m", Get(other))), Get(row))
        loss.append(Set(row, term))
    if spread:
        part = mul(mul(weight, number(spread)), Get(_SCALE))
        term = fma(part, sub(Get(shift), load(x, "m", "oc")), Get(row))
        loss.append(For("oc", classes, (Set(row, term),)))
    return loss


def mean_squared_error(
    name: str, scores: Image, gradient: Image, mixed: bool = False
) -> Kernel:
    """(x - t)**2 over every output, t the label's one-hot vector.

    With `mixed` t is the mean of both, and the mean of both squares (x - t)**2 +
    t (1 - t).
    """
    outputs, labels = scores.features, labels_of(scores)
    x, d = scores.vectors(), gradient.vectors()
    scale, off = Register("scale"), Register("off")
    hit = equal(Var("oc"), Get(_LABEL))
    wanted = select(hit, number(1.0), number(0.0))
    goal = Register("goal")
    aims: tuple[Stmt, ...] = (Let(off, sub(load(x, "m", "oc"), wanted)),)
    if mixed:
        again = equal(Var("oc"), Get(_OTHER))
        own = select(hit, Get(_OWN), number(0.0))
        other = select(again, Get(_PART), number(0.0))
        rest = fma(Get(goal), sub(number(1.0), Get(goal)), Get(_SUM))
        aims = (
            Let(goal, add(own, other)),
            Let(off, sub(load(x, "m", "oc"), Get(goal))),
            Set(_SUM, rest),
        )
    body = (
        *_best(x, outputs),
        Let(_LABEL, Convert(load(labels, "m"), "i64")),
        *(_second(scores) if mixed else ()),
        Let(scale, load(SCALARS, SCALE)),
        Let(_SUM, number(0.0)),
        For(
            "oc",
            outputs,
            (
                *aims,
                Set(_SUM, fma(Get(off), Get(off), Get(_SUM))),
                Store(
                    d,
                    (Var("m"), Var("oc")),
                    mul(mul(number(2.0), Get(off)), Get(scale)),
                ),
            ),
        ),
        *_record(mul(Get(_SUM), Get(scale)), mixed),
    )
    given = (scores.buffer, labels, *(mixing_of(scores) if mixed else ()))
    given += (SCALARS, gradient.buffer, RESULT)
    nest = loops(body, ("m", Var("count")))
    return Kernel(name, (count_of(scores),), given, nest)


def _best(x: Buffer, classes: int) -> tuple[Stmt, ...]:
    """The largest score and the first class that has it."""
    value, better = Register("value"), Register("better", "bool")
    look = (
        Let(value, load(x, "m", "oc")),
        Let(better, greater(Get(value), Get(_TOP))),
        Set(_BEST, select(Get(better), Var("oc"), Get(_BEST))),
        Set(_TOP, maximum(Get(_TOP), Get(value))),
    )
    return (
        Let(_TOP, number(float("-inf"))),
        Let(_BEST, Const(0)),
        For("oc", classes, look),
    )


def _record(loss: Expr, mixed: bool) -> tuple[Stmt, ...]:
    """Adds an image's loss, and 1 where the answer is right, to the result."""
    label: Expr = Get(_LABEL)
    if mixed:
        label = select(greater(Get(_PART), number(0.5)), Get(_OTHER), Get(_LABEL))
    right = select(equal(Get(_BEST), label), number(1.0), number(0.0))
    return (
        Store(RESULT, (Const(0),), add(load(RESULT, 0), loss)),
        Store(RESULT, (Const(1),), add(load(RESULT, 1), right)),
    )
