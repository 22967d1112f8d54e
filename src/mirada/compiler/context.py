"""What the kernels of a stage may ask of the program they become part of."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.stages import Stage
from mirada.compiler.target import Target
from mirada.network import Recipe
from mirada.randomness import Purpose, key

__all__ = ["Context"]


class Context(ABC):
    """A program in the making, as its stages see it; abstract."""

    target: Target
    recipe: Recipe
    training: bool

    @abstractmethod
    def parameter(
        self, stage: Stage, name: str, gradient: bool = False
    ) -> Buffer | None:
        """A parameter of a stage, or the place of its gradient; None without it."""

    @abstractmethod
    def buffer(self, arena: str, buffer: Buffer) -> Buffer:
        """Reserves memory for a buffer."""

    @abstractmethod
    def call(self, phase: str, name: str, make: Callable[[], Kernel]) -> None:
        """Adds a kernel to a phase, made when machine code is wanted."""

    @abstractmethod
    def clear(self, phase: str, buffer: Buffer) -> None:
        """Writes zeros over a buffer."""

    def weight(self, stage: Stage, gradient: bool = False) -> Buffer:
        """The weight of a stage that has one."""
        found = self.parameter(stage, "weight", gradient)
        assert found is not None
        return found

    def dropout_key(self) -> tuple[int, int]:
        """The Philox key of this run's dropout."""
        return key(self.recipe.seed, Purpose.DROPOUT)
