"""A whole computation as kernels in memory: what is called when, and on which bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mirada.compiler.ir import Kernel
from mirada.compiler.lowering.layout import Image
from mirada.network import Shape

__all__ = ["ARENAS", "PARTS", "Border", "Call", "Place", "Program", "Slot"]

ARENAS = (
    "parameters",
    "packed",
    "momentum",
    "mean",
    "square",
    "gradients",
    "workspace",
    "images",
    "labels",
    "outputs",
    "results",
    "scalars",
    "input_gradient",
)
"""Regions of memory. Gradients and results are one a chunk of the batch, the workspace
one a thread; images, labels, outputs and the input's gradient start at a block."""

PARTS = 8
"""Parts in which parameters are updated side by side."""


@dataclass(frozen=True)
class Place:
    """Where a buffer lies: an arena and bytes from its start."""

    arena: str
    offset: int


@dataclass(frozen=True)
class Call:
    """One kernel, made when machine code is wanted and not before."""

    name: str
    make: Callable[[], Kernel]


@dataclass(frozen=True)
class Slot:
    """Where a parameter lies, and in which order.

    `native` is its shape in memory; a convolution's weight (oc, ic, kh, kw) lies as
    (oc, kh * kw, ic), a linear weight (out, in) as (in, out), its inputs in the order
    row, column, channel of the `image` that was flattened.
    """

    name: str
    shape: Shape
    native: Shape
    offset: int
    image: Shape = ()


@dataclass(frozen=True)
class Border:
    """Padding around images in the workspace, written once."""

    offset: int
    image: Image
    fill: float


@dataclass
class Program:
    """Everything a driver needs to run a network; filled by the planner.

    `begin` runs once a chunk of the batch, `block` once a block of images, `parts`
    once a part of the parameters, `tasks` once each.
    """

    name: str
    chunk_images: int
    block_images: int
    length: int = 0
    """Parameters, padding between them included."""
    slots: dict[str, Slot] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    strides: dict[str, int] = field(default_factory=dict)
    """Bytes from one chunk, thread or image to the next, by arena."""
    borders: list[Border] = field(default_factory=list)
    watched: list[tuple[str, Image]] = field(default_factory=list)
    """The value of every stage by the name of its last layer, in order."""
    begin: list[Call] = field(default_factory=list)
    block: list[Call] = field(default_factory=list)
    parts: list[Call] = field(default_factory=list)
    tasks: list[Call] = field(default_factory=list)

    @property
    def phases(self) -> Mapping[str, list[Call]]:
        """The calls by phase, in order."""
        return {
            "begin": self.begin,
            "block": self.block,
            "parts": self.parts,
            "tasks": self.tasks,
        }
