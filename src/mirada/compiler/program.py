"""A whole computation as kernels in memory: what is called when, and on which bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mirada.compiler.ir import Kernel
from mirada.compiler.lowering.layout import Image
from mirada.network import Shape

__all__ = [
    "ARENAS",
    "PARTS",
    "Block",
    "Border",
    "Call",
    "Phase",
    "Place",
    "Program",
    "Slot",
    "Stream",
]

ARENAS = (
    "parameters",
    "packed",
    "momentum",
    "mean",
    "square",
    "average",
    "gradients",
    "values",
    "workspace",
    "images",
    "labels",
    "arriving",
    "outputs",
    "results",
    "scalars",
    "input_gradient",
    "wanted",
    "profile",
    "others",
    "shares",
)
"""Regions of memory. Gradients and results are one a chunk of the batch, the workspace
one a thread; in `values` a place says how far one image lies from the next."""

PARTS = 8
"""Parts in which parameters are updated side by side."""


@dataclass(frozen=True)
class Place:
    """Where a buffer lies: an arena and bytes from its start.

    A kernel is given the place of its block's first image, `image_bytes` from one
    image of the batch to the next.
    """

    arena: str
    offset: int
    image_bytes: int = 0


@dataclass(frozen=True)
class Call:
    """One kernel, made when machine code is wanted and not before."""

    name: str
    make: Callable[[], Kernel]
    layer: str = ""
    """The layer it works for."""
    schedule: str = ""
    """How it does so, in a word or two."""


@dataclass(frozen=True)
class Stream:
    """Chunks of the batch, each through all of the network on one thread.

    `begin` runs once a chunk, `block` once a block of images.
    """

    begin: tuple[Call, ...]
    block: tuple[Call, ...]

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls in order."""
        return self.begin + self.block


@dataclass(frozen=True)
class Phase:
    """Items that any thread may take; each runs all calls in order.

    An item is one of `parts` of `images` images, or of the whole batch where `images`
    is 0; where `parts` is 0 the kernels' argument "part" says how many there are. With
    `meet`, all threads have finished what came before.
    """

    calls: tuple[Call, ...]
    images: int = 0
    parts: int = 1
    meet: bool = True


@dataclass(frozen=True)
class Slot:
    """Where a parameter lies, and in which order.

    `native` is its shape in memory, whose axes are those of `shape` in the order
    `axes`, taken apart before where `split` says so: a linear weight (out, in) of a
    flattened image has `split` (out, channels, rows, columns).
    """

    name: str
    shape: Shape
    native: Shape
    offset: int
    split: Shape
    axes: tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """Parameters, one after another, that learn at the same rate: `factor` times it.

    It has `length` numbers from `start` on, in `PARTS` equal parts.
    """

    start: int
    length: int
    factor: float


@dataclass(frozen=True)
class Border:
    """Padding around images in the workspace, written once."""

    offset: int
    image: Image
    fill: float


@dataclass
class Program:
    """Everything a driver needs to run a network; filled by the planner.

    `work` runs from first to last; `packing` brings parameters into the forms that
    kernels read, after they changed.
    """

    name: str
    chunk_images: int
    block_images: int
    blocks: tuple[Block, ...] = ()
    """The learned parameters by their rates."""
    learned: int = 0
    """Learned parameters, padding between them included; they come first."""
    length: int = 0
    """All parameters, statistics and padding included."""
    slots: dict[str, Slot] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    strides: dict[str, int] = field(default_factory=dict)
    """Bytes from one chunk, thread or image to the next, by arena; where there is
    nothing to step over, its size."""
    borders: list[Border] = field(default_factory=list)
    watched: list[tuple[str, Image]] = field(default_factory=list)
    """The value of every stage by the name of its last layer, in order."""
    wanted: dict[str, tuple[int, Shape]] = field(default_factory=dict)
    """What leaves by name: bytes from the start of its arena for one image of a batch
    of `batch`, and its shape."""
    work: list[Stream | Phase] = field(default_factory=list)
    packing: list[Phase] = field(default_factory=list)
    updates: bool = False
    """Whether the work changes parameters, so that packing follows on it."""

    @property
    def steps(self) -> Iterator[Stream | Phase]:
        """The work and the packing."""
        yield from self.work
        yield from self.packing

    @property
    def calls(self) -> Iterator[Call]:
        """Every call in order."""
        for step in self.steps:
            yield from step.calls
