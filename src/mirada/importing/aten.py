"""PyTorch's operations on images (ATen), as layers.

Each takes a `Call`, the arguments by the names of ATen's own schema, and gives the
value or raises MisfitError. Nothing here imports PyTorch: an operation is known by its
name, such as "conv2d".
"""

from collections.abc import Mapping

from mirada.importing.aten_call import Operation
from mirada.importing.aten_elements import (
    add,
    batch_norm,
    clamp,
    concat,
    linear,
    log_softmax,
    multiply,
    plain,
    reshaped,
    same,
    softmax,
)
from mirada.importing.aten_windows import (
    adaptive_avg_pool,
    adaptive_max_pool,
    avg_pool,
    convolution,
    max_pool,
    over_the_image,
    pad,
    transposed_convolution,
    upsample,
)
from mirada.network import (
    GELU,
    Dropout,
    GlobalAvgPool2d,
    Hardsigmoid,
    Hardswish,
    LeakyReLU,
    MaxPool2d,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Tanh,
)

__all__ = ["OPERATIONS"]

OPERATIONS: Mapping[str, Operation] = {
    "conv2d": convolution,
    "conv_transpose2d": transposed_convolution,
    "linear": linear,
    "batch_norm": batch_norm,
    "max_pool2d": max_pool,
    "max_pool2d_with_indices": max_pool,
    "avg_pool2d": avg_pool,
    "adaptive_avg_pool2d": adaptive_avg_pool,
    "adaptive_max_pool2d": adaptive_max_pool,
    "mean": over_the_image(lambda shape: GlobalAvgPool2d()),
    "amax": over_the_image(lambda shape: MaxPool2d(shape[1:])),
    "relu": plain(ReLU()),
    "relu6": plain(ReLU6()),
    "hardtanh": clamp,
    "clamp": clamp,
    "clamp_min": clamp,
    "leaky_relu": lambda call: call.place(LeakyReLU(call.given["negative_slope"])),
    "sigmoid": plain(Sigmoid()),
    "tanh": plain(Tanh()),
    "gelu": lambda call: call.place(GELU(call.given["approximate"])),
    "silu": plain(SiLU()),
    "hardsigmoid": plain(Hardsigmoid()),
    "hardswish": plain(Hardswish()),
    "softmax": softmax,
    "log_softmax": log_softmax,
    "dropout": lambda call: call.place(Dropout(call.given["p"])),
    "add": add,
    "mul": multiply,
    "cat": concat,
    "pad": pad,
    "constant_pad_nd": pad,
    "upsample_nearest2d": upsample("nearest"),
    "upsample_bilinear2d": upsample("bilinear"),
    **dict.fromkeys(
        ("flatten", "view", "reshape", "_unsafe_view", "squeeze", "unsqueeze"),
        reshaped,
    ),
    **dict.fromkeys(("clone", "contiguous", "alias", "detach", "to"), same),
}
"""What a layer stands for, by ATen's name without its overload."""
