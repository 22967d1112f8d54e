"""Enlarging without learning."""

from dataclasses import dataclass

from mirada.network.field import Choice, Pair, Whole
from mirada.network.layer import Layer, Shape, image

__all__ = ["Upsample"]


@dataclass(frozen=True)
class Upsample(Layer):
    """The image `scale` times as large, by the nearest pixel or by interpolation.

    Bilinear interpolation takes pixel centres (PyTorch's align_corners=False).
    """

    kind = "upsample"
    positional = ("scale",)

    scale: Pair = Pair(Whole(1, 64))
    mode: Choice = Choice("nearest", "bilinear", default="nearest")

    def output(self, *inputs: Shape) -> Shape:
        channels, height, width = image(self, inputs[0])
        return channels, height * self.scale[0], width * self.scale[1]
