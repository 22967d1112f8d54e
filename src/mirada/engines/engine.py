"""What every engine does: the contract that training, prediction and tests rely on.

Arrays between rooms: images float32 (n, channels, height, width), labels int64 (n,).
Parameters are named "<layer>.<parameter>" with PyTorch's shapes, so that a file of
weights made on one engine loads on any other.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.mixing import Mixing
from mirada.network import Network, Recipe

__all__ = ["Arrays", "Engine", "StepResult"]

Floats = NDArray[np.float32]
Arrays = dict[str, Floats]


@dataclass(frozen=True)
class StepResult:
    """What one training step tells.

    An engine with a device of its own may still be computing it: who reads it waits,
    and is raised what `Engine.train_step` would have raised. Until then `is_ready` is
    False.
    """

    loss: float
    """The mean loss of the batch, before the step."""
    correct: int
    """How many images of the batch were answered right, before the step."""

    @property
    def is_ready(self) -> bool:
        """Whether reading it does not wait."""
        return True


class Engine(ABC):
    """A network with parameters, on something that computes; abstract.

    `recipe` gives loss, optimizer, schedule-free learning rate, the largest batch and
    the seed. A new engine holds `mirada.reference.initial_parameters(network, seed)`
    and an optimizer that has taken no step.
    """

    network: Network
    recipe: Recipe

    @abstractmethod
    def parameters(self) -> Arrays:
        """A copy of every parameter, statistics included, by name."""

    @abstractmethod
    def load_parameters(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        """Takes every parameter from `values`; `FileError` for a name or a shape."""

    @abstractmethod
    def optimizer_state(self) -> Arrays:
        """A copy of what the optimizer remembers: "momentum.<p>", "mean.<p>", ...

        SGD keeps "momentum.<parameter>" (none where momentum is 0), AdamW
        "mean.<parameter>" and "square.<parameter>". Where the recipe has `ema`,
        "average.<parameter>" comes last; it begins as the initial parameter, and
        `load_parameters` leaves it as it is. Of frozen parameters nothing is kept.
        """

    @abstractmethod
    def load_optimizer_state(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        """Takes what `optimizer_state` gave."""

    def averaged_parameters(self) -> Arrays:
        """Every parameter by name, the learned ones averaged where the recipe says so.

        Statistics, and everything where `recipe.ema` is 0, are those of `parameters`.
        """
        found = self.parameters()
        if self.recipe.ema:
            state = self.optimizer_state()
            found = {n: state.get(f"average.{n}", value) for n, value in found.items()}
        return found

    @abstractmethod
    def train_step(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        *,
        step: int,
        learning_rate: float,
        mixing: Mixing | None = None,
    ) -> StepResult:
        """One forward, backward and optimizer step on a batch of 1 to batch_size.

        With `mixing` the target of image i is (1 - shares[i]) times that of its label
        and shares[i] times that of `mixing.labels[i]`, in the sum as in what the sum
        is divided by; right answers are those that name the label with the larger
        share, its own where both are a half.

        `step` counts from 0 over the whole run: it keys dropout and AdamW's bias
        correction. Raises `DivergenceError` (with step and layer) when the loss is
        not finite; the parameters are then those before the step or after it, and
        the caller goes back to its last checkpoint.
        """

    @abstractmethod
    def predict(self, images: Floats) -> Floats:
        """The network's output in inference form, (n, *network.output), any n."""

    @abstractmethod
    def gradients(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        *,
        step: int = 0,
        names: Collection[str] = (),
        mixing: Mixing | None = None,
    ) -> tuple[float, Arrays]:
        """Mean loss, and its gradient by every learned parameter and by "input".

        Frozen ones, whose factor in `recipe.rates` is 0, are not among them. As
        training computes it: statistics of the batch, dropout of this step. With
        `names`, by the output of these layers too, (n, *shape of the layer).
        """

    @abstractmethod
    def activations(self, images: Floats, names: Collection[str]) -> Arrays:
        """The outputs of the layers called so ("input" too), in inference form."""

    @abstractmethod
    def output_gradients(
        self, images: Floats, arriving: Floats, names: Collection[str]
    ) -> Arrays:
        """The gradients by what is named, in inference form.

        Of the number sum(arriving * outputs): `arriving` is (n, *network.output).
        `names` are layers (by whose outputs it is taken), "input", or parameters that
        are learned.
        """

    @abstractmethod
    def alike(self, network: Network) -> "Engine":
        """An engine of the same kind for another network, made to look, not to train.

        The recipe's `rates`, which name layers of this one, are left out.
        It holds that network's initial parameters.
        """
