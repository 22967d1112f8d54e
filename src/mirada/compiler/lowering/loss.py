"""Losses as plain loops: the mean loss of a batch and its gradient by the scores.

`scalars[SCALE]` is one over what the batch's sum is divided by; `result` collects the
loss and the number of right answers.
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

__all__ = ["RESULT", "cross_entropy", "labels_of", "mean_squared_error"]

RESULT = Buffer("result", (2,))
_TOP, _TOTAL, _BEST = Register("top"), Register("total"), Register("best", "i64")
_LABEL, _SUM = Register("label", "i64"), Register("sum")

_MOST_WEIGHTS = 65536
"""Classes whose weights are looked up even where all of them are 1."""


def labels_of(scores: Image) -> Buffer:
    """The right class of every image."""
    return Buffer("labels", (scores.images,), "i32", 0, 0, scores.features - 1)


def cross_entropy(
    name: str,
    scores: Image,
    gradient: Image,
    smoothing: float,
    weights: Sequence[float],
) -> Kernel:
    """Softmax cross-entropy, smoothed and weighted as in PyTorch.

    With p = softmax(x), K classes, label t, weights w summing to W, smoothing s:
    loss = -(1 - s) w[t] log p[t] - s/K sum w[j] log p[j];
    gradient = p[j] ((1 - s) w[t] + s/K W) - s/K w[j] - (1 - s) w[t] [j = t].
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
    weight, scale = Register("weight"), Register("scale")
    level, pull = Register("level"), Register("pull")
    steps, result = exp("exp", sub(load(x, "m", "j"), Get(_TOP)))
    row = Register("row")
    losses = _row_loss(x, row, pull, scale, (weight_of("oc"), spread, classes))
    smooth = mul(mul(weight_of("j"), number(spread)), Get(scale))
    slope = mul(load(power, "j"), Get(level))
    at_label = (Var("m"), Get(_LABEL))
    body = (
        *_best(x, classes),
        Let(_LABEL, Convert(load(labels, "m"), "i64")),
        Let(weight, weight_of(Get(_LABEL))),
        Let(scale, load(SCALARS, SCALE)),
        Let(pull, mul(mul(number(share), Get(weight)), Get(scale))),
        For("j", classes, (*steps, Store(power, (Var("j"),), result))),
        Let(_TOTAL, number(0.0)),
        For("oc", classes, (Set(_TOTAL, add(Get(_TOTAL), load(power, "oc"))),)),
        *losses,
        Let(
            level,
            divide(
                fma(number(spread * sum(weights)), Get(scale), Get(pull)), Get(_TOTAL)
            ),
        ),
        For("j", classes, (Store(d, (Var("m"), Var("j")), sub(slope, smooth)),)),
        Store(d, at_label, sub(load(d, *at_label), Get(pull))),
        *_record(Get(row)),
    )
    given = (scores.buffer, labels, SCALARS, gradient.buffer, RESULT)
    nest = loops(body, ("m", Var("count")))
    return Kernel(name, (count_of(scores),), given, nest, tables, (power,))


def _row_loss(
    x: Buffer,
    row: Register,
    pull: Register,
    scale: Register,
    smoothing: tuple[Expr, float, int],
) -> list[Stmt]:
    """An image's loss: log p[j] = x[j] - top - log(total) = x[j] - shift."""
    weight, spread, classes = smoothing
    steps, log_total = log("log", Get(_TOTAL))
    shift = Register("shift")
    loss: list[Stmt] = [
        *steps,
        Let(shift, add(log_total, Get(_TOP))),
        Let(row, mul(Get(pull), sub(Get(shift), load(x, Var("m"), Get(_LABEL))))),
    ]
    if spread:
        part = mul(mul(weight, number(spread)), Get(scale))
        term = fma(part, sub(Get(shift), load(x, "m", "oc")), Get(row))
        loss.append(For("oc", classes, (Set(row, term),)))
    return loss


def mean_squared_error(name: str, scores: Image, gradient: Image) -> Kernel:
    """(x - t)**2 over every output, t the label's one-hot vector."""
    outputs, labels = scores.features, labels_of(scores)
    x, d = scores.vectors(), gradient.vectors()
    scale, off = Register("scale"), Register("off")
    hit = equal(Var("oc"), Get(_LABEL))
    wanted = select(hit, number(1.0), number(0.0))
    body = (
        *_best(x, outputs),
        Let(_LABEL, Convert(load(labels, "m"), "i64")),
        Let(scale, load(SCALARS, SCALE)),
        Let(_SUM, number(0.0)),
        For(
            "oc",
            outputs,
            (
                Let(off, sub(load(x, "m", "oc"), wanted)),
                Set(_SUM, fma(Get(off), Get(off), Get(_SUM))),
                Store(
                    d,
                    (Var("m"), Var("oc")),
                    mul(mul(number(2.0), Get(off)), Get(scale)),
                ),
            ),
        ),
        *_record(mul(Get(_SUM), Get(scale))),
    )
    given = (scores.buffer, labels, SCALARS, gradient.buffer, RESULT)
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


def _record(loss: Expr) -> tuple[Stmt, ...]:
    """Adds an image's loss, and 1 where the answer is right, to the result."""
    right = select(equal(Get(_BEST), Get(_LABEL)), number(1.0), number(0.0))
    return (
        Store(RESULT, (Const(0),), add(load(RESULT, 0), loss)),
        Store(RESULT, (Const(1),), add(load(RESULT, 1), right)),
    )
