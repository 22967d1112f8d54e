"""How kernels are made fast: which passes, with which sizes, for which processor."""

from mirada.compiler.schedules.channels import channels, windowed
from mirada.compiler.schedules.schedule import (
    pixels,
    product,
    vectors,
)

__all__ = ["channels", "pixels", "product", "vectors", "windowed"]
