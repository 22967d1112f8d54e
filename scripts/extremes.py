"""Draws extreme networks for a while and reports those that are slowest to compile.

    python scripts/extremes.py [SECONDS] [FIRST SEED]

Compiling any legal network ends within 10 seconds of a core and 300 MB. Each network
is compiled in a process of its own, never run; the exit status is 1 if one took more.
"""

import multiprocessing
import resource
import sys
import time
from random import Random

from mirada.compiler.driver import emit
from mirada.compiler.jit import object_code
from mirada.compiler.plan import MODES, plan
from mirada.compiler.target import host
from mirada.errors import MiradaError
from mirada.network import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Recipe,
    ReLU,
    Shape,
    Tanh,
    Upsample,
)

__all__ = ["drawn", "main"]

MOST_SECONDS, MOST_MEGABYTES = 10.0, 300
_MOST_NUMBERS = 2**29


def _layer(random: Random, shape: Shape) -> Layer:
    """A layer of any size; most do not fit, and are drawn again."""

    def size(most: int) -> int:
        return random.choice((1, 2, 3, random.randint(1, most)))

    channels = random.choice((1, 3, 8, 33, shape[0], random.randint(1, 4096)))
    groups = random.choice((1, 1, shape[0], random.choice((2, 3, 4))))
    stride, dilation = size(64), random.choice((1, 1, size(64)))
    padding = random.choice((0, 1, random.randint(0, 300)))
    kernel = size(255), size(255)
    match random.randrange(8):
        case 0 | 1 | 2:
            return Conv2d(channels, kernel, stride, padding, dilation, groups)
        case 3:
            return ConvTranspose2d(
                channels, kernel, stride, 0, dilation=dilation, groups=groups
            )
        case 4:
            return MaxPool2d(size(63), size(64), dilation=dilation)
        case 5:
            return AvgPool2d(kernel[0], size(64), kernel[0] // 2, ceil=True)
        case 6:
            return Upsample(size(64), random.choice(("nearest", "bilinear")))
    return random.choice((BatchNorm2d(), ReLU(), Tanh()))


def drawn(seed: int) -> tuple[Network, str, int]:
    """A legal network, a mode and a batch; the same for the same seed."""
    random = Random(seed)
    sides = (1, 7, 32, 224, random.randint(1, 4096))
    given = shape = (random.choice((1, 3, 64)), *(random.choice(sides) for _ in "hw"))
    layers: list[Layer] = []
    for _ in range(200):
        try:
            layer = _layer(random, shape)
            after = layer.output(shape)
        except MiradaError:
            continue
        numbers = after[0] * after[1] * after[2]
        weights = sum(
            p.shape[0] * p.shape[1] * p.shape[2] * p.shape[3]
            for p in layer.parameters(shape)
            if len(p.shape) == 4
        )
        if max(numbers, weights) < _MOST_NUMBERS:
            layers.append(layer)
            shape = (after[0], after[1], after[2])
        if len(layers) == 5:
            break
    network = Network(
        "drawn", given, (*layers, GlobalAvgPool2d(), Flatten(), Linear(3))
    )
    return network, random.choice(MODES), random.choice((1, 2, 32, 500))


def _compiled(seed: int) -> tuple[float, int]:
    """Seconds of a core and megabytes that a network takes."""
    network, mode, batch = drawn(seed)
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    before = resource.getrusage(resource.RUSAGE_SELF)
    try:
        program = plan(network, Recipe(batch_size=batch), mode, batch, host())
        text, _ = emit(program, host())
        object_code(text, host())
    except MiradaError:
        pass  # refused by name, which is an end too
    after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime - before.ru_utime
    return seconds, (after.ru_maxrss - before.ru_maxrss) // 1024


def main(arguments: list[str]) -> int:
    """Reports the five slowest; 1 if one took too much."""
    end = time.monotonic() + float(arguments[0] if arguments else 60)
    seed = int(arguments[1]) if len(arguments) > 1 else 0
    found = []
    context = multiprocessing.get_context("fork")
    while time.monotonic() < end:
        with context.Pool(1, maxtasksperchild=1) as pool:
            try:
                found.append((*pool.apply_async(_compiled, (seed,)).get(90), seed))
            except multiprocessing.TimeoutError:
                found.append((90.0, 0, seed))
        seed += 1
    print(f"{len(found)} networks")
    for seconds, megabytes, one in sorted(found, reverse=True)[:5]:
        network, mode, batch = drawn(one)
        layers = "; ".join(node.layer.text() for node in network.nodes)
        print(
            f"{seconds:6.2f} s {megabytes:4} MB  seed {one}, {mode} {batch}: {layers}"
        )
    return int(any(s > MOST_SECONDS or m > MOST_MEGABYTES for s, m, _ in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
