"""Sizes for dense layers: whole cuts, no more accumulators than there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.compiler.schedules.dense import (
    column_tile,
    cut,
    gradient_parts,
    shares,
    tap_tile,
    tiling,
)
from mirada.compiler.target import Target
from tests.compiled import TARGETS

targets = st.sampled_from(list(TARGETS.values()))


@given(total=st.integers(1, 500), parts=st.integers(1, 40))
def test_shares_are_even_and_leave_nothing(total: int, parts: int) -> None:
    found = shares(total, min(parts, total))
    sizes = [size for _, size in found]
    assert max(sizes) - min(sizes) <= 1
    assert [first for first, _ in found] == [
        sum(sizes[:part]) for part in range(len(sizes))
    ]
    assert sum(sizes) == total


@given(
    images=st.integers(1, 32),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    joined=st.booleans(),
    panels=st.integers(1, 40),
    target=targets,
)
def test_tiles_cover_the_image_and_fit_the_registers(
    images: int, height: int, width: int, joined: bool, panels: int, target: Target
) -> None:
    way = tiling(images, height, width, joined, panels, target)
    assert way.height * way.width == height * width
    assert joined or way.width == width
    assert way.height == way.strips * way.rows and images % way.images == 0
    assert sum(way.tiles) == way.images * way.rows * way.width
    assert max(way.tiles) * way.panels <= target.accumulators
    assert panels % way.panels == 0


@pytest.mark.parametrize(
    ("height", "width", "joined"),
    [(32, 32, False), (14, 14, False), (28, 28, True), (7, 7, False), (4, 4, False)],
)
def test_usual_images_fill_most_accumulators(
    height: int, width: int, joined: bool
) -> None:
    wide = Target("", "", "", lanes=16, registers=32)
    way = tiling(16, height, width, joined, 16, wide)
    assert min(way.tiles) * way.panels >= 14


@given(strips=st.integers(1, 60), units=st.integers(1, 40), wanted=st.integers(1, 30))
def test_a_cut_has_the_parts_that_are_wanted(
    strips: int, units: int, wanted: int
) -> None:
    found = cut(strips, units, wanted, 1000, 1000)
    assert found.parts >= min(wanted, strips * units)
    assert sum(size for _, size in found.bands) == strips
    assert sum(size for _, size in found.groups) == units
    every = zip(found.table(False, 0), found.table(True, 0), strict=True)
    assert len(set(every)) == found.parts


def test_a_cut_moves_the_smaller_side() -> None:
    large_image = cut(8, 8, 8, pixels=1000, weights=1)
    large_weights = cut(8, 8, 8, pixels=1, weights=1000)
    assert len(large_image.bands) == 8 and len(large_weights.groups) == 8


@given(
    columns=st.integers(1, 11),
    vectors=st.integers(1, 40),
    channels=st.integers(1, 300),
    target=targets,
)
def test_gradient_tiles_fit_the_registers(
    columns: int, vectors: int, channels: int, target: Target
) -> None:
    wide, tall, deep = tap_tile(vectors, columns, channels, target)
    assert wide * tall * deep <= target.accumulators
    assert tall == 1 or wide == vectors
    wide, deep = column_tile(columns, 1, vectors, channels, target)
    assert columns * wide * deep <= target.accumulators
    assert (wide, deep) == (0, 0) or vectors % wide == 0


def test_gradient_parts_read_as_little_as_they_can() -> None:
    assert gradient_parts(8, 16, 4, dy=128, x=256, cycles=9999) == (2, 4)
    assert gradient_parts(8, 16, 1, dy=128, x=256, cycles=9999) == (8, 1)
    assert gradient_parts(8, 2, 2, dy=1, x=1, cycles=9999) == (2, 2)


def test_gradient_parts_are_fewer_where_little_is_computed() -> None:
    assert gradient_parts(8, 22, 2, dy=128, x=128, cycles=1024) == (2, 2)
