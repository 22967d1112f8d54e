"""The memory of a program in C: static arrays, and what its caller brings."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mirada.compiler.ir import Kernel
from mirada.compiler.llvm import BYTES
from mirada.compiler.program import Program, Stream

__all__ = ["BY_IMAGE", "GIVEN", "Arenas", "Given"]

_LINE = 64


class Given(NamedTuple):
    """An array of the caller's: its type in C, and the bytes of an element."""

    type: str
    element_bytes: int = 4


GIVEN: Mapping[str, Given] = {
    "images": Given("const float *"),
    "labels": Given("const int32_t *"),
    "others": Given("const int32_t *"),
    "shares": Given("const float *"),
    "arriving": Given("const float *"),
    "outputs": Given("float *"),
    "input_gradient": Given("float *"),
    "wanted": Given("float *"),
    "scalars": Given("const float *"),
}
"""The arenas that come with a call; all others are the program's own."""

BY_IMAGE = (
    *("images", "labels", "others", "shares"),
    *("arriving", "outputs", "input_gradient"),
)
"""Arenas of which a block is given its own images."""
_BY_CHUNK = ("gradients", "results")
_LEARNED = ("momentum", "mean", "square", "average")


class Arenas:
    """Which memory a program needs, and where its buffers lie in it."""

    def __init__(
        self, program: Program, kernels: Mapping[str, Kernel], batch: int
    ) -> None:
        self.program = program
        self.streamed = any(isinstance(step, Stream) for step in program.work)
        trains = program.name in ("train", "gradients")
        share = program.chunk_images
        self.chunks = -(-batch // share) if trains and self.streamed else 1
        """Gradients and results, one a chunk of a batch."""
        used = {
            program.places[buffer.name].arena: None
            for kernel in kernels.values()
            for buffer in kernel.buffers
        }
        scratch = max(
            (_scratch_bytes(kernel) for kernel in kernels.values()), default=0
        )
        if scratch or program.borders:
            used["workspace"] = None
        if program.slots:
            used["parameters"] = None
        self.given = [name for name in GIVEN if name in used]
        self.own = {
            name: self._size(name, scratch) for name in used if name not in GIVEN
        }
        """The bytes of each static array."""

    def _size(self, name: str, scratch: int) -> int:
        strides = self.program.strides
        if name == "workspace":
            return strides[name] + scratch
        if name in _BY_CHUNK:
            return max(strides[name], _LINE) * self.chunks
        if name in _LEARNED:
            return strides["parameters"]
        return max(strides[name], _LINE)

    def declarations(self) -> Iterator[str]:
        """The static arrays, and what a call brings."""
        for name, size in self.own.items():
            yield f"/* {size} bytes. */"
            yield (
                f"static union {{ float f32[{size // 4}]; int32_t i32[{size // 4}]; "
                f"int64_t i64[{size // 8}]; uint8_t u8[{size}]; }} {name};"
            )
        yield "/* What the call that is running was given. */"
        yield "static struct {"
        for name in self.given:
            yield f"    {GIVEN[name].type}{name};"
        yield "    int64_t count, step;\n} now;\n"

    def place(self, name: str, first: str, chunk: str) -> str:
        """Where a buffer begins, for the block's first image and the chunk."""
        place = self.program.places[name]
        strides = self.program.strides
        if place.arena in GIVEN:
            size = GIVEN[place.arena].element_bytes
            base = f"now.{place.arena}"
        else:
            size, base = 1, f"{place.arena}.u8"
        terms = [(first, place.image_bytes), ("", place.offset)]
        if place.arena in BY_IMAGE:
            terms.append((first, strides[place.arena]))
        if place.arena in _BY_CHUNK:
            terms.append((chunk, strides[place.arena]))
        moved = "".join(f" + {text}" for text in _products(terms, size))
        cast = (
            "(void *) " if GIVEN.get(place.arena, Given("")).type[:5] == "const" else ""
        )
        return f"{cast}({base}{moved})" if cast and moved else f"{cast}{base}{moved}"

    def scratch(self, kernel: Kernel) -> list[str]:
        """Where a kernel's scratch begins: behind the workspace."""
        places, at = [], self.program.strides["workspace"]
        for buffer in kernel.scratch:
            places.append(f"(void *) (workspace.u8 + {at})")
            at += -(-buffer.size * BYTES[buffer.kind] // _LINE) * _LINE
        return places


def _products(terms: Iterable[tuple[str, int]], size: int) -> Iterator[str]:
    for variable, count in terms:
        step = count // size
        if not step or variable == "0":
            continue
        if variable and step > 1:
            yield f"{variable} * {step}"
        else:
            yield variable or str(step)


def _scratch_bytes(kernel: Kernel) -> int:
    sizes = (buffer.size * BYTES[buffer.kind] for buffer in kernel.scratch)
    return sum(-(-size // _LINE) * _LINE for size in sizes)
