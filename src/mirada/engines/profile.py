"""Where the time of a network goes: its layers measured on this computer.

The shares come from a run on one thread, in which machine code counts the processor's
ticks around every kernel; the total comes from runs as they are, on as many threads as
are asked for.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.analysis.operations import count_operations
from mirada.compiler.listing import rows
from mirada.compiler.target import Target
from mirada.engines.engine import Floats
from mirada.engines.intake import classes
from mirada.engines.native import NativeEngine
from mirada.engines.peak import peak_gflops
from mirada.engines.prepared import Prepared
from mirada.network import Network, Recipe

__all__ = ["LayerTime", "Profile", "counts_ticks", "operations", "profile", "traffic"]


@dataclass(frozen=True)
class LayerTime:
    """What one stage of a network takes for one batch, on one thread."""

    name: str
    layers: tuple[str, ...]
    """The layers it computes; none for what belongs to no layer, as the update."""
    ms: float
    operations: int
    """A multiplication and its addition are two; of the layers' definitions."""
    bytes: int
    """What has to be read and written at least; 0 where no layer says it."""
    schedule: tuple[str, ...]

    @property
    def gflops(self) -> float:
        """Billions of operations a second."""
        return self.operations / self.ms / 1e6 if self.ms else 0.0


@dataclass(frozen=True)
class Profile:
    """A network's batch measured."""

    mode: str
    batch: int
    threads: int
    layers: tuple[LayerTime, ...]
    """In the order of the network; empty where this processor has no clock for it."""
    ms: float
    """A batch on all threads, the median of the runs."""
    one_thread_ms: float
    """A batch on one thread, ticks counted."""
    operations: int
    peak: float
    """Billions of operations a second that all threads can do at most, measured."""
    one_thread_peak: float

    @property
    def images_per_second(self) -> float:
        """Images a second on all threads."""
        return 1000 * self.batch / self.ms

    @property
    def gflops(self) -> float:
        """Billions of operations a second on all threads."""
        return self.operations / self.ms / 1e6

    def to_dict(self) -> dict[str, Any]:
        """The profile as `mirada bench --json` prints it."""
        return {
            "layers": [
                {
                    "name": layer.name,
                    "layers": list(layer.layers),
                    "ms": round(layer.ms, 5),
                    "gflops": round(layer.gflops, 2),
                    "share_of_peak": round(layer.gflops / self.one_thread_peak, 4),
                    "bytes": layer.bytes,
                    "schedule": list(layer.schedule),
                }
                for layer in self.layers
            ],
            "ms": round(self.ms, 5),
            "images_per_second": round(self.images_per_second, 1),
            "gflops": round(self.gflops, 2),
            "share_of_peak": round(self.gflops / self.peak, 4),
            "peak_gflops": round(self.peak, 1),
            "one_thread_ms": round(self.one_thread_ms, 5),
            "one_thread_peak_gflops": round(self.one_thread_peak, 1),
        }


def counts_ticks(target: Target) -> bool:
    """Whether a program may read the processor's clock: elsewhere it is forbidden."""
    return target.architecture == "x86_64"


def profile(
    network: Network,
    recipe: Recipe,
    mode: str,
    *,
    threads: int | None = None,
    target: Target | None = None,
    exact: bool = False,
    precision: str = "float32",
    repeat: int = 5,
) -> Profile:
    """Measures "predict" or "train" on batches of the recipe's size.

    The images are noise; training steps have a learning rate of 0, so that each is
    like the first. Raises what NativeEngine does.
    """
    engine = NativeEngine(network, recipe, threads, target, exact, precision)
    images, labels = _batch(network, recipe, mode)

    def whole() -> None:
        if mode == "train":
            engine.train_step(images, labels, step=0, learning_rate=0.0)
        else:
            engine.predict(images)

    whole()
    totals = [_milliseconds(whole) for _ in range(repeat)]
    one_peak = peak_gflops(engine.target, 1)
    found: tuple[LayerTime, ...] = ()
    alone = median(totals)
    if counts_ticks(engine.target):
        found, alone = _layers(engine, mode, images, labels, repeat)
    wide = engine.threads > 1
    return Profile(
        mode=mode,
        batch=len(images),
        threads=engine.threads,
        layers=found,
        ms=median(totals),
        one_thread_ms=alone,
        operations=sum(operations(network, mode, len(images)).values()),
        peak=peak_gflops(engine.target, engine.threads) if wide else one_peak,
        one_thread_peak=one_peak,
    )


