"""The linker gives what wasm-ld gives, and refuses what it does not know."""

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.jit import object_code
from mirada.compiler.target import target
from mirada.compiler.wasm.binary import (
    Reader,
    padded,
    padded_signed,
    section,
    sections,
    signed,
    unsigned,
)
from mirada.compiler.wasm.link import linked
from mirada.compiler.wasm.object_file import parsed
from mirada.errors import InternalError
from tests.compiler.targets.foreign import needed
from tests.refusal import refuses

STACK, BASE = 65536, 70016
WHOLE = st.integers(-(2**31), 2**31 - 1)

# Calls, a stack that cannot be done without, tables, and addresses in tables.
SOURCE = """
@numbers = internal constant [5 x i32] [i32 7, i32 11, i32 13, i32 17, i32 19]
@bytes = internal constant [3 x i8] c"abc"
@places = internal constant [2 x ptr]
  [ptr @numbers, ptr getelementptr (i8, ptr @numbers, i32 8)]
@counted = internal global i32 0, align 64
define internal i32 @taken(ptr %from, i32 %n) noinline {
  %at = getelementptr i32, ptr %from, i32 %n
  %found = load volatile i32, ptr %at
  ret i32 %found
}
define i32 @first(i32 %n) {
  %kept = alloca [4 x i32]
  %mine = getelementptr [4 x i32], ptr %kept, i32 0, i32 %n
  %place = load volatile ptr, ptr getelementptr ([2 x ptr], ptr @places, i32 0, i32 1)
  %one = call i32 @taken(ptr %place, i32 %n)
  store volatile i32 %one, ptr %mine
  %two = call i32 @taken(ptr @numbers, i32 %n)
  %three = call i32 @taken(ptr %mine, i32 0)
  %before = load i32, ptr @counted
  %after = add i32 %before, 1
  store i32 %after, ptr @counted
  %sum = add i32 %two, %three
  %more = add i32 %sum, %after
  %at = getelementptr i8, ptr @bytes, i32 %n
  %letter = load i8, ptr %at
  %wide = zext i8 %letter to i32
  %all = mul i32 %more, %wide
  ret i32 %all
}
"""
RUN = """
const answers = [];
for (const path of process.argv.slice(1)) {
  const code = require("fs").readFileSync(path);
  const { first } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
  answers.push([0, 1, 2].map(first));
}
console.log(JSON.stringify(answers));
"""


@cache
def code(source: str = SOURCE) -> bytes:
    return object_code(source, target("wasm32-simd128"))


def link(given: bytes, exported: tuple[str, ...] = ("first",)) -> bytes:
    return linked(given, exported, stack_top=STACK, base=BASE).code


def test_what_is_linked_answers_as_with_wasm_ld(tmp_path: Path) -> None:
    needed("node", "wasm-ld")
    given, theirs, ours = (tmp_path / name for name in ("o.o", "theirs", "ours"))
    given.write_bytes(code())
    ours.write_bytes(link(code()))
    command = ["wasm-ld", "--no-entry", "--export=first", str(given), "-o", str(theirs)]
    subprocess.run(command, check=True)
    done = subprocess.run(
        ["node", "--eval", RUN, ours, theirs], capture_output=True, check=True
    )
    mine, wanted = json.loads(done.stdout)
    assert mine == wanted
    assert wanted == [(13 + 7 + 1) * 97, (17 + 11 + 2) * 98, (19 + 13 + 3) * 99]


def test_nothing_comes_from_outside() -> None:
    made = linked(code(), ("first",), stack_top=STACK, base=BASE)
    kinds = [kind for kind, _ in sections(made.code)]
    assert kinds == [1, 3, 5, 6, 7, 12, 10, 11]
    assert made.memory_bytes == 2 * 65536


@pytest.mark.parametrize(
    ("source", "why"),
    (
        ("declare void @gone() define void @first() { call void @gone() ret void }",
         "it needs gone from outside"),
        ("@gone = external global i32 define i32 @first() "
         "{ %x = load i32, ptr @gone ret i32 %x }", "it needs gone from outside"),
        ("define void @other() { ret void }", "it has no function first"),
    ),
)  # fmt: skip
def test_what_is_missing_is_named(source: str, why: str) -> None:
    with refuses(InternalError, "wasm-object", why):
        link(code(source))


def test_an_unknown_relocation_is_refused() -> None:
    patches = parsed(code()).code
    at = next(patch for patch in patches if patch.kind in (3, 4))
    entry = bytes([at.kind]) + unsigned(at.at) + unsigned(at.symbol)
    assert code().count(entry) == 1
    for kind in (1, 2, 10, 22, 99):
        with refuses(InternalError, "wasm-object", f"relocation of kind {kind}"):
            link(code().replace(entry, bytes([kind]) + entry[1:]))


def test_a_section_that_is_not_known_is_refused() -> None:
    with refuses(InternalError, "wasm-object", "a section of kind 9"):
        link(code() + section(9, b"\0"))
    with refuses(InternalError, "wasm-object", "no WebAssembly"):
        link(b"\x7fELF")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 4095), st.integers(0, 255), st.booleans())
def test_whatever_is_broken_is_refused_or_linked(at: int, byte: int, cut: bool) -> None:
    at %= len(code())
    broken = code()[:at] if cut else code()[:at] + bytes([byte]) + code()[at + 1 :]
    try:
        assert link(broken).startswith(b"\0asm")
    except InternalError as error:
        assert error.code == "wasm-object"


@given(WHOLE)
def test_numbers_are_read_as_they_were_written(value: int) -> None:
    assert Reader(signed(value)).signed() == value
    assert Reader(unsigned(abs(value))).unsigned() == abs(value)
    five = padded_signed(value)
    assert len(five) == 5 and Reader(five).signed() == value
    assert Reader(padded(value)).unsigned() == value & 0xFFFFFFFF


def test_a_number_without_an_end_is_refused() -> None:
    with refuses(InternalError, "wasm-object", "a number does not end"):
        Reader(b"\xff" * 20).unsigned()
