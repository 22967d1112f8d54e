"""Those mirada is raced against: a family a file, imported in a process of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from benchmarks.peers.peer import Peer

__all__ = ["FAMILIES", "OURS", "Family", "members"]

OURS = "mirada"


@dataclass(frozen=True)
class Family:
    """Peers that share a package: their module here, and what must be installed."""

    module: str
    needs: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """The packages that are not installed."""
        return [name for name in self.needs if find_spec(name) is None]


FAMILIES: Mapping[str, Family] = {
    OURS: Family("ours", ("mirada",)),
    "pytorch": Family("pytorch", ("torch",)),
    "torch-compile": Family("torch_compile", ("torch",)),
    "onnxruntime": Family("onnx_runtime", ("onnx", "onnxruntime")),
    "openvino": Family("open_vino", ("onnx", "openvino")),
    "jax": Family("xla", ("jax",)),
    "tensorflow": Family("tensor_flow", ("tensorflow",)),
}


def members(family: str, threads: int) -> list[Peer]:
    """The peers of a family, its packages imported and set to so many threads."""
    module = import_module(f"benchmarks.peers.{FAMILIES[family].module}")
    found: list[Peer] = module.peers(threads)
    return found
