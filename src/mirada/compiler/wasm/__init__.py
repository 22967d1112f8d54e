"""Networks as WebAssembly modules that stand alone: no runtime, no imports."""

from mirada.compiler.wasm.standalone import Standalone, standalone

__all__ = ["Standalone", "standalone"]
