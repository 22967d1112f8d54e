"""Batch normalization by the statistics of a batch that several processes share.

A rank has the mean and the squares around it of its own pixels; together they are those
of the batch by the formula of Chan, Golub and LeVeque, "Updating formulae and a
pairwise algorithm for computing sample variances", 1979, which cancels nothing.
"""

from typing import Any

import torch

from mirada.engines.torch.ranks import Ranks

__all__ = ["normalized", "statistics"]

_PIXELS = (0, 2, 3)
"""The axes of a channel's statistics: images, rows, columns."""


@torch.compiler.disable  # messages are no part of what is compiled
def normalized(
    image: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    epsilon: float,
    ranks: Ranks,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The normalized share of a batch, and the whole batch's mean and variance."""
    mean, variance = statistics(image.detach(), ranks)
    deviation = (variance + epsilon).sqrt()
    found: torch.Tensor = _Normalized.apply(image, weight, bias, mean, deviation, ranks)
    return found, mean, variance


def statistics(image: torch.Tensor, ranks: Ranks) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean and the variance of every channel over the whole batch, in float32."""
    values, pixels = image.float(), image.shape[2] * image.shape[3]
    # Of no image at all the sums are 0, and their mean must be a number.
    mean = values.sum(_PIXELS) / max(1, len(image) * pixels)
    squares = (values - _channels(mean)).square().sum(_PIXELS)
    found = torch.stack(ranks.gathered(torch.stack([mean, squares])))
    counts = torch.tensor(ranks.counts, device=image.device)[:, None] * pixels
    total = ranks.count * pixels
    whole = (found[:, 0] * counts).sum(0) / total
    between = (counts * (found[:, 0] - whole).square()).sum(0)
    return whole, (found[:, 1].sum(0) + between) / total


class _Normalized(torch.autograd.Function):
    """With z the normalized values: z * weight + bias.

    The gradient by a value is weight / deviation * (g - mean of g - z * mean of g z),
    both means over the whole batch; those by weight and bias are the share's own.
    """

    @staticmethod
    def forward(
        ctx: Any,
        image: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        mean: torch.Tensor,
        deviation: torch.Tensor,
        ranks: Ranks,
    ) -> torch.Tensor:
        ctx.ranks = ranks
        ctx.save_for_backward(image, weight, mean, deviation)
        scale = _channels(weight / deviation)
        found = (image.float() - _channels(mean)) * scale + _channels(bias)
        return found.to(image.dtype)

    @staticmethod
    def backward(ctx: Any, arriving: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        image, weight, mean, deviation = ctx.saved_tensors
        normal = (image.float() - _channels(mean)) / _channels(deviation)
        slope = arriving.float()
        own = torch.stack([slope.sum(_PIXELS), (slope * normal).sum(_PIXELS)])
        by_bias, by_weight = own.clone()
        total = ctx.ranks.count * image.shape[2] * image.shape[3]
        level, along = (ctx.ranks.added(own) / total).unbind()
        passed = slope - _channels(level) - normal * _channels(along)
        by_image = (passed * _channels(weight / deviation)).to(image.dtype)
        return by_image, by_weight, by_bias, None, None, None


def _channels(values: torch.Tensor) -> torch.Tensor:
    """One value a channel, against (n, c, h, w)."""
    return values[:, None, None]
