"""Kernels compiled for another processor, linked, and run in an emulator of it.

All buffers of all jobs lie in one image of memory, which a small program reads, hands
to the kernels, and writes again.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from llvmlite import ir
from numpy.typing import NDArray

from mirada.compiler.interpreter import DTYPES
from mirada.compiler.ir import Kernel
from mirada.compiler.jit import object_code
from mirada.compiler.llvm import emit_kernel
from mirada.compiler.target import target

__all__ = ["MACHINES", "Job", "Machine", "module_text", "needed", "run", "start"]

_LINE = 64
_RUNNER = Path(__file__).with_name("run.mjs")


class Job(NamedTuple):
    """A kernel, the arrays of its buffers and its arguments, in their order."""

    kernel: Kernel
    arrays: Mapping[str, NDArray[Any]]
    arguments: tuple[int, ...] = ()


class Machine(NamedTuple):
    """A target, how to link for it, and how to run what was linked."""

    target: str
    link: tuple[str, ...]
    emulate: tuple[str, ...]


_WASM = ("wasm-ld", "--no-entry", "--export-all")
MACHINES: Mapping[str, Machine] = {
    "aarch64": Machine(
        "aarch64", ("aarch64-linux-gnu-gcc", "-static"), ("qemu-aarch64",)
    ),
    "riscv64": Machine(
        "riscv64",
        ("riscv64-linux-gnu-gcc", "-static"),
        ("qemu-riscv64", "-cpu", "rv64,v=true,vext_spec=v1.0,vlen=128"),
    ),
    "wasm32-simd128": Machine("wasm32-simd128", _WASM, ("node", str(_RUNNER))),
    # Processors that have a level of x86-64 and nothing beyond: another instruction
    # ends the program.
    "nehalem": Machine(
        "x86-64-v2", ("gcc", "-static"), ("qemu-x86_64", "-cpu", "Nehalem")
    ),
    "haswell": Machine(
        "x86-64-v3", ("gcc", "-static"), ("qemu-x86_64", "-cpu", "Haswell")
    ),
}


def needed(*commands: str) -> None:
    """Skips a test where a command is not installed."""
    missing = [command for command in commands if shutil.which(command) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def module_text(jobs: Sequence[Job]) -> str:
    """The kernels as one module: k0, k1, ..."""
    module = ir.Module("foreign")
    for number, job in enumerate(jobs):
        emit_kernel(module, replace(job.kernel, name=f"k{number}")).linkage = ""
    return str(module)


def run(
    machine: Machine, jobs: Sequence[Job], folder: Path
) -> list[dict[str, NDArray[Any]]]:
    """What each job leaves in its kernel's buffers."""
    memory, places = _laid_out(jobs)
    (folder / "calls.json").write_text(json.dumps(_calls(jobs, places)))
    (folder / "memory").write_bytes(memory)
    source = _main(jobs, places, len(memory))
    start(
        machine, object_code(module_text(jobs), target(machine.target)), source, folder
    )
    left = (folder / "memory").read_bytes()
    return [
        {
            buffer.name: np.frombuffer(left, DTYPES[buffer.kind], buffer.size, at)
            for buffer, at in zip(job.kernel.buffers, own, strict=False)
        }
        for job, own in zip(jobs, places, strict=True)
    ]


def start(machine: Machine, code: bytes, source: str, folder: Path) -> None:
    """Links code with a program in C, and runs it; it must end well.

    WebAssembly has no program in C: `run.mjs` is its own.
    """
    needed(machine.link[0], machine.emulate[0])
    (folder / "code.o").write_bytes(code)
    (folder / "main.c").write_text(source)
    parts = [str(folder / "code.o")]
    if machine.link != _WASM:
        parts.append(str(folder / "main.c"))
    program = str(folder / "program")
    subprocess.run([*machine.link, *parts, "-o", program], check=True, timeout=60)
    command = [*machine.emulate, program, str(folder)]
    subprocess.run(command, check=True, timeout=120)


def _laid_out(jobs: Sequence[Job]) -> tuple[bytes, list[list[int]]]:
    """The image of memory, and where in it the buffers of each job begin."""
    memory, places = bytearray(), []
    for job in jobs:
        own = []
        for buffer in (*job.kernel.buffers, *job.kernel.scratch):
            own.append(len(memory))
            empty = np.zeros(buffer.size, DTYPES[buffer.kind])
            memory += job.arrays.get(buffer.name, empty).tobytes()
            memory += bytes(-len(memory) % _LINE)
        places.append(own)
    return bytes(memory), places


def _calls(jobs: Sequence[Job], places: list[list[int]]) -> list[dict[str, object]]:
    return [
        {"name": f"k{number}", "places": own, "arguments": job.arguments}
        for number, (job, own) in enumerate(zip(jobs, places, strict=True))
    ]


def _main(jobs: Sequence[Job], places: list[list[int]], size: int) -> str:
    """The program in C: the image in, the calls, the image out."""
    lines = ["#include <stdio.h>", "#include <stdlib.h>", "#include <unistd.h>"]
    calls = []
    for number, (job, own) in enumerate(zip(jobs, places, strict=True)):
        types = ["void *"] * len(own) + ["long long"] * len(job.arguments)
        lines.append(f"void k{number}({', '.join(types)});")
        given = [f"memory + {at}" for at in own] + [f"{n}LL" for n in job.arguments]
        calls.append(f"  k{number}({', '.join(given)});")
    return "\n".join(
        [
            *lines,
            f"static unsigned char memory[{size}] __attribute__((aligned({_LINE})));",
            "static void moved(size_t done) { if (done != sizeof memory) abort(); }",
            "int main(int count, char **words) {",
            "  if (count != 2 || chdir(words[1])) abort();",
            '  FILE *file = fopen("memory", "r+b");',
            "  if (!file) abort();",
            "  moved(fread(memory, 1, sizeof memory, file));",
            *calls,
            "  rewind(file);",
            "  moved(fwrite(memory, 1, sizeof memory, file));",
            "  return fclose(file);",
            "}",
        ]
    )
