"""Resampling by tables: every processor gives the bytes of the formula."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.interpreter import interpret
from mirada.compiler.lowering.resampling import Resampling
from mirada.compiler.verify import verify
from tests.compiled import TARGETS, Compiled

Arrays = dict[str, NDArray[Any]]


def mixed(
    first: NDArray[Any], second: NDArray[Any], weight: NDArray[Any]
) -> NDArray[Any]:
    found: NDArray[Any] = ((256 - weight) * first + weight * second + 128) >> 8
    return found


def by_formula(arrays: Arrays, form: Resampling, fill: int) -> NDArray[np.float32]:
    height, width = form.size
    shape = (form.images, height + 1, width, form.channels)
    source = arrays["source"].reshape(shape).astype(np.int64)
    frame = np.full((*shape[:2], 1, form.channels), fill)
    source = np.concatenate([source, frame], axis=2)
    tables = {name: value.astype(np.int64) for name, value in arrays.items()}
    image = np.arange(form.images)[:, None]
    rows = mixed(
        source[image, tables["rows.first"]],
        source[image, tables["rows.second"]],
        tables["rows.weight"][:, :, None, None],
    )
    columns = rows.transpose(0, 2, 1, 3)
    levels = mixed(
        columns[image, tables["columns.first"]],
        columns[image, tables["columns.second"]],
        tables["columns.weight"][:, :, None, None],
    )
    scaled = levels.transpose(0, 3, 2, 1).astype(np.float32)
    scaled *= arrays["scale"][:, None, None]
    return scaled + arrays["offset"][:, None, None]


def arrays_of(form: Resampling, fill: int) -> Arrays:
    noise = np.random.default_rng(form.lanes)
    source = noise.integers(0, 256, form.source.shape, dtype=np.uint8)
    source[:, -1] = fill
    arrays: Arrays = {"source": source}
    for table in form.tables:
        drawn = noise.integers(0, table.high + 1, table.shape, dtype=np.int32)
        arrays[table.name] = drawn
    for level in form.levels:
        arrays[level.name] = noise.normal(size=level.shape).astype(np.float32)
    arrays["to"] = np.zeros(form.to.shape, np.float32)
    return arrays


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize(
    ("size", "channels"), (((5, 7), 3), ((4, 32), 1), ((3, 37), 3), ((2, 16), 3))
)
def test_every_processor_gives_the_same(
    name: str, size: tuple[int, int], channels: int
) -> None:
    target = TARGETS[name]
    form = Resampling(4, size, channels, target.lanes)
    kernel = form.kernel("resample")
    verify(kernel)
    arrays = arrays_of(form, 99)
    wanted = by_formula(arrays, form, 99)
    Compiled({"resample": kernel}, target)("resample", arrays, count=3, fill=99)
    assert arrays["to"][:3].tobytes() == wanted[:3].tobytes()
    assert not arrays["to"][3].any()


def test_the_interpreter_agrees() -> None:
    form = Resampling(2, (3, 5), 3, 4)
    kernel, arrays = form.kernel("resample"), arrays_of(form, 7)
    flat = {name: array.reshape(-1) for name, array in arrays.items()}
    interpret(kernel, flat, count=2, fill=7)
    assert arrays["to"].tobytes() == by_formula(arrays, form, 7).tobytes()
