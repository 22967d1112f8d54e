"""Turned in blocks or moved one by one: the same numbers in the same places."""

import numpy as np
import pytest

from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer
from mirada.compiler.lowering import layout, turning
from mirada.compiler.lowering.layout import Image
from mirada.compiler.verify import verify
from tests.compiled import TARGETS, Compiled, arrays_for

SHAPES = ((4, 1, 4), (5, 2, 7), (16, 2, 16), (19, 1, 33), (33, 3, 5))


def image(shape: tuple[int, int, int]) -> Image:
    """Two images in a border that differs on every side."""
    channels, height, width = shape
    buffer = Buffer("to", (2, height + 3, width + 2, channels), slack=16)
    return Image(buffer, channels, height, width, 1, 2)


def outside(shape: tuple[int, int, int]) -> Buffer:
    return Buffer("images", (2, *shape))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("target", ["host", "avx2", "sse"])
@pytest.mark.parametrize("more", [False, True])
def test_entering(shape: tuple[int, int, int], target: str, more: bool) -> None:
    here, given = image(shape), outside(shape)
    chosen = TARGETS[target]
    fast = turning.enter("fast", given, here, chosen, more=more)
    plain = layout.enter("plain", given, here, add=more)
    verify(fast)
    for count in (1, 2):
        first = arrays_for(fast, np.random.default_rng(count))
        second = {name: array.copy() for name, array in first.items()}
        third = {name: array.copy() for name, array in first.items()}
        Compiled({"fast": fast}, chosen)("fast", first, count=count)
        interpret(plain, second, count=count)
        interpret(fast, third, count=count)
        np.testing.assert_array_equal(first["to"], second["to"])
        np.testing.assert_array_equal(third["to"], second["to"])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("target", ["host", "avx2", "sse"])
def test_leaving(shape: tuple[int, int, int], target: str) -> None:
    here, to = image(shape), outside(shape)
    chosen = TARGETS[target]
    fast, plain = turning.leave("fast", here, to, chosen), layout.leave("p", here, to)
    verify(fast)
    first = arrays_for(fast, np.random.default_rng(1))
    second = {name: array.copy() for name, array in first.items()}
    Compiled({"fast": fast}, chosen)("fast", first, count=2)
    interpret(plain, second, count=2)
    np.testing.assert_array_equal(first["images"], second["images"])


def test_few_channels_are_moved_one_by_one() -> None:
    assert turning.suits(image((16, 2, 16)))
    assert not turning.suits(image((3, 20, 20)))
    assert not turning.suits(image((16, 20, 1)))
