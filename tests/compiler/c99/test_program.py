"""A whole program as C does what the engine does, bit for bit."""

import ctypes
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.c99 import program_text
from mirada.compiler.plan import plan
from mirada.compiler.program import Slot
from mirada.compiler.target import host
from mirada.engines.native import NativeEngine
from mirada.network import (
    Add,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Node,
    Recipe,
    ReLU,
)
from tests.compiler.c99.printed import build
from tests.compiler.programs import CASES as STREAMED
from tests.compiler.programs import Case
from tests.strategies import batch, lively_parameters

Floats = NDArray[np.float32]
BLOCK = 16
"""The batch that the engine plans its predictions for."""


RESIDUAL = Network(
    "residual",
    (3, 8, 7),
    (
        Node(Conv2d(6, 3, padding=1, bias=False), "conv1", "input"),
        Node(BatchNorm2d(), "norm1", "conv1"),
        Node(ReLU(), "relu1", "norm1"),
        Node(Conv2d(6, 3, padding=1, bias=False), "conv2", "relu1"),
        Node(BatchNorm2d(), "norm2", "conv2"),
        Node(Add(), "add", "norm2", ("relu1",)),
        Node(MaxPool2d(2), "pool", "add"),
        Node(Flatten(), "flatten", "pool"),
        Node(Linear(5), "linear", "flatten"),
    ),
)
CASES = {**STREAMED, "residual": Case(RESIDUAL, Recipe(batch_size=6))}
"""Networks that run chunk by chunk, and one that runs layer by layer."""


class Library:
    """A program of C with its parameters, called as C calls it."""

    def __init__(
        self, case: Case, mode: str, size: int, folder: Path, *options: str
    ) -> None:
        program = plan(*case, mode, size, host())
        text = program_text(program, "net", size)
        path = build(text, folder / f"{mode}.so", ("-shared", "-fPIC", *options))
        self.library = ctypes.CDLL(str(path))
        self.slots: list[Slot] = list(program.slots.values())

    def structure(self, arrays: dict[str, Floats]) -> Any:
        """The structure of parameters: an address each."""
        addresses = [arrays[slot.name].ctypes.data for slot in self.slots]
        return (ctypes.c_void_p * max(len(addresses), 1))(*addresses)

    def load(self, values: dict[str, Floats]) -> None:
        arrays = {name: np.ascontiguousarray(v) for name, v in values.items()}
        self.library.net_load(self.structure(arrays))

    def save(self) -> dict[str, Floats]:
        """What the program has; NaN where it gives nothing."""
        empty = {s.name: np.full(s.shape, np.nan, np.float32) for s in self.slots}
        self.library.net_save(self.structure(empty))
        return empty

    def call(self, name: str, *given: Any) -> int:
        """Calls a function with arrays and whole numbers."""
        plain = [
            ctypes.c_void_p(one.ctypes.data) if isinstance(one, np.ndarray) else one
            for one in given
        ]
        found: int = getattr(self.library, name)(*plain)
        return found


def started(case: Case, values: dict[str, Floats]) -> NativeEngine:
    engine = NativeEngine(*case, threads=1)
    engine.load_parameters(values)
    return engine


@pytest.mark.parametrize("name", ["block", "two", "average", "residual"])
def test_predictions(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    values = lively_parameters(case.network, 3)
    library = Library(case, "predict", BLOCK, tmp_path, "-O2")
    library.load(values)
    images, _ = batch(case.network, 2 * BLOCK + 5, 0)
    wanted = started(case, values).predict(images)
    found = np.full_like(wanted, np.nan)
    library.call("net_predict", images, found, len(images))
    assert found.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("name", ["block", "dilated", "dense", "flat", "residual"])
def test_training_steps(name: str, tmp_path: Path) -> None:
    case, size = CASES[name], CASES[name].recipe.batch_size
    values = lively_parameters(case.network, 4)
    library, engine = Library(case, "train", size, tmp_path), started(case, values)
    library.load(values)
    for step, count in enumerate((size, size - 1, size)):
        images, labels = batch(case.network, count, step)
        wanted = engine.train_step(images, labels, step=step, learning_rate=0.1)
        (trained,) = (p for p in engine.prepared() if p.program.name == "train")
        scalars = trained.scalars.copy()
        loss, correct = ctypes.c_float(), ctypes.c_int()
        given = (images, labels.astype(np.int32), scalars, count, ctypes.c_int64(step))
        more = (ctypes.byref(loss), ctypes.byref(correct))
        assert library.call("net_train", *given, *more) == 0
        assert (loss.value, correct.value) == (wanted.loss, wanted.correct)
    same(library.save(), engine.parameters())


def same(found: dict[str, Floats], wanted: dict[str, Floats]) -> None:
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        assert found[name].tobytes() == value.tobytes(), name


@pytest.mark.parametrize("name", ["pooled", "residual"])
def test_gradients(name: str, tmp_path: Path) -> None:
    case, size = CASES[name], CASES[name].recipe.batch_size
    values = lively_parameters(case.network, 5)
    library, engine = Library(case, "gradients", size, tmp_path), started(case, values)
    library.load(values)
    images, labels = batch(case.network, size, 0)
    whole, wanted = engine.gradients(images, labels)
    (used,) = (p for p in engine.prepared() if p.program.name == "gradients")
    by_input = np.zeros_like(images)
    loss, correct = ctypes.c_float(), ctypes.c_int()
    given = (images, labels.astype(np.int32), by_input, used.scalars, size)
    more = (ctypes.c_int64(0), ctypes.byref(loss), ctypes.byref(correct))
    assert library.call("net_gradients", *given, *more) == 0
    assert loss.value == whole
    found = {**library.save(), "input": by_input}
    same({key: found[key] for key in wanted}, wanted)


def test_a_batch_that_is_too_large_is_refused(tmp_path: Path) -> None:
    case = CASES["block"]
    library = Library(case, "train", 3, tmp_path)
    library.load(lively_parameters(case.network, 1))
    before = library.save()
    images, labels = batch(case.network, 4, 0)
    scalars = np.ones(16, np.float32)
    loss, correct = ctypes.c_float(), ctypes.c_int()
    more = (ctypes.c_int64(0), ctypes.byref(loss), ctypes.byref(correct))
    for count in (0, 4, -1):
        given = (images, labels.astype(np.int32), scalars, count, *more)
        assert library.call("net_train", *given) == 1
    same(library.save(), before)
