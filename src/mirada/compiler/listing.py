"""A program as people look at it: stages, every kernel once, and machine code."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import llvmlite.binding as llvm
from llvmlite import ir

from mirada.compiler.driver import emit
from mirada.compiler.ir import Kernel
from mirada.compiler.jit import assembly, object_code
from mirada.compiler.llvm import emit_kernel
from mirada.compiler.program import Call, Program, Stream
from mirada.compiler.sharing import shared
from mirada.compiler.target import Target
from mirada.compiler.verify import verify
from mirada.network import Network

__all__ = [
    "Code",
    "Distinct",
    "Row",
    "calls_of",
    "compiled",
    "distinct",
    "instructions",
    "members",
    "module_text",
    "rows",
    "streams",
]


class Row(NamedTuple):
    """A stage of a program, or what belongs to none: its kernels and how they run."""

    name: str
    layers: tuple[str, ...]
    kernels: tuple[str, ...]
    schedules: tuple[str, ...]
    phases: int
    """Steps between which threads meet, or the one stream that all stages share."""

    def to_dict(self) -> dict[str, Any]:
        """The row as `mirada compile --json` prints it."""
        plain = {"layers": self.layers, "kernels": self.kernels}
        plain |= {"schedule": self.schedules}
        lists = {name: list(values) for name, values in plain.items()}
        return {"name": self.name, **lists, "phases": self.phases}


class Distinct(NamedTuple):
    """A kernel, and the calls that run it: the first in whose name it is made."""

    calls: tuple[Call, ...]
    kernel: Kernel


class Code(NamedTuple):
    """What a compiler made of a program for a target."""

    code_bytes: int
    """Machine code alone, without tables and names."""
    object_bytes: int
    scratch_bytes: int
    """What a thread needs beside its workspace."""
    emit_seconds: float
    """From the network's kernels to LLVM's text."""
    compile_seconds: float
    """From there to machine code."""


def streams(program: Program) -> bool:
    """Whether chunks of the batch go through all of the network on one thread."""
    return any(isinstance(step, Stream) for step in program.work)


def members(network: Network, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The layers of every stage, in order; a stage is named by its last layer.

    >>> from mirada.network import Conv2d, ReLU
    >>> net = Network("two", (1, 4, 4), (Conv2d(2, 3), ReLU()))
    >>> members(net, ["relu1"])
    {'relu1': ('conv1', 'relu1')}
    """
    stages = dict.fromkeys(names)
    owner: dict[str, str] = {}
    for node in reversed(network.nodes):
        if node.name in stages:
            owner[node.name] = node.name
            continue
        readers = network.readers.get(node.name, ())
        owner[node.name] = next((owner[one] for one in readers if owner[one]), "")
    found: dict[str, tuple[str, ...]] = {}
    for node in network.nodes:
        name = owner[node.name]
        if name:
            found[name] = (*found.get(name, ()), node.name)
    return found


def rows(network: Network, program: Program) -> tuple[Row, ...]:
    """The stages in the order of the network; then each kernel that is of no layer."""
    calls: dict[str, list[Call]] = {}
    phases: dict[str, int] = {}
    for step in program.steps:
        for name in dict.fromkeys(call.layer or call.name for call in step.calls):
            phases[name] = phases.get(name, 0) + 1
        for call in step.calls:
            calls.setdefault(call.layer or call.name, []).append(call)
    layers = members(network, (call.layer for call in program.calls if call.layer))
    order = [name for name in layers if name in calls]
    order += [name for name in calls if name not in layers]
    return tuple(
        Row(
            name,
            layers.get(name, ()),
            tuple(call.name for call in calls[name]),
            tuple(dict.fromkeys(c.schedule for c in calls[name] if c.schedule)),
            phases[name],
        )
        for name in order
    )


def calls_of(network: Network, program: Program, layer: str) -> tuple[Call, ...]:
    """The calls that work for a layer, or for the stage that took it along.

    A kernel that works for none is found by its own name.
    """
    for row in rows(network, program):
        if layer == row.name or layer in row.layers:
            return tuple(c for c in program.calls if c.name in row.kernels)
    return ()


def distinct(calls: Iterable[Call]) -> Iterator[Distinct]:
    """Every kernel once, with all the calls that share it, in order."""
    given = {call.name: call for call in calls}
    kernels = {n: replace(call.make(), name=n) for n, call in given.items()}
    users: dict[str, list[Call]] = {}
    for name, kernel in shared(kernels).items():
        users.setdefault(kernel.name, []).append(given[name])
    for name, found in users.items():
        yield Distinct(tuple(found), kernels[name])


def compiled(program: Program, target: Target) -> Code:
    """The program made into machine code now, never taken from the cache."""
    began = time.perf_counter()
    text, scratch = emit(program, target)
    written = time.perf_counter()
    code = object_code(text, target)
    ended = time.perf_counter()
    sections = llvm.ObjectFileRef.from_data(code).sections()
    size = sum(section.size() for section in sections if section.is_text())
    return Code(size, len(code), scratch, written - began, ended - written)


def instructions(
    program: Program, target: Target, calls: Iterable[Call] | None = None
) -> str:
    """A target's instructions for a program, or for the kernels of some calls."""
    if calls is None:
        text, _ = emit(program, target)
        return assembly(text, target)
    kernels = [found.kernel for found in distinct(calls)]
    return assembly(module_text(program.name, kernels), target)


def module_text(name: str, kernels: Iterable[Kernel]) -> str:
    """LLVM's text of a module of kernels alone, called by their names."""
    module = ir.Module(name)
    for kernel in kernels:
        verify(kernel)
        # A function that nobody calls stays, because others may see it.
        emit_kernel(module, kernel).linkage = ""
    return str(module)
