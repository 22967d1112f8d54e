"""One compiled program with its memory: arrays, their addresses, and the calls."""

import ctypes
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.driver import CONTEXT, emit
from mirada.compiler.jit import compile_module
from mirada.compiler.lowering.layout import Image
from mirada.compiler.plan import plan
from mirada.compiler.program import Program, Stream
from mirada.compiler.target import Target
from mirada.engines.crew import crew
from mirada.engines.engine import Floats
from mirada.engines.memory import refuse_program
from mirada.mixing import Mixing
from mirada.network import INPUT, Dropout, Network, Recipe
from mirada.network.file import to_plain
from mirada.network.rate import rate_factors

__all__ = ["Prepared", "Work", "aligned"]

_LINE = 64
_IMAGES, _OUTPUTS = CONTEXT.index("images"), CONTEXT.index("outputs")
_COUNT, _CHUNKS = CONTEXT.index("images_count"), CONTEXT.index("chunks")
_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)


class Work(NamedTuple):
    """What a program is made for."""

    mode: str
    batch: int
    wanted: frozenset[str] = frozenset()
    mixed: bool = False


class Prepared:
    """A program made for batches of up to so many images, ready to run.

    `shared` holds the arrays that all programs of an engine work on: "parameters" and
    what the optimizer remembers.
    """

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        work: Work,
        threads: int,
        target: Target,
        shared: Mapping[str, Floats],
        exact: bool = False,
        profiled: bool = False,
        precision: str = "float32",
    ) -> None:
        self.program: Program = plan(
            network,
            recipe,
            work.mode,
            work.batch,
            target,
            exact=exact,
            wanted=work.wanted,
            precision=precision,
            mixed=work.mixed,
        )
        self.network = network
        # Compiled code holds their addresses: they live as long as this does.
        self._shared = dict(shared)
        self.stale = True
        """Whether parameters changed since they were packed for this program."""
        self.batch = work.batch
        key = _key(network, recipe, work, exact, profiled, precision)
        self._machine = compile_module(
            key, lambda: emit(self.program, target, profiled), target
        )
        # What the arrays of `_reserve` take, before there are any.
        refuse_program(network, work.batch, self._bytes(threads))
        self._run = self._machine.address("run")
        self._pack = self._machine.address("pack")
        self._alone = _FUNCTION(self._run)
        self._alone_pack = _FUNCTION(self._pack)
        self._reserve(shared)

    def _bytes(self, threads: int) -> int:
        """The memory of a program for its values, on so many threads."""
        program, strides = self.program, self.program.strides
        self._streamed = any(isinstance(step, Stream) for step in program.work)
        streamed = self._streamed
        self.chunks = -(-self.batch // program.chunk_images) if streamed else 1
        trains = program.name in ("train", "gradients")
        self.threads = min(threads, self.chunks) if trains and streamed else threads
        self._stride = strides["workspace"] + self._machine.extra
        gradients = strides["gradients"] * self.chunks
        return (
            (gradients if program.name != "predict" else 0)
            + sum(strides[arena] for arena in ("packed", "values", "wanted"))
            + self._stride * self.threads
        )

    def _reserve(self, shared: Mapping[str, Floats]) -> None:
        program, strides = self.program, self.program.strides
        self.scalars = aligned(_LINE)
        self._results = aligned(_LINE * self.chunks)
        self._labels = np.zeros(self.batch, np.int32)
        self._others = np.zeros(self.batch, np.int32)
        self._shares = np.zeros(self.batch, np.float32)
        backward = program.name != "predict"
        self._gradients = aligned(
            strides["gradients"] * self.chunks if backward else _LINE
        )
        self._packed = aligned(strides["packed"])
        self.values = aligned(strides["values"])
        self.workspace = aligned(self._stride * self.threads)
        self.wanted = aligned(strides["wanted"])
        self.profile = np.zeros(len([*program.calls]), np.int64)
        self._sync = aligned(2 * _LINE)
        self._context = np.zeros(len(CONTEXT), np.int64)
        self._address = self._context.ctypes.data
        self._one: tuple[Floats, Floats] | None = None
        self.borders()
        own: dict[str, NDArray[Any]] = {
            "sync": self._sync,
            "packed": self._packed,
            "gradients": self._gradients,
            "values": self.values,
            "workspace": self.workspace,
            "wanted": self.wanted,
            "profile": self.profile,
            "labels": self._labels,
            "others": self._others,
            "shares": self._shares,
            "results": self._results,
            "scalars": self.scalars,
            **shared,
        }
        for name, array in own.items():
            self._set(name, array.ctypes.data)

    def _set(self, name: str, value: int) -> None:
        self._context[CONTEXT.index(name)] = value

    def borders(self) -> None:
        """Writes the padding around images, which kernels read and never write."""
        for border in self.program.borders:
            image = border.image
            for thread in range(self.threads):
                place = self._view(thread, border.offset, image.buffer.shape)
                place[...] = border.fill

    @property
    def gradient(self) -> Floats:
        """The gradient of the batch, in the order of the parameters."""
        return self._gradients[: self.program.learned]

    def pack(self) -> None:
        """Brings parameters into the forms that kernels read."""
        if self.threads == 1:
            self._alone_pack(self._address, 0, 1)
        else:
            crew(self.threads).run(self._pack, self._address)
        self.stale = False

    def train(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        step: int,
        by_input: Floats | None = None,
        mixing: Mixing | None = None,
    ) -> tuple[float, int]:
        """Runs a training program: the mean loss and the right answers."""
        count = len(images)
        self._labels[:count] = labels
        if mixing is not None:
            self._others[:count], self._shares[:count] = mixing
        self._set("images", images.ctypes.data)
        self._set("images_count", count)
        self._set("chunks", self.chunks)
        self._set("step", step)
        if by_input is not None:
            self._set("input_gradient", by_input.ctypes.data)
        self._call(self.threads)
        results = self._results.reshape(self.chunks, -1)
        loss = np.float32(0.0)
        for chunk in range(self.chunks):
            loss += results[chunk, 0]
        return float(loss), int(results[:, 1].sum())

    def predict(self, images: Floats, outputs: Floats) -> None:
        """Runs a prediction program on any number of images."""
        if self.batch == 1 == len(images):
            self._predict_one(images, outputs)
            return
        most = len(images) if self._streamed else self.batch
        for start in range(0, len(images), most):
            self._predict(images[start : start + most], outputs[start : start + most])

    def _predict_one(self, images: Floats, outputs: Floats) -> None:
        """By way of arrays that stay: asking for an address takes a microsecond."""
        if self._one is None:
            given, found = self._one = np.zeros_like(images), np.zeros_like(outputs)
            self._set("images_count", 1)
            self._set("chunks", 1)
            self._set("images", given.ctypes.data)
            self._set("outputs", found.ctypes.data)
        given, found = self._one
        given[...] = images
        self._call(1 if self._streamed else self.threads)
        outputs[...] = found

    def _predict(self, images: Floats, outputs: Floats) -> None:
        chunks = -(-len(images) // self.program.chunk_images)
        context = self._context
        context[_IMAGES] = images.ctypes.data
        context[_OUTPUTS] = outputs.ctypes.data
        context[_COUNT] = len(images)
        context[_CHUNKS] = chunks
        self._call(min(self.threads, chunks) if self._streamed else self.threads)

    def inspect(self, images: Floats, arriving: Floats) -> None:
        """Runs an inspecting program on a batch at most."""
        self._set("images", images.ctypes.data)
        self._set("arriving", arriving.ctypes.data)
        self._set("images_count", len(images))
        self._call(self.threads)

    def all_found(self, names: Collection[str], count: int) -> dict[str, Floats]:
        """What was asked for by name, of so many images, a row an image."""
        return {name: self._found(name, count) for name in names}

    def _found(self, name: str, count: int) -> Floats:
        # What no gradient reaches is not in the program: its gradient is 0.
        start, shape = self.program.wanted.get(name, (0, self.network.shapes[name]))
        if name not in self.program.wanted:
            return np.zeros((count, *shape), np.float32)
        size = prod(shape)
        flat = self.wanted[start // 4 : start // 4 + size * count]
        return flat.reshape(count, *shape).copy()

    def _call(self, threads: int) -> None:
        if threads == 1:
            self._alone(self._address, 0, 1)
        else:
            crew(threads).run(self._run, self._address)

    def after_fork(self) -> None:
        """Threads that waited for each other stayed in the other process."""
        self._sync.fill(0)

    def first_not_finite(self, images: Floats) -> str | None:
        """The first layer that gave a value that is not finite; None if none did.

        What the threads computed last is looked at, after the images themselves.
        """
        if not np.isfinite(images).all():
            return INPUT
        for name, image in self.program.watched:
            top, left = image.top, image.left
            rows = slice(top, top + image.height)
            columns = slice(left, left + image.width)
            for values in self._values_of(image, len(images)):
                if not np.isfinite(values[:, rows, columns]).all():
                    return name
        return None

    def _values_of(self, image: Image, count: int) -> Iterator[Floats]:
        """What lies in an image's buffer: the batch, or what threads last had."""
        place, shape = self.program.places[image.buffer.name], image.buffer.shape
        if place.arena == "values":
            start, size = place.offset // 4, prod(shape[1:])
            whole = self.values[start : start + size * count]
            yield whole.reshape(count, *shape[1:])
            return
        for thread in range(self.threads):
            yield self._view(thread, place.offset, shape)

    def _view(self, thread: int, offset: int, shape: tuple[int, ...]) -> Floats:
        """A buffer of a thread's workspace."""
        start = (thread * self._stride + offset) // 4
        return self.workspace[start : start + prod(shape)].reshape(shape)


def aligned(count: int) -> Floats:
    """Zeros over so many bytes, beginning at a cache line."""
    size = -(-count // 4)
    array = np.zeros(size + _LINE // 4, np.float32)
    skip = -array.ctypes.data % _LINE // 4
    return array[skip : skip + size]


def _key(
    network: Network,
    recipe: Recipe,
    work: Work,
    exact: bool,
    profiled: bool,
    precision: str,
) -> str:
    """Everything that the machine code depends on, apart from the processor."""
    about: dict[str, Any] = {
        "mode": work.mode,
        "batch": work.batch,
        "wanted": sorted(work.wanted),
        "exact": exact,
        "profiled": profiled,
        "precision": precision,
        "network": to_plain(network),
    }
    if recipe.rates:
        # Where parameters lie follows from them, in every program.
        about["rates"] = rate_factors(network, recipe.rates)
    if work.mode in ("train", "gradients"):
        rule = recipe.optimizer.plain()
        rule.pop("learning_rate", None)  # given to every step, not compiled
        about |= {"loss": recipe.loss.plain(), "optimizer": rule}
        about |= {"clip": recipe.gradient_clip, "ema": recipe.ema}
        if any(isinstance(node.layer, Dropout) for node in network.nodes):
            about["seed"] = recipe.seed
        if work.mixed:
            about["mixed"] = True
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
