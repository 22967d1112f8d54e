"""Every layer in PyTorch's words: the line that makes it, the lines that call it.

PyTorch pads both sides alike. Where they differ, `forward` pads the image itself.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mirada.network import (
    GELU,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Hardsigmoid,
    Hardswish,
    LeakyReLU,
    Linear,
    MaxPool2d,
    Multiply,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)
from mirada.network.join import centre
from mirada.network.layer import Layer, Shape
from mirada.network.window import Sides, Window, added

__all__ = ["LAYERS", "Written"]


class Written(NamedTuple):
    """How a layer is made, and how it is called.

    `make` is an expression, empty for a layer without a module. In `call` stand lines
    that give `{out}` from `{self}`, the module, and the inputs `{0}`, `{1}` and so on.
    """

    make: str
    call: tuple[str, ...] = ("{out} = {self}({0})",)


Writer = Callable[[Any, tuple[Shape, ...]], Written]


def _pair(value: tuple[int, int]) -> str:
    return str(value[0]) if value[0] == value[1] else repr(value)


def _call(name: str, *given: object, **options: tuple[object, object]) -> str:
    """`nn.NAME(...)`; of the options, (value, default), those that differ."""
    parts = [str(value) for value in given]
    parts += [
        f"{key}={_pair(value) if isinstance(value, tuple) else repr(value)}"
        for key, (value, default) in options.items()
        if value != default
    ]
    return f"nn.{name}({', '.join(parts)})"


def _sides(windows: tuple[Window, Window]) -> Sides:
    """Left, right, top, bottom, in the order of `torch.nn.functional.pad`."""
    rows, columns = windows
    return columns.start, columns.end, rows.start, rows.end


def _alike(sides: Sides) -> bool:
    left, right, top, bottom = sides
    return left == right and top == bottom


def _symmetric(sides: Sides) -> tuple[int, int]:
    """Padding as PyTorch's modules take it; none where `forward` pads."""
    return (sides[2], sides[0]) if _alike(sides) else (0, 0)


def _padded(sides: Sides, value: str = "") -> str:
    more = f", value={value}" if value else ""
    return f"functional.pad({{0}}, {sides!r}{more})"


def _conv(layer: Conv2d, shapes: tuple[Shape, ...]) -> Written:
    sides = _sides(layer.windows(shapes[0]))
    make = _call(
        "Conv2d",
        shapes[0][0],
        layer.out_channels,
        _pair(layer.kernel_size),
        stride=(layer.stride, (1, 1)),
        padding=(_symmetric(sides), (0, 0)),
        dilation=(layer.dilation, (1, 1)),
        groups=(layer.groups, 1),
        bias=(layer.bias, True),
    )
    if _alike(sides):
        return Written(make)
    return Written(make, (f"{{out}} = {{self}}({_padded(sides)})",))


def _conv_transpose(layer: ConvTranspose2d, shapes: tuple[Shape, ...]) -> Written:
    top, bottom, left, right = layer.sides
    sides = left, right, top, bottom
    make = _call(
        "ConvTranspose2d",
        shapes[0][0],
        layer.out_channels,
        _pair(layer.kernel_size),
        stride=(layer.stride, (1, 1)),
        padding=(_symmetric(sides), (0, 0)),
        output_padding=(layer.output_padding, (0, 0)),
        groups=(layer.groups, 1),
        bias=(layer.bias, True),
        dilation=(layer.dilation, (1, 1)),
    )
    if _alike(sides):
        return Written(make)
    _, height, width = layer.output(shapes[0])
    cut = f"[:, :, {top}:{top + height}, {left}:{left + width}]"
    return Written(make, (f"{{out}} = {{self}}({{0}}){cut}",))


def _excess(windows: tuple[Window, Window], shape: Shape) -> Sides:
    """How far the last windows of ceil mode reach beyond image and padding."""
    rows, columns = windows
    return 0, columns.excess(shape[2]), 0, rows.excess(shape[1])


def _max_pool(layer: MaxPool2d, shapes: tuple[Shape, ...]) -> Written:
    windows = layer.windows(shapes[0])
    sides = _sides(windows)
    alike = _alike(sides)
    make = _call(
        "MaxPool2d",
        _pair(layer.kernel_size),
        stride=(layer.step, layer.kernel_size),
        padding=(_symmetric(sides), (0, 0)),
        dilation=(layer.dilation, (1, 1)),
        ceil_mode=(layer.ceil and alike, False),
    )
    if alike:
        return Written(make)
    reach = added(sides, _excess(windows, shapes[0]))
    padded = _padded(reach, 'float("-inf")')
    return Written(make, (f"{{out}} = {{self}}({padded})",))


