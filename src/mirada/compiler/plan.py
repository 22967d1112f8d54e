"""From a network to a program: buffers in memory and kernels in order.

Five programs are planned: "predict"; "train" (forward, backward and one optimizer
step); "gradients" (forward and backward in training form); "inspect" (the same in
inference form, from a gradient that arrives from outside); "trace" (as "inspect", but
only back to the values that are asked for, whatever learns beneath them).
"""

from dataclasses import replace
from functools import partial

from mirada.compiler.assembly import door_of
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import layout, loss, optimizer, turning
from mirada.compiler.lowering.layout import Image
from mirada.compiler.manner import chunk_count, layered, unpooled
from mirada.compiler.planner import Planner
from mirada.compiler.program import PARTS, Block, Phase, Program
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Form
from mirada.compiler.target import Target
from mirada.network import (
    INPUT,
    SGD,
    AdamW,
    CrossEntropy,
    Network,
    Recipe,
)

__all__ = ["MODES", "chunk_count", "plan"]

MODES = ("predict", "train", "gradients", "inspect", "trace")


def plan(
    network: Network,
    recipe: Recipe,
    mode: str,
    batch: int,
    target: Target,
    *,
    exact: bool = False,
    wanted: frozenset[str] = frozenset(),
    precision: str = "float32",
    mixed: bool = False,
) -> Program:
    """The program for batches of up to `batch` images.

    `exact` computes every convolution by its definition. `wanted` names the layers
    (and the input) whose values or, in the last three modes, whose gradients leave as
    well. `precision` is one of `targets.PRECISIONS`. With `mixed` a batch has
    second labels.
    """
    half = precision == "bf16"
    given = network, recipe, mode, batch, target, exact, wanted, half
    return _Plan(*given, mixed).program


def _form(network: Network, recipe: Recipe, mode: str, wanted: frozenset[str]) -> Form:
    training = mode in ("train", "gradients")
    rule = recipe.loss if training else None
    return Form(training, mode != "predict", rule, wanted)


