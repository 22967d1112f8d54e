"""How parameters move against their gradients."""

from dataclasses import dataclass

from mirada.network.field import Flag, Real
from mirada.network.value import Value

__all__ = ["SGD", "AdamW", "Optimizer"]


class Optimizer(Value):
    """A rule that turns a gradient into a change; abstract.

    `learning_rate` is the peak; the schedule says what share of it a step takes.
    """

    learning_rate: Real


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent with momentum, in PyTorch's form.

    g += decay * w;  v = momentum * v + g;  w -= rate * (g + momentum * v  if nesterov
    else v). The first v is g.
    """

    kind = "sgd"
    positional = ("learning_rate",)
    words = {"weight_decay": "decay"}  # noqa: RUF012

    learning_rate: Real = Real(0.0, 1000.0, 0.05)
    momentum: Real = Real(0.0, 1.0, 0.9, below=True)
    nesterov: Flag = Flag(False)
    weight_decay: Real = Real(0.0, 1.0, 0.0)


@dataclass(frozen=True)
class AdamW(Optimizer):
    """Adam with weight decay apart from the gradient (arXiv 1711.05101).

    w -= rate * decay * w;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
    w -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon), t from 1.
    """

    kind = "adamw"
    positional = ("learning_rate",)
    words = {"weight_decay": "decay", "epsilon": "eps"}  # noqa: RUF012

    learning_rate: Real = Real(0.0, 1000.0, 1e-3)
    beta1: Real = Real(0.0, 1.0, 0.9, below=True)
    beta2: Real = Real(0.0, 1.0, 0.999, below=True)
    epsilon: Real = Real(0.0, 1.0, 1e-8, above=True)
    weight_decay: Real = Real(0.0, 1.0, 0.01)
