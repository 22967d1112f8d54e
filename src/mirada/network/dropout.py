"""Dropout."""

from dataclasses import dataclass

from mirada.network.field import Real
from mirada.network.layer import Layer, Shape

__all__ = ["Dropout"]


@dataclass(frozen=True)
class Dropout(Layer):
    """In training, zero with probability p and x / (1 - p) else (JMLR 15, 2014)."""

    kind = "dropout"
    positional = ("p",)

    p: Real = Real(0.0, 1.0, 0.5, below=True)

    def output(self, *inputs: Shape) -> Shape:
        return inputs[0]
