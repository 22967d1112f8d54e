"""No kernel reaches beyond its buffers, nor does what C leaves undefined.

The same numbers come out as of machine code, bit for bit: what the sanitizers watch
is what runs.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, seed, settings

from mirada.compiler.assembly import STAGES
from mirada.compiler.expression import add, load, mul, number, sub
from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
    For,
    Kernel,
    Let,
    Load,
    Op,
    Register,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.sharing import shared
from mirada.compiler.verify import verify
from mirada.errors import InternalError
from mirada.network import Flatten, Network, Recipe
from mirada.network.text import LAYERS
from tests.compiled import TARGETS, Compiled, arrays_for
from tests.compiler.c99.sanitized import Run, needs_sanitizers, sanitized
from tests.compiler.programs import CASES, MODES, Case, kernels
from tests.compiler.test_llvm import same_bits
from tests.strategies import networks

KINDS = tuple(kind for kind, layer in LAYERS.items() if layer in {*STAGES, Flatten})
"""Every kind of layer that becomes code."""


def different(
    cases: Mapping[str, Case], modes: Iterable[str], target: str
) -> dict[str, Kernel]:
    """The kernels of programs, each once."""
    made = {
        f"{name}.{mode}.{key}": kernel
        for name, case in cases.items()
        for mode in modes
        for key, kernel in kernels(case, mode, TARGETS[target]).items()
    }
    named = {key: replace(kernel, name=key) for key, kernel in made.items()}
    return {key: one for key, one in shared(named).items() if one.name == key}


def runs(made: Mapping[str, Kernel]) -> Iterator[Run]:
    """Each kernel with its largest arguments, its smallest, and some in between."""
    noise = np.random.default_rng(0)
    for key, kernel in made.items():
        ends = [(a.high, a.low, (a.low + a.high) // 2) for a in kernel.arguments]
        for turn in range(3 if ends else 1):
            arguments = zip(kernel.arguments, ends, strict=True)
            whole = {a.name: chosen[turn] for a, chosen in arguments}
            yield Run(key, whole, arrays_for(kernel, noise))


def agree(made: dict[str, Kernel], folder: Path, target: str) -> None:
    """Passes when the sanitizers find nothing and the bits are machine code's."""
    for kernel in made.values():
        verify(kernel)
    needs_sanitizers()
    # Compiling takes the time: two compilers at once.
    halves = [dict(list(made.items())[place::2]) for place in range(min(2, len(made)))]
    wanted = [list(runs(half)) for half in halves]
    folders = [folder / str(place) for place in range(len(halves))]
    for each_folder in folders:
        each_folder.mkdir()
    with ThreadPoolExecutor() as threads:
        found = list(threads.map(sanitized, halves, wanted, folders))
    run = Compiled(made, TARGETS[target])
    for one, arrays in zip(chain(*wanted), chain(*found), strict=True):
        run(one.key, one.arrays, **one.arguments)
        for name, array in arrays.items():
            try:
                same_bits(array, one.arrays[name])
            except AssertionError as error:
                raise AssertionError(f"{one.key} differs in {name}") from error


@pytest.mark.parametrize(
    ("target", "modes"), [("sse", MODES[::2]), ("host", (*MODES[1::2], "mixed train"))]
)
def test_every_kernel_of_the_cases(
    target: str, modes: tuple[str, ...], tmp_path: Path
) -> None:
    made = different(CASES, modes, target)
    assert len(made) > 50
    agree(made, tmp_path, target)


def drawn(count: int) -> list[Network]:
    """Networks, the same every time."""
    found: list[Network] = []

    @seed(5)
    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate])
    @given(network=networks(KINDS, scores=True))
    def take(network: Network) -> None:
        found.append(network)

    take()
    return found


def test_drawn_networks(tmp_path: Path) -> None:
    cases = {
        f"drawn{place}": Case(network, Recipe(batch_size=3))
        for place, network in enumerate(drawn(9))
    }
    assert len(cases) > 4
    agree(different(cases, ["gradients"], "sse"), tmp_path, "sse")


# Mistakes that the sanitizers must see ----------------------------------------------

X, Y = Buffer("x", (4,)), Buffer("y", (2, 6))
W = Buffer("w", (4,), "i32")


def each(turns: int, *body: Stmt) -> Kernel:
    return Kernel("planted", (), (X, Y, W), (For("i", turns, body),))


def shifted(name: str, by: int) -> Expr:
    return Op(name, (load(W, 0), Const(by, "i32")), "i32", 1)


BEYOND = {
    "write behind": each(5, Store(X, (Var("i"),), number(1.0))),
    "write before": each(4, Store(X, (sub("i", 1),), number(1.0))),
    "read behind": each(5, Store(Y, (Const(0), Const(0)), load(X, "i"))),
    "vector": each(1, Store(Y, (Const(0), Const(0)), Load(X, (Const(1),), 4))),
    "masked": each(1, Store(X, (Const(1),), Load(Y, (Const(0), Const(0)), 4), 4)),
}
UNDEFINED = {
    "overflow": each(3, Let(Register("at", "i64"), mul("i", 2**62))),
    "shift left": each(1, Store(W, (Const(1),), shifted("shl", 32))),
    "shift right": each(1, Store(W, (Const(1),), shifted("shr", 40))),
    "axis": each(1, Store(Y, (Const(0), add("i", 6)), number(1.0))),
}
SCRATCH = Kernel("planted", (), (X,), (Store(W, (Const(4),), Const(1, "i32")),))


def ends(kernel: Kernel, folder: Path, words: str) -> None:
    """Passes when the verifier refuses the kernel, and the sanitizers stop it."""
    with pytest.raises(InternalError):
        verify(kernel)
    with pytest.raises(AssertionError, match=words):
        sanitized({"planted": kernel}, list(runs({"planted": kernel})), folder)


@pytest.mark.parametrize("which", BEYOND)
def test_an_access_beyond_a_buffer_is_seen(which: str, tmp_path: Path) -> None:
    ends(BEYOND[which], tmp_path, "(?s)^77.*AddressSanitizer: heap-buffer-overflow")


def test_an_access_beyond_scratch_is_seen(tmp_path: Path) -> None:
    kernel = replace(SCRATCH, scratch=(W,))
    ends(kernel, tmp_path, "(?s)^77.*AddressSanitizer: heap-buffer-overflow")


@pytest.mark.parametrize("which", UNDEFINED)
def test_what_c_leaves_undefined_is_seen(which: str, tmp_path: Path) -> None:
    ends(UNDEFINED[which], tmp_path, "runtime error: .*(overflow|shift|out of bounds)")


def test_what_is_right_passes(tmp_path: Path) -> None:
    """Up to the last element, and an axis's last: the red ones differ by one."""
    agree(
        {
            "write": each(4, Store(X, (Var("i"),), number(1.0))),
            "vector": each(1, Store(Y, (Const(1), Const(2)), Load(X, (Const(0),), 4))),
            "shift": each(1, Store(W, (Const(1),), shifted("shl", 31))),
            "axis": each(1, Store(Y, (Const(0), add("i", 5)), number(1.0))),
        },
        tmp_path,
        "sse",
    )
