"""Convolution and transposed convolution.

What frameworks call convolution is cross-correlation: the kernel is not flipped.

    y[oc, oy, ox] = b[oc] + sum over ic, ky, kx of
                    w[oc, ic, ky, kx] * x[ic, oy*S - P_top + ky*D, ox*S - P_left + kx*D]
"""

from dataclasses import dataclass
from typing import cast

from mirada.errors import ShapeError
from mirada.network.field import Choice, Flag, Pair, Whole
from mirada.network.layer import Layer, Parameter, Shape, image, initializer, slide
from mirada.network.window import Padding, Sides, Window, same_padding

__all__ = ["Conv2d", "ConvTranspose2d"]


@dataclass(frozen=True)
class Conv2d(Layer):
    """A convolution: `out_channels` filters slide over the image.

    >>> Conv2d(6, 5, padding=2).output((1, 28, 28))
    (6, 28, 28)
    >>> Conv2d(6, 5, padding=2).text()
    'conv 6 5x5 pad 2'
    """

    kind = "conv"
    positional = ("out_channels", "kernel_size")
    words = {"padding": "pad"}  # noqa: RUF012

    out_channels: Whole = Whole(1, 65536)
    kernel_size: Pair = Pair(Whole(1, 255), both=True)
    stride: Pair = Pair(Whole(1, 64), 1)
    padding: Padding = Padding()
    dilation: Pair = Pair(Whole(1, 64), 1)
    groups: Whole = Whole(1, 65536, 1)
    bias: Flag = Flag(True)
    init: Choice = initializer()

    def output(self, *inputs: Shape) -> Shape:
        channels, _, _ = image(self, inputs[0])
        _divide_groups(self, channels, self.out_channels, self.groups)
        if self.padding == "same-torch" and self.stride != (1, 1):
            raise ShapeError(
                "same-torch-stride",
                "{layer} asks for PyTorch's 'same', which exists for stride 1 only; "
                "its stride is {stride}. Write 'same' (TensorFlow, ONNX) or numbers."
                "{remedy}",
                stride="x".join(map(str, self.stride)),
                **self.place(),
            )
        return (self.out_channels, *slide(self, inputs[0]))

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        def along(axis: int) -> Window:
            size, stride = self.kernel_size[axis], self.stride[axis]
            dilation, sides = self.dilation[axis], self.padding
            if isinstance(sides, str):
                length = shape[1 + axis]
                start, end = same_padding(length, size, stride, dilation, sides)
            else:
                start, end = sides[2 * axis], sides[2 * axis + 1]
            return Window(size, stride, start, end, dilation)

        return along(0), along(1)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        height, width = self.kernel_size
        group = inputs[0][0] // self.groups
        fan_in = group * height * width
        fan_out = self.out_channels * height * width // self.groups
        shape = (self.out_channels, group, height, width)
        return _weight_and_bias(shape, self.out_channels, self.bias, fan_in, fan_out)


@dataclass(frozen=True)
class ConvTranspose2d(Layer):
    """A transposed convolution: the gradient of a convolution, used to enlarge.

    The output is S(I - 1) + D(F - 1) + 1 - P_start - P_end + output_padding.

    >>> ConvTranspose2d(64, 2, stride=2).output((128, 28, 28))
    (64, 56, 56)
    """

    kind = "convtranspose"
    positional = ("out_channels", "kernel_size")
    words = {"padding": "pad", "output_padding": "outpad"}  # noqa: RUF012

    out_channels: Whole = Whole(1, 65536)
    kernel_size: Pair = Pair(Whole(1, 255), both=True)
    stride: Pair = Pair(Whole(1, 64), 1)
    padding: Padding = Padding(same=False)
    output_padding: Pair = Pair(Whole(0, 63), 0)
    dilation: Pair = Pair(Whole(1, 64), 1)
    groups: Whole = Whole(1, 65536, 1)
    bias: Flag = Flag(True)
    init: Choice = initializer()

    def output(self, *inputs: Shape) -> Shape:
        channels, height, width = image(self, inputs[0])
        _divide_groups(self, channels, self.out_channels, self.groups)
        sizes = [self._enlarged(axis, n) for axis, n in enumerate((height, width))]
        extra = zip(self.output_padding, self.stride, self.dilation, strict=True)
        if min(sizes) < 1 or any(p >= max(s, d) for p, s, d in extra):
            raise ShapeError(
                "transpose-size",
                "{layer} would give {result} from {given}, with an output padding of "
                "{extra}: the result must be at least 1x1 and the output padding "
                "smaller than the stride. Use less padding or a larger stride."
                "{remedy}",
                result="x".join(map(str, sizes)),
                given=f"{height}x{width}",
                extra="x".join(map(str, self.output_padding)),
                **self.place(),
            )
        return (self.out_channels, *sizes)

    @property
    def sides(self) -> Sides:
        """The padding as top, bottom, left, right."""
        return cast(Sides, self.padding)

    def _enlarged(self, axis: int, length: int) -> int:
        span = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
        cut = self.sides[2 * axis] + self.sides[2 * axis + 1]
        grown = self.stride[axis] * (length - 1) + span
        return grown - cut + self.output_padding[axis]

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        def along(axis: int) -> Window:
            start, end = self.sides[2 * axis], self.sides[2 * axis + 1]
            size, stride = self.kernel_size[axis], self.stride[axis]
            return Window(size, stride, start, end, self.dilation[axis])

        return along(0), along(1)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        height, width = self.kernel_size
        channels = inputs[0][0]
        group = self.out_channels // self.groups
        # PyTorch computes the fan of this layout as if it were a plain convolution.
        fan_in = group * height * width
        fan_out = channels * height * width // self.groups
        shape = (channels, group, height, width)
        return _weight_and_bias(shape, self.out_channels, self.bias, fan_in, fan_out)


def _weight_and_bias(
    shape: Shape, outputs: int, bias: bool, fan_in: int, fan_out: int
) -> tuple[Parameter, ...]:
    weight = Parameter("weight", shape, "weight", fan_in, fan_out)
    if not bias:
        return (weight,)
    return weight, Parameter("bias", (outputs,), "bias", fan_in, fan_out)


def _divide_groups(layer: Layer, channels: int, outputs: int, groups: int) -> None:
    if channels % groups or outputs % groups:
        raise ShapeError(
            "groups-divide",
            "{layer} has {groups} groups, which must divide both its {channels} input "
            "channels and its {outputs} output channels. Use a divisor of both."
            "{remedy}",
            groups=groups,
            channels=channels,
            outputs=outputs,
            **layer.place(),
        )
