"""Batch normalization."""

import torch

from mirada.engines.torch.layer import Compute, Inputs, Moment, Own
from mirada.engines.torch.normalization_ranks import normalized
from mirada.network import BatchNorm2d
from mirada.network.layer import Shape

__all__ = ["batch_norm"]


def batch_norm(layer: BatchNorm2d, shapes: tuple[Shape, ...]) -> Compute:
    """Each channel normalized: in training by the batch, else by what is kept of it."""
    _, height, width = shapes[0]
    momentum, epsilon = layer.momentum, layer.epsilon

    def compute(inputs: Inputs, own: Own, moment: Moment) -> torch.Tensor:
        (image,) = inputs
        kept = own["running_mean"], own["running_var"]
        if moment.training and moment.ranks is not None:
            weight, bias = own["weight"], own["bias"]
            found, *whole = normalized(image, weight, bias, epsilon, moment.ranks)
            if moment.moves:
                _move(*kept, *whole, moment.ranks.count * height * width, momentum)
            return found
        single = len(image) * height * width == 1
        if moment.training and moment.moves and single:
            # Its variance is 0; PyTorch would divide by count - 1.
            _move(*kept, image.reshape(-1), torch.zeros_like(kept[1]), 1, momentum)
        reads = not moment.training or (moment.moves and not single)
        return torch.batch_norm(
            image,
            own["weight"],
            own["bias"],
            *(kept if reads else (None, None)),
            moment.training,
            momentum,
            epsilon,
            torch.backends.cudnn.enabled,
        )

    return compute


@torch.no_grad()
def _move(
    mean: torch.Tensor,
    variance: torch.Tensor,
    by_mean: torch.Tensor,
    by_variance: torch.Tensor,
    count: int,
    momentum: float,
) -> None:
    """Statistics towards those of a batch of so many pixels a channel."""
    mean.lerp_(by_mean.to(mean.dtype), momentum)
    variance.lerp_(by_variance * (count / max(1, count - 1)), momentum)
