"""Winograd's convolution F(4x4, 3x3) and F(2x2, 3x3), forward and backward."""

from mirada.compiler.lowering.winograd_forward import forward
from mirada.compiler.lowering.winograd_gradient import weight_gradient
from mirada.compiler.lowering.winograd_pack import pack
from mirada.compiler.lowering.winograd_tiling import Tiling, margins, packed_shape

__all__ = ["Tiling", "forward", "margins", "pack", "packed_shape", "weight_gradient"]
