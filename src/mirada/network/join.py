"""Joins: layers that take several inputs."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from mirada.errors import Phrase, ShapeError
from mirada.network.field import Flag
from mirada.network.layer import Layer, Shape, shape_text

__all__ = ["Add", "Concat", "Multiply", "centre"]


@dataclass(frozen=True)
class Add(Layer):
    """The sum of its inputs, element by element; their shapes are equal."""

    kind = "add"
    joins = True

    def output(self, *inputs: Shape) -> Shape:
        _several(self, inputs)
        if any(shape != inputs[0] for shape in inputs):
            raise ShapeError(
                "add-shapes",
                "{layer} adds inputs of equal shape; it is given {shapes}. Bring them "
                "to one shape, for example with a 1x1 convolution.{remedy}",
                shapes=", ".join(map(shape_text, inputs)),
                **self.place(),
            )
        return inputs[0]


@dataclass(frozen=True)
class Multiply(Layer):
    """The product of its inputs, element by element.

    Their shapes are equal; but where images have many pixels, those of c x 1 x 1 are
    gates: one number by which a whole channel is multiplied, as in squeeze-and-
    excitation (arXiv 1709.01507).
    """

    kind = "multiply"
    joins = True

    def output(self, *inputs: Shape) -> Shape:
        _several(self, inputs)
        largest = max(inputs, key=prod)
        if any(shape not in (largest, _gate(largest)) for shape in inputs):
            raise ShapeError(
                "multiply-shapes",
                "{layer} multiplies inputs of equal shape, or images and gates of as "
                "many channels and one pixel; it is given {shapes}. Bring them to one "
                "shape, for example with a 1x1 convolution.{remedy}",
                shapes=", ".join(map(shape_text, inputs)),
                **self.place(),
            )
        return largest


def _gate(shape: Shape) -> Shape:
    """The shape of one number for each channel of an image; a vector has no gates."""
    return (shape[0], 1, 1) if len(shape) == 3 else shape


@dataclass(frozen=True)
class Concat(Layer):
    """Its inputs one after another along the channels.

    With `crop` the larger images are cut around their centre to the smallest, as in
    U-Net (arXiv 1505.04597); an odd row or column is cut at the end.
    """

    kind = "concat"
    joins = True

    crop: Flag = Flag(False)

    def output(self, *inputs: Shape) -> Shape:
        _several(self, inputs)
        sizes = [shape[1:] for shape in inputs]
        smallest = tuple(map(min, *sizes)) if all(sizes) else ()
        alike = len(set(map(len, inputs))) == 1
        if not alike or (not self.crop and any(s != smallest for s in sizes)):
            raise ShapeError(
                "concat-shapes",
                "{layer} joins images of equal height and width; it is given {shapes}."
                "{hint}{remedy}",
                shapes=", ".join(map(shape_text, inputs)),
                hint=Phrase(" Add 'crop' to cut the larger ones.") if alike else "",
                **self.place(),
            )
        return (sum(shape[0] for shape in inputs), *smallest)


def centre(given: Shape, wanted: Shape) -> Iterator[tuple[int, int]]:
    """Where each axis is cut, start and end, so that the centre is left.

    >>> list(centre((5, 4), (2, 4)))
    [(1, 3), (0, 4)]
    """
    for have, want in zip(given, wanted, strict=True):
        start = (have - want) // 2
        yield start, start + want


def _several(layer: Layer, inputs: tuple[Shape, ...]) -> None:
    if len(inputs) < 2:
        raise ShapeError(
            "join-inputs",
            "{layer} needs at least two inputs and has {count}. Name the other one, "
            "as in '{kind} stem'.{remedy}",
            count=len(inputs),
            kind=layer.kind,
            **layer.place(),
        )
