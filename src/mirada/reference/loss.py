"""What training makes small: the mean loss of a batch, and its gradient.

Outputs are (n, K), or (n, K, 1, 1) as a global pooling leaves them; labels (n,).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.network import CrossEntropy, Loss, MeanSquaredError, Network, Softmax
from mirada.reference.activation import log_softmax, softmax
from mirada.reference.layer import Array

__all__ = ["LOSSES", "Labels", "LossRule", "Mixed", "loss_and_gradient", "scored"]

Labels = NDArray[np.int64]
Mixed = tuple[Labels, NDArray[np.floating]]
"""A second label (n,) of every image, and its share (n,) of the image."""


@dataclass(frozen=True)
class LossRule:
    """What a kind of loss computes of outputs (n, K) and targets (n, K).

    A target is a label's one-hot vector, or a mean of two of them. `value` is the mean
    loss of the batch, `gradient` its gradient by every output.
    """

    value: Callable[[Any, Array, Array], float]
    gradient: Callable[[Any, Array, Array], Array]


def scored(network: Network, loss: Loss) -> str:
    """The name of the layer whose output the loss reads: the last one.

    Cross-entropy reads scores, so that of a network that ends in softmax it reads what
    goes into the softmax.
    """
    last = network.nodes[-1]
    skips = isinstance(loss, CrossEntropy) and isinstance(last.layer, Softmax)
    return last.source if skips else last.name


def loss_and_gradient(
    loss: Loss, outputs: Array, labels: Labels, mixed: Mixed | None = None
) -> tuple[float, Array]:
    """The mean loss of a batch and its gradient by the outputs.

    With `mixed` (labels b, shares s) image i counts 1 - s[i] times with its own label
    and s[i] times with b[i].

    >>> value, by_score = loss_and_gradient(
    ...     CrossEntropy(), np.array([[0.0, 0.0]]), np.array([1]))
    >>> round(value, 4), by_score.tolist()
    (0.6931, [[0.5, -0.5]])
    """
    rule = LOSSES[type(loss)]
    flat = outputs.reshape(len(outputs), -1)
    target = _targets(labels, flat.shape[1], mixed)
    gradient = rule.gradient(loss, flat, target).reshape(outputs.shape)
    return rule.value(loss, flat, target), gradient


def _targets(labels: Labels, classes: int, mixed: Mixed | None) -> Array:
    """Every label as its one-hot vector, or the mean of it and the other one's."""
    own = np.eye(classes)[labels]
    if mixed is None:
        return own
    others, shares = mixed
    share = shares.astype(np.float64)[:, None]
    return np.asarray((1.0 - share) * own + share * np.eye(classes)[others])


def _weighted(loss: CrossEntropy, outputs: Array, target: Array) -> Array:
    """The target q of every class, with what its logarithm counts in the mean.

    Class k of image i counts w[k] * q[i, k] / W, where W is the sum over the batch of
    the right class's w, as in PyTorch: of both classes', each with its share, in a
    mixed image. Where W is 0 nothing counts. (For targets that are vectors PyTorch
    itself divides by n; with weights that is another mean, without them the same.)
    """
    n, classes = outputs.shape
    weights = np.asarray(loss.class_weights or np.ones(classes))
    smoothing = loss.label_smoothing
    smooth = (1.0 - smoothing) * target + smoothing / classes
    total = (target @ weights).sum()
    return np.asarray(weights * smooth / total) if total else np.zeros((n, classes))


def _cross_entropy(loss: CrossEntropy, outputs: Array, target: Array) -> float:
    counts = _weighted(loss, outputs, target)
    return float(-(counts * log_softmax(outputs)).sum())


def _cross_entropy_gradient(loss: CrossEntropy, outputs: Array, target: Array) -> Array:
    """The gradient of -sum of c[k] * log p[k] is p * (sum of c) - c."""
    counts = _weighted(loss, outputs, target)
    total = counts.sum(axis=1, keepdims=True)
    return np.asarray(softmax(outputs) * total - counts)


def _squared(loss: MeanSquaredError, outputs: Array, target: Array) -> float:
    """The mean of (y - t)**2 over both labels' vectors, where two are mixed.

    With t their mean it is (y - t)**2 + t (1 - t): of zeros and ones E[t**2] is E[t].
    """
    return float(((outputs - target) ** 2 + target * (1.0 - target)).mean())


def _squared_gradient(loss: MeanSquaredError, outputs: Array, target: Array) -> Array:
    return 2.0 * (outputs - target) / outputs.size


LOSSES: Mapping[type[Loss], LossRule] = {
    CrossEntropy: LossRule(_cross_entropy, _cross_entropy_gradient),
    MeanSquaredError: LossRule(_squared, _squared_gradient),
}
