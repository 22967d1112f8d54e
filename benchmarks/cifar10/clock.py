"""What a training says of itself: its time without the answers in between."""

from time import perf_counter
from typing import Any

import torch

from mirada.training import Evaluation, Watch
from mirada.training.place import Place

__all__ = ["Clock"]


class Clock(Watch):
    """Counts seconds of training from the end of the first step on.

    The first step is left out for everybody: there code is compiled and memory taken.
    A step is over where the program goes on to the next; an epoch, where the device
    has come so far, too.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._since: float | None = None
        self._last = 0.0
        self.accuracies: list[float] = []
        self.times: list[float] = []
        """The seconds of training at the end of each epoch."""

    def step(self, place: Place | None, loss: float) -> None:
        if self._since is None:
            self.wait()
            self._since = perf_counter()
        self._last = perf_counter()

    def validated(self, place: Place | None, found: Evaluation) -> None:
        self.trained()
        self.answered(found.accuracy)

    def trained(self) -> None:
        """The last step of an epoch was over when `step` was told."""
        before = self.times[-1] if self.times else 0.0
        self.times.append(before + self._last - (self._since or self._last))

    def answered(self, accuracy: float) -> None:
        """The test images have been answered; the clock goes on."""
        self.accuracies.append(accuracy)
        self._since = perf_counter()

    def said(self, images: int, goal: float) -> dict[str, Any]:
        """The figures of a training on so many images, the first batch left out.

        `seconds_to_goal` is None where the goal was not reached.
        """
        pairs = zip(self.times, self.accuracies, strict=True)
        there = (took for took, accuracy in pairs if accuracy >= goal)
        return {
            "seconds": self.times[-1],
            "seconds_to_goal": next(there, None),
            "images_per_second": images / self.times[-1],
            "accuracies": self.accuracies,
        }

    def wait(self) -> None:
        """Until the device has done all that it was told."""
        if self._device.startswith("cuda"):
            torch.cuda.synchronize()
