"""From a network to a program: buffers in memory and kernels in order.

Three programs are planned: "predict", "train" (forward, backward and one optimizer
step) and "gradients" (forward and backward, with the gradient by the input).
"""

from collections.abc import Callable
from math import prod

from mirada.compiler.assembly import STAGES
from mirada.compiler.context import Context
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import layout, loss, optimizer
from mirada.compiler.lowering.layout import Image
from mirada.compiler.program import PARTS, Border, Call, Place, Program, Slot
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Stage, stages
from mirada.compiler.target import Target
from mirada.network import (
    SGD,
    AdamW,
    Conv2d,
    CrossEntropy,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Recipe,
)
from mirada.network.window import Window

__all__ = ["chunk_count", "plan"]

_ALIGNMENT = 64
_SLACK = 16
_MOST_GRADIENT_BYTES = 2**29
_MOST_BLOCK = 16


def chunk_count(batch: int, parameters: int) -> int:
    """In how many chunks a batch is trained, whatever the number of threads."""
    chunks = min(batch, max(2, min(8, batch // 16)))
    while chunks > 1 and chunks * parameters * 4 > _MOST_GRADIENT_BYTES:
        chunks //= 2
    return chunks


def plan(
    network: Network, recipe: Recipe, mode: str, batch: int, target: Target
) -> Program:
    """The program for batches of up to `batch` images."""
    return _Planner(network, recipe, mode, batch, target).program


class _Planner(Context):
    """One program in the making."""

    def __init__(
        self, network: Network, recipe: Recipe, mode: str, batch: int, target: Target
    ) -> None:
        self.network, self.recipe, self.target = network, recipe, target
        self.training = mode != "predict"
        self.input_wanted = mode == "gradients"
        self.stages = stages(network, recipe.loss if self.training else None)
        parameters = sum(prod(p.shape) for p in network.parameters.values())
        chunks = chunk_count(batch, parameters) if self.training else 1
        share = -(-batch // chunks)
        chunks = -(-batch // share)
        block = self._block_images(share)
        self.program = Program(mode, share if self.training else block, block)
        self._place_parameters()
        self._outside()
        self._forward()
        if self.training:
            self._backward()
            if mode == "train":
                self._update(chunks)
            else:
                self._gather(chunks)
        self._finish()

    def _block_images(self, most: int) -> int:
        """As many images as leave a block's numbers in the second cache."""
        shapes = self.network.shapes.values()
        image_bytes = 4 * sum(map(prod, shapes)) * (2 if self.training else 1)
        return max(1, min(most, _MOST_BLOCK, self.target.l2_bytes // image_bytes))

    # Memory ------------------------------------------------------------------------

    def _take(self, arena: str, count: int) -> int:
        """Bytes reserved at the end of an arena."""
        at = self.program.strides.get(arena, 0)
        padded = -(-count // _ALIGNMENT) * _ALIGNMENT
        self.program.strides[arena] = at + padded
        return at

    def buffer(self, arena: str, buffer: Buffer) -> Buffer:
        """Reserves memory for a buffer."""
        size = buffer.size * (1 if buffer.kind == "u8" else 4)
        self.program.places[buffer.name] = Place(arena, self._take(arena, size))
        return buffer

    def _place_parameters(self) -> None:
        offset = 0
        for stage in self.stages:
            for parameter in stage.layer.parameters(stage.input):
                name, shape = f"{stage.node.name}.{parameter.name}", parameter.shape
                native, image = _native(stage, parameter.name, shape)
                self.program.slots[name] = Slot(name, shape, native, offset, image)
                for prefix, arena in (("", "parameters"), ("d.", "gradients")):
                    place = Place(arena, 4 * offset)
                    self.program.places[prefix + name] = place
                offset += -(-(prod(shape) + _SLACK) // _SLACK) * _SLACK
        whole = PARTS * _SLACK
        self.program.length = max(-(-offset // whole) * whole, whole)

    def parameter(
        self, stage: Stage, name: str, gradient: bool = False
    ) -> Buffer | None:
        """A parameter of a stage, or the place of its gradient; None without it."""
        slot = self.program.slots.get(f"{stage.node.name}.{name}")
        if slot is None:
            return None
        return Buffer(("d." if gradient else "") + slot.name, slot.native, slack=_SLACK)

    def image(self, name: str, shape: tuple[int, ...], after: Stage | None) -> Image:
        """A value, with the border that the next stage's window needs."""
        channels, height, width = shape if len(shape) == 3 else (shape[0], 1, 1)
        windows = after.windows if after is not None else None
        if windows is None or len(shape) != 3:
            rows, columns, top, left = height, width, 0, 0
        else:
            down, across = windows
            rows = max(height + down.start, _reach(down, height))
            columns = max(width + across.start, _reach(across, width))
            top, left = down.start, across.start
        block = self.program.block_images
        buffer = Buffer(name, (block, rows, columns, channels), slack=_SLACK)
        image = Image(buffer, channels, height, width, top, left)
        place = self.buffer("workspace", buffer)
        assert place is buffer
        if not image.plain:
            pooled = after is not None and isinstance(after.layer, MaxPool2d)
            offset = self.program.places[name].offset
            fill = float("-inf") if pooled else 0.0
            self.program.borders.append(Border(offset, image, fill))
        return image

    # Calls -------------------------------------------------------------------------

    def call(self, phase: str, name: str, make: Callable[[], Kernel]) -> None:
        """Adds a kernel to a phase."""
        self.program.phases[phase].append(Call(name, make))

    def clear(self, phase: str, buffer: Buffer) -> None:
        """Writes zeros over a buffer."""
        name = f"clear.{buffer.name}"

        def make() -> Kernel:
            return vectors(layout.clear(name, buffer), "i", buffer.size, self.target)

        self.call(phase, name, make)

    def _outside(self) -> None:
        """The arrays that come from Python and go back to it."""
        program, block = self.program, self.program.block_images
        shape = self.network.input
        channels, height, width = shape if len(shape) == 3 else (shape[0], 1, 1)
        given = Buffer("images", (block, channels, height, width))
        for name, arena in (
            ("images", "images"),
            ("labels", "labels"),
            ("outputs", "outputs"),
            ("result", "results"),
            ("scalars", "scalars"),
            ("d.images", "input_gradient"),
        ):
            program.places[name] = Place(arena, 0)
        first = self.stages[0] if self.stages else None
        self.values = [self.image("input.value", shape, first)]
        one = self.values[0]

        def make() -> Kernel:
            kernel = layout.enter("enter", given, one)
            if one.channels == 1:
                return vectors(kernel, "ox", one.width, self.target)
            return kernel

        self.call("block", "enter", make)

    def _forward(self) -> None:
        following = [*self.stages, None][1:]
        for stage, after in zip(self.stages, following, strict=True):
            if isinstance(stage.layer, Flatten):
                self.values.append(self.values[-1])
                continue
            shape = _unflattened(stage, self.values[-1])
            value = self.image(f"{stage.name}.value", shape, after)
            STAGES[type(stage.layer)].forward(self, stage, self.values[-1], value)
            self.values.append(value)
            self.program.watched.append((stage.name, value))
        if not self.training:
            last = self.values[-1]
            shape = (last.images, last.channels, last.height, last.width)
            outputs = Buffer("outputs", shape)
            self.call("block", "leave", lambda: layout.leave("leave", last, outputs))

    def _backward(self) -> None:
        gradients = Buffer("gradients", (1, 1, self.program.length))
        self.program.places["gradients"] = Place("gradients", 0)
        self.clear("begin", gradients)
        self.clear("begin", loss.RESULT)
        self._scores(self.values[-1])
        for place in reversed(range(len(self.stages))):
            stage, x, y = self.stages[place], self.values[place], self.values[place + 1]
            if isinstance(stage.layer, Flatten):
                continue
            first = x is self.values[0]
            to = None if first and not self.input_wanted else self.gradient_of(x)
            backward = STAGES[type(stage.layer)].backward
            backward(self, stage, x, y, self.gradient_of(y), to)
        if self.input_wanted:
            self._input_out()

    def gradient_of(self, value: Image) -> Image:
        """The gradient by a value, of the same form."""
        image = value.named(f"d.{value.buffer.name}")
        if image.buffer.name not in self.program.places:
            self.buffer("workspace", image.buffer)
        return image

    def _input_out(self) -> None:
        gradient = self.gradient_of(self.values[0])
        shape = (gradient.images, gradient.channels, gradient.height, gradient.width)
        to = Buffer("d.images", shape)
        self.call("block", "leave", lambda: layout.leave("leave", gradient, to))

    def _scores(self, last: Image) -> None:
        """The loss of the last value, whose numbers it takes in the output's order."""
        if 1 in (last.channels, last.height * last.width):
            self._loss(last, self.gradient_of(last))
            return
        scores = self.image("scores", (last.features,), None)
        gradient, to = self.gradient_of(scores), self.gradient_of(last)
        shape = (last.images, last.channels, last.height, last.width)
        out, back = scores.buffer.view(*shape), gradient.buffer.view(*shape)
        self.call("block", "scores", lambda: layout.leave("scores", last, out))
        self._loss(scores, gradient)
        self.call("block", "slopes", lambda: layout.enter("slopes", back, to))

    def _loss(self, scores: Image, gradient: Image) -> None:
        rule = self.recipe.loss

        def make() -> Kernel:
            if isinstance(rule, CrossEntropy):
                weights = rule.class_weights or (1.0,) * scores.features
                smoothing = rule.label_smoothing
                kernel = loss.cross_entropy(
                    "loss", scores, gradient, smoothing, weights
                )
                return vectors(kernel, "j", scores.features, self.target)
            return loss.mean_squared_error("loss", scores, gradient)

        self.call("block", "loss", make)

    def _parts(self, chunks: int) -> Buffer:
        """The gradients of all chunks, cut in parts."""
        length = self.program.length // PARTS
        return Buffer("gradients", (chunks, PARTS, length))

    def _update(self, chunks: int) -> None:
        rule, gradients = self.recipe.optimizer, self._parts(chunks)
        for arena in ("parameters", "momentum", "mean", "square"):
            self.program.places[arena] = Place(arena, 0)

        def make() -> Kernel:
            if isinstance(rule, SGD):
                kernel = optimizer.sgd("update", rule, gradients)
            else:
                assert isinstance(rule, AdamW)
                kernel = optimizer.adamw("update", rule, gradients)
            return vectors(kernel, "i", gradients.shape[2], self.target)

        self.call("parts", "update", make)

    def _gather(self, chunks: int) -> None:
        gradients = self._parts(chunks)

        def make() -> Kernel:
            kernel = optimizer.gather("gather", gradients)
            return vectors(kernel, "i", gradients.shape[2], self.target)

        self.call("parts", "gather", make)

    def _finish(self) -> None:
        program, shape = self.program, prod(self.network.input)
        outputs = prod(self.network.output)
        program.strides |= {
            "parameters": 4 * program.length,
            "gradients": 4 * program.length,
            "images": 4 * shape,
            "input_gradient": 4 * shape,
            "labels": 4,
            "outputs": 4 * outputs,
            "results": _ALIGNMENT,
            "scalars": _ALIGNMENT,
        }
        program.strides.setdefault("packed", _ALIGNMENT)
        program.strides.setdefault("workspace", _ALIGNMENT)


def _native(
    stage: Stage, parameter: str, shape: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """How a parameter lies in memory, and the image whose numbers it weighs."""
    if parameter == "bias":
        return shape, ()
    if isinstance(stage.layer, Conv2d):
        outputs, inputs, height, width = shape
        if stage.layer.dilation[1] == 1:
            return (outputs, height, width * inputs), ()
        return (outputs, height * width, inputs), ()
    assert isinstance(stage.layer, Linear)
    return (shape[1], shape[0]), stage.flattened


def _unflattened(stage: Stage, x: Image) -> tuple[int, ...]:
    """The shape of a stage's value as it lies in memory.

    A flattened image stays an image until a linear layer reads it.
    """
    if len(stage.output) == 1 and not isinstance(stage.layer, Linear):
        return x.channels, x.height, x.width
    return stage.output


def _reach(window: Window, length: int) -> int:
    """The length, padding included, that the windows along one axis read."""
    return (window.output(length) - 1) * window.stride + window.span
