"""How parameters move: PyTorch's own optimizers, fused, with our names for their state.

A step whose loss is not finite moves nothing: the fused step is told so on the device
itself, by the flag that PyTorch's gradient scaler uses.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from mirada.network import SGD, Recipe

__all__ = ["Mover"]

_NAMES = {"momentum": "momentum_buffer", "mean": "exp_avg", "square": "exp_avg_sq"}
"""Our name for what is remembered of a parameter, and PyTorch's."""


class Mover:
    """The optimizer of a recipe over learned parameters, and their moving averages."""

    def __init__(self, recipe: Recipe, learned: Mapping[str, torch.Tensor]) -> None:
        self.recipe, self.learned = recipe, dict(learned)
        device = next(iter(self.learned.values())).device if learned else None
        self.rate = torch.zeros((), device=device)
        self.kinds = _kinds(recipe)
        self._done = 0
        self._optimizer = _made(recipe, list(self.learned.values()), self.rate)
        self._remember()
        self._averages = (
            [value.detach().clone() for value in self.learned.values()]
            if recipe.ema
            else []
        )

    def state(self) -> dict[str, torch.Tensor]:
        """What is remembered, by our names; the tensors themselves."""
        found = {
            f"{kind}.{name}": self._optimizer.state[value][_NAMES[kind]]
            for kind in self.kinds
            for name, value in self.learned.items()
        }
        averages = zip(self.learned, self._averages, strict=False)
        return found | {f"average.{name}": value for name, value in averages}

    def prepare(self, step: int, learning_rate: float) -> None:
        """Sets rate and step, before what is done on the device."""
        self.rate.fill_(learning_rate)
        if "mean" in self.kinds and step != self._done:
            for value in self.learned.values():
                self._optimizer.state[value]["step"].fill_(step)
        self._done = step + 1

    def forget_gradients(self) -> None:
        """Before a backward pass."""
        self._optimizer.zero_grad(set_to_none=True)

    def move(self, loss: torch.Tensor) -> None:
        """Every parameter against its gradient, unless the loss is not finite."""
        if not self.learned:
            return
        if self.recipe.gradient_clip:
            nn.utils.clip_grad_norm_(self.learned.values(), self.recipe.gradient_clip)
        self._optimizer.grad_scale = None
        self._optimizer.found_inf = (~torch.isfinite(loss.detach())).float()
        self._optimizer.step()
        if self._averages:
            with torch.no_grad():
                torch._foreach_lerp_(
                    self._averages, list(self.learned.values()), 1.0 - self.recipe.ema
                )

    def _remember(self) -> None:
        """Zeros for whatever is remembered, as they are before the first step."""
        for value in self.learned.values():
            own: dict[str, Any] = self._optimizer.state[value]
            own |= {_NAMES[kind]: torch.zeros_like(value) for kind in self.kinds}
            if "mean" in self.kinds:
                own["step"] = torch.zeros((), device=value.device)


def _kinds(recipe: Recipe) -> tuple[str, ...]:
    rule = recipe.optimizer
    if isinstance(rule, SGD):
        return ("momentum",) if rule.momentum else ()
    return "mean", "square"


def _made(recipe: Recipe, values: list[torch.Tensor], rate: torch.Tensor) -> Any:
    """PyTorch's optimizer; it takes no empty list, which a network may have."""
    rule: Any = recipe.optimizer
    given = values or [torch.zeros(1, device=rate.device)]
    if isinstance(rule, SGD):
        return torch.optim.SGD(
            given,
            lr=rate,
            momentum=rule.momentum,
            nesterov=rule.nesterov,
            weight_decay=rule.weight_decay,
            fused=True,
        )
    return torch.optim.AdamW(
        given,
        lr=rate,
        betas=(rule.beta1, rule.beta2),
        eps=rule.epsilon,
        weight_decay=rule.weight_decay,
        capturable=rate.device.type == "cuda",
        fused=True,
    )
