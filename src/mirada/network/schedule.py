"""How the learning rate goes over the steps of a run, as a share of its peak."""

from abc import abstractmethod
from dataclasses import dataclass
from math import cos, pi

from mirada.network.field import Real, Whole
from mirada.network.value import Value

__all__ = ["Constant", "Cosine", "OneCycle", "Schedule", "Step", "Triangular"]


class Schedule(Value):
    """The share of the peak learning rate at each step; abstract."""

    @abstractmethod
    def share(self, step: int, steps: int) -> float:
        """The share at `step` of `steps`, counted from 0."""


@dataclass(frozen=True)
class Constant(Schedule):
    """The peak throughout.

    >>> Constant().share(3, 10)
    1.0
    """

    kind = "constant"

    def share(self, step: int, steps: int) -> float:
        return 1.0


@dataclass(frozen=True)
class Step(Schedule):
    """Multiplied by `factor` at each of `count` equal parts of the run.

    >>> [Step(2, 0.1).share(step, 6) for step in (0, 1, 2, 5)]
    [1.0, 1.0, 0.1, 0.010000000000000002]
    """

    kind = "step"
    positional = ("count", "factor")

    count: Whole = Whole(1, 1000, 2)
    factor: Real = Real(0.0, 1.0, 0.1)

    def share(self, step: int, steps: int) -> float:
        return self.factor ** (step * (self.count + 1) // max(steps, 1))


@dataclass(frozen=True)
class Cosine(Schedule):
    """A straight warm-up, then half a cosine down to `final` (arXiv 1608.03983).

    `warmup` is the part of the run that the warm-up takes.
    """

    kind = "cosine"

    warmup: Real = Real(0.0, 0.9, 0.0)
    final: Real = Real(0.0, 1.0, 0.0)

    def share(self, step: int, steps: int) -> float:
        rising = self.warmup * steps
        if step < rising:
            return (step + 1) / (rising + 1)
        done = (step - rising) / max(steps - rising, 1)
        return self.final + (1 - self.final) * (1 + cos(pi * done)) / 2


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Half a cosine up from `initial`, half a cosine down to `final` (1708.07120)."""

    kind = "onecycle"

    rising: Real = Real(0.0, 1.0, 0.3, below=True)
    initial: Real = Real(0.0, 1.0, 0.04)
    final: Real = Real(0.0, 1.0, 0.0004)

    def share(self, step: int, steps: int) -> float:
        top = self.rising * steps
        if step < top:
            return _between(self.initial, 1.0, step / top)
        return _between(1.0, self.final, (step - top) / max(steps - top, 1))


@dataclass(frozen=True)
class Triangular(Schedule):
    """Straight up from `initial`, straight down to `final` (arXiv 1506.01186).

    >>> [Triangular(0.5, 0.0, 0.5).share(step, 4) for step in range(4)]
    [0.0, 0.5, 1.0, 0.75]
    """

    kind = "triangular"

    rising: Real = Real(0.0, 1.0, 0.25, below=True)
    initial: Real = Real(0.0, 1.0, 0.2)
    final: Real = Real(0.0, 1.0, 0.0)

    def share(self, step: int, steps: int) -> float:
        top = self.rising * steps
        if step < top:
            return self.initial + (1.0 - self.initial) * step / top
        return 1.0 - (1.0 - self.final) * (step - top) / max(steps - top, 1)


def _between(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + cos(pi * done)) / 2
