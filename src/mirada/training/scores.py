"""From what a network gives to probabilities and losses, in float64."""

import math

import numpy as np
from numpy.typing import NDArray

from mirada.network import CrossEntropy, Loss, Network
from mirada.reference.activation import softmax
from mirada.reference.loss import loss_and_gradient

__all__ = [
    "LossSum",
    "class_count",
    "mean_outputs",
    "mirror_images",
    "probabilities",
]

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
    rows = outputs.reshape(len(outputs), class_count(network)).astype(np.float64)
    if network.nodes[-1].layer.kind == "softmax":
        return rows
    return softmax(rows)


def mirror_images(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """The images (n, c, h, w) with left and right exchanged."""
    return np.ascontiguousarray(images[..., ::-1])


def mean_outputs(
    network: Network, one: NDArray[np.floating], two: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Outputs whose probabilities are the means of those of two others.

    What the network itself would have given: their logarithms, unless it ends in
    softmax.
    """
    shares = (probabilities(network, one) + probabilities(network, two)) / 2
    if network.nodes[-1].layer.kind == "softmax":
        return shares
    found: NDArray[np.float64] = np.log(np.maximum(shares, _LEAST))
    return found


class LossSum:
    """The loss of a recipe over any number of batches of outputs.

    What `mirada.reference` computes of each, put together with the weight that each
    has in the whole; 0 images have the loss 0.

    >>> total = LossSum(CrossEntropy(), ends_in_softmax=False)
    >>> total.add(np.array([[0.0, 0.0]]), np.array([1]))
    >>> round(total.mean, 6)
    0.693147
    """

    def __init__(self, loss: Loss, *, ends_in_softmax: bool) -> None:
        self._loss = loss
        self._takes_logarithm = ends_in_softmax and isinstance(loss, CrossEntropy)
        self._total = self._weight = 0.0

    def add(self, outputs: NDArray[np.floating], labels: NDArray[np.int64]) -> None:
        """Adds one batch: outputs (n, classes), labels (n,)."""
        if not len(outputs):
            return
        rows = outputs.reshape(len(outputs), -1).astype(np.float64)
        if self._takes_logarithm:
            rows = np.log(np.maximum(rows, _LEAST))
        weight = self._weight_of(labels)
        self._total += weight * loss_and_gradient(self._loss, rows, labels)[0]
        self._weight += weight

    @property
    def mean(self) -> float:
        """The mean over everything that was added."""
        return self._total / self._weight if self._weight else 0.0

    def _weight_of(self, labels: NDArray[np.int64]) -> float:
        loss = self._loss
        if isinstance(loss, CrossEntropy) and loss.class_weights:
            return float(np.array(loss.class_weights)[labels].sum())
        return float(len(labels))
