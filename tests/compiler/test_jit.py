"""Cached and fresh code are the same; what does not fit is compiled again."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mirada
from mirada.compiler import cache, jit
from mirada.compiler.driver import emit
from mirada.compiler.expression import load, mul, number
from mirada.compiler.ir import Buffer, Const, For, Kernel, Store, Var
from mirada.compiler.jit import (
    Machine,
    assembly,
    compile_module,
    object_code,
    source_digest,
)
from mirada.compiler.plan import plan
from mirada.compiler.program import Call, Program, Stream
from mirada.compiler.target import Target, host, target
from mirada.compiler.targets import TARGETS
from mirada.engines.native import NativeEngine
from mirada.errors import InternalError, UsageError
from tests.compiled import Compiled
from tests.compiler.programs import CASES, kernels
from tests.compiler.targets.computer import LEVELS, another_computer
from tests.compiler.targets.foreign import Job, module_text
from tests.refusal import refuses
from tests.strategies import batch


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path))
    return tmp_path / "objects"


X = Buffer("x", (20,))
BODY = (For("i", 20, (Store(X, (Var("i"),), mul(load(X, "i"), number(3.0))),)),)
TRIPLE = Kernel("triple", (), (X,), BODY)


def tripled() -> list[float]:
    """What the kernel gives, compiled or from the cache."""
    x = np.arange(20, dtype=np.float32)
    Compiled({"triple": TRIPLE}, host())("triple", {"x": x})
    return list(x)


WANTED = [3.0 * i for i in range(20)]


def test_code_is_compiled_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tripled() == WANTED
    (kept,) = folder.iterdir()
    before = kept.read_bytes()

    def never(text: str, target: Target) -> bytes:
        raise AssertionError("compiled a second time")

    monkeypatch.setattr(jit, "_object", never)
    assert tripled() == WANTED and kept.read_bytes() == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept: kept.write_bytes(b""),
        lambda kept: kept.write_bytes(kept.read_bytes()[:-1]),
        lambda kept: kept.write_bytes(b"\x7fELF" + kept.read_bytes()),
        lambda kept: kept.unlink(),
        lambda kept: kept.parent.chmod(0o777),
    ],
    ids=["empty", "cut", "foreign", "gone", "open to others"],
)
def test_what_is_spoilt_is_compiled_again(
    folder: Path, spoil: Callable[[Path], object]
) -> None:
    tripled()
    (kept,) = folder.iterdir()
    spoil(kept)
    assert tripled() == WANTED


def test_fresh_and_cached_code_give_the_same_bytes(folder: Path) -> None:
    case = CASES["block"]
    images, labels = batch(case.network, 3, 0)
    found = []
    for _ in range(2):
        engine = NativeEngine(*case, threads=2)
        for step in range(3):
            engine.train_step(images, labels, step=step, learning_rate=0.1)
        parameters = [p.tobytes() for p in engine.parameters().values()]
        found.append((parameters, engine.predict(images).tobytes()))
    assert found[0] == found[1]
    shutil.rmtree(folder)
    engine = NativeEngine(*case, threads=2)
    for step in range(3):
        engine.train_step(images, labels, step=step, learning_rate=0.1)
    assert found[0][1] == engine.predict(images).tobytes()


def compiled_for(target: Target, made: list[Target]) -> None:
    def make() -> tuple[str, int]:
        made.append(target)
        return "define void @nothing() {\n  ret void\n}", 0

    compile_module("the same key", make, target)


def test_code_for_another_processor_is_other_code(folder: Path) -> None:
    """Also where only the schedule differs: lanes, registers, cache."""
    here = host()
    others = [
        here,
        replace(here, lanes=here.lanes // 2),
        replace(here, registers=here.registers // 2),
        replace(here, l2_bytes=here.l2_bytes // 2),
        replace(here, cpu="generic"),
        replace(here, features=here.features + ",-avx"),
    ]
    made: list[Target] = []
    for _ in range(2):
        for other in others:
            compiled_for(other, made)
    assert made == others


def test_other_source_is_other_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Target] = []
    compiled_for(host(), made)
    monkeypatch.setattr(jit, "source_digest", lambda: "of another compiler")
    compiled_for(host(), made)
    compiled_for(host(), made)
    assert len(made) == 2


def copied_package(tmp_path: Path) -> Path:
    source = Path(str(mirada.__path__[0]))
    copy = tmp_path / "mirada"
    for path in source.rglob("*.py"):
        to = copy / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    return copy


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("compiler/lowering/convolution.py", True),
        ("compiler/ir.py", True),
        ("network/window.py", True),
        ("randomness.py", True),
        ("version.py", True),
        ("views/svg.py", False),
    ],
)
def test_what_code_depends_on_is_in_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, counts: bool
) -> None:
    copy = copied_package(tmp_path)
    monkeypatch.setattr(jit, "__file__", str(copy / "compiler" / "jit.py"))
    source_digest.cache_clear()
    before = source_digest()
    with (copy / name).open("a") as stream:
        stream.write("\n")
    source_digest.cache_clear()
    after = source_digest()
    monkeypatch.undo()
    source_digest.cache_clear()
    assert (before != after) is counts


def test_the_digest_is_that_of_the_source() -> None:
    assert source_digest() == source_digest() and len(source_digest()) == 64


def test_a_function_that_is_not_there_is_named(folder: Path) -> None:
    text = "define void @something() {\n  ret void\n}"
    machine = compile_module("one function", lambda: (text, 0), host())
    assert machine.address("something") and machine.code_bytes > 0
    with refuses(InternalError, "jit-no-function", "has no function 'another'"):
        machine.address("another")


def test_a_number_is_kept_with_the_code(folder: Path) -> None:
    text = "define void @something() {\n  ret void\n}"
    machine = compile_module("scratch", lambda: (text, 77), host())
    again = compile_module("scratch", lambda: (text, 0), host())
    assert machine.extra == again.extra == 77


def test_the_assembly_can_be_read() -> None:
    case = CASES["block"]
    program = plan(*case, "predict", 1, host())
    text, scratch = emit(program, host())
    shown = assembly(text, host())
    assert "run:" in shown and "pack:" in shown and scratch >= 0


def code_of(name: str) -> str:
    """The digest of an object file for a target, planned and compiled here and now."""
    made = kernels(CASES["pooled"], "train", target(name)).values()
    code = object_code(module_text([Job(kernel, {}) for kernel in made]), target(name))
    return hashlib.sha256(code).hexdigest()


@pytest.mark.parametrize("name", TARGETS)
def test_code_for_a_name_does_not_depend_on_this_computer(name: str) -> None:
    wanted = code_of(name)
    for level in ("v2", "bf16"):
        with another_computer() as computer:
            computer.becomes(*LEVELS[level])
            assert code_of(name) == wanted


def test_code_for_the_native_processor_does() -> None:
    found = set()
    for level in ("v2", "bf16"):
        with another_computer() as computer:
            computer.becomes(*LEVELS[level])
            found.add(code_of("native"))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("name", "magic"),
    [
        ("x86-64-v2", b"\x7fELF\x02\x01"),
        ("aarch64", b"\x7fELF\x02\x01"),
        ("riscv64", b"\x7fELF\x02\x01"),
        ("wasm32-simd128", b"\0asm"),
    ],
)
def test_an_object_file_is_what_linkers_take(name: str, magic: bytes) -> None:
    text = "define void @something() {\n  ret void\n}"
    assert object_code(text, TARGETS[name]).startswith(magic)


@pytest.mark.parametrize(
    ("name", "code", "word"),
    [
        ("aarch64", "isa-foreign", "is for aarch64 processors"),
        ("x86-64-v4", "isa-lacking", "avx512f"),
    ],
)
def test_code_that_cannot_run_here_is_refused(
    folder: Path, name: str, code: str, word: str
) -> None:
    made: list[Target] = []
    with another_computer() as computer:
        computer.becomes(*LEVELS["v3"])
        with refuses(UsageError, code, repr(name), word):
            compiled_for(target(name), made)
        with refuses(UsageError, code, repr(name), word):
            Machine(b"", target(name), 0)
    assert not made


def test_what_is_kept_but_too_short_is_compiled_again(folder: Path) -> None:
    made: list[Target] = []
    compiled_for(host(), made)
    (kept,) = folder.iterdir()
    cache.store(kept.name, b"short")
    compiled_for(host(), made)
    assert len(made) == 2


def test_a_kernel_that_breaks_a_rule_never_becomes_code() -> None:
    outside = Kernel("k", (), (X,), (Store(X, (Const(20),), number(1.0)),))
    program = Program("broken", 1, 1)
    program.work.append(Stream((), (Call("broken", lambda: outside),)))
    with refuses(InternalError, "ir-rule", "Kernel 'broken'", "inside 0..19"):
        emit(program, host())


def test_machines_outlive_their_cache(folder: Path) -> None:
    text = "define void @something() {\n  ret void\n}"
    machine: Machine = compile_module("outlives", lambda: (text, 0), host())
    shutil.rmtree(folder)
    assert machine.address("something")
    assert cache.load("outlives") is None
