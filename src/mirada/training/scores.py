"""From what a network gives to probabilities and losses, in float64."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirada.network import CrossEntropy, Loss, Network

__all__ = ["LossSum", "class_count", "probabilities"]

_LEAST = float(np.finfo(np.float32).tiny)


def class_count(network: Network) -> int:
    """How many classes the network tells apart, 0 where its output is no vector."""
    count = math.prod(network.output)
    return count if network.output in ((count,), (count, 1, 1)) else 0


def probabilities(
    network: Network, outputs: NDArray[np.floating]
) -> NDArray[np.float64]:
    """The probability of every class, (n, classes), from a network's outputs.

    A network that ends in softmax gives them itself; of any other the outputs are the
    scores that softmax is taken of.
    """
    rows = outputs.reshape(len(outputs), -1).astype(np.float64)
    if network.nodes[-1].layer.kind == "softmax":
        return rows
    return np.exp(_log_softmax(rows))


class LossSum:
    """The loss of a recipe over any number of batches of outputs.

    Cross-entropy with label smoothing and class weights, or mean squared error, as
    `mirada.network.loss` states them; 0 images have the loss 0.

    >>> total = LossSum(CrossEntropy(), ends_in_softmax=False)
    >>> total.add(np.array([[0.0, 0.0]]), np.array([1]))
    >>> round(total.mean, 6)
    0.693147
    """

    def __init__(self, loss: Loss, *, ends_in_softmax: bool) -> None:
        self._loss = loss
        self._ends_in_softmax = ends_in_softmax
        self._total = self._weight = 0.0

    def add(self, outputs: NDArray[np.floating], labels: NDArray[np.int64]) -> None:
        """Adds one batch: outputs (n, classes), labels (n,)."""
        rows = outputs.reshape(len(outputs), -1).astype(np.float64)
        if isinstance(self._loss, CrossEntropy):
            logs = np.log(np.maximum(rows, _LEAST)) if self._ends_in_softmax else None
            logs = _log_softmax(rows) if logs is None else logs
            self._add_entropy(self._loss, logs, labels)
        else:
            wanted = np.eye(rows.shape[1])[labels]
            self._total += float(((rows - wanted) ** 2).mean(axis=1).sum())
            self._weight += len(rows)

    @property
    def mean(self) -> float:
        """The mean over everything that was added."""
        return self._total / self._weight if self._weight else 0.0

    def _add_entropy(
        self, loss: CrossEntropy, logs: NDArray[np.float64], labels: NDArray[np.int64]
    ) -> None:
        smoothing = loss.label_smoothing
        right = logs[np.arange(len(logs)), labels]
        each = -(1 - smoothing) * right - smoothing * logs.mean(axis=1)
        weights = _class_weights(loss.class_weights, labels)
        self._total += float((weights * each).sum())
        self._weight += float(weights.sum())


def _class_weights(
    weights: Sequence[float], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    return np.array(weights)[labels] if weights else np.ones(len(labels))


def _log_softmax(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    low = rows - rows.max(axis=1, keepdims=True, initial=-np.inf)
    found: NDArray[np.float64] = low - np.log(np.exp(low).sum(axis=1, keepdims=True))
    return found
