"""A training program with second labels, in C."""

import ctypes
from pathlib import Path

import numpy as np
import pytest

from mirada.compiler.c99.program import program_text
from mirada.compiler.plan import plan
from mirada.compiler.target import host
from mirada.engines.native import NativeEngine
from mirada.mixing import Mixing
from tests.compiler.c99.printed import build
from tests.compiler.programs import CASES
from tests.strategies import batch, lively_parameters


@pytest.mark.parametrize("name", ["block", "dilated"])
def test_a_mixed_step_has_the_same_bits(name: str, tmp_path: Path) -> None:
    case, size = CASES[name], CASES[name].recipe.batch_size
    program = plan(*case, "train", size, host(), mixed=True)
    path = build(
        program_text(program, "net", size), tmp_path / "train.so", ("-shared", "-fPIC")
    )
    library, engine = ctypes.CDLL(str(path)), NativeEngine(*case, threads=1)
    values = lively_parameters(case.network, 4)
    engine.load_parameters(values)
    slots = [*program.slots.values()]

    def structure(arrays: dict[str, np.ndarray]) -> object:
        addresses = [arrays[slot.name].ctypes.data for slot in slots]
        return (ctypes.c_void_p * len(addresses))(*addresses)

    kept = {slot.name: np.ascontiguousarray(values[slot.name]) for slot in slots}
    library.net_load(structure(kept))
    for step, count in enumerate((size, size - 1)):
        images, labels = batch(case.network, count, step)
        mixed = Mixing(labels[::-1].copy(), np.linspace(0, 1, count, dtype=np.float32))
        wanted = engine.train_step(
            images, labels, step=step, learning_rate=0.1, mixing=mixed
        )
        (used,) = engine.prepared()
        arrays = (
            *(images, labels.astype(np.int32), mixed.labels.astype(np.int32)),
            *(mixed.shares, used.scalars.copy()),
        )
        loss, correct = ctypes.c_float(), ctypes.c_int()
        given = [ctypes.c_void_p(one.ctypes.data) for one in arrays]
        told = (ctypes.byref(loss), ctypes.byref(correct))
        assert not library.net_train(*given, count, ctypes.c_int64(step), *told)
        assert (loss.value, correct.value) == (wanted.loss, wanted.correct)
    found = {s.name: np.full(s.shape, np.nan, np.float32) for s in slots}
    library.net_save(structure(found))
    for parameter, value in engine.parameters().items():
        assert found[parameter].tobytes() == value.tobytes(), parameter