def operations(network: Network, mode: str, batch: int) -> dict[str, int]:
    """The operations of every layer for a batch, by the definition of each.

    Two a multiply-accumulate. Training does as many again for the gradient by the
    parameters, and again for the gradient by the input, where anybody needs that.

    >>> from mirada.network import Flatten, Linear
    >>> tiny = Network("tiny", (1, 2, 2), (Flatten(), Linear(3), Linear(2)))
    >>> operations(tiny, "predict", 1)
    {'flatten1': 0, 'linear1': 24, 'linear2': 12}
    >>> operations(tiny, "train", 1)
    {'flatten1': 0, 'linear1': 48, 'linear2': 36}
    """
    times = _passes(network, mode)
    return {
        node.name: 2 * count_operations(network, node).macs * times[node.name] * batch
        for node in network.nodes
    }


def traffic(network: Network, layers: Iterable[str], mode: str, batch: int) -> int:
    """The bytes that layers computed together read and write at the very least.

    Forward: what comes in from elsewhere, what goes out, the parameters. Each of the
    two gradients of training moves as much again.
    """
    inside = set(layers)
    nodes = [network.by_name[name] for name in layers]
    coming = {name for node in nodes for name in node.inputs} - inside
    going = {
        node.name
        for node in nodes
        if not set(network.readers.get(node.name, ())) <= inside
        or not network.readers.get(node.name)
    }
    shapes = {"input": network.input, **network.shapes}
    values = sum(prod(shapes[name]) for name in (*coming, *going))
    weights = sum(
        prod(parameter.shape)
        for name, parameter in network.parameters.items()
        if name.rpartition(".")[0] in inside
    )
    times = max((_passes(network, mode)[name] for name in inside), default=0)
    return 4 * times * (values * batch + weights)


def _passes(network: Network, mode: str) -> dict[str, int]:
    """How often each layer is computed: forward, and for each gradient wanted."""
    learns = {name.rpartition(".")[0] for name in network.parameters}
    before: dict[str, bool] = {"input": False}
    found = {}
    for node in network.nodes:
        wanted = any(before[name] for name in node.inputs)
        own = node.name in learns
        before[node.name] = wanted or own
        found[node.name] = 1 + (own + wanted if mode == "train" else 0)
    return found


def _batch(
    network: Network, recipe: Recipe, mode: str
) -> tuple[Floats, NDArray[np.int64]]:
    """Noise, and the classes in turn."""
    count = recipe.batch_size
    noise = np.random.default_rng(0)
    images = noise.standard_normal((count, *network.input), np.float32)
    kinds = classes(network, recipe) if mode == "train" else 1
    return images, np.arange(count, dtype=np.int64) % kinds


def _layers(
    engine: NativeEngine,
    mode: str,
    images: Floats,
    labels: NDArray[np.int64],
    repeat: int,
) -> tuple[tuple[LayerTime, ...], float]:
    """Every stage's time on one thread, and the time of the whole."""
    program = engine.profiled(mode, len(images))
    program.scalars[0] = 1.0 / len(images)
    outputs = np.empty((len(images), *engine.network.output), np.float32)

    def whole() -> None:
        if mode == "train":
            program.train(images, labels, 0)
        else:
            program.predict(images, outputs)

    whole()
    times, totals = [], []
    for _ in range(repeat):
        program.profile[:] = 0
        total = _milliseconds(whole)
        ticks = program.profile.astype(np.float64)
        times.append(ticks * (total / max(ticks.sum(), 1.0)))
        totals.append(total)
    middle = np.median(times, axis=0)
    return _stages(engine, program, mode, len(images), middle), median(totals)


def _stages(
    engine: NativeEngine,
    program: Prepared,
    mode: str,
    count: int,
    times: NDArray[np.float64],
) -> tuple[LayerTime, ...]:
    network = engine.network
    calls = [call.name for call in program.program.calls]
    by_call = dict(zip(calls, map(float, times), strict=True))
    counted = operations(network, mode, count)
    return tuple(
        LayerTime(
            row.name,
            row.layers,
            sum(by_call[name] for name in row.kernels),
            sum(counted[name] for name in row.layers),
            traffic(network, row.layers, mode, count) if row.layers else 0,
            row.schedules,
        )
        for row in rows(network, program.program)
    )


def _milliseconds(run: Callable[[], None]) -> float:
    began = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - began)
