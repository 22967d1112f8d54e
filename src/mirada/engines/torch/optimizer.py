"""How parameters move: PyTorch's own fused steps, and our names for what they remember.

Rate and step are tensors, so that a recorded step (see `graph`) takes those of the
moment. A step whose loss is not finite moves nothing, nor does any after it: the fused
steps are told so on the device, by the flag that PyTorch's gradient scaler uses.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

from mirada.network import SGD, Recipe

__all__ = ["Descent"]

_EPSILON = 1e-6
"""Keeps the factor of a clipped gradient finite, as `reference.optimizer` has it."""

Tensors = dict[str, torch.Tensor]


class Descent:
    """The optimizer of a recipe over learned parameters, and their moving averages.

    `factors` are those of the rate of each parameter, by name. `stopped` is 1 once a
    loss was not finite.
    """

    def __init__(
        self,
        recipe: Recipe,
        learned: Mapping[str, torch.Tensor],
        factors: Mapping[str, float],
    ) -> None:
        self.recipe, self.learned = recipe, dict(learned)
        self.values = [value.detach() for value in self.learned.values()]
        device = self.values[0].device if self.values else None
        self.rate = torch.zeros((), device=device)
        self._groups = _groups([factors[name] for name in self.learned])
        self.stopped = torch.zeros((), device=device)
        self.steps = torch.zeros(len(self.values), device=device)
        self._each_step = list(self.steps.unbind())
        self.remembered = {
            kind: [torch.zeros_like(value) for value in self.values]
            for kind in _kinds(recipe)
        }
        self.averages = [value.clone() for value in self.values if recipe.ema]

    def state(self) -> Tensors:
        """What is remembered of every parameter, by name; the tensors themselves."""
        kinds = dict(self.remembered)
        if self.recipe.ema:
            kinds["average"] = self.averages
        return {
            f"{kind}.{name}": value
            for kind, values in kinds.items()
            for name, value in zip(self.learned, values, strict=True)
        }

    def prepare(self, step: int, learning_rate: float) -> None:
        """Sets step and rate, before what is done on the device."""
        self.rate.fill_(learning_rate)
        self.steps.fill_(step)

    def start_again(self) -> None:
        """After other parameters were loaded, steps move again."""
        self.stopped.zero_()

    @torch.no_grad()
    def move(self, slopes: Sequence[torch.Tensor], loss: torch.Tensor) -> None:
        """Every parameter against its gradient; they come in the same order."""
        self.stopped.logical_or_(~torch.isfinite(loss))
        if not self.values:
            return
        found = self._clipped(slopes)
        move = self._sgd if isinstance(self.recipe.optimizer, SGD) else self._adamw
        for factor, places in self._groups.items():
            move(found, self.rate * factor if factor != 1.0 else self.rate, places)
        if self.averages:
            torch._foreach_lerp_(self.averages, self.values, 1.0 - self.recipe.ema)

    def _clipped(self, slopes: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The gradients, scaled together where their Euclidean norm is too large."""
        most, found = self.recipe.gradient_clip, list(slopes)
        if most:
            norms = torch.stack(torch._foreach_norm(found))
            factor = most / (torch.linalg.vector_norm(norms) + _EPSILON)
            torch._foreach_mul_(found, factor.clamp(max=1.0))
        return found

    def _sgd(
        self, slopes: list[torch.Tensor], rate: torch.Tensor, places: list[int]
    ) -> None:
        rule: Any = self.recipe.optimizer
        momenta = self.remembered.get("momentum", [None] * len(slopes))
        sgd(
            *(_at(places, one) for one in (self.values, slopes, momenta)),
            weight_decay=rule.weight_decay,
            momentum=rule.momentum,
            lr=rate,
            dampening=0.0,
            nesterov=rule.nesterov and rule.momentum > 0,
            maximize=False,
            fused=True,
            found_inf=self.stopped,
        )

    def _adamw(
        self, slopes: list[torch.Tensor], rate: torch.Tensor, places: list[int]
    ) -> None:
        rule: Any = self.recipe.optimizer
        means, squares = self.remembered["mean"], self.remembered["square"]
        adamw(
            *(_at(places, one) for one in (self.values, slopes, means, squares)),
            [],
            _at(places, self._each_step),
            amsgrad=False,
            beta1=rule.beta1,
            beta2=rule.beta2,
            lr=rate,
            weight_decay=rule.weight_decay,
            eps=rule.epsilon,
            maximize=False,
            fused=True,
            found_inf=self.stopped,
        )


def _groups(factors: Sequence[float]) -> dict[float, list[int]]:
    """The places of the parameters whose rate has the same factor."""
    found: dict[float, list[int]] = {}
    for place, factor in enumerate(factors):
        found.setdefault(factor, []).append(place)
    return found


def _at(places: list[int], values: list[Any]) -> list[Any]:
    return [values[place] for place in places]


def _kinds(recipe: Recipe) -> tuple[str, ...]:
    """The names of what the optimizer remembers of a parameter."""
    rule = recipe.optimizer
    if isinstance(rule, SGD):
        return ("momentum",) if rule.momentum else ()
    return "mean", "square"
