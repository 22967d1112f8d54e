"""The native engine: the network as machine code for this processor.

Python proves every size before a pointer is handed over; one training step is one call.
"""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import wraps
from math import isfinite
from threading import RLock
from typing import ParamSpec, TypeVar
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.slots import slots
from mirada.compiler.stages import Form, cut
from mirada.compiler.target import Target, cores, host
from mirada.engines.engine import Arrays, Engine, Floats, StepResult
from mirada.engines.intake import (
    MOST_THREADS,
    checked_arrays,
    checked_arriving,
    checked_images,
    checked_labels,
    checked_mixing,
    checked_names,
    checked_threads,
    chunks,
    classes,
    diverged,
)
from mirada.engines.memory import refuse_beyond, refuse_program
from mirada.engines.precision import checked_precision
from mirada.engines.prepared import Prepared, Work, aligned
from mirada.engines.slots import read_slots, write_slots
from mirada.mixing import Mixing
from mirada.network import SGD, AdamW, CrossEntropy, Network, Recipe
from mirada.reference import initial_parameters

__all__ = ["NativeEngine"]

P = ParamSpec("P")
R = TypeVar("R")

_BLOCK = 16
"""Images that a prediction of many computes together."""
_INSPECTED = (1, _BLOCK, 4 * _BLOCK)
"""Images that are looked into together: as few sizes as will do."""


def _one_at_a_time(method: Callable[P, R]) -> Callable[P, R]:
    """The method, which waits until no other thread is in the engine."""

    @wraps(method)
    def waiting(*args: P.args, **named: P.kwargs) -> R:
        engine = args[0]
        assert isinstance(engine, NativeEngine)
        with engine.busy:
            return method(*args, **named)

    return waiting


