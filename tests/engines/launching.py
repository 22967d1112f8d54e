"""Starting a program in several processes, as torchrun does on one computer."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence

__all__ = ["in_ranks"]


def in_ranks(size: int, words: Sequence[str], seconds: float = 240.0) -> list[str]:
    """What each of `size` processes of `python -m <words>` printed, in their order."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    about = {"WORLD_SIZE": size, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", *words],
            env={
                **os.environ,
                **{name: str(value) for name, value in about.items()},
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]
    try:
        ended = [process.communicate(timeout=seconds) for process in started]
    finally:
        for process in started:
            process.kill()
    for process, (_, talk) in zip(started, ended, strict=True):
        assert process.returncode == 0, talk
    return [told for told, _ in ended]
