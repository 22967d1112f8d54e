"""What the kernels of a stage may ask of the program they become part of."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering.layout import Image
from mirada.compiler.stages import Form, Stage
from mirada.compiler.target import Target
from mirada.network import Node, Recipe
from mirada.randomness import Purpose, key

__all__ = ["ITEMS", "Context", "Into", "Margins", "Work"]

ITEMS = 8
"""Items of work that are enough for the threads of a usual machine."""


class Into(NamedTuple):
    """Where a gradient goes, and whether it adds to what is there."""

    image: Image
    add: bool


class Margins(NamedTuple):
    """Rows and columns beyond the pixels that a kernel reads or writes."""

    top: int = 0
    left: int = 0
    bottom: int = 0
    right: int = 0

    def with_(self, other: "Margins") -> "Margins":
        """The wider of both, on every side."""
        return Margins(*map(max, zip(self, other, strict=True)))


class Work(NamedTuple):
    """How a kernel's work is dealt out in layered mode; in a stream it is not.

    Items are `parts` of `images` images each, of the whole batch where it is 0, of a
    usual block of images where it is None; with `parts` 0 the kernel says how many.
    """

    images: int | None = None
    parts: int = 1
    rows: int = 0
    """Rows "oy" that may be dealt out too, where one image is all there is."""
    schedule: str = ""


class Context(ABC):
    """A program in the making, as its stages see it; abstract."""

    target: Target
    recipe: Recipe
    form: Form
    layered: bool
    """Whether one layer is computed for the whole batch, then the next."""
    batch: int
    updates: bool
    """Whether parameters change with the batch."""
    exact: bool
    """Whether every convolution is computed by its definition."""
    half: bool
    """Whether convolutions may round what they read to bfloat16."""

    @abstractmethod
    def learns(self, node: Node) -> bool:
        """Whether gradients by a layer's parameters are wanted, by one at least."""

    @abstractmethod
    def normalizes(self, node: Node) -> bool:
        """Whether a batch normalization takes the statistics of the batch.

        It does in training, but where it is frozen.
        """

    @abstractmethod
    def parameter(self, node: Node, name: str, gradient: bool = False) -> Buffer | None:
        """A parameter of a layer, or the place of its gradient; None without it.

        The gradient by one that is frozen in a layer that learns is not kept.
        """

    @abstractmethod
    def packed(self, buffer: Buffer) -> Buffer:
        """Reserves memory for parameters in another form."""

    @abstractmethod
    def keep(self, buffer: Buffer, images: bool = True) -> Buffer:
        """Reserves memory that lasts from a stage's forward to its backward.

        With `images` its first axis counts the images of a block.
        """

    @abstractmethod
    def lend(self, buffer: Buffer) -> Buffer:
        """Reserves memory of images for the work that is added now."""

    @abstractmethod
    def work(self, name: str, make: Callable[[], Kernel], how: Work = Work()) -> None:  # noqa: B008
        """Adds a kernel to what is computed now."""

    @abstractmethod
    def pack(
        self,
        name: str,
        make: Callable[[], Kernel],
        parts: int = 1,
        waits: bool = False,
    ) -> None:
        """Adds a kernel that brings parameters into another form.

        With `waits` it reads what an earlier one wrote.
        """

    @abstractmethod
    def clear(self, buffer: Buffer) -> None:
        """Writes zeros over a buffer of images."""

    @abstractmethod
    def zero(self, buffer: Buffer) -> None:
        """Zeros over a parameter's gradient that kernels only add to."""

    @abstractmethod
    def border(self, image: Image, fill: float = 0.0) -> None:
        """Writes the border around images."""

    @abstractmethod
    def framed(self, image: Image, margins: Margins) -> Image:
        """The image in a border of zeros, or a copy of it that has one."""

    @abstractmethod
    def surrounded(self, stage: Stage, image: Image, fill: float) -> Image:
        """A stage's input in a border of `fill`, a copy where its own holds zeros."""

    def weight(self, stage: Stage, gradient: bool = False) -> Buffer:
        """The weight of a stage's first layer, which has one."""
        found = self.parameter(stage.node, "weight", gradient)
        assert found is not None
        return found

    def whole(self, image: Image) -> Image:
        """The image as a kernel over all of the batch sees it."""
        return image.of(self.batch) if self.layered else image

    def dropout_key(self) -> tuple[int, int]:
        """The Philox key of this run's dropout."""
        return key(self.recipe.seed, Purpose.DROPOUT)
