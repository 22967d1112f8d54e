"""`mirada compile`: what was made of a network."""

import shutil
import subprocess
from pathlib import Path

import pytest

from mirada.compiler.plan import plan
from mirada.compiler.printer import kernel_text
from mirada.compiler.target import host, target
from mirada.models import lenet5
from mirada.network import Recipe
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples

GCC = shutil.which("gcc")


def test_every_example_of_help_runs(call: Caller) -> None:
    run_examples(call, "compile")


def test_the_interface(call: Caller) -> None:
    found = call("compile", "lenet5", "--mode", "train", "--json").json
    assert set(found) == documented_fields("mirada compile")
    for row in found["stages"]:
        assert set(row) == documented_fields("mirada compile", inside="stages")
    about = {"network": "lenet5", "mode": "train", "batch": 64, "isa": "native"}
    assert about.items() <= found.items()
    assert found["manner"] == "streamed" and found["show"] is None
    program = plan(lenet5(), Recipe(), "train", 64, host())
    calls = [call.name for call in program.calls]
    assert found["kernels"] == len(calls) >= found["distinct_kernels"]
    shown = [name for row in found["stages"] for name in row["kernels"]]
    assert sorted(shown) == sorted(calls)
    assert found["memory"]["parameters"] == program.strides["parameters"]
    chunks = -(-64 // program.chunk_images)
    assert found["memory"]["gradients"] == chunks * program.strides["gradients"]
    assert found["code_bytes"] > 1000 and found["compile_seconds"] > 0


def test_a_table(call: Caller) -> None:
    title, manner, _, heading, first, *_, memory, code = call(
        "compile", "lenet5"
    ).out.splitlines()
    assert title.startswith("lenet5: predict, batch 16, for native, ")
    assert manner.startswith("Streamed: chunks of ")
    assert heading.split() == ["Stage", "Layers", "Kernels", "Phases", "Schedule"]
    cells = ["maxpool1", "conv1", "relu1", "maxpool1", "2", "2", "direct"]
    assert first.split() == cells
    assert memory.startswith("Memory: parameters 242.0 KiB, packed weights ")
    assert "gradients 0 B" in memory
    assert code.startswith("Machine code: ")


def test_large_networks_are_layered(call: Caller, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text('input = "3x8x8"\nlayers = ["conv 4 3x3", "batchnorm", "relu"]\n')
    words = ("compile", str(path), "--mode", "predict", "--batch", "2", "--json")
    assert call(*words).json["manner"] == "streamed"
    text = '"conv 64 3x3 pad 1", "conv 64 3x3 pad 1", "conv 64 3x3 pad 1"'
    path.write_text(f'input = "3x16x16"\nlayers = [{text}]\n')
    found = call(*words).json
    assert found["manner"] == "layered" and found["memory"]["values"] > 64
    assert found["stages"][1]["schedule"][0].startswith("winograd")
    exact = call(*words, "--exact").json
    assert exact["exact"] is True and exact["stages"][1]["schedule"] == ["direct"]
    assert "Layered: all of the batch" in call(*words[:-1]).out


def test_a_layer_of_the_table(call: Caller) -> None:
    found = call("compile", "lenet5", "--layer", "relu2", "--json").json
    assert [row["name"] for row in found["stages"]] == ["maxpool2"]


def test_every_kernel_in_its_own_language(call: Caller) -> None:
    found = call("compile", "lenet5", "--show", "ir", "--json").json["kernels"]
    program = plan(lenet5(), Recipe(), "predict", 16, host())
    texts = {call.name: kernel_text(call.make()) for call in program.calls}
    names = [name for row in found for name in (row["name"], *row["shared_by"])]
    assert sorted(names) == sorted(texts)
    body = next(row["text"] for row in found if row["name"] == "conv2.forward")
    assert body.split("\n")[1:] == texts["conv2.forward"].split("\n")[1:]
    out = call("compile", "lenet5", "--show", "ir").out
    assert out.startswith("# -: enter\nkernel enter(")
    assert "\n\n# maxpool1: conv1.forward: direct\nkernel conv1.forward(" in out


def test_equal_kernels_are_shown_once(call: Caller, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    text = '"conv 4 3x3 pad 1", "conv 4 3x3 pad 1"'
    path.write_text(f'input = "4x6x6"\nlayers = [{text}]\n')
    found = call("compile", str(path), "--show", "ir", "--json").json["kernels"]
    packs = next(row for row in found if row["name"] == "conv1.pack")
    assert packs["shared_by"] == ["conv2.pack"]
    assert "conv1.pack = conv2.pack" in call("compile", str(path), "--show", "ir").out


def test_the_passes_from_plain_loops_to_registers(call: Caller) -> None:
    words = ("compile", "lenet5", "--show", "passes", "--layer", "conv1")
    row, *_ = call(*words, "--json").json["kernels"]
    steps = [step["pass"] for step in row["steps"]]
    assert row["name"] == "conv1.forward"
    assert steps[:5] == ["lowering conv1", "lowering relu", "inline", *steps[3:5]]
    assert any(step.startswith("vectorize oc ") for step in steps)
    assert any(step.startswith("jam ") for step in steps)
    program = plan(lenet5(), Recipe(), "predict", 16, host())
    made = next(c.make() for c in program.calls if c.name == "conv1.forward")
    assert row["steps"][-1]["text"] == kernel_text(made)
    assert "\n## vectorize oc " in call(*words).out


def test_what_states_its_vectors_has_one_step(call: Caller) -> None:
    words = ("compile", "lenet5", "--mode", "train", "--show", "passes", "--json")
    rows = call(*words).json["kernels"]
    assert all(row["steps"] for row in rows)
    alone = next(row for row in rows if row["name"] == "conv1.weight_gradient")
    assert [step["pass"].split()[0] for step in alone["steps"]][:1] == ["lowering"]


@pytest.mark.parametrize(
    ("isa", "word"),
    [
        ("native", "conv2.pack:"),
        ("aarch64", "fmla"),
        ("riscv64", "vfmacc"),
        ("wasm32-simd128", "f32x4"),
    ],
)
def test_instructions_of_any_processor(call: Caller, isa: str, word: str) -> None:
    words = ("compile", "lenet5", "--show", "asm", "--layer", "conv2", "--isa", isa)
    called = call(*words)
    assert called.code == 0 and word in called.out
    assert "conv2.forward:" in called.out and "conv1.forward" not in called.out
    assert call(*words, "--json").json["isa"] == isa


def test_instructions_of_the_whole(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRADA_ISA", "aarch64")
    out = call("compile", "lenet5", "--show", "asm").out
    for name in ("enter", "conv1.forward", "linear3.forward", "run", "pack"):
        assert f"\n{name}:" in out
    assert target("aarch64").cpu == "generic"


@pytest.mark.skipif(GCC is None, reason="gcc is not here")
@pytest.mark.parametrize("extra", ["", "--mode train", "--layer conv2", "--batch 1"])
def test_c_that_a_strict_compiler_takes(
    call: Caller, tmp_path: Path, extra: str
) -> None:
    called = call("compile", "lenet5", "--show", "c", *extra.split())
    assert called.code == 0
    path = tmp_path / "net.c"
    path.write_text(called.out)
    flags = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-fsyntax-only")
    ended = subprocess.run([GCC or "", *flags, path], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("nowhere", "network-unknown"),
        ("lenet5 --batch 0", "whole-option"),
        ("lenet5 --batch 70000", "whole-option"),
        ("lenet5 --layer conv9", "layer-without-kernel"),
    ],
)
def test_refusals(call: Caller, words: str, code: str) -> None:
    refused(call, "compile", *words.split(), code=code, exit_code=2)


def test_a_layer_that_is_not_there_is_told_with_the_nearest(call: Caller) -> None:
    called = call("compile", "lenet5", "--layer", "conv9")
    assert "No kernel of 'lenet5' works for a layer 'conv9'" in called.err
    assert "Did you mean conv" in called.err


def test_what_cannot_be_shown(call: Caller) -> None:
    assert call("compile", "lenet5", "--show", "gold").code == 2