class _Plan(Planner):
    """One program: what comes in, the stages forward and backward, what goes out."""

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        mode: str,
        batch: int,
        target: Target,
        exact: bool,
        wanted: frozenset[str],
        half: bool,
        mixed: bool,
    ) -> None:
        form = _form(network, recipe, mode, wanted)
        one_by_one = layered(network, form, batch, half)
        if one_by_one:
            apart = frozenset() if exact else unpooled(network, form, batch, half)
            form = replace(form, unpooled=apart)
        super().__init__(
            network, recipe, mode, batch, target, form, one_by_one, exact, half
        )
        self.wanted = wanted
        self.mixed = mixed
        self.enter()
        self.forward()
        if form.backward:
            self.backward()
        if mode == "train":
            self.update()
        elif mode == "gradients":
            self.gather()
        self.finish()

    # In and out --------------------------------------------------------------------

    def enter(self) -> None:
        """The arrays that come from Python and go back to it."""
        for name, arena in (
            ("images", "images"),
            ("labels", "labels"),
            ("arriving", "arriving"),
            ("outputs", "outputs"),
            ("result", "results"),
            ("scalars", "scalars"),
            ("d.images", "input_gradient"),
        ):
            self.outside(name, arena)
        for name in ("others", "shares") if self.mixed else ():
            self.outside(name, name)
            self.program.strides[name] = 4
        shape = self.network.input
        channels, height, width = shape if len(shape) == 3 else (shape[0], 1, 1)
        one = self.value(INPUT, shape)
        given = Buffer("images", (one.images, channels, height, width))

        self.begin_value(INPUT)
        self.rows("enter", lambda: self.entered("enter", given, one), one)

    def entered(self, name: str, images: Buffer, to: Image) -> Kernel:
        """The kernel that brings images from outside into their order here."""
        if turning.suits(to):
            return turning.enter(name, images, to, self.target)
        kernel = layout.enter(name, images, to)
        if to.channels == 1:
            return vectors(kernel, "ox", to.width, self.target)
        return kernel

    def leave(self, name: str, image: Image, to: str) -> None:
        """Takes an image out in the order of its channels."""
        shape = (image.images, image.channels, image.height, image.width)
        outputs = Buffer(to, shape)

        def make() -> Kernel:
            if turning.suits(image):
                return turning.leave(name, image, outputs, self.target)
            return layout.leave(name, image, outputs)

        self.rows(name, make, image)

    def hand_out(self, name: str, image: Image) -> None:
        """A value or a gradient that was asked for by name."""
        to = self.asked(name, image)
        self.leave(f"leave.{name}", image, to)

    # Forward and backward ----------------------------------------------------------

    def forward(self) -> None:
        for stage in self.stages:
            self.turn()
            self.layer = stage.name
            xs = self.inputs(stage)
            y = self.value(stage.name, stage.output)
            self.begin_value(stage.name)
            door_of(stage).forward(self, stage, xs, y)
            self.program.watched.append((stage.name, y))
        self.layer = ""
        self.turn()
        last = self.image_of(self.cut.last)
        if not self.form.backward:
            for name in sorted(self.wanted):
                self.hand_out(name, self.image_of(self.cut.values[name]))
            self.leave("leave", last, "outputs")

    def backward(self) -> None:
        self.clear_gradients()
        last = self.image_of(self.cut.last)
        arrived = self.gradient_of(self.cut.last)
        if self.form.training:
            self.scores(last, arrived)
        else:
            shape = (last.images, last.channels, last.height, last.width)
            given = Buffer("arriving", shape)
            self.rows("arrive", lambda: self.entered("arrive", given, arrived), arrived)
        for stage in reversed(self.stages):
            if stage.name not in self.arrived:
                continue
            self.turn()
            self.hand_out_gradients(stage.name)
            xs, y = self.inputs(stage), self.image_of(stage.name)
            dy = self.gradient_of(stage.name)
            self.layer = stage.name
            into = [self.into(name, stage) for name in stage.sources]
            door_of(stage).backward(self, stage, xs, y, dy, tuple(into))
        self.layer = ""
        self.turn()
        if INPUT in self.live:
            gradient = self.gradient_of(INPUT)
            if self.form.training:
                self.leave("leave", gradient, "d.images")
            self.hand_out_gradients(INPUT)

    def hand_out_gradients(self, value: str) -> None:
        for name in sorted(self.wanted):
            if self.cut.values.get(name) == value:
                self.hand_out(name, self.gradient_of(value))

    def scores(self, last: Image, gradient: Image) -> None:
        """The loss of the last value, whose numbers it takes in the output's order."""
        last, gradient = self.whole(last), self.whole(gradient)
        if last.plain and 1 in (last.channels, last.height * last.width):
            self.loss(last, gradient)
            return
        scores = self.whole(self.private("scores", (last.features,)))
        slopes = self.whole(self.private("d.scores", (last.features,)))
        shape = (last.images, last.channels, last.height, last.width)
        out, back = scores.buffer.view(*shape), slopes.buffer.view(*shape)
        self.once("scores", lambda: layout.leave("scores", last, out))
        self.loss(scores, slopes)
        self.once("slopes", lambda: layout.enter("slopes", back, gradient))

    def loss(self, scores: Image, gradient: Image) -> None:
        rule = self.recipe.loss

        def make() -> Kernel:
            if isinstance(rule, CrossEntropy):
                weights = rule.class_weights or (1.0,) * scores.features
                smoothing = rule.label_smoothing
                kernel = loss.cross_entropy(
                    "loss", scores, gradient, smoothing, weights, self.mixed
                )
                return vectors(kernel, "j", scores.features, self.target)
            return loss.mean_squared_error("loss", scores, gradient, self.mixed)

        self.once("loss", make)

    # After the batch ---------------------------------------------------------------

    def clear_gradients(self) -> None:
        gradients = Buffer("gradients", (1, 1, self.program.learned))
        self.outside("gradients", "gradients")
        if not self.layered:
            self.begin("clear.gradients", gradients)
        if self.form.training:
            self.begin("clear.result", loss.RESULT)

    def update(self) -> None:
        """The optimizer's step, after the gradient's norm where it is limited."""
        recipe, gradients = self.recipe, self.parts_of_gradients()
        rule, learned = recipe.optimizer, self.program.learned
        slopes = gradients.view(self.chunks, learned)
        for arena in ("parameters", "momentum", "mean", "square", "average"):
            self.outside(arena, arena)
        clip = average = None
        if recipe.gradient_clip:
            squares = self.sums_of_squares()
            self.add_parts("norm", lambda: optimizer.norm("norm", gradients, squares))
            clip = optimizer.Clip(squares, recipe.gradient_clip)
        if recipe.ema:
            average = optimizer.Average(Buffer("average", (learned,)), recipe.ema)

        def made(name: str, block: Block) -> Kernel:
            if isinstance(rule, SGD):
                kernel = optimizer.sgd(name, rule, slopes, block, clip, average)
            else:
                assert isinstance(rule, AdamW)
                kernel = optimizer.adamw(name, rule, slopes, block, clip, average)
            return vectors(kernel, "i", block.length // PARTS, self.target)

        calls = []
        for place, block in enumerate(self.program.blocks):
            name = f"update.{place + 1}" if place else "update"
            calls.append(self.named(name, partial(made, name, block)))
        self.add_phase(Phase(tuple(calls), 0, PARTS))

    def gather(self) -> None:
        """The batch's gradient, over that of its first chunk."""
        gradients = self.parts_of_gradients()
        if gradients.shape[0] == 1:
            return

        def make() -> Kernel:
            kernel = optimizer.gather("gather", gradients)
            return vectors(kernel, "i", gradients.shape[2], self.target)

        self.add_parts("gather", make)
