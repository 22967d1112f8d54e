"""The processor a kernel is made for: the width of its vectors, how many it holds."""

import os
from dataclasses import dataclass
from functools import lru_cache

import llvmlite.binding as llvm

__all__ = ["Target", "cores", "host"]

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()


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

    @property
    def accumulators(self) -> int:
        """Vectors that a micro-kernel may sum into before registers spill."""
        return 24 if self.registers >= 32 else 12

    def vector(self, extent: int) -> int:
        """Lanes for an axis: the least power of two that holds it, or the widest."""
        lanes = 1
        while lanes < min(extent, self.lanes):
            lanes *= 2
        return lanes


@lru_cache(maxsize=1)
def host() -> Target:
    """The processor this runs on."""
    features = llvm.get_host_cpu_features()
    triple = llvm.get_process_triple()
    if (
        features.get("avx512f")
        and features.get("avx512vl")
        and features.get("avx512bw")
    ):
        lanes, registers = 16, 32
    elif features.get("avx2") and features.get("fma"):
        lanes, registers = 8, 16
    else:
        lanes, registers = 4, 32 if triple.startswith(("aarch64", "arm64")) else 16
    return Target(
        triple, llvm.get_host_cpu_name(), features.flatten(), lanes, registers
    )


def cores() -> int:
    """The processor's cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
