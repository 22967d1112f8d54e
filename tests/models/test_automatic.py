"""The network chosen for images of a given size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.errors import DescriptionError
from mirada.models import automatic, automatic_reason, build
from mirada.network import Shape
from tests.refusal import refuses


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ((1, 8, 8), "digits"),
        ((1, 28, 28), "automatic"),
        ((3, 64, 64), "automatic"),
    ],
)
def test_the_choice_by_size(shape: Shape, name: str) -> None:
    network = automatic(shape, 10)
    assert network.name == name
    assert (network == build("digits")) == (name == "digits")
    kinds = [node.layer.kind for node in network.nodes]
    assert ("batchnorm" in kinds) == (shape[1] > 36)


@given(
    st.tuples(st.integers(1, 4), st.integers(2, 300), st.integers(2, 300)),
    st.integers(1, 50),
)
def test_every_size_gets_a_network(shape: Shape, classes: int) -> None:
    network = automatic(shape, classes)
    assert network.output == (classes,)
    assert str(automatic_reason(shape))


@given(st.integers(37, 1024))
def test_pooling_ends_between_4_and_7_pixels(side: int) -> None:
    network = automatic((3, side, side), 5)
    pools = [node.name for node in network.nodes if node.layer.kind == "maxpool"]
    assert 4 <= network.shapes[pools[-1]][1] <= 7
    words = str(automatic_reason((3, side, side)))
    assert words.startswith(f"{len(pools)} blocks") and f"{side} pixels" in words


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1, 8, 8), "hold little to pool"),
        ((1, 28, 28), "32, 64 and 128 filters"),
        ((3, 32, 32), "32, 64 and 128 filters"),
    ],
)
def test_the_reasons(shape: Shape, words: str) -> None:
    assert words in str(automatic_reason(shape))


@pytest.mark.parametrize("shape", [(64,), (3, 1, 64)])
def test_what_is_no_image_is_refused(shape: Shape) -> None:
    with refuses(DescriptionError, "automatic-input", "at least 2x2 pixels"):
        automatic(shape, 2)
