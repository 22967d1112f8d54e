"""Batch normalization."""

from dataclasses import dataclass

from mirada.network.field import Real
from mirada.network.layer import Layer, Parameter, Shape, image

__all__ = ["BatchNorm2d"]


@dataclass(frozen=True)
class BatchNorm2d(Layer):
    """(x - mean) / sqrt(variance + epsilon) * weight + bias, for each channel.

    Training takes mean and variance of the batch and moves the running ones by
    `momentum` towards them; inference takes the running ones (arXiv 1502.03167).
    """

    kind = "batchnorm"
    words = {"epsilon": "eps"}  # noqa: RUF012

    epsilon: Real = Real(0.0, 1.0, 1e-5, above=True)
    momentum: Real = Real(0.0, 1.0, 0.1)

    def output(self, *inputs: Shape) -> Shape:
        return image(self, inputs[0])

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        shape = (inputs[0][0],)
        return (
            Parameter("weight", shape, "weight"),
            Parameter("bias", shape, "bias"),
            Parameter("running_mean", shape, "statistic"),
            Parameter("running_var", shape, "statistic"),
        )
