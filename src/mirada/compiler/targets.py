"""The processors that code can be made for, as data: a name, and what schedules ask.

All that a kernel depends on stands here. So code for a name is the same bytes wherever
it is made, and a new processor is a new row.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["PORTABLE_C", "PRECISIONS", "TARGETS", "X86_LEVELS", "Target"]

PRECISIONS = ("float32", "bf16")
"""What convolutions multiply: their numbers, or these rounded to bfloat16."""


@dataclass(frozen=True)
class Target:
    """What schedules need to know of a processor, and what LLVM is told."""

    triple: str
    cpu: str
    features: str
    lanes: int
    """float32 numbers in the widest vector."""
    registers: int
    """Vector registers."""
    l2_bytes: int = 512 * 1024
    """The part of the second cache that a block of images may fill."""
    l1_bytes: int = 32 * 1024
    """The first cache of data."""
    name: str = ""
    """What people call it; "native" for the processor this runs on."""
    abi: str = ""
    """How functions are called, where a processor knows several ways."""
    fma: bool = True
    """Whether it multiplies and adds with one rounding; else that is computed."""
    bf16: bool = False
    """Whether it has dot products of bfloat16 numbers."""
    threads: bool = True
    """Whether several threads may run a program together."""
    needs: tuple[str, ...] = ()
    """What a processor must have to run this code, as LLVM calls it."""

    @property
    def accumulators(self) -> int:
        """Vectors that a micro-kernel may sum into before registers spill."""
        return 24 if self.registers >= 32 else 12

    @property
    def architecture(self) -> str:
        """The family of processors, whose members understand one another.

        >>> TARGETS["x86-64-v3"].architecture
        'x86_64'
        """
        first = self.triple.partition("-")[0]
        return {"arm64": "aarch64", "amd64": "x86_64"}.get(first, first)

    def vector(self, extent: int) -> int:
        """Lanes for an axis: the least power of two that holds it, or the widest.

        >>> [TARGETS["x86-64-v3"].vector(extent) for extent in (1, 3, 100)]
        [1, 4, 8]
        """
        lanes = 1
        while lanes < min(extent, self.lanes):
            lanes *= 2
        return lanes


# The levels of the x86-64 psABI, section 3.1.1; each has what those before it have.
_V2 = ("cx16", "sahf", "popcnt", "sse3", "ssse3", "sse4.1", "sse4.2")
_V3 = (*_V2, "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")
_V4 = (*_V3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")


def _x86(level: str, lanes: int, registers: int, needs: tuple[str, ...]) -> Target:
    return Target(
        "x86_64-unknown-linux-gnu",
        level,
        "",
        lanes,
        registers,
        name=level,
        fma="fma" in needs,
        needs=needs,
    )


_TARGETS = (
    _x86("x86-64-v2", 4, 16, _V2),
    _x86("x86-64-v3", 8, 16, _V3),
    _x86("x86-64-v4", 16, 32, _V4),
    Target("aarch64-unknown-linux-gnu", "generic", "+neon", 4, 32, name="aarch64"),
    Target(
        "riscv64-unknown-linux-gnu",
        "generic-rv64",
        "+m,+a,+f,+d,+c,+v",
        4,
        32,
        name="riscv64",
        abi="lp64d",
        needs=("m", "a", "f", "d", "c", "v"),
    ),
    Target(
        "wasm32-unknown-unknown",
        "generic",
        "+simd128",
        4,
        16,
        name="wasm32-simd128",
        fma=False,
        threads=False,
    ),
)

TARGETS: Mapping[str, Target] = {target.name: target for target in _TARGETS}
"""Every processor by its name. Their caches are what all of their kind have."""

PORTABLE_C = Target("", "", "", 8, 16, name="c")
"""What C for use is planned for: its compiler's processor may be any."""

X86_LEVELS = ("x86-64-v4", "x86-64-v3", "x86-64-v2")
"""The levels of x86-64, the best first."""