class NativeEngine(Engine):
    """A network compiled for this processor, on `threads` threads.

    The same bytes come out for any number of threads, and several Python threads may
    use one engine: they take turns. What is not compiled yet raises
    `UnsupportedError` with the layer's name; what does not fit in memory raises
    `MemoryLimitError` with the batch that does: here, or for one that is not made to
    train (`trains`) when it is asked to.

    >>> from mirada.network import Linear
    >>> engine = NativeEngine(Network("tiny", (3,), (Linear(2),)), Recipe(), threads=1)
    >>> engine.predict(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        threads: int | None = None,
        target: Target | None = None,
        exact: bool = False,
        precision: str = "float32",
        trains: bool = True,
    ) -> None:
        self.network, self.recipe = network, recipe
        self.threads = _thread_count(threads)
        self.target = target or host()
        self.exact = exact
        self.precision = checked_precision(precision, exact, self.target)
        self.busy = RLock()
        _engines.add(self)
        self._programs: dict[Work, Prepared] = {}
        self._shapes = {name: p.shape for name, p in network.parameters.items()}
        self._asked = False
        if trains:
            self._refuse_training()
        # Parameters lie alike in every program.
        layout = slots(network, cut(network, Form()), recipe.rates)
        self._slots, learned, length = layout.slots, layout.learned, layout.length
        # Frozen ones and statistics come after them.
        self._learned = {n: s for n, s in self._slots.items() if s.offset < learned}
        kinds = ("parameters", *_state_names(recipe))
        sizes = {**dict.fromkeys(kinds, 4 * learned), "parameters": 4 * length}
        if not trains:
            refuse_program(network, 1, 4 * length)
        self._shared = {kind: aligned(size) for kind, size in sizes.items()}
        self._drawn = False
        if recipe.ema:
            self._draw()
            self._shared["average"][:] = self._shared["parameters"][:learned]

    # Parameters --------------------------------------------------------------------

    @_one_at_a_time
    def parameters(self) -> Arrays:
        self._draw()
        return read_slots(self._slots, self._shared["parameters"])

    @_one_at_a_time
    def load_parameters(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        given = checked_arrays(values, self._shapes)
        write_slots(self._slots, self._shared["parameters"], given)
        self._drawn = True
        self._stale()

    def _draw(self) -> None:
        """The first parameters, drawn when somebody needs them: most are replaced."""
        if not self._drawn:
            self.load_parameters(initial_parameters(self.network, self.recipe.seed))

    @_one_at_a_time
    def optimizer_state(self) -> Arrays:
        return {
            f"{kind}.{name}": value
            for kind in _state_names(self.recipe)
            for name, value in read_slots(self._learned, self._shared[kind]).items()
        }

    @_one_at_a_time
    def load_optimizer_state(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        kinds = _state_names(self.recipe)
        shapes = {f"{k}.{n}": s.shape for k in kinds for n, s in self._learned.items()}
        given = checked_arrays(values, shapes)
        for kind in kinds:
            own = {name: given[f"{kind}.{name}"] for name in self._learned}
            write_slots(self._learned, self._shared[kind], own)

    def _stale(self, fresh: Prepared | None = None) -> None:
        for program in self._programs.values():
            program.stale = program is not fresh

    # Work --------------------------------------------------------------------------

    @_one_at_a_time
    def train_step(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        *,
        step: int,
        learning_rate: float,
        mixing: Mixing | None = None,
    ) -> StepResult:
        given, known = self._batch(images, labels)
        mixing = self._mixing(mixing, len(given))
        program = self._program(
            "train", self.recipe.batch_size, mixed=mixing is not None
        )
        scalars = program.scalars
        scalars[0], scalars[1] = self._share(known, mixing), learning_rate
        rule = self.recipe.optimizer
        if isinstance(rule, AdamW):
            scalars[2] = 1.0 / (1.0 - rule.beta1 ** (step + 1))
            scalars[3] = 1.0 / (1.0 - rule.beta2 ** (step + 1))
        loss, correct = program.train(given, known, step, mixing=mixing)
        self._stale(program)
        if not isfinite(loss):
            raise diverged(step, loss, program.first_not_finite(given))
        return StepResult(loss, correct)

    @_one_at_a_time
    def gradients(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        *,
        step: int = 0,
        names: Collection[str] = (),
        mixing: Mixing | None = None,
    ) -> tuple[float, Arrays]:
        given, known = self._batch(images, labels)
        mixing = self._mixing(mixing, len(given))
        wanted = checked_names(self.network, names)
        program = self._program(
            "gradients", self.recipe.batch_size, wanted, mixing is not None
        )
        program.scalars[0] = self._share(known, mixing)
        by_input = np.zeros(given.shape, np.float32)
        loss, _ = program.train(given, known, step, by_input, mixing)
        found = read_slots(self._learned, program.gradient)
        shaped = self._shaped([program.all_found(wanted, len(given))], wanted)
        return loss, {**found, **shaped, "input": by_input}

    @_one_at_a_time
    def activations(self, images: Floats, names: Collection[str]) -> Arrays:
        given = checked_images(self.network, images)
        wanted = checked_names(self.network, names)
        program = self._program("predict", _BLOCK, wanted)
        pieces = []
        for piece in chunks(len(given), _BLOCK):
            block = given[piece]
            outputs = np.empty((len(block), *self.network.output), np.float32)
            program.predict(block, outputs)
            pieces.append(program.all_found(wanted, len(block)))
        return self._shaped(pieces, wanted)

    @_one_at_a_time
    def output_gradients(
        self, images: Floats, arriving: Floats, names: Collection[str]
    ) -> Arrays:
        given = checked_images(self.network, images)
        slopes = checked_arriving(self.network, arriving, len(given))
        own = {name: self._learned[name] for name in names if name in self._learned}
        wanted = checked_names(self.network, frozenset(names) - own.keys())
        sums = {name: np.zeros(slot.shape, np.float32) for name, slot in own.items()}
        size = next((n for n in _INSPECTED if len(given) <= n), _INSPECTED[-1])
        program = self._program("inspect" if own else "trace", size, wanted)
        pieces = []
        for piece in chunks(len(given), program.batch):
            block = given[piece]
            program.inspect(block, slopes[piece])
            pieces.append(program.all_found(wanted, len(block)))
            for name, value in read_slots(own, program.gradient).items():
                sums[name] += value
        return {**self._shaped(pieces, wanted), **sums}

    def _shaped(self, pieces: list[Arrays], names: Collection[str]) -> Arrays:
        """What blocks of images gave, put together, in the network's shapes."""
        shapes = self.network.shapes
        none = {name: np.zeros((0, *shapes[name]), np.float32) for name in names}
        return {
            name: np.concatenate(
                [none[name].reshape(0, *shapes[name])]
                + [piece[name].reshape(-1, *shapes[name]) for piece in pieces]
            )
            for name in names
        }

    @_one_at_a_time
    def predict(self, images: Floats) -> Floats:
        given = checked_images(self.network, images)
        outputs = np.empty((len(given), *self.network.output), np.float32)
        program = self._program("predict", 1 if len(given) == 1 else _BLOCK)
        if len(given):
            program.predict(given, outputs)
        return outputs

    def alike(self, network: Network) -> "NativeEngine":
        return NativeEngine(
            network,
            replace(self.recipe, rates=()),
            self.threads,
            self.target,
            self.exact,
            self.precision,
            trains=False,
        )

    def _batch(
        self, images: Floats, labels: NDArray[np.int64]
    ) -> tuple[Floats, NDArray[np.int64]]:
        count = classes(self.network, self.recipe)
        given = checked_images(self.network, images, self.recipe.batch_size)
        return given, checked_labels(labels, len(given), count)

    def _mixing(self, mixing: Mixing | None, count: int) -> Mixing | None:
        return checked_mixing(mixing, count, classes(self.network, self.recipe))

    def _share(self, labels: NDArray[np.int64], mixing: Mixing | None) -> float:
        """One over what the sum of the batch's losses is divided by."""
        loss = self.recipe.loss
        if not isinstance(loss, CrossEntropy):
            return 1.0 / (len(labels) * classes(self.network, self.recipe))
        if not loss.class_weights:
            return 1.0 / len(labels)
        weights = np.asarray(loss.class_weights)
        counted = weights[labels]
        if mixing is not None:
            shares = mixing.shares.astype(np.float64)
            counted = (1.0 - shares) * counted + shares * weights[mixing.labels]
        total = float(counted.sum())
        return 1.0 / total if total else 0.0

    def after_fork(self) -> None:
        """In a forked process nobody is in the engine any more."""
        self.busy = RLock()
        for program in self._programs.values():
            program.after_fork()

    # Programs ----------------------------------------------------------------------

    def prepared(self) -> tuple[Prepared, ...]:
        """The programs that were compiled so far, with their memory."""
        return tuple(self._programs.values())

    @_one_at_a_time
    def profiled(self, mode: str, count: int) -> Prepared:
        """The program for "predict" or "train" on `count` images, made to count ticks.

        It is for one thread, works on this engine's parameters and is not kept.
        """
        self._draw()
        batch = count if mode == "train" else 1 if count == 1 else _BLOCK
        made = Prepared(
            self.network,
            self.recipe,
            Work(mode, batch),
            1,
            self.target,
            self._shared,
            self.exact,
            profiled=True,
            precision=self.precision,
        )
        made.pack()
        return made

    def _refuse_training(self) -> None:
        """Once: whether training on the recipe's batches fits in memory."""
        if not self._asked:
            refuse_beyond(
                self.network,
                self.recipe,
                self.threads,
                self.target,
                exact=self.exact,
                precision=self.precision,
            )
        self._asked = True

    def _program(
        self,
        mode: str,
        batch: int,
        wanted: frozenset[str] = frozenset(),
        mixed: bool = False,
    ) -> Prepared:
        """The compiled program for a kind of work, with parameters packed."""
        self._draw()
        work = Work(mode, batch, wanted, mixed)
        program = self._programs.get(work)
        if program is None:
            if mode in ("train", "gradients"):
                self._refuse_training()
            program = Prepared(
                self.network,
                self.recipe,
                work,
                self.threads,
                self.target,
                self._shared,
                self.exact,
                precision=self.precision,
            )
            self._programs[work] = program
        if program.stale:
            program.pack()
        return program


_engines: WeakSet[NativeEngine] = WeakSet()


def _after_fork() -> None:
    for engine in _engines:
        engine.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _state_names(recipe: Recipe) -> tuple[str, ...]:
    rule, average = recipe.optimizer, ("average",) if recipe.ema else ()
    if isinstance(rule, SGD):
        return ("momentum", *average) if rule.momentum else average
    return ("mean", "square", *average)


def _thread_count(threads: int | None) -> int:
    return min(cores(), MOST_THREADS) if threads is None else checked_threads(threads)
