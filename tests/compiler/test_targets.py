"""The table of processors is sound, and LLVM knows every row."""

from dataclasses import replace

import llvmlite.binding as llvm
import pytest

from mirada.compiler.jit import assembly
from mirada.compiler.targets import TARGETS, X86_LEVELS, Target
from tests.compiler.programs import SMALL

# a function that fills a vector register, or several
WIDE = """
define void @wide(ptr %x) {
  %a = load <LANES x float>, ptr %x, align 4
  %b = fadd <LANES x float> %a, %a
  store <LANES x float> %b, ptr %x, align 4
  ret void
}
"""

ADDS = {
    "x86-64-v2": "addps\t%xmm",
    "x86-64-v3": "vaddps\t%ymm",
    "x86-64-v4": "vaddps\t%zmm",
    "aarch64": "fadd\tv0.4s",
    "riscv64": "vfadd.vv",
    "wasm32-simd128": "f32x4.add",
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_row_says_what_schedules_ask(name: str) -> None:
    row = TARGETS[name]
    assert row.name == name and row.lanes in (4, 8, 16)
    assert row.registers in (16, 32) and row.l1_bytes < row.l2_bytes
    assert row.lanes * 4 * row.registers < row.l1_bytes


@pytest.mark.parametrize("name", TARGETS)
def test_the_widest_vector_is_one_instruction(name: str) -> None:
    row = TARGETS[name]
    shown = assembly(WIDE.replace("LANES", str(row.lanes)), row)
    adds = [line for line in shown.splitlines() if ADDS[name] in line]
    assert len(adds) == 1, shown


def test_a_level_has_what_the_ones_before_have() -> None:
    levels = [set(TARGETS[name].needs) for name in X86_LEVELS]
    assert levels[0] > levels[1] > levels[2]


def test_what_a_level_needs_is_what_llvm_takes_it_to_have() -> None:
    """Every name is one that LLVM gives the features of a processor by."""
    known = set(llvm.get_host_cpu_features())
    needs = {need for name in X86_LEVELS for need in TARGETS[name].needs}
    if not needs & known:
        pytest.skip("this processor is of another family")
    assert needs <= known


@pytest.mark.parametrize(
    ("extent", "lanes"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (9, 16), (99, 16)]
)
def test_a_vector_holds_an_axis_where_it_can(extent: int, lanes: int) -> None:
    wide = replace(SMALL, lanes=16)
    assert wide.vector(extent) == lanes
    assert SMALL.vector(extent) == min(lanes, 4)


def test_accumulators_leave_registers_for_the_rest() -> None:
    for registers in (16, 32):
        most = replace(SMALL, registers=registers).accumulators
        assert registers // 2 <= most < registers


@pytest.mark.parametrize(
    ("triple", "architecture"),
    [
        ("arm64-apple-darwin", "aarch64"),
        ("amd64-pc-freebsd", "x86_64"),
        ("wasm32", "wasm32"),
    ],
)
def test_a_family_has_one_name(triple: str, architecture: str) -> None:
    assert Target(triple, "", "", 4, 16).architecture == architecture
