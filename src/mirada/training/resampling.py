"""Batches resampled and normalized by compiled code, with the bytes of `data`'s law."""

import ctypes
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.jit import Machine, compile_module
from mirada.compiler.listing import module_text
from mirada.compiler.lowering.resampling import Resampling
from mirada.compiler.target import host
from mirada.data import Preprocessing
from mirada.data.augment_resampling import Ways
from mirada.errors import InternalError

__all__ = ["CompiledResampler", "compiled_resampler"]

_NAME = "mirada_resample"
_MOST_AT_ONCE = 64


@lru_cache(maxsize=8)
def compiled_resampler(size: tuple[int, int], channels: int) -> "CompiledResampler":
    """What resamples images of a size, compiled once."""
    return CompiledResampler(size, channels)


class CompiledResampler:
    """A `data.batches.Resampler` for images of one size; any thread may call it."""

    def __init__(self, size: tuple[int, int], channels: int) -> None:
        self._form = Resampling(_MOST_AT_ONCE, size, channels, host().lanes)
        self._machine = _compiled(self._form)
        scratch = (self._form.mixed, *self._form.sides)
        self._scratch = [buffer.size for buffer in scratch]
        pointers = len(self._form.tables) + len(scratch) + 4
        types = [ctypes.c_void_p] * pointers + [ctypes.c_int64] * 2
        # Other threads run meanwhile.
        self._run = ctypes.CFUNCTYPE(None, *types)(self._machine.address(_NAME))

    def __call__(
        self, images: NDArray[np.uint8], ways: Ways, preprocessing: Preprocessing
    ) -> NDArray[np.float32]:
        """The images (n, h, w, c) as float32 (n, c, h, w)."""
        height, width = self._form.size
        count, channels = len(images), self._form.channels
        assert images.shape == (count, height, width, channels), images.shape
        bordered = np.empty((count, height + 1, width, channels), np.uint8)
        bordered[:, :height] = images
        bordered[:, height] = ways.fill
        tables = self._tables(ways, count)
        levels = preprocessing.coefficients()
        out = np.empty((count, channels, height, width), np.float32)
        scratch = [np.empty(size, np.int32) for size in self._scratch]
        for start in range(0, count, _MOST_AT_ONCE):
            piece = slice(start, start + _MOST_AT_ONCE)
            given: list[NDArray[Any]] = [bordered[piece]]
            given += [table[piece] for table in tables]
            given += [*levels, out[piece], *scratch]
            self._run(*(a.ctypes.data for a in given), len(images[piece]), ways.fill)
        return out

    def _tables(self, ways: Ways, count: int) -> list[NDArray[np.int32]]:
        """What the code trusts to lie inside of its images is looked at here."""
        tables = [
            np.ascontiguousarray(table, np.int32)
            for axis in (ways.rows, ways.columns)
            for table in (axis.first, axis.second, axis.weight)
        ]
        for buffer, table in zip(self._form.tables, tables, strict=True):
            fits = table.shape == (count, buffer.shape[1])
            if not (fits and buffer.low <= table.min() and table.max() <= buffer.high):
                raise InternalError(
                    "resampling-table",
                    "Table {name!r} of a batch does not fit images of "
                    "{height}x{width}. Report this.",
                    name=buffer.name,
                    height=self._form.size[0],
                    width=self._form.size[1],
                )
        return tables


def _compiled(form: Resampling) -> Machine:
    kernel = form.kernel(_NAME)
    return compile_module(
        f"{_NAME} {form!r}", lambda: (module_text(_NAME, [kernel]), 0), host()
    )
