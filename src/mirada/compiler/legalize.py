"""What a processor lacks, made of what it has, before LLVM sees a module.

A module is written once for all targets. Where one has no fused multiply-add, LLVM
would call the system's, one lane after another; here it is computed in float64, with
the same bits everywhere and without a library. Where a program may not read the
processor's counter of cycles, it reads a clock.
"""

import re

import llvmlite.binding as llvm

from mirada.compiler.bfloat import definition
from mirada.compiler.targets import Target

__all__ = ["legalize"]

_FUSED = re.compile(r"llvm\.fma\.(?:v(\d+))?f32")
_CYCLES = "llvm.readcyclecounter"

# A product of two float32 is exact in float64. Its sum with the third, rounded to odd,
# rounds to the right float32. Source: Boldo and Melquiond, "Emulation of a FMA and
# correctly rounded sums: proved algorithms using rounding to odd", 2008.
_FMA = """
define linkonce_odr {f} @"{name}"({f} %a, {f} %b, {f} %c) alwaysinline nounwind {{
  %x = fpext {f} %a to {d}
  %y = fpext {f} %b to {d}
  %more = fpext {f} %c to {d}
  %product = fmul {d} %x, %y
  %total = fadd {d} %product, %more
  %moved = fsub {d} %total, %product
  %kept = fsub {d} %total, %moved
  %left = fsub {d} %product, %kept
  %right = fsub {d} %more, %moved
  %lost = fadd {d} %left, %right
  %inexact = fcmp one {d} %lost, {zeros}
  %one = zext {test} %inexact to {whole}
  %bits = bitcast {d} %total to {whole}
  %more_bits = bitcast {d} %lost to {whole}
  %signs = xor {whole} %bits, %more_bits
  %opposite = lshr {whole} %signs, {last}
  %inwards = and {whole} %opposite, %one
  %cut = sub {whole} %bits, %inwards
  %odd = or {whole} %cut, %one
  %sum = bitcast {whole} %odd to {d}
  %rounded = fptrunc {d} %sum to {f}
  ret {f} %rounded
}}
"""

_CLOCK = """
define linkonce_odr i64 @"{name}"() alwaysinline nounwind {{
  %now = call i64 {counter}
  ret i64 %now
}}
declare i64 @llvm.readsteadycounter()
declare i64 @llvm.read_volatile_register.i64(metadata)
!0 = !{{!"CNTVCT_EL0"}}
"""

# Where programs may not count cycles, they may count the ticks of a clock.
_COUNTERS = {
    "aarch64": "@llvm.read_volatile_register.i64(metadata !0)",
    "riscv64": "@llvm.readsteadycounter()",
}


def legalize(module: llvm.ModuleRef, target: Target) -> None:
    """Gives a module what the target lacks of the operations that it calls."""
    for called in [function.name for function in module.functions]:
        text = definition(called, target)
        if text:
            module.link_in(llvm.parse_assembly(text))
    added = []
    for function in list(module.functions):
        name: str = function.name
        fused = _FUSED.fullmatch(name)
        if fused is not None and not target.fma:
            function.name = name.replace("llvm", "mirada")
            added.append(_fma(function.name, int(fused[1] or 1)))
        elif name == _CYCLES and target.architecture in _COUNTERS:
            function.name = "mirada.clock"
            counter = _COUNTERS[target.architecture]
            added.append(_CLOCK.format(name=function.name, counter=counter))
    for text in added:
        module.link_in(llvm.parse_assembly(text))


def _fma(name: str, lanes: int) -> str:
    def kind(scalar: str) -> str:
        return scalar if lanes == 1 else f"<{lanes} x {scalar}>"

    return _FMA.format(
        name=name,
        f=kind("float"),
        d=kind("double"),
        test=kind("i1"),
        whole=kind("i64"),
        zeros="0.0" if lanes == 1 else "zeroinitializer",
        last="63" if lanes == 1 else "splat (i64 63)",
    )
