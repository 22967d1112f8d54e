"""What training makes small: the mean loss of a batch, and its gradient.

Outputs are (n, K), or (n, K, 1, 1) as a global pooling leaves them; labels (n,).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.network import CrossEntropy, Loss, MeanSquaredError, Network, Softmax
from mirada.reference.activation import log_softmax
from mirada.reference.layer import Array

__all__ = ["LOSSES", "Labels", "LossRule", "loss_and_gradient", "scored"]

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class LossRule:
    """What a kind of loss computes of outputs (n, K) and labels (n,).

    `value` is the mean loss of the batch, `gradient` its gradient by every output.
    """

    value: Callable[[Any, Array, Labels], float]
    gradient: Callable[[Any, Array, Labels], Array]


def scored(network: Network, loss: Loss) -> str:
    """The name of the layer whose output the loss reads: the last one.

    Cross-entropy reads scores, so that of a network that ends in softmax it reads what
    goes into the softmax.
    """
    last = network.nodes[-1]
    skips = isinstance(loss, CrossEntropy) and isinstance(last.layer, Softmax)
    return last.source if skips else last.name


def loss_and_gradient(
    loss: Loss, outputs: Array, labels: Labels
) -> tuple[float, Array]:
    """The mean loss of a batch and its gradient by the outputs.

    >>> value, by_score = loss_and_gradient(
    ...     CrossEntropy(), np.array([[0.0, 0.0]]), np.array([1]))
    >>> round(value, 4), by_score.tolist()
    (0.6931, [[0.5, -0.5]])
    """
    rule = LOSSES[type(loss)]
    flat = outputs.reshape(len(outputs), -1)
    gradient = rule.gradient(loss, flat, labels).reshape(outputs.shape)
    return rule.value(loss, flat, labels), gradient


def _targets(labels: Labels, classes: int) -> Array:
    """Every label as its one-hot vector."""
    return np.eye(classes)[labels]


def _weighted(loss: CrossEntropy, outputs: Array, labels: Labels) -> Array:
    """The target q of every class, with what its logarithm counts in the mean.

    Class k of image i counts w[k] * q[i, k] / (sum over the batch of w[right class]),
    as in PyTorch; where that sum is 0 nothing counts.
    """
    n, classes = outputs.shape
    weights = np.asarray(loss.class_weights or np.ones(classes))
    smoothing = loss.label_smoothing
    target = (1.0 - smoothing) * _targets(labels, classes) + smoothing / classes
    total = weights[labels].sum()
    return np.asarray(weights * target / total) if total else np.zeros((n, classes))


def _cross_entropy(loss: CrossEntropy, outputs: Array, labels: Labels) -> float:
    counts = _weighted(loss, outputs, labels)
    return float(-(counts * log_softmax(outputs)).sum())


def _cross_entropy_gradient(
    loss: CrossEntropy, outputs: Array, labels: Labels
) -> Array:
    """The gradient of -sum of c[k] * log p[k] is p * (sum of c) - c."""
    counts = _weighted(loss, outputs, labels)
    total = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.exp(log_softmax(outputs)) * total - counts)


def _squared(loss: MeanSquaredError, outputs: Array, labels: Labels) -> float:
    return float(((outputs - _targets(labels, outputs.shape[1])) ** 2).mean())


def _squared_gradient(loss: MeanSquaredError, outputs: Array, labels: Labels) -> Array:
    return 2.0 * (outputs - _targets(labels, outputs.shape[1])) / outputs.size


LOSSES: Mapping[type[Loss], LossRule] = {
    CrossEntropy: LossRule(_cross_entropy, _cross_entropy_gradient),
    MeanSquaredError: LossRule(_squared, _squared_gradient),
}
