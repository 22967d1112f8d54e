"""Native code on memory that ends, and begins, where no page may be touched.

    python -m tests.engines.guarded kernels | programs | read-behind | ...

An access outside an array ends the process with a segmentation fault, so this runs in a
child. What it computes on the way is compared with the same on ordinary memory.
"""

import ctypes
import mmap
import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.interpreter import DTYPES
from mirada.compiler.ir import Buffer, Const, Kernel, Load, Store
from mirada.compiler.target import Target, host
from mirada.engines.native import NativeEngine
from tests.compiled import Compiled, arrays_for
from tests.compiler.programs import CASES, MODES, Case, kernels
from tests.engines.interpreted import processor
from tests.strategies import batch

__all__ = ["TASKS", "guarded"]

PAGE = mmap.PAGESIZE
_libc = ctypes.CDLL(None, use_errno=True)
_kept: list[mmap.mmap] = []


def guarded(count: int, kind: Any, behind: bool) -> NDArray[Any]:
    """Zeros; the page behind the last one, or that before the first, is forbidden."""
    size = count * np.dtype(kind).itemsize
    pages = max(-(-size // PAGE), 1)
    held = mmap.mmap(-1, (pages + 2) * PAGE)
    _kept.append(held)
    first = ctypes.addressof(ctypes.c_char.from_buffer(held))
    for page in (first, first + (pages + 1) * PAGE):
        if _libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(PAGE), 0):
            raise OSError(ctypes.get_errno(), "mprotect")
    start = first + PAGE + (pages * PAGE - size if behind else 0)
    return np.frombuffer((ctypes.c_char * size).from_address(start), kind)


def copied(array: NDArray[Any], behind: bool) -> NDArray[Any]:
    """The same numbers on guarded memory."""
    found = guarded(array.size, array.dtype, behind).reshape(array.shape)
    found[...] = array
    return found


def check_kernels() -> None:
    """Every kernel of every case by itself, each buffer on pages of its own."""
    for name, case in CASES.items():
        target = processor(name)
        modes = (*MODES, "mixed train")
        made = {k for mode in modes for k in kernels(case, mode, target).values()}
        named = {f"k{i}": k for i, k in enumerate(sorted(made, key=repr))}
        run = Compiled(named, target)
        for each, kernel in named.items():
            for behind in (True, False):
                check_kernel(run, each, kernel, behind)


def check_kernel(run: Compiled, name: str, kernel: Kernel, behind: bool) -> None:
    """With the lowest arguments and with the highest."""
    for end in ("low", "high"):
        arguments = {each.name: getattr(each, end) for each in kernel.arguments}
        plain = arrays_for(kernel, np.random.default_rng(0))
        given = {each: copied(array, behind) for each, array in plain.items()}
        own = {b.name: guarded(b.size, DTYPES[b.kind], behind) for b in kernel.scratch}
        run(name, {**given, **own}, **arguments)
        run(name, plain, **arguments)
        for each, array in plain.items():
            assert array.tobytes() == given[each].tobytes(), (kernel.name, each)


def check_programs() -> None:
    """Training, gradients and predictions of batches of every size there is."""
    for name in ("block", "average", "dense", "normal"):
        for behind in (True, False):
            check_program(CASES[name], processor(name), behind)


def check_program(case: Case, target: Target, behind: bool, short: int = 0) -> None:
    """All memory of an engine is guarded, and `short` bytes too small."""

    def floats(size: int) -> NDArray[np.float32]:
        return guarded(-(-size // 4) - short // 4, np.float32, behind)

    with (
        patch("mirada.engines.native.aligned", floats),
        patch("mirada.engines.prepared.aligned", floats),
    ):
        engine = NativeEngine(*case, 2, target)
        outcome = everything(engine, case, lambda array: copied(array, behind))
    plain = everything(NativeEngine(*case, 2, target), case, np.copy)
    assert outcome == plain


def everything(
    engine: NativeEngine, case: Case, place: Callable[[NDArray[Any]], NDArray[Any]]
) -> list[bytes]:
    """What an engine answers on arrays that lie where `place` puts them."""
    found: list[bytes] = []
    for count in (3, 1, 2):
        images, labels = batch(case.network, count, count)
        given = place(images)
        engine.train_step(given, labels, step=count, learning_rate=0.1)
        engine.gradients(given, labels)
        train, gradients = engine.prepared()[:2]
        for prepared in (train, gradients):
            prepared._labels = place(prepared._labels)
            prepared._set("labels", prepared._labels.ctypes.data)
        train.train(given, labels, count)
        slopes = place(np.zeros_like(images))
        gradients.train(given, labels, count, slopes)
        found.append(slopes.tobytes())
    found += [value.tobytes() for value in engine.parameters().values()]
    for count in (1, 2, 16, 19):
        images, _ = batch(case.network, count, count)
        outputs = place(np.zeros((count, *case.network.output), np.float32))
        program = engine._program("predict", 1 if count == 1 else 16)
        program.predict(place(images), outputs)
        found.append(outputs.tobytes())
    return found


def planted(write: bool, behind: bool) -> Callable[[], None]:
    """One element too far, which `verify` would refuse."""

    def run() -> None:
        x, y = Buffer("x", (8,)), Buffer("y", (8,))
        outside, inside = (Const(8 if behind else -1),), (Const(0),)
        body = (
            Store(y, outside, Load(x, inside))
            if write
            else Store(y, inside, Load(x, outside))
        )
        kernel = Kernel("planted", (), (x, y), (body,))
        check_kernel(Compiled({"k": kernel}, host()), "k", kernel, behind)

    return run


TASKS: dict[str, Callable[[], None]] = {
    "kernels": check_kernels,
    "programs": check_programs,
    "read-behind": planted(False, True),
    "read-before": planted(False, False),
    "write-behind": planted(True, True),
    "write-before": planted(True, False),
    "memory-too-small": lambda: check_program(CASES["dense"], host(), True, 64),
}

if __name__ == "__main__":
    TASKS[sys.argv[1]]()
    print("nothing outside was touched")
