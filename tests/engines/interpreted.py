"""A whole program run by the interpreter: another engine, slow, without machine code.

It has memory laid out as the plan says, and calls the kernels as `driver` does, one
chunk after another.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.interpreter import DTYPES, interpret
from mirada.compiler.plan import plan
from mirada.compiler.program import PARTS, Call
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
    "outputs": "first",
    "input_gradient": "first",
    "gradients": "chunk",
    "results": "chunk",
}
_STATE = ("momentum", "mean", "square")


def processor(case: str) -> Target:
    """The processor that a case of `CASES` is tried on: each has its turn."""
    return [*TARGETS.values()][[*CASES].index(case) % len(TARGETS)]


class Interpreted:
    """A program with its memory; scratch is the interpreter's."""

    def __init__(
        self, network: Network, recipe: Recipe, mode: str, batch: int, target: Target
    ) -> None:
        self.program = plan(network, recipe, mode, batch, target)
        self.chunks = -(-batch // self.program.chunk_images)
        strides = {**self.program.strides}
        strides |= dict.fromkeys(_STATE, 4 * self.program.length)
        many = {"gradients": self.chunks, "results": self.chunks}
        self.memory = {
            name: np.zeros(stride * many.get(name, 1), np.uint8)
            for name, stride in strides.items()
        }
        self.strides, self.at = strides, dict[str, int]()
        for border in self.program.borders:
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
        self.calls(self.program.tasks)

    def parameters(self, arena: str = "parameters") -> dict[str, Floats]:
        """The parameters, or what lies in another arena in their order."""
        return read_slots(self.program.slots, self.floats(arena))

    def run(self, images: Floats, labels: NDArray[np.int64], **known: float) -> None:
        """One run on a batch; `known` are the scalars and the step."""
        program, count = self.program, len(images)
        self.memory["images"] = images.reshape(-1).view(np.uint8)
        self.memory["labels"] = labels.astype(np.int32).view(np.uint8)
        for name in ("outputs", "input_gradient"):
            self.memory[name] = np.zeros(self.strides[name] * count, np.uint8)
        self.at["step"] = int(known.get("step", 0))
        chunks = self.chunks if program.name != "predict" else count
        for chunk in range(chunks):
            start = chunk * program.chunk_images
            self.at |= {"chunk": chunk, "first": start}
            self.calls(program.begin)
            end = min(start + program.chunk_images, count)
            for first in range(start, end, program.block_images):
                left = min(program.block_images, end - first)
                self.at |= {"first": first, "count": left}
                self.calls(program.block)
        for part in range(PARTS if program.parts else 0):
            self.at |= {"part": part, "chunk": 0}
            self.calls(program.parts)
        if program.parts:
            self.calls(program.tasks)

    def calls(self, calls: Iterable[Call]) -> None:
        for call in calls:
            kernel = call.make()
            arrays = {b.name: self.array(b.name, b.kind) for b in kernel.buffers}
            names = [argument.name for argument in kernel.arguments]
            interpret(kernel, arrays, **{name: self.at[name] for name in names})

    def array(self, name: str, kind: str) -> NDArray[Any]:
        """What lies at a buffer's place now, and behind it."""
        place = self.program.places[name]
        start = place.offset
        if place.arena in _MOVES:
            start += self.at[_MOVES[place.arena]] * self.strides[place.arena]
        rest: NDArray[Any] = self.memory[place.arena][start:]
        return rest.view(DTYPES[kind])
