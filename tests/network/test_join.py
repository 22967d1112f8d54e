"""Joins: shapes, and what they refuse."""

import pytest

from mirada.errors import ShapeError
from mirada.network import (
    Add,
    Concat,
    Conv2d,
    Layer,
    Linear,
    Multiply,
    Network,
    Node,
    join,
    named,
)
from tests.refusal import refuses


def test_shapes_of_joins() -> None:
    assert Add().output((3, 4, 5), (3, 4, 5)) == (3, 4, 5)
    assert Concat().output((3, 4, 5), (2, 4, 5), (1, 4, 5)) == (6, 4, 5)
    assert Concat(crop=True).output((3, 4, 9), (2, 6, 5)) == (5, 4, 5)
    assert Concat().output((3,), (4,)) == (7,)


def test_shapes_of_products() -> None:
    gate, image = (3, 1, 1), (3, 4, 5)
    assert Multiply().output(gate, image, gate) == Multiply().output(image, gate)
    assert Multiply().output(image, image) == Multiply().output(image, gate) == image
    assert Multiply().output((4,), (4,)) == (4,)


@pytest.mark.parametrize("other", [(2, 1, 1), (3, 1, 5), (3, 5, 4), (3,), (60,)])
def test_only_gates_and_equal_shapes_are_multiplied(other: tuple[int, ...]) -> None:
    words = "'multiply1' multiplies inputs of equal shape", "gates", "1x1 convolution."
    layers = (Conv2d(2, 3), join(Multiply(), "input"))
    with refuses(ShapeError, "multiply-shapes", *words):
        Network("n", (1, 5, 5), layers)
    with refuses(ShapeError, "multiply-shapes"):
        Multiply().output((3, 4, 5), other)


def test_only_equal_shapes_are_added() -> None:
    words = "Layer 'add1' adds inputs of equal shape; it is given 2x3x3, 1x5x5."
    with refuses(ShapeError, "add-shapes", words, "a 1x1 convolution."):
        Network("n", (1, 5, 5), (Conv2d(2, 3), join(Add(), "input")))


def test_images_of_other_sizes_are_not_joined() -> None:
    words = "given 2x3x3, 1x5x5. Add 'crop' to cut the larger ones."
    with refuses(ShapeError, "concat-shapes", words):
        Network("n", (1, 5, 5), (Conv2d(2, 3), join(Concat(), "input")))


def test_images_and_vectors_are_not_joined() -> None:
    with pytest.raises(ShapeError) as caught:
        Concat(crop=True).output((2, 3, 3), (4,))
    assert caught.value.code == "concat-shapes"
    assert "Add 'crop'" not in str(caught.value)


@pytest.mark.parametrize("layer", [Add(), Multiply(), Concat()])
def test_a_join_needs_another_input(layer: Layer) -> None:
    words = "needs at least two inputs and has 1", f"as in '{layer.kind} stem'"
    with refuses(ShapeError, "join-inputs", *words):
        Network("n", (4,), (named(Linear(3), "stem"), Node(layer)))
