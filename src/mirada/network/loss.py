"""What training makes small."""

from dataclasses import dataclass

from mirada.network.field import Numbers, Real
from mirada.network.value import Value

__all__ = ["CrossEntropy", "Loss", "MeanSquaredError"]


class Loss(Value):
    """A number that says how wrong an answer is; abstract."""


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """-sum of q[k] * log(softmax(y)[k]), over the scores y before softmax.

    The target q is 1 - s + s/K for the right class and s/K for the K - 1 others, s
    the label smoothing (arXiv 1512.00567). With `class_weights` every term of the sum
    counts with the weight of its class k, and the sum over a batch is divided by the
    sum of the right classes' weights (PyTorch's form; where that is 0, the loss is 0).
    No weights: all are one. A network that ends in softmax is trained on the scores
    that go into it.
    """

    kind = "crossentropy"
    words = {"label_smoothing": "smoothing", "class_weights": "weights"}  # noqa: RUF012

    label_smoothing: Real = Real(0.0, 1.0, 0.0, below=True)
    class_weights: Numbers = Numbers(Real(0.0, 1e6), 65536)


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """The mean of (y - target)**2 over every output; a class is its one-hot vector."""

    kind = "mse"
