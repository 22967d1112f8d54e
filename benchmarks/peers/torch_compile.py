"""PyTorch through torch.compile; weights are constants of a compiled prediction."""

import torch
import torch._dynamo
import torch._inductor.config

from benchmarks.peers.peer import Peer
from benchmarks.peers.pytorch import Eager

__all__ = ["peers"]


def peers(threads: int) -> list[Peer]:
    """The compiled networks, in both precisions."""
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    torch._inductor.config.freezing = True
    return [
        Eager("torch-compile", False, fused=True, compiled=True),
        Eager("torch-compile-autocast", False, "bf16", fused=True, compiled=True),
    ]
