"""Enlarging, by the nearest pixel or by interpolation between pixel centres."""

from typing import Any

from torch.nn import functional

from mirada.engines.torch.layer import Compute
from mirada.network import Upsample
from mirada.network.layer import Shape

__all__ = ["upsample"]


def upsample(layer: Upsample, shapes: tuple[Shape, ...]) -> Compute:
    """The image `scale` times as large."""
    options: dict[str, Any] = {
        "scale_factor": tuple(map(float, layer.scale)),
        "mode": layer.mode,
    }
    if layer.mode == "bilinear":
        options["align_corners"] = False
    return lambda inputs, own, moment: functional.interpolate(inputs[0], **options)
