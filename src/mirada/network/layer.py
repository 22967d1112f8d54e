"""What every layer of a network answers: its output shape and its parameters."""

from abc import abstractmethod
from typing import ClassVar, NamedTuple

from mirada.errors import Phrase, ShapeError
from mirada.network.field import Choice
from mirada.network.value import Value
from mirada.network.window import Window

__all__ = [
    "INITIALIZERS",
    "Layer",
    "Parameter",
    "Shape",
    "image",
    "initializer",
    "shape_text",
    "slide",
]

Shape = tuple[int, ...]
"""(channels, height, width) of an image, or (features,) of a vector."""

INITIALIZERS = (
    "lecun-uniform",
    "he-uniform",
    "he-normal",
    "glorot-uniform",
    "glorot-normal",
    "zeros",
    "dirac",
    "whitening",
)


class Parameter(NamedTuple):
    """One array of a layer: its name, its shape, and what it is.

    `role` is "weight" or "bias" (learned) or "statistic" (kept, not learned).
    `fan_in` and `fan_out` are the terms summed into one output and the outputs one
    input reaches, which the initializers scale by.
    """

    name: str
    shape: Shape
    role: str
    fan_in: int = 1
    fan_out: int = 1


class Layer(Value):
    """One layer, apart from its place in a network; abstract.

    Shapes leave the batch axis out. Errors of a misfit carry `{layer}`, `{source}` and
    `{remedy}`, which the network fills with names, lines and changes that work.
    """

    joins: ClassVar[bool] = False

    @abstractmethod
    def output(self, *inputs: Shape) -> Shape:
        """The shape of the output for these inputs, or `ShapeError`."""

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        """The arrays this layer owns."""
        return ()

    def windows(self, shape: Shape) -> tuple[Window, Window] | None:
        """The window along height and width, or None for a layer without one."""
        return None

    def place(self) -> dict[str, object]:
        """Values for `{layer}`, `{source}` and `{remedy}` before a network knows."""
        return {"layer": self.text(), "source": Phrase("its input"), "remedy": ""}


def image(layer: Layer, shape: Shape) -> tuple[int, int, int]:
    """The shape as (channels, height, width), or `ShapeError`."""
    if len(shape) != 3:
        raise ShapeError(
            "needs-image",
            "{layer} needs channels, height and width, but {source} gives a vector of "
            "{given}. Put it before the flatten layer.{remedy}",
            given=shape_text(shape),
            **layer.place(),
        )
    return shape[0], shape[1], shape[2]


def slide(layer: Layer, shape: Shape) -> tuple[int, int]:
    """How many windows fit along height and width, or `ShapeError`."""
    windows = layer.windows(shape)
    assert windows is not None
    lengths = shape[1:]
    counts = [w.output(n) for w, n in zip(windows, lengths, strict=True)]
    if min(counts) < 1:
        axis = 0 if counts[0] < 1 else 1
        raise ShapeError(
            "window-too-large",
            "{layer} needs an input of at least {needed}, but {source} gives {given}: "
            "{arithmetic}.{remedy}",
            needed="x".join(str(w.needed()) for w in windows),
            given="x".join(map(str, lengths)),
            arithmetic=_substitution(windows[axis], lengths[axis]),
            **layer.place(),
        )
    return counts[0], counts[1]


def _substitution(window: Window, length: int) -> str:
    above = f"({length} - {window.span} + {window.start} + {window.end})"
    return f"{above}/{window.stride} + 1 < 1"


def shape_text(shape: Shape) -> str:
    """A shape in words: 16x5x5."""
    return "x".join(map(str, shape))


def initializer() -> Choice:
    """The field that says how a layer's weights begin."""
    return Choice(*INITIALIZERS, default="lecun-uniform")