def _avg_pool(layer: AvgPool2d, shapes: tuple[Shape, ...]) -> Written:
    """Of four different sides, the mean is divided by the share that counts."""
    windows = layer.windows(shapes[0])
    sides, excess = _sides(windows), _excess(windows, shapes[0])
    alike = _alike(sides)
    make = _call(
        "AvgPool2d",
        _pair(layer.kernel_size),
        stride=(layer.step, layer.kernel_size),
        padding=(_symmetric(sides), (0, 0)),
        ceil_mode=(layer.ceil and alike, False),
        count_include_pad=(layer.count_padding or not alike, True),
    )
    if alike:
        return Written(make)
    reach = added(sides, excess)
    mean = f"{{self}}({_padded(reach)})"
    if layer.count_padding and not any(excess):
        return Written(make, (f"{{out}} = {mean}",))
    ones = "torch.ones_like({0})"
    beyond = reach
    if layer.count_padding:
        ones, beyond = f"functional.pad({ones}, {sides!r}, value=1.0)", excess
    return Written(
        make,
        (
            f"counted = functional.pad({ones}, {beyond!r})",
            f"{{out}} = {mean} / {{self}}(counted)",
        ),
    )


def _batch_norm(layer: BatchNorm2d, shapes: tuple[Shape, ...]) -> Written:
    return Written(
        _call(
            "BatchNorm2d",
            shapes[0][0],
            eps=(layer.epsilon, 1e-5),
            momentum=(layer.momentum, 0.1),
        )
    )


def _linear(layer: Linear, shapes: tuple[Shape, ...]) -> Written:
    sizes = shapes[0][0], layer.out_features
    return Written(_call("Linear", *sizes, bias=(layer.bias, True)))


def _upsample(layer: Upsample, shapes: tuple[Shape, ...]) -> Written:
    scale = _pair(layer.scale)
    return Written(f'nn.Upsample(scale_factor={scale}, mode="{layer.mode}")')


def _gelu(layer: GELU, shapes: tuple[Shape, ...]) -> Written:
    tanh = layer.approximate == "tanh"
    return Written('nn.GELU(approximate="tanh")' if tanh else "nn.GELU()")


def _each(sign: str, shapes: tuple[Shape, ...]) -> Written:
    """The inputs joined by a sign, which spreads what has one pixel."""
    inputs = f" {sign} ".join(f"{{{place}}}" for place in range(len(shapes)))
    return Written("", (f"{{out}} = {inputs}",))


def _concat(layer: Concat, shapes: tuple[Shape, ...]) -> Written:
    sizes = layer.output(*shapes)[1:]
    parts = (f"{{{n}}}{_middle(s[1:], sizes)}" for n, s in enumerate(shapes))
    return Written("", (f"{{out}} = torch.cat(({', '.join(parts)}), dim=1)",))


def _middle(given: Shape, wanted: Shape) -> str:
    """The cut to the centre; what is odd is cut at the end."""
    if given == wanted:
        return ""
    cuts = (f"{start}:{end}" for start, end in centre(given, wanted))
    return f"[:, :, {', '.join(cuts)}]"


def _plain(make: str) -> Writer:
    return lambda layer, shapes: Written(make)


LAYERS: Mapping[type[Layer], Writer] = {
    Conv2d: _conv,
    ConvTranspose2d: _conv_transpose,
    MaxPool2d: _max_pool,
    AvgPool2d: _avg_pool,
    GlobalAvgPool2d: _plain("nn.AdaptiveAvgPool2d(1)"),
    ReLU: _plain("nn.ReLU()"),
    ReLU6: _plain("nn.ReLU6()"),
    LeakyReLU: lambda layer, shapes: Written(f"nn.LeakyReLU({layer.slope!r})"),
    Sigmoid: _plain("nn.Sigmoid()"),
    Tanh: _plain("nn.Tanh()"),
    GELU: _gelu,
    SiLU: _plain("nn.SiLU()"),
    Hardsigmoid: _plain("nn.Hardsigmoid()"),
    Hardswish: _plain("nn.Hardswish()"),
    Softmax: _plain("nn.Softmax(dim=1)"),
    BatchNorm2d: _batch_norm,
    Dropout: lambda layer, shapes: Written(f"nn.Dropout({layer.p!r})"),
    Flatten: _plain("nn.Flatten()"),
    Linear: _linear,
    Upsample: _upsample,
    Add: lambda layer, shapes: _each("+", shapes),
    Multiply: lambda layer, shapes: _each("*", shapes),
    Concat: _concat,
}
"""How each kind of layer is written."""
