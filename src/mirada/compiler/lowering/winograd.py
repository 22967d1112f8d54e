"""Winograd's convolution, forward and backward: fewer products, a little less exact.

F(4x4, 3x3) takes 36 products for a tile of 4 x 4 outputs where a direct convolution
takes 144, F(2x2, 3x3) 16 for 36. It serves kernels of 3x3 with stride 1, dilation 1 and
one group, any padding of 0 to 2 on each side, and any channels and sizes; vectors are
full where channels are multiples of the processor's lanes.

    pack             U = G g G^T of all filters, once a training step
    forward          y = A^T [sum over ic of U * (B^T x B)] A, and what follows it;
                     with filters packed turned, the gradient by the input
    forward_from_weights   the same without packing, for few tiles of many channels
    weight_gradient  dw = G^T [sum over tiles of (A dy A^T) * (B^T x B)] G

For every place of a tile the sum is a product of small matrices, tiles x channels.
Tiles are taken together as a `Tiling` says, so that their transforms stay in the second
cache while the filters, or the sums of the weight gradient, stream by. No result
depends on how tiles are taken together: every sum has its order of channels, or tiles.

How far results may be from the exact ones is derived in `winograd_bound`. Usual are
errors up to 1e-4 of the outputs' deviation for F(4x4, 3x3), 1e-5 for F(2x2, 3x3).
Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015.
"""

from mirada.compiler.lowering.winograd_forward import forward
from mirada.compiler.lowering.winograd_fused import forward_from_weights
from mirada.compiler.lowering.winograd_gradient import weight_gradient
from mirada.compiler.lowering.winograd_pack import pack
from mirada.compiler.lowering.winograd_tiling import Tiling, margins, packed_shape

__all__ = [
    "Tiling",
    "forward",
    "forward_from_weights",
    "margins",
    "pack",
    "packed_shape",
    "weight_gradient",
]
