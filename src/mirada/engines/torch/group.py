"""The ranks that torchrun started, held together by torch.distributed.

What is agreed on goes over gloo between the processors whatever computes, so that no
decision waits for a GPU; gradients go over NCCL where the ranks have GPUs.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist

from mirada.engines.group import Group
from mirada.errors import GroupError

__all__ = ["TorchGroup", "heard"]

_PATIENCE = timedelta(minutes=30)
"""How long ranks wait for each other before they train: one may read more slowly."""
_SILENCE = timedelta(seconds=50)
"""After what silence, while they train, a rank is lost."""


class TorchGroup(Group):
    """All the ranks of this launch.

    Raises GroupError (`rank-lost`), as every method does.
    """

    def __init__(self) -> None:
        with heard():
            store, rank, size = next(dist.rendezvous("env://", timeout=_PATIENCE))
            self._store = dist.PrefixStore(_turn(store, size), store)
            dist.init_process_group(
                "gloo",
                store=self._store,
                rank=rank,
                world_size=size,
                timeout=_PATIENCE,
            )
            self._waits = dist.group.WORLD
            self._hurries = dist.new_group(backend="gloo", timeout=_SILENCE)
        self.rank, self.size = rank, size
        self._control = self._waits
        self._carriers: dict[str, dist.ProcessGroup] = {}

    def begin(self) -> None:
        self._control = self._hurries

    def gathered(self, content: bytes) -> list[bytes]:
        own = torch.tensor([len(content)])
        lengths = [torch.zeros_like(own) for _ in range(self.size)]
        with heard():
            dist.all_gather(lengths, own, group=self._control)
        counts = [int(length) for length in lengths]
        # Of every rank as many bytes as of the longest: gloo takes nothing else.
        padded = torch.zeros(max(1, *counts), dtype=torch.uint8)
        padded[: len(content)] = _bytes(content)
        found = [torch.empty_like(padded) for _ in range(self.size)]
        with heard():
            dist.all_gather(found, padded, group=self._control)
        return [
            each[:count].numpy().tobytes()
            for each, count in zip(found, counts, strict=True)
        ]

    def from_first(self, content: bytes) -> bytes:
        length = torch.tensor([len(content)])
        with heard():
            dist.broadcast(length, 0, group=self._control)
            found = _bytes(content) if self.is_first else _bytes(bytes(int(length)))
            dist.broadcast(found, 0, group=self._control)
        return content if self.is_first else found.numpy().tobytes()

    def most(self, values: Sequence[int]) -> tuple[int, ...]:
        found = torch.tensor(values)
        with heard():
            dist.all_reduce(found, dist.ReduceOp.MAX, group=self._control)
        return tuple(found.tolist())

    def is_told_here(self) -> bool:
        try:
            count: int = self._store.add("told", 1)
        except RuntimeError:  # It was with a process that has ended.
            return True
        return count == 1

    def across(self, device: torch.device) -> dist.ProcessGroup:
        """What brings tensors on such a device from rank to rank."""
        if device.type not in self._carriers:
            backend = "nccl" if device.type == "cuda" else "gloo"
            with heard():
                found = dist.new_group(backend=backend, timeout=_SILENCE)
            self._carriers[device.type] = found
        return self._carriers[device.type]

    def close(self) -> None:
        dist.destroy_process_group()


def _turn(store: dist.Store, size: int) -> str:
    """What sets these processes apart from those that were here before a restart.

    torchrun's store outlives them, with the addresses that they left in it.
    """
    restarts = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    name = f"mirada/{restarts}/{size}"
    return f"{name}/{(store.add(name, 1) - 1) // size}"


def _bytes(content: bytes) -> torch.Tensor:
    # Of nothing there is no buffer.
    return torch.frombuffer(bytearray(content or b"\0"), dtype=torch.uint8)[
        : len(content)
    ]


def _reason(error: BaseException) -> str:
    """What happened, in one sentence, without the place in torch's source."""
    told = re.sub(r"^\[[^\]]*\] *", "", str(error).strip() or type(error).__name__)
    return re.split(r"\.\s", told.splitlines()[0])[0][:100]


@contextmanager
def heard() -> Iterator[None]:
    """Inside ranks wait for each other; what torch says of it is told as one error."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise GroupError(
            "rank-lost",
            "The other processes of this run cannot be reached ({reason}). One of them "
            "has ended or hangs: what it said is further up. With --max-restarts "
            "torchrun starts all again, and the run goes on from its last checkpoint.",
            reason=_reason(error),
        ) from error
