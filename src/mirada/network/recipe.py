"""How a network is trained: loss, optimizer, schedule, and for how long."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from mirada.errors import FieldError
from mirada.network.field import Real, Whole, shown
from mirada.network.loss import CrossEntropy, Loss
from mirada.network.optimizer import SGD, Optimizer
from mirada.network.rate import Rates
from mirada.network.schedule import OneCycle, Schedule
from mirada.network.value import Value

__all__ = ["Recipe"]


@dataclass(frozen=True)
class Recipe:
    """Everything about training that is not the network and not the data.

    `gradient_clip` is the largest Euclidean norm of the whole gradient: a longer one is
    multiplied by gradient_clip / (norm + 1e-6). `ema` is the decay of the exponential
    moving average of the learned parameters, which begins as they are before the first
    step: average = ema * average + (1 - ema) * parameter. Either is off at 0. `rates`
    gives parameters learning rates of their own, or freezes them.

    >>> Recipe(epochs=3).optimizer.text()
    'sgd'
    """

    loss: Loss = CrossEntropy()
    optimizer: Optimizer = SGD()
    schedule: Schedule = OneCycle()
    epochs: Whole = Whole(1, 100_000, 10)
    batch_size: Whole = Whole(1, 65536, 64)
    seed: Whole = Whole(0, 2**32 - 1, 0)
    gradient_clip: Real = Real(0.0, 1e6, 0.0)
    ema: Real = Real(0.0, 1.0, 0.0, below=True)
    rates: Rates = Rates()

    def __post_init__(self) -> None:
        for name, kind in (
            ("loss", Loss),
            ("optimizer", Optimizer),
            ("schedule", Schedule),
        ):
            if not isinstance(getattr(self, name), kind):
                raise FieldError(
                    "recipe-part",
                    "Recipe.{name} must be a {kind}; got {value}.",
                    name=name,
                    kind=kind.__name__,
                    value=shown(getattr(self, name)),
                )

    def plain(self) -> dict[str, Any]:
        """The recipe as JSON has it; of its parts what differs from their defaults.

        `rates` are there where there are any.
        """
        written = self._written(lambda part: part.plain())
        return {n: value for n, value in written.items() if n != "rates" or value}

    def whole(self) -> dict[str, Any]:
        """The same with every field of every part."""
        return self._written(lambda part: part.whole())

    def _written(self, write: Callable[[Value], dict[str, Any]]) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["rates"] = [rate.text() for rate in self.rates]
        return {
            name: write(value) if isinstance(value, Value) else value
            for name, value in values.items()
        }
