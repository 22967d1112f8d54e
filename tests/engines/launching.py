"""Starting a program in several processes, as torchrun does on one computer."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["in_ranks", "started"]


@contextmanager
def started(size: int, words: Sequence[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """`size` processes of `python -m <words>`, which end with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    about = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    # PyTorch warns of computers that have no name, such as one without a network.
    about["TORCH_CPP_LOG_LEVEL"] = "ERROR"
    ranks = [
        subprocess.Popen(
            [sys.executable, "-m", *words],
            env={**os.environ, **about, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]
    try:
        yield ranks
    finally:
        for rank in ranks:
            rank.kill()
            rank.communicate()


def in_ranks(size: int, words: Sequence[str], seconds: float = 240.0) -> list[str]:
    """What each of `size` processes of `python -m <words>` printed, in their order."""
    with started(size, words) as ranks:
        ended = [rank.communicate(timeout=seconds) for rank in ranks]
        for rank, (_, talk) in zip(ranks, ended, strict=True):
            assert rank.returncode == 0, talk
    return [told for told, _ in ended]
