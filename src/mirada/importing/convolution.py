"""Convolutions, plain and transposed, and what pads they take in."""

from collections.abc import Callable, Mapping

from mirada.errors import Phrase
from mirada.importing.graph import Array, Operation, UnfitError
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Feature, Padded, Value
from mirada.network import Conv2d, ConvTranspose2d
from mirada.network.layer import Shape, shape_text
from mirada.network.window import Sides, added, same_padding

__all__ = ["HANDLERS", "Frame", "are_zeros", "frame_of", "image_within", "layer_wish"]

Pair = tuple[int, int]


class Frame:
    """The window of an operator: kernel, strides, dilations and sides as numbers."""

    def __init__(self, operation: Operation, shape: Shape, kernel: Pair) -> None:
        self.operation, self.kernel = operation, kernel
        self.stride = _pair(operation, "strides", (1, 1))
        self.dilation = _pair(operation, "dilations", (1, 1))
        for value in (*self.stride, *self.dilation, *kernel):
            if not 1 <= value <= 65536:
                raise operation.unfit_attribute("kernel_shape, strides, dilations")
        top, left, bottom, right = operation.wholes("pads", (0, 0, 0, 0))
        self.sides: Sides = (top, bottom, left, right)
        mode = operation.text("auto_pad", "NOTSET")
        if mode.startswith("SAME_"):
            word = "same-lower" if mode == "SAME_LOWER" else "same"
            pairs = [
                same_padding(n, k, s, d, word)
                for n, k, s, d in zip(
                    shape[1:], kernel, self.stride, self.dilation, strict=True
                )
            ]
            self.sides = (*pairs[0], *pairs[1])
        elif mode not in ("NOTSET", "VALID", ""):
            raise operation.unfit_attribute("auto_pad")


def _pair(operation: Operation, name: str, default: Pair) -> Pair:
    one, other = operation.wholes(name, default)
    return one, other


def frame_of(operation: Operation, shape: Shape, kernel: Pair | None = None) -> Frame:
    """The window of an operator on an image; `kernel` is that of its weights."""
    asked = operation.wholes("kernel_shape", kernel or ())
    if len(asked) != 2 or (kernel is not None and tuple(asked) != kernel):
        raise operation.unfit_attribute("kernel_shape")
    return Frame(operation, shape, (asked[0], asked[1]))


def layer_wish(operation: Operation) -> str:
    """What a layer would be called: as its weights are, else as the node is."""
    weight = operation.inputs[1]
    stem, _, word = weight.rpartition(".")
    if word == "weight":
        return stem
    return operation.name.removesuffix(f"/{operation.kind}")


def are_zeros(border: Padded) -> bool:
    """Whether a border is what a convolution reads around its image."""
    return border.value == 0.0


def image_within(
    reader: Reader,
    operation: Operation,
    takes: Callable[[Padded], bool] = are_zeros,
) -> tuple[Feature, Sides]:
    """The image, and the border around it where the layer `takes` that in."""
    value = reader.value(operation, 0)
    if isinstance(value, Padded) and takes(value):
        return reader.upright(operation, value.feature), value.sides
    return reader.image(operation), (0, 0, 0, 0)


def _weights(reader: Reader, operation: Operation) -> tuple[Array, Pair, bool]:
    weight = reader.constant(operation, 1)
    if weight.ndim != 4 or weight.dtype.kind != "f":
        raise UnfitError(operation, Phrase("its weights do not have four axes"))
    return weight, (weight.shape[2], weight.shape[3]), reader.has(operation, 2)


def _made(
    reader: Reader,
    operation: Operation,
    layer: Conv2d | ConvTranspose2d,
    image: Feature,
    weight: Array,
) -> Feature:
    """The layer with its weights, if these have the shapes that it asks for."""
    layer.output(image.shape)
    wanted = layer.parameters(image.shape)[0].shape
    given = {"weight": weight}
    if layer.bias:
        given["bias"] = reader.constant(operation, 2)
    fine = all(value.dtype.kind == "f" for value in given.values())
    if (
        weight.shape != wanted
        or not fine
        or (layer.bias and given["bias"].shape != (layer.out_channels,))
    ):
        reason = Phrase("its weights do not fit {shape}", shape=shape_text(image.shape))
        raise UnfitError(operation, reason)
    return reader.add(layer, image, wish=layer_wish(operation), parameters=given)


def _conv(reader: Reader, operation: Operation) -> Value:
    image, sides = image_within(reader, operation)
    weight, kernel, bias = _weights(reader, operation)
    frame = frame_of(operation, image.shape, kernel)
    layer = Conv2d(
        weight.shape[0],
        frame.kernel,
        frame.stride,
        added(frame.sides, sides),
        frame.dilation,
        operation.whole("group", 1),
        bias,
    )
    return _made(reader, operation, layer, image, weight)


def _conv_transpose(reader: Reader, operation: Operation) -> Value:
    image, zeros = image_within(reader, operation)
    weight, kernel, bias = _weights(reader, operation)
    frame = frame_of(operation, image.shape, kernel)
    automatic = operation.text("auto_pad", "NOTSET") not in ("NOTSET", "VALID", "")
    if automatic or "output_shape" in operation.attributes:
        raise UnfitError(operation, Phrase("its padding is not told as numbers"))
    groups = operation.whole("group", 1)
    given = _pair(operation, "output_padding", (0, 0))
    sides, extra = _cut(frame, zeros, given)
    layer = ConvTranspose2d(
        weight.shape[1] * groups,
        frame.kernel,
        frame.stride,
        sides,
        extra,
        frame.dilation,
        groups,
        bias,
    )
    return _made(reader, operation, layer, image, weight)


def _cut(frame: Frame, zeros: Sides, given: Pair) -> tuple[Sides, Pair]:
    """Sides and output padding where rows of zeros were put around the image.

    Each makes the output longer by a stride: that much less is cut, or more is added.
    """
    sides, extra = list(frame.sides), list(given)
    for axis, stride in enumerate(frame.stride):
        start, end = 2 * axis, 2 * axis + 1
        sides[start] -= zeros[start] * stride
        rest = sides[end] - zeros[end] * stride - extra[axis]
        if any(zeros):
            sides[end], extra[axis] = max(rest, 0), max(-rest, 0)
    top, bottom, left, right = sides
    return (top, bottom, left, right), (extra[0], extra[1])


HANDLERS: Mapping[str, Handler] = {"Conv": _conv, "ConvTranspose": _conv_transpose}
"""What is made of each operator."""
