"""What every peer does: networks described by mirada, computed its own way."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from mirada.network import Network, Recipe

__all__ = ["NotOfferedError", "Peer", "Work"]

Work = Callable[[], object]
"""One call: a whole training step, a prediction, or a forward and backward pass."""


class NotOfferedError(Exception):
    """What a peer does not do; the words say why."""


class Peer(ABC):
    """Someone who computes networks in one way and one precision; abstract.

    Every peer begins with `mirada.reference.initial_parameters(network, seed=0)` and
    the images of `works.sample`. What it can prepare before the clock runs (its own
    layout of weights and training images, graphs, compilation), it prepares.
    """

    name: str
    precision: str = "fp32"

    @abstractmethod
    def predict(self, network: Network, batch: int) -> Work:
        """Gives the network's outputs as an array, from images as an array."""

    def train(self, network: Network, recipe: Recipe, batch: int) -> Work:
        """Makes one whole step (forward, loss, backward, SGD) and gives the loss."""
        raise NotOfferedError(f"{self.name} does not train")

    def backward(self, network: Network, batch: int) -> Work:
        """Goes forward, then back from output gradients of ones.

        Gives the gradients by parameters and by the input, in the peer's own form.
        """
        raise NotOfferedError(f"{self.name} has no backward pass")
