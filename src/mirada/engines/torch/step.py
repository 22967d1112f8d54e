"""One training step on the device: forward, loss, backward, and every parameter moved.

Whatever may change from step to step is in tensors and nothing is read back, so that a
step can be recorded (see `graph`).
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import torch

from mirada.engines.intake import learned
from mirada.engines.torch.layer import Moment
from mirada.engines.torch.loss import LOSSES, Answers, correct
from mirada.engines.torch.network import NetworkModule
from mirada.engines.torch.optimizer import Descent
from mirada.engines.torch.settings import Settings
from mirada.network import INPUT, Recipe
from mirada.network.rate import rate_factors
from mirada.reference import scored

__all__ = ["Scored", "TrainingStep"]


class Scored(NamedTuple):
    """What a forward pass in training gives."""

    loss: torch.Tensor
    correct: torch.Tensor
    outputs: dict[str, torch.Tensor]
    """The outputs of the layers that were asked for."""


class TrainingStep:
    """The steps of a recipe over a module; `step` is their number, on the device."""

    def __init__(
        self, module: NetworkModule, recipe: Recipe, settings: Settings
    ) -> None:
        self.module, self.recipe, self.settings = module, recipe, settings
        network = module.network
        moved = {n: module.tensors[n] for n in learned(network, recipe)}
        self.descent = Descent(recipe, moved, rate_factors(network, recipe.rates))
        self._learned = [*self.descent.learned.values()]
        self.step = torch.zeros((), dtype=torch.int64, device=settings.device)
        self._loss = LOSSES[type(recipe.loss)](recipe.loss, settings.device)
        self._scored = scored(network, recipe.loss)
        self.forward = self.score

    def compile(self) -> None:
        """Has PyTorch compile the forward pass, and with it the backward pass."""
        self.forward = torch.compile(self.score, dynamic=False)

    def prepare(self, step: int, learning_rate: float = 0.0) -> None:
        """Sets what the next step reads of the run."""
        self.step.fill_(step)
        self.descent.prepare(step, learning_rate)

    def __call__(
        self, images: torch.Tensor, answers: Answers
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss before the step, and how many images were answered right."""
        found = self.forward(images, answers, moves=True)
        self.descent.move(self.slopes(found.loss), found.loss.detach())
        return found.loss.detach(), found.correct

    def slopes(self, loss: torch.Tensor) -> Sequence[torch.Tensor]:
        """The gradient of a loss by every learned parameter, in their order."""
        if not self._learned:
            return ()
        slopes: Sequence[torch.Tensor] = torch.autograd.grad(
            loss, self._learned, allow_unused=True, materialize_grads=True
        )
        return slopes

    def score(
        self,
        images: torch.Tensor,
        answers: Answers,
        names: Collection[str] = (),
        *,
        moves: bool = False,
    ) -> Scored:
        """The loss of a batch in training form; with `moves` statistics move."""
        moment = Moment(self.step, training=True, moves=moves, seed=self.recipe.seed)
        with self.settings.autocast():
            found = self.module(images, moment, {self._scored, *names})
        scores = found[self._scored].flatten(1).float()
        outputs = {name: found[name] for name in names}
        return Scored(
            self._loss(scores, answers), correct(scores.detach(), answers), outputs
        )

    @torch.no_grad()
    def first_not_finite(self, images: torch.Tensor, step: int) -> str | None:
        """The first of the input and the layers whose output is not finite."""
        self.step.fill_(step)
        names = (INPUT, *(node.name for node in self.module.network.nodes))
        moment = Moment(self.step, training=True, seed=self.recipe.seed)
        with self.settings.autocast():
            found = self.module(images, moment, names)
        return next((n for n in names if not found[n].isfinite().all()), None)

    def state(self) -> list[torch.Tensor]:
        """Every tensor that a step changes."""
        changed = [*self.module.tensors.values(), *self.descent.state().values()]
        return [tensor.detach() for tensor in changed] + [
            self.descent.stopped,
            self.descent.steps,
        ]
