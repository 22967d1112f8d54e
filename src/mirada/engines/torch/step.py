"""One training step on the device: forward, loss, backward, and every parameter moved.

Whatever may change from step to step is in tensors and nothing is read back, so that a
step can be recorded (see `graph`).
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import torch

from mirada.engines.group import ALONE, Group
from mirada.engines.intake import learned
from mirada.engines.torch.group import TorchGroup
from mirada.engines.torch.layer import Moment
from mirada.engines.torch.loss import LOSSES, Answers, correct
from mirada.engines.torch.network import NetworkModule
from mirada.engines.torch.optimizer import Descent
from mirada.engines.torch.ranks import Ranks, all_scores, ranks_of
from mirada.engines.torch.reduction import Sums
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
        self,
        module: NetworkModule,
        recipe: Recipe,
        settings: Settings,
        group: Group = ALONE,
    ) -> None:
        self.module, self.recipe, self.settings = module, recipe, settings
        self.group, network = group, module.network
        moved = {n: module.tensors[n] for n in learned(network, recipe)}
        self.descent = Descent(recipe, moved, rate_factors(network, recipe.rates))
        self._learned = [*self.descent.learned.values()]
        self._sums = (
            Sums(group, self._learned) if isinstance(group, TorchGroup) else None
        )
        self.step = torch.zeros((), dtype=torch.int64, device=settings.device)
        self._loss = LOSSES[type(recipe.loss)](recipe.loss, settings.device)
        self._scored = scored(network, recipe.loss)
        self.forward = self.score

    def compile(self) -> None:
        """Has PyTorch compile the forward pass, and with it the backward pass.

        Of whole batches only: for another size it would compile again.
        """
        self.forward = torch.compile(self.score, dynamic=False)

    def prepare(self, step: int, learning_rate: float = 0.0) -> None:
        """Sets what the next step reads of the run."""
        self.step.fill_(step)
        self.descent.prepare(step, learning_rate)

    def __call__(
        self, images: torch.Tensor, answers: Answers
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss before the step, and how many images were answered right."""
        is_whole = len(answers.labels) == self.recipe.batch_size
        forward = self.forward if is_whole else self.score
        ranks = ranks_of(self.group, len(answers.labels))
        found = forward(images, answers, moves=True, ranks=ranks)
        self.descent.move(self.slopes(found.loss), found.loss.detach())
        return found.loss.detach(), found.correct

    def slopes(self, loss: torch.Tensor) -> Sequence[torch.Tensor]:
        """The gradient of a loss by every learned parameter, in their order.

        Of a group it is that of all shares of the batch together.
        """
        if not self._learned:
            return ()
        if self._sums is not None:
            self._sums.begin()
        slopes: Sequence[torch.Tensor] = torch.autograd.grad(
            loss, self._learned, allow_unused=True, materialize_grads=True
        )
        return slopes if self._sums is None else self._sums.of(slopes)

    def score(
        self,
        images: torch.Tensor,
        answers: Answers,
        names: Collection[str] = (),
        *,
        moves: bool = False,
        ranks: Ranks | None = None,
    ) -> Scored:
        """The loss of a batch in training form; with `moves` statistics move.

        With `ranks` the images are a share of the batch, and the answers are all.
        """
        moment = Moment(
            self.step, training=True, moves=moves, seed=self.recipe.seed, ranks=ranks
        )
        with self.settings.autocast():
            found = self.module(images, moment, {self._scored, *names})
        scores = all_scores(found[self._scored].flatten(1).float(), ranks)
        outputs = {name: found[name] for name in names}
        return Scored(
            self._loss(scores, answers), correct(scores.detach(), answers), outputs
        )

    @torch.no_grad()
    def first_not_finite(
        self, images: torch.Tensor, answers: Answers, step: int
    ) -> str | None:
        """The first of the input and the layers whose output is not finite."""
        self.step.fill_(step)
        names = (INPUT, *(node.name for node in self.module.network.nodes))
        ranks = ranks_of(self.group, len(answers.labels))
        moment = Moment(self.step, training=True, seed=self.recipe.seed, ranks=ranks)
        with self.settings.autocast():
            found = self.module(images, moment, names)
        wrong = (p for p, n in enumerate(names) if not found[n].isfinite().all())
        # The first of all ranks' is the one with most layers from it to the end.
        (left,) = self.group.most([len(names) - next(wrong, len(names))])
        return names[-left] if left else None

    def state(self) -> list[torch.Tensor]:
        """Every tensor that a step changes."""
        changed = [*self.module.tensors.values(), *self.descent.state().values()]
        return [tensor.detach() for tensor in changed] + [
            self.descent.stopped,
            self.descent.steps,
        ]
