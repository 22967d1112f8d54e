"""The processor a kernel is made for: one of a name, or the one this runs on."""

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import llvmlite.binding as llvm

from mirada.compiler.targets import TARGETS, X86_LEVELS, Target
from mirada.errors import UsageError

__all__ = [
    "NATIVE",
    "Target",
    "cores",
    "host",
    "require_here",
    "target",
    "target_names",
]

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()

NATIVE = "native"
_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
_ABOUT, _HOLD_DATA = ("level", "type", "size"), ("Data", "Unified")
_UNITS = {"K": 1 << 10, "M": 1 << 20}
# What a cache may hold: a number outside is a mistake of the system's, not a size.
_L1, _L2 = (8 << 10, 1 << 20), (64 << 10, 16 << 20)


def target_names() -> tuple[str, ...]:
    """The names that `target` knows.

    >>> target_names()[:3]
    ('native', 'x86-64-v2', 'x86-64-v3')
    """
    return (NATIVE, *TARGETS)


def target(name: str | None = None) -> Target:
    """The processor of a name; `host()` for None and "native".

    It may be one that this computer cannot run: see `require_here`.

    >>> target("aarch64").lanes
    4
    """
    if name is None or name == NATIVE:
        return host()
    if name not in TARGETS:
        raise UsageError(
            "isa-unknown",
            "The target {name!r} is not known. A target is one of: {names}. Choose one "
            "of these; 'native' is this computer's processor.",
            name=name,
            names=", ".join(target_names()),
        )
    found = TARGETS[name]
    # Of one family, only the system differs, which says how an object file is written.
    if found.architecture == host().architecture:
        return replace(found, triple=host().triple)
    return found


@lru_cache(maxsize=1)
def host() -> Target:
    """The processor this runs on: the best level it has, with its own caches."""
    features, triple = _features(), llvm.get_process_triple()
    best = _best(features, triple)
    return replace(
        best,
        name=NATIVE,
        triple=triple,
        cpu=llvm.get_host_cpu_name(),
        features=_flat(features),
        l1_bytes=_cache_bytes(1, *_L1) or best.l1_bytes,
        l2_bytes=_cache_bytes(2, *_L2) // 2 or best.l2_bytes,
        bf16=features.get("avx512bf16", False) or features.get("bf16", False),
        needs=(),
    )


def _best(features: Mapping[str, bool], triple: str) -> Target:
    """The row of the table that is nearest to a processor."""
    plain = Target(triple, "", "", 4, 16, fma=False)
    if plain.architecture == "x86_64":
        for level in X86_LEVELS:
            if not _lacking(TARGETS[level], features):
                return TARGETS[level]
        return plain
    for found in TARGETS.values():
        if found.architecture == plain.architecture and not _lacking(found, features):
            return found
    return plain


def require_here(wanted: Target) -> None:
    """Raises `UsageError` where code for a target cannot run on this computer."""
    here = host()
    if wanted.architecture != here.architecture:
        raise UsageError(
            "isa-foreign",
            "Code for the target {name!r} is for {architecture} processors and cannot "
            "run here: this one is {own}. Choose 'native'; what is made for another "
            "processor can be shown, not run.",
            name=wanted.name,
            architecture=wanted.architecture,
            own=here.architecture,
        )
    lacking = _lacking(wanted, _features())
    if lacking:
        raise UsageError(
            "isa-lacking",
            "Code for the target {name!r} cannot run here: it needs {features}, which "
            "this processor ({cpu}) does not have. Choose {best!r}.",
            name=wanted.name,
            features=", ".join(lacking),
            cpu=here.cpu,
            best=_best(_features(), here.triple).name or NATIVE,
        )


def _lacking(wanted: Target, features: Mapping[str, bool]) -> list[str]:
    return [need for need in wanted.needs if not features.get(need)]


@lru_cache(maxsize=1)
def _features() -> Mapping[str, bool]:
    """What LLVM finds in this processor; nothing where it cannot look."""
    try:
        found: Mapping[str, bool] = llvm.get_host_cpu_features()
    except RuntimeError:
        return {}
    return found


def _flat(features: Mapping[str, bool]) -> str:
    """As LLVM takes them, in the order of the alphabet."""
    signs = {True: "+", False: "-"}
    return ",".join(signs[has] + name for name, has in sorted(features.items()))


def _cache_bytes(level: int, least: int, most: int) -> int:
    """The size of a cache that holds data; 0 where the system does not say."""
    for folder in sorted(_CACHES.glob("index*")):
        try:
            told = [(folder / name).read_text().strip() for name in _ABOUT]
            found, kind, size = told
            held = int(size.rstrip("KM")) * _UNITS.get(size[-1:], 1)
        except (OSError, ValueError):
            continue
        if found == str(level) and kind in _HOLD_DATA and least <= held <= most:
            return held
    return 0


def cores() -> int:
    """The processor's cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
