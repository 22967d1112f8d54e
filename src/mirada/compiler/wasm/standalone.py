"""One network as a module: pixels in, outputs and maps out, all at fixed addresses.

The program is that of the engine for one image, with all that is done once put into its
packing. Memory is laid out before LLVM sees
anything: below, the stack, which cannot grow into anything; then the arenas; then the
constants of the code. So addresses are constants, and there is nothing to allocate.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from mirada.compiler.driver import CONTEXT, emit
from mirada.compiler.ir import Kernel
from mirada.compiler.jit import object_code
from mirada.compiler.lowering import layout
from mirada.compiler.passes.unfused import unfused
from mirada.compiler.plan import Levels, plan
from mirada.compiler.program import Border, Call, Phase, Program, Slot
from mirada.compiler.targets import TARGETS
from mirada.compiler.wasm.link import PAGE_BYTES, linked
from mirada.network import Network, Recipe, Shape

__all__ = ["Standalone", "standalone"]

_STACK = PAGE_BYTES
_LINE = 64
_USED = (
    *("parameters", "packed", "values", "workspace"),
    *("images", "outputs", "wanted"),
)
"""The arenas of a prediction."""
_FUNCTIONS = {"prepare": "pack", "answer": "run"}
_ONE_IMAGE = {"images_count": 1, "chunks": 1}


@dataclass(frozen=True)
class Standalone:
    """A module, and where in its memory everything lies.

    `prepare` is called once after the parameters are written, `answer` once an image.
    """

    code: bytes
    memory_bytes: int
    arenas: Mapping[str, tuple[int, int]]
    """The address and the bytes of "parameters", "images", "outputs" and others."""
    maps: Mapping[str, tuple[int, Shape]]
    """The address and the shape of every layer that was wanted."""
    slots: Mapping[str, Slot]
    """Where parameters lie in their arena."""


def standalone(network: Network, wanted: Collection[str], levels: Levels) -> Standalone:
    """The module that computes a network's outputs and the values of `wanted` layers.

    `levels` is what every pixel from 0 to 255 of each channel means.
    """
    target, kept = TARGETS["wasm32-simd128"], frozenset(wanted)
    given = network, Recipe(), "predict", 1, target
    program = plan(*given, exact=True, wanted=kept, levels=levels)
    _pack_borders(program)
    text, scratch = emit(program, target, change=unfused)
    arenas, end = _laid_out(program, scratch)
    code = object_code(_entered(text, arenas), target)
    module = linked(code, tuple(_FUNCTIONS), stack_top=_STACK, base=end)
    start, _ = arenas["wanted"]
    maps = {name: (start + at, shape) for name, (at, shape) in program.wanted.items()}
    return Standalone(*module, arenas, maps, program.slots)


def _pack_borders(program: Program) -> None:
    """Writes what surrounds images once, with what else is done once."""
    for number, border in enumerate(program.borders):
        call = Call(f"border.{number}", partial(_border, f"border.{number}", border))
        program.packing.append(Phase((call,)))


def _border(name: str, border: Border) -> Kernel:
    return layout.border(name, border.image, border.fill)


def _laid_out(program: Program, scratch: int) -> tuple[dict[str, tuple[int, int]], int]:
    """The address and the bytes of every arena that is used, and where they end."""
    sizes = {arena: program.strides.get(arena, 0) for arena in _USED}
    sizes["workspace"] += scratch
    found, at = {}, _STACK
    for arena, size in sizes.items():
        found[arena] = (at, size)
        at += -(-size // _LINE) * _LINE
    return found, at


def _entered(text: str, arenas: Mapping[str, tuple[int, int]]) -> str:
    """The driver's module with functions that need no arguments.

    What the driver is told is a constant, so that LLVM puts every address in its place.
    """
    known = {name: at for name, (at, _) in arenas.items()} | _ONE_IMAGE
    told = ", ".join(f"i64 {known.get(name, 0)}" for name in CONTEXT)
    lines = [text, f"@told = internal constant [{len(CONTEXT)} x i64] [{told}]"]
    for name, inner in _FUNCTIONS.items():
        public, private = (
            f'define {kind}void @"{inner}"(' for kind in ("", "internal ")
        )
        assert lines[0].count(public) == 1
        lines[0] = lines[0].replace(public, private)
        call = f'call void @"{inner}"(ptr @told, i64 0, i64 1)'
        lines.append(f"define void @{name}() {{ {call} ret void }}")
    return "\n".join(lines)
