"""Batch normalization."""

import torch

from mirada.engines.torch.layer import Compute, Inputs, Moment, Own
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
        single = len(image) * height * width == 1
        if moment.training and moment.moves and single:
            _move_by_one(image, *kept, momentum)
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
def _move_by_one(
    image: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor, momentum: float
) -> None:
    """Of a single pixel the variance is 0; PyTorch would divide by count - 1."""
    mean.lerp_(image.reshape(-1).to(mean.dtype), momentum)
    variance.mul_(1.0 - momentum)
