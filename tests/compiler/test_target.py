"""A target is a name: what it means does not depend on this computer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from mirada.compiler import target as room
from mirada.compiler.target import (
    cores,
    host,
    require_here,
    target,
    target_names,
)
from mirada.compiler.targets import TARGETS
from mirada.errors import UsageError
from tests.compiler.targets.computer import (
    LEVELS,
    Computer,
    another_computer,
    caches,
    forget,
)
from tests.refusal import refuses


@pytest.fixture
def computer() -> Iterator[Computer]:
    with another_computer() as found:
        yield found


def test_this_processor_is_known() -> None:
    here = host()
    assert here.triple and here.cpu and here.lanes in (4, 8, 16)
    assert here.registers in (16, 32) and host() is here
    assert here.name == "native" and target() is here and target("native") is here


@pytest.mark.parametrize(
    ("level", "lanes", "registers", "fma"),
    [
        ("v1", 4, 16, False),
        ("v2", 4, 16, False),
        ("v3", 8, 16, True),
        ("v4", 16, 32, True),
        ("bf16", 16, 32, True),
    ],
)
def test_the_best_level_a_processor_has(
    computer: Computer, level: str, lanes: int, registers: int, fma: bool
) -> None:
    cpu, features = LEVELS[level]
    computer.becomes(cpu, features)
    here = host()
    assert (here.cpu, here.lanes, here.registers, here.fma) == (
        cpu,
        lanes,
        registers,
        fma,
    )
    assert here.bf16 is (level == "bf16")
    require_here(here)


def test_a_level_with_one_thing_missing_is_not_taken(computer: Computer) -> None:
    for missing in TARGETS["x86-64-v4"].needs:
        features = tuple(set(TARGETS["x86-64-v4"].needs) - {missing})
        computer.becomes("odd", features)
        assert host().lanes < 16
        with refuses(UsageError, "isa-lacking", "'x86-64-v4'", missing, "odd"):
            require_here(target("x86-64-v4"))


def test_a_processor_below_all_levels_has_its_own(computer: Computer) -> None:
    computer.becomes(*LEVELS["v1"])
    with refuses(UsageError, "isa-lacking", "'x86-64-v2'", "Choose 'native'."):
        require_here(target("x86-64-v2"))


@pytest.mark.parametrize(
    ("triple", "features", "lanes", "registers", "fma"),
    [
        ("aarch64-unknown-linux-gnu", ("neon",), 4, 32, True),
        ("arm64-apple-darwin24.0.0", (), 4, 32, True),
        ("riscv64-unknown-linux-gnu", TARGETS["riscv64"].needs, 4, 32, True),
        ("riscv64-unknown-linux-gnu", ("m", "a", "f", "d", "c"), 4, 16, False),
        ("powerpc64le-unknown-linux-gnu", (), 4, 16, False),
    ],
)
def test_other_families(
    computer: Computer,
    triple: str,
    features: tuple[str, ...],
    lanes: int,
    registers: int,
    fma: bool,
) -> None:
    computer.becomes("some", features, triple)
    here = host()
    assert (here.triple, here.lanes, here.registers) == (triple, lanes, registers)
    assert here.fma is fma


def test_a_processor_that_llvm_cannot_look_at(computer: Computer) -> None:
    def silent() -> None:
        raise RuntimeError("no host features")

    computer.becomes("generic", ())
    computer.patch.setattr(llvm, "get_host_cpu_features", silent)
    forget()
    assert host().lanes == 4 and host().features == ""


@pytest.mark.parametrize("name", TARGETS)
def test_a_name_means_the_same_on_every_processor(
    computer: Computer, name: str, tmp_path: Path
) -> None:
    before = target(name)
    for level in LEVELS:
        computer.becomes(*LEVELS[level])
        computer.patch.setattr(room, "_CACHES", caches(tmp_path / level, l2="4096K"))
        forget()
        assert replace(target(name), triple="") == replace(before, triple="")
        assert target(name).architecture == before.architecture


def test_a_name_takes_the_system_of_this_computer(computer: Computer) -> None:
    computer.becomes("haswell", TARGETS["x86-64-v3"].needs, "x86_64-pc-windows-msvc")
    assert target("x86-64-v2").triple == "x86_64-pc-windows-msvc"
    assert target("aarch64").triple == "aarch64-unknown-linux-gnu"


def test_a_name_that_is_not_known() -> None:
    words = ("'x86-64-v5'", "native, x86-64-v2", "wasm32-simd128")
    with refuses(UsageError, "isa-unknown", *words):
        target("x86-64-v5")
    for name in target_names():
        assert target(name).name == name


def test_code_for_another_family_does_not_run_here(computer: Computer) -> None:
    computer.becomes(*LEVELS["v3"])
    for name in ("aarch64", "riscv64", "wasm32-simd128"):
        with refuses(UsageError, "isa-foreign", repr(name), "this one is x86_64"):
            require_here(target(name))
    with refuses(UsageError, "isa-lacking", "avx512f", "Choose 'x86-64-v3'."):
        require_here(target("x86-64-v4"))
    require_here(target("x86-64-v3"))
    require_here(target("x86-64-v2"))


@pytest.mark.parametrize(
    ("l1", "l2", "first", "second"),
    [
        ("48K", "2048K", 48 << 10, 1 << 20),
        ("65536", "2M", 64 << 10, 1 << 20),
        ("4K", "32K", 32 << 10, 512 << 10),
        ("", "what", 32 << 10, 512 << 10),
        ("64M", "-512K", 32 << 10, 512 << 10),
    ],
)
def test_caches_are_read_where_the_system_tells(
    computer: Computer, tmp_path: Path, l1: str, l2: str, first: int, second: int
) -> None:
    computer.patch.setattr(room, "_CACHES", caches(tmp_path, l1, l2))
    computer.becomes(*LEVELS["v4"])
    assert (host().l1_bytes, host().l2_bytes) == (first, second)


def test_a_system_that_tells_nothing_of_its_caches(
    computer: Computer, tmp_path: Path
) -> None:
    computer.patch.setattr(room, "_CACHES", tmp_path / "nothing")
    computer.becomes(*LEVELS["v4"])
    level = TARGETS["x86-64-v4"]
    assert (host().l1_bytes, host().l2_bytes) == (level.l1_bytes, level.l2_bytes)


def test_there_is_a_core() -> None:
    assert cores() >= 1
