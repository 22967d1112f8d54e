"""The share of a batch that a process computes, and what it needs of the others'.

Each rank computes the loss of the whole batch from the scores of all; its gradients are
those by its own share, and their sum over the ranks is that of the whole batch.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
import torch.distributed as dist

from mirada.engines.group import Group
from mirada.engines.torch.group import TorchGroup, heard

__all__ = ["Ranks", "all_scores", "ranks_of"]


@dataclass(frozen=True)
class Ranks:
    """The processes that share a batch of `count` images, and how they reach others."""

    group: TorchGroup
    count: int

    @property
    def first(self) -> int:
        """The place in the batch of the first image of this rank."""
        start: int = self.group.share(self.count).start
        return start

    @property
    def counts(self) -> list[int]:
        """How many images each rank has."""
        size = self.group.size
        ends = [rank * self.count // size for rank in range(size + 1)]
        return [end - start for start, end in pairwise(ends)]

    def gathered(self, values: torch.Tensor) -> list[torch.Tensor]:
        """Every rank's tensor of this shape."""
        found = [torch.empty_like(values) for _ in range(self.group.size)]
        with heard():
            dist.all_gather(found, values, group=self.group.across(values.device))
        return found

    def added(self, values: torch.Tensor) -> torch.Tensor:
        """The sum of every rank's tensor, which is `values` itself then."""
        with heard():
            dist.all_reduce(values, group=self.group.across(values.device))
        return values


def ranks_of(group: Group, count: int) -> Ranks | None:
    """The ranks that share a batch of `count` images; None for one that is alone."""
    return Ranks(group, count) if isinstance(group, TorchGroup) else None


def all_scores(scores: torch.Tensor, ranks: Ranks | None) -> torch.Tensor:
    """The scores of the whole batch (count, K), of which these (n, K) are a share.

    What arrives at the others' goes no further: there it comes by itself.
    """
    return scores if ranks is None else _exchanged(scores, ranks)


@torch.compiler.disable  # messages are no part of what is compiled
def _exchanged(scores: torch.Tensor, ranks: Ranks) -> torch.Tensor:
    found: torch.Tensor = _AllScores.apply(scores, ranks)
    return found


class _AllScores(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, scores: torch.Tensor, ranks: Ranks) -> torch.Tensor:
        counts = ranks.counts
        ctx.share = ranks.group.share(ranks.count)
        padded = scores.new_zeros(max(counts), scores.shape[1])
        padded[: len(scores)] = scores
        found = zip(ranks.gathered(padded), counts, strict=True)
        return torch.cat([piece[:count] for piece, count in found])

    @staticmethod
    def backward(ctx: Any, arriving: torch.Tensor) -> tuple[torch.Tensor, None]:
        return arriving[ctx.share], None
