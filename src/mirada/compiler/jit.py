"""From LLVM text to functions in memory, by way of the cache; or to another's code."""

import ctypes
import hashlib
import struct
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from mirada.compiler import cache
from mirada.compiler.legalize import legalize
from mirada.compiler.target import Target, host, require_here
from mirada.errors import InternalError
from mirada.version import __version__

__all__ = ["Machine", "assembly", "compile_module", "object_code", "source_digest"]

_HEADER = struct.Struct("<q")


class Machine:
    """Compiled functions; they live as long as this does."""

    def __init__(self, code: bytes, target: Target, extra: int) -> None:
        require_here(target)
        self.code_bytes = len(code)
        self.extra = extra
        """A number kept with the code: the scratch a thread needs."""
        _own_symbols()
        empty = llvm.parse_assembly(f'target triple = "{target.triple}"')
        machine = _target_machine(target, jit=True)
        self._engine = llvm.create_mcjit_compiler(empty, machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """The address of a function."""
        found: int = self._engine.get_function_address(name)
        if not found:
            raise InternalError(
                "jit-no-function",
                "The compiled code has no function {name!r}. Report this.",
                name=name,
            )
        return found


def compile_module(
    key: str, make: Callable[[], tuple[str, int]], target: Target
) -> Machine:
    """The code kept under the key, or that of the module `make` writes.

    `make` gives LLVM text and a number that is kept with the code. A target that this
    computer cannot run raises `UsageError` before anything is made.
    """
    require_here(target)
    # All of the target: its sizes are in the code, as much as its instructions.
    about = "\0".join((key, repr(target), source_digest()))
    full = hashlib.sha256(about.encode()).hexdigest()
    kept = cache.load(full)
    if kept is not None and len(kept) >= _HEADER.size:
        (extra,) = _HEADER.unpack_from(kept)
        return Machine(kept[_HEADER.size :], target, extra)
    text, extra = make()
    code = _object(text, target)
    cache.store(full, _HEADER.pack(extra) + code)
    return Machine(code, target, extra)


def object_code(text: str, target: Target) -> bytes:
    """An object file of a module for any target, as a linker takes it."""
    machine = _target_machine(target, jit=False)
    code: bytes = machine.emit_object(_optimized(text, target, machine))
    return code


def assembly(text: str, target: Target) -> str:
    """A target's instructions for a module."""
    machine = _target_machine(target, jit=_is_ours(target))
    shown: str = machine.emit_assembly(_optimized(text, target, machine))
    return shown


@lru_cache(maxsize=1)
def source_digest() -> str:
    """What the source that code follows from is: no old code is taken for new."""
    digest = hashlib.sha256(f"{__version__} {llvmlite.__version__}".encode())
    package = Path(__file__).parents[1]
    for name in ("compiler/**/*.py", "network/*.py", "randomness.py", "version.py"):
        for path in sorted(package.glob(name)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_ours(target: Target) -> bool:
    return target.architecture == host().architecture


def _target_machine(target: Target, jit: bool) -> llvm.TargetMachine:
    if not _is_ours(target):
        _every_target()
    found = llvm.Target.from_triple(target.triple)
    return found.create_target_machine(
        cpu=target.cpu,
        features=target.features,
        opt=2,
        # WebAssembly has no addresses to be independent of.
        reloc="default" if jit or target.architecture == "wasm32" else "pic",
        jit=jit,
        codemodel="jitdefault" if jit else "default",
        abiname=target.abi,
    )


@lru_cache(maxsize=1)
def _every_target() -> None:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()


def _optimized(
    text: str, target: Target, machine: llvm.TargetMachine
) -> llvm.ModuleRef:
    module = llvm.parse_assembly(text)
    # Known before anything is optimized: how wide an address is, and what is aligned.
    module.triple, module.data_layout = target.triple, str(machine.target_data)
    legalize(module, target)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    # Loops are unrolled and made vectors by the schedule, not here.
    options.loop_unrolling = False
    options.loop_vectorization = False
    options.slp_vectorization = False
    options.loop_interleaving = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return module


def _object(text: str, target: Target) -> bytes:
    machine = _target_machine(target, jit=True)
    code: bytes = machine.emit_object(_optimized(text, target, machine))
    return code


@lru_cache(maxsize=1)
def _own_symbols() -> None:
    """The one function of the system that compiled code calls."""
    if sys.platform == "win32":
        library, name = ctypes.WinDLL("kernel32"), "SwitchToThread"
    else:
        library, name = ctypes.CDLL(None), "sched_yield"
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    llvm.add_symbol("mirada_yield_core", address)
