"""Networks as C compute what the law does, whatever compiles them."""

import subprocess
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
)
from tests.compiler.c99.sanitized import needs_sanitizers
from tests.compiler.c99.test_program import RESIDUAL
from tests.compiler.programs import CASES
from tests.export.c_kit import SANITIZED, Compiled, compiler, run
from tests.strategies import lively_parameters, networks

LAYERED = Network(
    "layered",
    (3, 20, 20),
    (
        Conv2d(32, 3, padding=1),
        Conv2d(32, 3, padding=1),
        BatchNorm2d(),
        ReLU(),
        MaxPool2d(3, 2, padding=1),
        Conv2d(9, 5),
        GlobalAvgPool2d(),
        Flatten(),
        Linear(3),
    ),
)
"""So large that memory is shared, one layer after another."""


@lru_cache(maxsize=1)
def every_layer() -> tuple[Compiled, ...]:
    """Small networks that together use every kernel, with weights of both widths."""
    shown = [case.network for case in CASES.values()] + [RESIDUAL, LAYERED]
    return tuple(
        Compiled.of(
            Network(f"net{place}_{int(int8)}", network.input, network.nodes),
            lively_parameters(network, 3),
            int8=int8,
        )
        for place, network in enumerate(shown)
        for int8 in (False, True)
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [("gcc", "-O2"), ("clang", "-O3 -march=native")],
    ids=lambda text: str(text).replace(" ", ""),
)
def test_every_layer(name: str, options: str, tmp_path: Path) -> None:
    """Without a warning, within the bound."""
    made = every_layer()
    found = run(made, tmp_path, [compiler(name), *options.split()])
    for one, numbers in zip(made, found, strict=True):
        one.agrees(numbers)


@pytest.mark.parametrize(("first", "more"), [(0, "-DPLAIN"), (1, "-UPLAIN")])
def test_under_the_sanitizers(first: int, more: str, tmp_path: Path) -> None:
    """Weights of 32 bits in arrays, weights of 8 bits in a compiler's own vectors."""
    needs_sanitizers()
    made = every_layer()[first::2]
    command = [compiler("gcc"), *SANITIZED, more]
    for one, numbers in zip(made, run(made, tmp_path, command), strict=True):
        one.agrees(numbers)


def test_the_sanitizers_see_a_read_beyond_the_end(tmp_path: Path) -> None:
    """A planted bug: the pixels of an image that is not there."""
    needs_sanitizers()
    one = every_layer()[0]
    text = one.source.text.replace("images[m]", "images[m + 1]")
    planted = one._replace(source=one.source._replace(text=text))
    assert planted.text != one.text
    with pytest.raises(AssertionError, match="AddressSanitizer"):
        run([planted], tmp_path, [compiler("gcc"), *SANITIZED])


def test_another_weight_is_another_answer(tmp_path: Path) -> None:
    """A planted bug: the bound is not so wide that anything lies within it."""
    one = every_layer()[0]
    other = {name: value + np.float32(0.01) for name, value in one.parameters.items()}
    (found,) = run([one], tmp_path, [compiler(), "-O1"])
    one.agrees(found)
    with pytest.raises(AssertionError):
        one._replace(parameters=other).agrees(found)


@settings(
    max_examples=1,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=st.lists(networks(), min_size=6, max_size=6), int8=st.booleans())
def test_drawn_networks(drawn: list[Network], int8: bool, tmp_path: Path) -> None:
    """Many in one program, which also shows that their names do not meet."""
    made = [
        Compiled.of(
            replace(network, name=f"drawn{place}"),
            lively_parameters(network, place),
            int8=int8,
        )
        for place, network in enumerate(drawn)
    ]
    for one, found in zip(made, run(made, tmp_path, [compiler()]), strict=True):
        one.agrees(found)


def test_another_processor_gives_the_same(tmp_path: Path) -> None:
    """RISC-V, which has no vectors then: emulated, within the same bound."""
    command = [compiler("riscv64-linux-gnu-gcc"), "-O2", "-static"]
    emulator = compiler("qemu-riscv64")
    made = every_layer()[::2]
    for one, found in zip(made, run(made, tmp_path, command, [emulator]), strict=True):
        one.agrees(found)


def test_nothing_is_asked_of_a_library(tmp_path: Path) -> None:
    """For a microcontroller: no memory is allocated, no function is called."""
    wanted = ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16")
    made = every_layer()[1::2]
    names = [one.network.name for one in made]
    for one in made:
        (tmp_path / f"{one.network.name}.c").write_text(one.text)
    command = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", *wanted, "-c")
    _said("gcc", tmp_path, *command, *(f"{name}.c" for name in names))
    objects = [f"{name}.o" for name in names]
    asked = _said("nm", tmp_path, "-u", *objects).split()
    allowed = {"U", "memcpy", "memmove", "memset", *(f"{name}:" for name in objects)}
    assert {*asked} <= allowed, asked
    sizes = _said("size", tmp_path, *objects).splitlines()[1:]
    for one, line in zip(made, sizes, strict=True):
        _, data, bss, *_ = map(int, line.split()[:4])
        assert data + bss == one.source.workspace_bytes  # what is written to


def _said(tool: str, folder: Path, *words: str) -> str:
    """What one of the tools for a microcontroller says of files in a folder."""
    command = [compiler(f"arm-none-eabi-{tool}"), *words]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[:3000]
    return done.stdout
