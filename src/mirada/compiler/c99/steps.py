"""The steps of a program as functions of C: who calls which kernel on what, in order.

One thread does what many share in machine code; items are taken in their order.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mirada.compiler.c99.arenas import Arenas
from mirada.compiler.c99.kernel import Function, signature
from mirada.compiler.c99.names import Names
from mirada.compiler.ir import Kernel
from mirada.compiler.program import Call, Phase, Stream

__all__ = ["Steps"]

Values = Mapping[str, str]
"""The texts of "first", "count", "part", "chunk" and "step"."""


class Steps(NamedTuple):
    """What the functions of a program's steps are made of."""

    arenas: Arenas
    kernels: Mapping[str, Kernel]
    functions: Mapping[str, Function]
    taken: frozenset[str]
    """Identifiers that mean something else."""

    def function(self, name: str, step: Stream | Phase) -> str:
        """One step as a function without parameters."""
        written = self._stream(step) if isinstance(step, Stream) else self._phase(step)
        return "\n".join([f"static void {name}(void)", "{", *written, "}", ""])

    def _stream(self, stream: Stream) -> Iterator[str]:
        program, arenas = self.arenas.program, self.arenas
        share, block = program.chunk_images, program.block_images
        fixed = str(arenas.chunks)
        predicts = program.name not in ("train", "gradients")
        chunks = f"(now.count + {share - 1}) / {share}" if predicts else fixed
        yield f"    for (int64_t chunk = 0; chunk < {chunks}; chunk++) {{"
        yield f"        const int64_t start = chunk * {share};"
        yield f"        const int64_t end = min_i64(start + {share}, now.count);"
        values = {"first": "start", "chunk": "chunk", "step": "now.step"}
        if stream.begin:
            yield "        {"
            yield from self._calls(stream.begin, values, 3)
            yield "        }"
        head = f"for (int64_t first = start; first < end; first += {block})"
        yield f"        {head} {{"
        if self._asks(stream.block, "count"):
            yield f"            const int64_t count = min_i64(end - first, {block});"
        values |= {"first": "first", "count": "count"}
        yield from self._calls(stream.block, values, 3)
        yield "        }\n    }"

    def _phase(self, phase: Phase) -> Iterator[str]:
        depth, values = 1, {"chunk": "0", "step": "now.step", "part": "0"}
        values |= {"first": "0", "count": "now.count"}
        if phase.images:
            head = (
                f"for (int64_t first = 0; first < now.count; first += {phase.images})"
            )
            yield f"    {head} {{"
            depth += 1
            values["first"] = "first"
            if self._asks(phase.calls, "count"):
                least = f"min_i64(now.count - first, {phase.images})"
                yield f"        const int64_t count = {least};"
                values["count"] = "count"
        parts = phase.parts or self._parts(phase)
        if parts > 1:
            indent = "    " * depth
            yield f"{indent}for (int64_t part = 0; part < {parts}; part++) {{"
            depth += 1
            values["part"] = "part"
        yield from self._calls(phase.calls, values, depth)
        for closed in range(depth - 1, 0, -1):
            yield "    " * closed + "}"

    def _parts(self, phase: Phase) -> int:
        """In how many parts the kernels of a phase are cut, where it does not say."""
        given = (a for call in phase.calls for a in self.kernels[call.name].arguments)
        return max((a.high + 1 for a in given if a.name == "part"), default=1)

    def _asks(self, calls: Iterable[Call], argument: str) -> bool:
        return any(
            given.name == argument
            for call in calls
            for given in self.kernels[call.name].arguments
        )

    def _calls(
        self, calls: Iterable[Call], values: Values, depth: int
    ) -> Iterator[str]:
        """The buffers' places by their names, then the calls."""
        indent, names = "    " * depth, Names(self.taken)
        known: dict[str, None] = {}
        written = []
        for call in calls:
            kernel = self.kernels[call.name]
            for buffer in kernel.buffers:
                if buffer.name not in known:
                    known[buffer.name] = None
                    at = self.arenas.place(
                        buffer.name, values["first"], values["chunk"]
                    )
                    yield f"{indent}void *{names('buffer', buffer.name)} = {at};"
            given = [names("buffer", buffer.name) for buffer in kernel.buffers]
            given += self.arenas.scratch(kernel)
            given += [values[argument.name] for argument in kernel.arguments]
            head = signature(self.functions[call.name].name, given)
            written += [indent + line for line in f"{head};".split("\n")]
        yield from written
