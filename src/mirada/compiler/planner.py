"""The bookkeeping of a program in the making: memory, moments, calls and phases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod

from mirada.compiler.assembly import door_of
from mirada.compiler.context import ITEMS, Context, Into, Margins, Work
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.llvm import BYTES
from mirada.compiler.lowering import activation, layout
from mirada.compiler.lowering.layout import Image
from mirada.compiler.manner import chunk_count
from mirada.compiler.memory import ALIGNMENT, Span, arrange, padded
from mirada.compiler.passes import deal
from mirada.compiler.program import (
    PARTS,
    Border,
    Call,
    Phase,
    Place,
    Program,
    Stream,
)
from mirada.compiler.schedules import vectors
from mirada.compiler.slots import slots
from mirada.compiler.stages import Form, Stage, cut
from mirada.compiler.target import Target
from mirada.network import INPUT, Network, Node, Recipe, Shape
from mirada.network.rate import frozen_layers

__all__ = ["Planner"]

_SLACK = 16
_MOST_BLOCK = 16


@dataclass
class _Life:
    """The steps between which a buffer of layered mode is used."""

    size: int
    image_bytes: int
    first: int
    last: int


class Planner(Context):
    """A program in the making."""

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        name: str,
        batch: int,
        target: Target,
        form: Form,
        layered: bool,
        exact: bool,
        half: bool,
    ) -> None:
        self.network, self.recipe, self.target = network, recipe, target
        self.half = half
        self.form, self.layered, self.exact, self.batch = form, layered, exact, batch
        self.cut = cut(network, form)
        self.stages = self.cut.stages
        found, blocks, learned, length = slots(network, self.cut, recipe.rates)
        self.frozen = frozen_layers(network, recipe.rates)
        chunks = 1
        if form.training and not layered:
            chunks = chunk_count(batch, learned)
        share = -(-batch // chunks)
        self.chunks = -(-batch // share)
        block = self._block_images(share)
        # A prediction's chunks are its blocks: threads share them.
        whole = share if form.backward or layered else block
        self.program = Program(name, whole, block, blocks, learned, length, found)
        for slot in found.values():
            at = 4 * slot.offset
            self.program.places[slot.name] = Place("parameters", at)
            if slot.offset < learned:
                self.program.places[f"d.{slot.name}"] = Place("gradients", at)
        self.updates = self.program.updates = name == "train"
        self.layer = ""
        self.images: dict[str, Image] = {}
        self.lives: dict[str, _Life] = {}
        self.arrived: set[str] = {self.cut.last}
        self.live = self._live()
        self._touched: set[str] = set()
        self._begin: list[Call] = []
        self._block: list[Call] = []
        self._steps: list[Stream | Phase] = []
        self._packing: list[Phase] = []
        self._follows = False

    def _block_images(self, most: int) -> int:
        """As many images as leave a block's numbers in the second cache."""
        shapes = self.network.shapes.values()
        image_bytes = 4 * sum(map(prod, shapes)) * (2 if self.form.backward else 1)
        if self.layered:
            image_bytes = 4 * 2 * max(map(prod, shapes))
            most = -(-most // ITEMS)
        return max(1, min(most, _MOST_BLOCK, self.target.l2_bytes // image_bytes))

    def _live(self) -> set[str]:
        """Values whose gradients anybody needs."""
        live = set()
        # A layer may be asked for whose value is another's, as it lies.
        asked = {self.cut.values.get(name) for name in self.form.wanted}
        if self.form.backward and (self.program.name == "gradients" or INPUT in asked):
            live.add(INPUT)
        for stage in self.stages:
            learns = any(map(self.learns, stage.nodes))
            if learns or stage.name in asked or live & set(stage.sources):
                live.add(stage.name)
        return live

    # Memory ------------------------------------------------------------------------

    def turn(self) -> None:
        """What was used until now is used until the step that is last now.

        Work may still join that step, so it belongs to what follows as well.
        """
        for name in self._touched:
            self.lives[name].last = max(self.lives[name].last, self._now)
        self._touched.clear()

    @property
    def _now(self) -> int:
        return max(len(self._steps) - 1, 0)

    def outside(self, name: str, arena: str) -> None:
        """A buffer that begins where its arena does."""
        self.program.places[name] = Place(arena, 0)

    def _take(self, arena: str, count: int) -> int:
        """Bytes reserved at the end of an arena."""
        at = self.program.strides.get(arena, 0)
        self.program.strides[arena] = at + padded(count)
        return at

    def _reserve(self, buffer: Buffer, images: bool, lasting: bool) -> Buffer:
        """Memory for a buffer of the workspace, or of the whole batch."""
        size = buffer.size * BYTES[buffer.kind]
        if not self.layered:
            place = Place("workspace", self._take("workspace", size))
            self.program.places[buffer.name] = place
            return buffer
        image_bytes = 0
        if images:
            image_bytes = prod(buffer.shape[1:]) * BYTES[buffer.kind]
            # Some kernels write all images of a block, the last one's missing ones too.
            block = self.program.block_images
            held = -(-self.batch // block) * block
            size = image_bytes * held + buffer.slack * BYTES[buffer.kind]
        last = 2**62 if lasting else self._now
        self.lives[buffer.name] = _Life(size, image_bytes, self._now, last)
        self._touched.add(buffer.name)
        return buffer

    def touch(self, name: str) -> None:
        """A buffer is used now."""
        if name in self.lives:
            self._touched.add(name)

    def packed(self, buffer: Buffer) -> Buffer:
        """Reserves memory for parameters in another form.

        Where parameters change with every batch, layered mode makes the form when it
        is needed and forgets it.
        """
        if self.layered and self.form.backward:
            return self._reserve(buffer, False, False)
        size = buffer.size * BYTES[buffer.kind]
        self.program.places[buffer.name] = Place("packed", self._take("packed", size))
        return buffer

    def keep(self, buffer: Buffer, images: bool = True) -> Buffer:
        """Reserves memory that lasts from a stage's forward to its backward."""
        return self._reserve(buffer, images, self.form.backward)

    def lend(self, buffer: Buffer) -> Buffer:
        """Reserves memory of images for the work that is added now."""
        return self._reserve(buffer, True, False)

    def learns(self, node: Node) -> bool:
        """Whether gradients by a layer's parameters are wanted, by one at least."""
        if self.program.name in ("predict", "trace") or node.name in self.frozen:
            return False
        names = (f"{node.name}.{name}" for name in ("weight", "bias"))
        return any(name in self.program.slots for name in names)

    def normalizes(self, node: Node) -> bool:
        """Whether a batch normalization takes the statistics of the batch."""
        return self.form.training and node.name not in self.frozen

    def parameter(self, node: Node, name: str, gradient: bool = False) -> Buffer | None:
        """A parameter of a layer, or the place of its gradient; None without it."""
        slot = self.program.slots.get(f"{node.name}.{name}")
        if slot is None:
            return None
        if not gradient:
            return Buffer(slot.name, slot.native, slack=_SLACK)
        buffer = Buffer(f"d.{slot.name}", slot.native, slack=_SLACK)
        if buffer.name not in {*self.program.places, *self.lives}:
            # Frozen, in a layer that learns: kernels write it all the same.
            self._reserve(buffer, False, False)
        return buffer

    # Values and gradients ----------------------------------------------------------

    def _form_of(self, name: str, shape: Shape, margins: Margins) -> Image:
        channels, height, width = shape if len(shape) == 3 else (shape[0], 1, 1)
        rows = margins.top + height + margins.bottom
        columns = margins.left + width + margins.right
        images = self.program.block_images
        buffer = Buffer(name, (images, rows, columns, channels), slack=_SLACK)
        return Image(buffer, channels, height, width, margins.top, margins.left)

    def value(self, name: str, shape: Shape) -> Image:
        """A value, with the border that those who read it need."""
        margins = self._wanted_borders(name).get(self.fill(name), Margins())
        image = self._form_of(f"{name}.value", shape, margins)
        self._reserve(image.buffer, True, self.form.backward)
        self.images[name] = image
        return image

    def fill(self, name: str) -> float:
        """What a value's border holds: zeros, where its readers do not agree."""
        fills = {*self._wanted_borders(name)}
        return fills.pop() if len(fills) == 1 else 0.0

    def _wanted_borders(self, name: str) -> dict[float, Margins]:
        """The borders that the readers of a value need, by what they hold."""
        found: dict[float, Margins] = {}
        for stage in self.stages:
            if name in stage.sources:
                door = door_of(stage)
                margins = door.margins(self, stage)
                if any(margins):
                    found[door.fill] = margins.with_(found.get(door.fill, margins))
        return found

    def surrounded(self, stage: Stage, image: Image, fill: float) -> Image:
        """A stage's input in a border of `fill`, a copy where its own holds zeros."""
        margins = door_of(stage).margins(self, stage)
        if not any(margins) or self.fill(stage.sources[0]) == fill:
            return image
        return self._copied(f"{stage.name}.surrounded", image, margins, fill)

    def begin_value(self, name: str) -> None:
        """Writes a value's border, before the value."""
        image = self.images[name]
        if image.plain:
            return
        fill = self.fill(name)
        if self.layered:
            self.border(image, fill)
            return
        offset = self.program.places[image.buffer.name].offset
        self.program.borders.append(Border(offset, image, fill))

    def image_of(self, name: str) -> Image:
        """A value that was computed before."""
        image = self.images[name]
        self.touch(image.buffer.name)
        return image

    def inputs(self, stage: Stage) -> tuple[Image, ...]:
        """What a stage reads."""
        return tuple(self.image_of(name) for name in stage.sources)

    def private(self, name: str, shape: Shape) -> Image:
        """An image of nobody else, without a border, for now."""
        image = self._form_of(name, shape, Margins())
        self._reserve(image.buffer, True, False)
        return image

    def gradient_of(self, name: str) -> Image:
        """The gradient by a value: its border is wide enough for both its ends."""
        key = f"d.{name}"
        if key not in self.images:
            value = self.images[name]
            margins = Margins()
            for stage in self.stages:
                door = door_of(stage)
                if name in stage.sources:
                    margins = margins.with_(door.scattered(self, stage))
                if name == stage.name:
                    margins = margins.with_(door.arriving(self, stage))
            if any(stage.vector and name in stage.sources for stage in self.stages):
                # It is written as a vector: who needs a border makes a copy.
                margins = Margins()
            shape = (value.channels, value.height, value.width)
            image = self._form_of(f"d.{name}.value", shape, margins)
            self._reserve(image.buffer, True, False)
            self.images[key] = image
        image = self.images[key]
        self.touch(image.buffer.name)
        return image

    def framed(self, image: Image, margins: Margins) -> Image:
        """The image in a border of zeros, or a copy of it that has one."""
        own = Margins(
            image.top,
            image.left,
            image.rows - image.top - image.height,
            image.columns - image.left - image.width,
        )
        if own.with_(margins) == own:
            self.border(image)
            # What comes next reads the border.
            self._follows = False
            return image
        return self._copied(f"{image.buffer.name}.framed", image, margins, 0.0)

    def _copied(self, name: str, image: Image, margins: Margins, fill: float) -> Image:
        shape = (image.channels, image.height, image.width)
        copy = self._form_of(name, shape, margins)
        self._reserve(copy.buffer, True, False)
        self.border(copy, fill)

        def make() -> Kernel:
            kernel = activation.copy(f"copy.{copy.buffer.name}", image, copy)
            return vectors(kernel, "oc", copy.channels, self.target)

        self.rows(f"copy.{copy.buffer.name}", make, copy)
        return copy

    def into(self, name: str, stage: Stage) -> Into | None:
        """Where a stage's gradient by one of its values goes."""
        if name not in self.live:
            return None
        add = name in self.arrived
        self.arrived.add(name)
        return Into(self.gradient_of(name), add)

    # Calls -------------------------------------------------------------------------

    def named(self, name: str, make: Callable[[], Kernel], schedule: str = "") -> Call:
        """A call in the name of the layer that is planned now."""
        return Call(name, make, self.layer, schedule)

    def add_phase(self, phase: Phase) -> None:
        """A phase of its own, after everything before it."""
        self._steps.append(phase)
        self._follows = False

    def add_parts(self, name: str, make: Callable[[], Kernel]) -> None:
        """A phase over the parts of the parameters."""
        self.add_phase(Phase((self.named(name, make),), 0, PARTS))

    def zero(self, buffer: Buffer) -> None:
        """Zeros over a gradient that is only added to; a stream did so before."""
        if self.layered:
            self.begin(f"clear.{buffer.name}", buffer)

    def begin(self, name: str, buffer: Buffer) -> None:
        """Zeros over a buffer once a chunk."""
        call = self.named(name, self._zeros(name, buffer))
        if self.layered:
            self.add_phase(Phase((call,)))
        else:
            self._begin.append(call)

    def work(self, name: str, make: Callable[[], Kernel], how: Work = Work()) -> None:  # noqa: B008
        """Adds a kernel to what is computed now."""
        if not self.layered:
            self._block.append(self.named(name, make, how.schedule))
            return
        images = self.program.block_images if how.images is None else how.images
        parts, made = how.parts, make
        items = -(-self.batch // images) * parts if images else parts
        if how.rows > 1 and items < ITEMS:
            size = -(-how.rows * items // ITEMS)
            bands = -(-how.rows // size)
            if bands > 1:
                made, parts = (lambda: deal(make(), "oy", bands)), bands
        call = self.named(name, made, how.schedule)
        before = self._steps[-1] if self._steps else None
        if (
            isinstance(before, Phase)
            and images
            and (before.images, before.parts, parts) == (images, 1, 1)
        ):
            # Each item goes on with its own images, which nobody else touches.
            self._steps[-1] = replace(before, calls=(*before.calls, call))
            self._follows = False
            return
        self._steps.append(Phase((call,), images, parts, not self._follows))
        self._follows = False

    def rows(self, name: str, make: Callable[[], Kernel], to: Image) -> None:
        """Work on the rows of an image."""
        self.work(name, make, Work(rows=to.height))

    def once(self, name: str, make: Callable[[], Kernel]) -> None:
        """Work that is one item for all of the batch."""
        self.work(name, make, Work(images=0))

    def pack(
        self,
        name: str,
        make: Callable[[], Kernel],
        parts: int = 1,
        waits: bool = False,
    ) -> None:
        """Adds a kernel that brings parameters into another form."""
        call = self.named(name, make)
        if self.layered and self.form.backward:
            self.add_phase(Phase((call,), 0, parts))
        else:
            meet = waits or not self._packing
            self._packing.append(Phase((call,), 0, parts, meet))

    def clear(self, buffer: Buffer) -> None:
        """Writes zeros over a buffer of images."""
        name = f"clear.{buffer.name}"
        if not self.layered:
            self.work(name, self._zeros(name, buffer))
            return
        size = prod(buffer.shape[1:])

        def make() -> Kernel:
            kernel = layout.clear_images(name, buffer)
            return vectors(kernel, "i", size, self.target)

        self.work(name, make)

    def _zeros(self, name: str, buffer: Buffer) -> Callable[[], Kernel]:
        def make() -> Kernel:
            return vectors(layout.clear(name, buffer), "i", buffer.size, self.target)

        return make

    def border(self, image: Image, fill: float = 0.0) -> None:
        """Writes the border around images."""
        name = f"border.{image.buffer.name}"
        if image.plain:
            return

        def make() -> Kernel:
            kernel = layout.border(name, image, fill)
            return vectors(kernel, "oc", image.channels, self.target)

        steps = len(self._steps)
        self.work(name, make)
        # What is written next are the pixels: nobody needs to wait for the border.
        self._follows = len(self._steps) > steps

    # The end -----------------------------------------------------------------------

    def parts_of_gradients(self) -> Buffer:
        """The gradients of all chunks, cut in parts."""
        length = self.program.learned // PARTS
        return Buffer("gradients", (self.chunks, PARTS, length))

    def sums_of_squares(self) -> Buffer:
        """A number for every part of the gradient."""
        buffer = Buffer("squares", (PARTS,))
        at = self._take("packed", 4 * PARTS)
        self.program.places[buffer.name] = Place("packed", at)
        return buffer

    def asked(self, name: str, image: Image) -> str:
        """Where a value that leaves by name goes."""
        shape = (image.channels, image.height, image.width)
        size = 4 * prod(shape)
        at = self.program.strides.get("wanted", 0)
        self.program.strides["wanted"] = at + size * self.batch
        self.program.wanted[name] = (at, shape)
        self.program.places[f"wanted.{name}"] = Place("wanted", at, size)
        return f"wanted.{name}"

    def finish(self) -> None:
        """Gives everything its place."""
        self.turn()
        program, network = self.program, self.network
        if not self.layered:
            program.work.append(Stream(tuple(self._begin), tuple(self._block)))
        program.work += self._steps
        program.packing += self._packing
        spans = [
            Span(name, life.size, life.first, life.last)
            for name, life in self.lives.items()
        ]
        offsets, total = arrange(spans)
        for name, offset in offsets.items():
            image_bytes = self.lives[name].image_bytes
            program.places[name] = Place("values", offset, image_bytes)
        shape, outputs = prod(network.input), prod(network.output)
        program.strides |= {
            "parameters": 4 * program.length,
            "gradients": 4 * program.learned,
            "values": max(total, ALIGNMENT),
            "images": 4 * shape,
            "input_gradient": 4 * shape,
            "labels": 4,
            "outputs": 4 * outputs,
            "arriving": 4 * outputs,
            "results": ALIGNMENT,
            "scalars": ALIGNMENT,
        }
        for arena in ("packed", "workspace", "wanted"):
            program.strides.setdefault(arena, ALIGNMENT)
