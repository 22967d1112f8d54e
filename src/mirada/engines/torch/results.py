"""What a step told, on its way from the device."""

from collections.abc import Callable
from functools import cached_property
from math import isfinite

import torch

from mirada.engines.engine import StepResult
from mirada.engines.intake import diverged

__all__ = ["PendingResult"]


class PendingResult(StepResult):
    """Loss and right answers that the device computes while others do something else.

    `layer` finds the layer that held the first value that was not finite.
    """

    def __init__(
        self,
        loss: torch.Tensor,
        correct: torch.Tensor,
        step: int,
        layer: Callable[[], str | None],
    ) -> None:
        told = torch.stack([loss.double(), correct.double()])
        self._event: torch.cuda.Event | None = None
        if told.device.type == "cuda":
            here = torch.empty(2, dtype=told.dtype, pin_memory=True)
            here.copy_(told, non_blocking=True)
            self._event, told = torch.cuda.Event(), here
            self._event.record()
        self._told, self._step, self._layer = told, step, layer

    @property
    def is_ready(self) -> bool:
        return self._event is None or bool(self._event.query())

    @property
    def loss(self) -> float:
        return self._read[0]

    @property
    def correct(self) -> int:
        return int(self._read[1])

    @cached_property
    def _read(self) -> tuple[float, float]:
        if self._event is not None:
            self._event.synchronize()
        loss, correct = self._told.tolist()
        if not isfinite(loss):
            raise diverged(self._step, loss, self._layer())
        return loss, correct
