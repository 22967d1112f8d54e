"""A prediction of one image as C for use: weights as constants, memory of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.c99.file import functions
from mirada.compiler.c99.kernel import signature
from mirada.compiler.c99.names import Names
from mirada.compiler.c99.operations import TYPES, definitions
from mirada.compiler.c99.style import PORTABLE
from mirada.compiler.c99.vectors import VECTOR_HEADER, vector_definitions
from mirada.compiler.ir import Kernel
from mirada.compiler.llvm import BYTES
from mirada.compiler.memory import padded
from mirada.compiler.program import Border, Call, Phase, Program
from mirada.compiler.sharing import shared
from mirada.compiler.verify import verify

__all__ = ["ModelSource", "model_source", "weights_read", "work_kernels"]

_HEADER = """\
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "float must be computed as float: on 32-bit x86 compile with -mfpmath=sse"
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT ON
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=fast")
#endif
"""
_GIVEN = {"images": "pixels", "outputs": "probabilities"}
_A_LINE = 8


class ModelSource(NamedTuple):
    """The definitions of a file, and what it takes of memory that is written and not.

    The last of the definitions is `static void predict(pixels, probabilities)`.
    """

    text: str
    workspace_bytes: int
    weights_bytes: int


def work_kernels(program: Program) -> dict[str, Kernel]:
    """The kernels that run for every image, by the names of their calls."""
    return {
        call.name: replace(call.make(), name=call.name)
        for step in program.work
        for call in step.calls
    }


def weights_read(program: Program, kernels: Mapping[str, Kernel]) -> dict[str, int]:
    """How many numbers kernels may read of each buffer that never changes."""
    return {
        buffer.name: buffer.size
        for kernel in kernels.values()
        for buffer in kernel.buffers
        if buffer.name not in program.places or _constant(program, buffer.name)
    }


def _constant(program: Program, name: str) -> bool:
    return program.places[name].arena in ("parameters", "packed")


def model_source(
    program: Program,
    kernels: Mapping[str, Kernel],
    values: Mapping[str, NDArray[Any]],
    prefix: str,
) -> ModelSource:
    """A program "predict" for one image at a time, planned with `levels`.

    `values` holds what lies in every buffer that `weights_read` names.
    """
    return _Model(program, kernels, values, prefix).source()


class _Model:
    """One model on its way into C."""

    def __init__(
        self,
        program: Program,
        kernels: Mapping[str, Kernel],
        values: Mapping[str, NDArray[Any]],
        prefix: str,
    ) -> None:
        self.program, self.kernels, self.values = program, kernels, values
        alike = shared(kernels)
        first = {key: one for key, one in kernels.items() if alike[key].name == key}
        for kernel in first.values():
            verify(kernel)
        self.tables = [table for one in first.values() for table, _ in one.tables]
        taken = ("predict", "workspace", "values", "part", *_GIVEN.values())
        self.names = Names(frozenset(taken))
        made = functions(first, prefix, self.names, style=PORTABLE)
        self.called = {key: made[alike[key].name] for key in kernels}
        self.made = list(made.values())
        self.memory = dict(_memory(program, kernels))

    def source(self) -> ModelSource:
        used = {name for function in self.made for name in function.used}
        weights = list(self.weights())
        parts = [
            _HEADER,
            VECTOR_HEADER,
            definitions(used),
            vector_definitions(used),
            *weights,
            *(_declared(name, size) for name, size in self.memory.items()),
            *(function.text for function in self.made),
            "\n".join(self.predict()),
        ]
        held = sum(self.values[name].nbytes for name in self.constants())
        held += sum(table.size * BYTES[table.kind] for table in self.tables)
        return ModelSource("\n".join(parts), sum(self.memory.values()), held)

    def constants(self) -> list[str]:
        """The buffers that never change, in the order in which they are read."""
        return list(weights_read(self.program, self.kernels))

    def weights(self) -> Iterator[str]:
        """Every such buffer as an array of constants."""
        kinds = {b.name: b.kind for k in self.kernels.values() for b in k.buffers}
        for name in self.constants():
            numbers = self.values[name]
            head = f"static const {TYPES[kinds[name]]} {self.names('buffer', name)}"
            yield f"{head}[{len(numbers)}] ALIGNED = {{\n{_numbers(numbers)}\n}};\n"

    def predict(self) -> Iterator[str]:
        given = "const uint8_t *pixels, float *probabilities"
        yield f"static void predict({given})\n{{"
        yield from map(_border, (b for b in self.program.borders if b.fill))
        for step in self.program.work:
            parts = step.parts if isinstance(step, Phase) else 1
            parts = parts or self.parts(step.calls)
            if parts > 1:
                yield f"    for (int32_t part = 0; part < {parts}; part++) {{"
            for call in step.calls:
                yield from self.call(call, "part" if parts > 1 else "0")
            if parts > 1:
                yield "    }"
        yield "}\n"

    def parts(self, calls: tuple[Call, ...]) -> int:
        """In how many parts the kernels of a phase are cut, where it does not say."""
        given = (a for call in calls for a in self.kernels[call.name].arguments)
        return max((a.high + 1 for a in given if a.name == "part"), default=1)

    def call(self, call: Call, part: str) -> Iterator[str]:
        kernel = self.kernels[call.name]
        given = [self.place(buffer.name) for buffer in kernel.buffers]
        at = self.program.strides["workspace"]
        for buffer in kernel.scratch:
            given.append(f"(void *) (workspace.u8 + {at})")
            at += padded(buffer.size * BYTES[buffer.kind])
        whole = {"first": "0", "count": "1", "part": part, "chunk": "0", "step": "0"}
        given += [whole[argument.name] for argument in kernel.arguments]
        text = f"{signature(self.called[call.name].name, given)};"
        indent = "    " if part == "0" else "        "
        yield from (indent + line for line in text.split("\n"))

    def place(self, name: str) -> str:
        """Where a buffer begins."""
        place = self.program.places.get(name)
        if place is None or _constant(self.program, name):
            return f"(void *) {self.names('buffer', name)}"
        if place.arena in _GIVEN:
            return f"(void *) {_GIVEN[place.arena]}"
        return f"(void *) ({place.arena}.u8 + {place.offset})"


def _memory(
    program: Program, kernels: Mapping[str, Kernel]
) -> Iterator[tuple[str, int]]:
    """The bytes of each arena that is written to, if any kernel uses it."""
    scratch = max(
        sum(padded(b.size * BYTES[b.kind]) for b in kernel.scratch)
        for kernel in kernels.values()
    )
    names = {buffer.name for kernel in kernels.values() for buffer in kernel.buffers}
    used = {program.places[name].arena for name in names & {*program.places}}
    if scratch or program.borders:
        used.add("workspace")
    for name, more in (("workspace", scratch), ("values", 0)):
        if name in used:
            yield name, program.strides[name] + more


def _declared(name: str, size: int) -> str:
    kinds = (
        ("float f32", 4),
        ("int32_t i32", 4),
        ("int64_t i64", 8),
        ("uint8_t u8", 1),
    )
    fields = " ".join(f"{kind}[{size // each}];" for kind, each in kinds)
    return f"static union {{ {fields} }} {name} ALIGNED;\n"


def _border(border: Border) -> str:
    """Fills images and what is around them; zeros are there from the start."""
    size = border.image.buffer.size - border.image.buffer.slack
    fill = "-INFINITY" if border.fill < 0 else f"{border.fill:.1f}f"
    head = f"    for (int32_t i = 0; i < {size}; i++)"
    return f"{head}\n        workspace.f32[{border.offset // 4} + i] = {fill};"


def _numbers(values: NDArray[Any]) -> str:
    """Numbers as C writes them, in as few digits as give them back."""
    if values.dtype == np.float32:
        texts = [f"{number}f" for number in values.astype(str).tolist()]
    else:
        texts = values.astype(str).tolist()
    lines = (texts[at : at + _A_LINE] for at in range(0, len(texts), _A_LINE))
    return ",\n".join(", ".join(line) for line in lines)
