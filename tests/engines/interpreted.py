"""A whole program run by the interpreter: another engine, slow, without machine code.

It has memory laid out as the plan says, and calls the kernels as `driver` does, one
chunk or item after another; the items of a phase in an order of their own.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.interpreter import DTYPES, interpret
from mirada.compiler.ir import Kernel
from mirada.compiler.plan import plan
from mirada.compiler.program import Call, Phase, Stream
from mirada.compiler.target import Target
from mirada.engines.slots import read_slots, write_slots
from mirada.network import Network, Recipe
from tests.compiled import TARGETS
from tests.compiler.programs import CASES

__all__ = ["Interpreted", "processor"]

Floats = NDArray[np.float32]
_MOVES = {
    "images": "first",
    "labels": "first",
    "others": "first",
    "shares": "first",
    "outputs": "first",
    "input_gradient": "first",
    "arriving": "first",
    "gradients": "chunk",
    "results": "chunk",
}
_STATE = ("momentum", "mean", "square", "average")
_INSIDE = ("workspace", "values", "wanted")


def processor(case: str) -> Target:
    """The processor that a case of `CASES` is tried on: each has its turn."""
    return [*TARGETS.values()][[*CASES].index(case) % len(TARGETS)]


class Interpreted:
    """A program with its memory; scratch is the interpreter's."""

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        mode: str,
        batch: int,
        target: Target,
        precision: str = "float32",
        mixed: bool = False,
    ) -> None:
        self.program = plan(
            network, recipe, mode, batch, target, precision=precision, mixed=mixed
        )
        program, strides = self.program, {**self.program.strides}
        streamed = any(isinstance(step, Stream) for step in program.work)
        self.chunks = -(-batch // program.chunk_images) if streamed else 1
        strides |= dict.fromkeys(_STATE, 4 * program.learned)
        many = {"gradients": self.chunks, "results": self.chunks}
        self.memory = {
            name: np.zeros(stride * many.get(name, 1), np.uint8)
            for name, stride in strides.items()
        }
        for name in _INSIDE:
            self.floats(name).fill(np.nan)
        self.strides, self.at = strides, dict[str, int]()
        self.kernels: dict[str, Kernel] = {}
        for border in program.borders:
            shape, start = border.image.buffer.shape, border.offset
            size = 4 * int(np.prod(shape))
            self.memory["workspace"][start : start + size].view(np.float32)[:] = (
                border.fill
            )

    def floats(self, arena: str) -> Floats:
        """All of an arena."""
        return self.memory[arena].view(np.float32)

    def take(self, parameters: Mapping[str, Floats]) -> None:
        """Puts parameters where kernels read them, in every form."""
        write_slots(self.program.slots, self.floats("parameters"), parameters)
        self.steps(self.program.packing, 0)

    def parameters(self, arena: str = "parameters") -> dict[str, Floats]:
        """The parameters, or what lies in another arena in their order."""
        flat, slots = self.floats(arena), self.program.slots
        if arena == "parameters":
            return read_slots(slots, flat)
        learned = self.program.learned
        return read_slots({n: s for n, s in slots.items() if s.offset < learned}, flat)

    def mix(self, others: NDArray[np.int64], shares: Floats) -> None:
        """Second labels for the batches that come."""
        self.memory["others"] = others.astype(np.int32).view(np.uint8)
        self.memory["shares"] = shares.astype(np.float32).view(np.uint8)

    def run(self, images: Floats, labels: NDArray[np.int64], **known: float) -> None:
        """One run on a batch; `known` are the scalars and the step."""
        program, count = self.program, len(images)
        self.memory["images"] = images.reshape(-1).view(np.uint8)
        self.memory["labels"] = labels.astype(np.int32).view(np.uint8)
        for name in ("outputs", "input_gradient"):
            self.memory[name] = np.zeros(self.strides[name] * count, np.uint8)
        self.at["step"] = int(known.get("step", 0))
        self.steps(program.work, count)
        if program.updates:
            self.steps(program.packing, count)

    def steps(self, steps: Iterable[Stream | Phase], count: int) -> None:
        """One after another, on so many images."""
        for step in steps:
            self.at |= {"chunk": 0, "part": 0}
            if isinstance(step, Stream):
                self.stream(step, count)
            else:
                self.phase(step, count)

    def stream(self, stream: Stream, count: int) -> None:
        """Every chunk, block by block."""
        program = self.program
        chunks = self.chunks if program.name != "predict" else count
        for chunk in range(chunks):
            start = chunk * program.chunk_images
            self.at |= {"chunk": chunk, "first": start}
            self.calls(stream.begin)
            end = min(start + program.chunk_images, count)
            for first in range(start, end, program.block_images):
                left = min(program.block_images, end - first)
                self.at |= {"first": first, "count": left}
                self.calls(stream.block)

    def phase(self, phase: Phase, count: int) -> None:
        """Every item, the last ones first: nobody may wait for another."""
        parts = phase.parts or 1 + max(
            argument.high
            for call in phase.calls
            for argument in self.kernel(call).arguments
            if argument.name == "part"
        )
        blocks = -(-count // phase.images) if phase.images else 1
        for item in reversed(range(blocks * parts)):
            first = item // parts * phase.images
            size = min(count - first, phase.images) if phase.images else count
            self.at |= {"part": item % parts, "first": first, "count": size}
            self.calls(phase.calls)

    def kernel(self, call: Call) -> Kernel:
        """The kernel of a call, made once."""
        if call.name not in self.kernels:
            self.kernels[call.name] = call.make()
        return self.kernels[call.name]

    def calls(self, calls: Iterable[Call]) -> None:
        for call in calls:
            kernel = self.kernel(call)
            arrays = {b.name: self.array(b.name, b.kind) for b in kernel.buffers}
            names = [argument.name for argument in kernel.arguments]
            interpret(kernel, arrays, **{name: self.at[name] for name in names})

    def array(self, name: str, kind: str) -> NDArray[Any]:
        """What lies at a buffer's place now, and behind it."""
        place = self.program.places[name]
        start = place.offset
        if place.arena in _MOVES:
            start += self.at[_MOVES[place.arena]] * self.strides[place.arena]
        if place.image_bytes:
            start += self.at["first"] * place.image_bytes
        rest: NDArray[Any] = self.memory[place.arena][start:]
        return rest.view(DTYPES[kind])
