"""What a step told, on its way from the device."""

from collections.abc import Callable
from functools import cached_property
from math import isfinite

import torch

from mirada.engines.engine import StepResult
from mirada.errors import DivergenceError

__all__ = ["PendingResult"]


class PendingResult(StepResult):
    """Loss and right answers that the device computes while others do something else.

    `refusal` makes the error of a loss that is not finite.
    """

    def __init__(
        self,
        loss: torch.Tensor,
        correct: torch.Tensor,
        refusal: Callable[[float], DivergenceError],
    ) -> None:
        self._event: torch.cuda.Event | None = None
        if loss.device.type == "cuda":
            # The tensors belong to a recorded step, which writes to them again.
            loss, correct = _sent(loss), _sent(correct)
            self._event = torch.cuda.Event()
            self._event.record()
        self._told, self._refusal = (loss, correct), refusal

    @property
    def is_ready(self) -> bool:
        return self._event is None or bool(self._event.query())

    @property
    def loss(self) -> float:
        """The mean loss of the batch, before the step."""
        return self._read.loss

    @property
    def correct(self) -> int:
        """How many images of the batch were answered right, before the step."""
        return self._read.correct

    def read(self) -> StepResult:
        """The numbers themselves; waits, and raises what the step has to raise."""
        return self._read

    @cached_property
    def _read(self) -> StepResult:
        if self._event is not None:
            self._event.synchronize()
        loss, correct = (tensor.item() for tensor in self._told)
        if not isfinite(loss):
            raise self._refusal(loss)
        return StepResult(loss, correct)


def _sent(tensor: torch.Tensor) -> torch.Tensor:
    """A copy on its way into memory that a GPU writes by itself."""
    here = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    return here.copy_(tensor, non_blocking=True)
