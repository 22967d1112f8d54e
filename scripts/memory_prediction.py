"""Foretells the memory of trainings, trains, and compares with the most they held.

    python -m scripts.memory_prediction --networks 60 [--json FILE]

Each network is trained by a process of its own, with nothing in the cache of machine
code. What was foretold may be 5 per cent below the most that the process held, and 15
per cent above; the exit status is 1 where it is not, or where nothing was trained.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np

from mirada import models
from mirada.data import Dataset
from mirada.engines import create
from mirada.engines.held import most_bytes
from mirada.network import (
    SGD,
    AdamW,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
)
from mirada.training import RunFolder, Wishes, foretold_memory, resolve, train

__all__ = ["LEAST", "MOST", "Case", "Measured", "cases", "main", "measured"]

LEAST, MOST = -0.05, 0.15
"""How far what was foretold may be from the most that was held, as shares of that."""
_CLASSES = 10


@dataclass(frozen=True)
class Case:
    """A training: a known network or a plain one, and how it is trained."""

    network: str
    size: int
    channels: int = 3
    batch: int = 32
    optimizer: str = "sgd"
    images: int = 200
    engine: str = "native"
    threads: int = 2
    ema: float = 0.0

    @property
    def name(self) -> str:
        """The case in words."""
        shape = f"{self.channels}x{self.size}x{self.size}"
        rest = f"{self.optimizer} {self.engine} threads {self.threads}"
        more = " ema" if self.ema else ""
        return f"{self.network} {shape} batch {self.batch} {rest}{more}"

    def built(self) -> Network:
        """The network."""
        shape = (self.channels, self.size, self.size)
        if not self.network.startswith("plain"):
            return models.build(self.network, shape, _CLASSES)
        return _plain(shape, *map(int, self.network.split("-")[1:]))


@dataclass(frozen=True)
class Measured:
    """What was foretold and what was held at most, in bytes, and the parts of it."""

    case: Case
    foretold: int
    held: int
    parts: dict[str, int]

    @property
    def difference(self) -> float:
        """By which share of what was held more was foretold."""
        return self.foretold / self.held - 1

    @property
    def is_right(self) -> bool:
        """Whether it lies within the bounds."""
        return LEAST <= self.difference <= MOST

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Self:
        """What a child printed."""
        return cls(**{**plain, "case": Case(**plain["case"])})


def cases(count: int) -> Iterator[Case]:
    """The first `count` of a fixed list: small and large, wide and deep, both rules."""
    for place, case in enumerate(_all_cases()):
        if place < count:
            yield case


def _all_cases() -> Iterator[Case]:
    yield Case("lenet5", 28, 1, 64)
    yield Case("plain-2-64", 32, batch=128)
    yield Case("digits", 8, 1, 32, engine="reference")
    yield Case("plain-3-128", 48, batch=64, optimizer="adamw")
    for batch in (16, 256):
        for rule in ("sgd", "adamw"):
            yield Case("lenet5", 28, 1, batch, rule, images=2000)
            yield Case("digits", 16, 3, batch, rule)
            yield Case("plain-2-32", 64, 3, batch, rule, images=400)
            yield Case("plain-4-16", 96, 1, batch, rule, ema=0.99)
    for wide in (64, 256):
        for threads in (1, 2):
            yield Case(f"plain-1-{wide}", 32, 3, 64, threads=threads)
            yield Case(f"plain-3-{wide}", 32, 3, 64, "adamw", threads=threads)
    for name in ("cifar", "resnet18_cifar", "vgg11", "vgg13_bn", "resnet18"):
        yield Case(name, 32, 3, 64, images=300)
        yield Case(name, 64, 3, 16, "adamw", ema=0.999)
    for name, size in (("alexnet", 224), ("mobilenet", 64), ("resnet34", 64)):
        yield Case(name, size, 3, 8, images=60)
        yield Case(name, size, 3, 32, images=100)
    for images in (20_000, 60_000):
        yield Case("lenet5", 28, 1, 64, images=images)
        yield Case("cifar", 32, 3, 512, images=images)
    for size in (24, 40, 56, 72):
        yield Case("plain-2-24", size, 3, 100, "adamw", images=500)
    for batch in (8, 64):
        yield Case("lenet5", 28, 1, batch, engine="reference", images=300)
        yield Case("plain-2-16", 32, 3, batch, "adamw", engine="reference")
        yield Case("plain-3-32", 16, 1, batch, engine="reference", ema=0.9)
    for deep in (2, 3, 4, 5, 6):
        yield Case(f"plain-{deep}-48", 64, 3, 32, images=100)
    yield Case("plain-2-512", 16, 3, 32)
    yield Case("plain-2-512", 16, 3, 32, "adamw", ema=0.99)


def _plain(shape: tuple[int, int, int], blocks: int, wide: int) -> Network:
    layers: list[Any] = []
    for block in range(blocks):
        channels = wide * min(2**block, 4)
        layers += [Conv2d(channels, 3, padding=1), BatchNorm2d(), ReLU(), MaxPool2d(2)]
    layers += [GlobalAvgPool2d(), Flatten(), Linear(_CLASSES)]
    return Network(f"plain{blocks}x{wide}", shape, tuple(layers))


def trained(case: Case, folder: Path) -> Measured:
    """Foretells and trains in this process, which should have done nothing else."""
    shape = (case.images, case.size, case.size, case.channels)
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    labels = np.arange(case.images) % _CLASSES
    data = Dataset.of(images, labels, [f"class{n}" for n in range(_CLASSES)])
    rule = AdamW(1e-3) if case.optimizer == "adamw" else SGD(1e-3, momentum=0.9)
    wishes = Wishes(
        epochs=2 if case.images < 1000 else 1,
        batch_size=case.batch,
        optimizer=rule,
        engine=case.engine,
        threads=case.threads,
        ema=case.ema,
        augment="none",
    )
    plan = resolve(data, case.built(), wishes)
    found = foretold_memory(plan)
    chosen = plan.configuration
    engine = create(chosen.engine, chosen.network, chosen.recipe, chosen.threads)
    with RunFolder.new(folder / "run") as run:
        train(plan, engine, run)
    return Measured(case, found.total, most_bytes(), found.to_dict())


def measured(case: Case) -> Measured:
    """The same in a process of its own.

    Raises RuntimeError with what the process said if it failed.
    """
    with TemporaryDirectory() as folder:
        words = ["--child", json.dumps(asdict(case)), "--folder", folder]
        done = subprocess.run(
            [sys.executable, "-m", "scripts.memory_prediction", *words],
            cwd=Path(__file__).parents[1],
            env={**os.environ, "MIRADA_CACHE": str(Path(folder, "cache"))},
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise RuntimeError(f"{case.name}: {done.stderr[-2000:]}")
    return Measured.of(json.loads(done.stdout.splitlines()[-1]))


def told(found: Measured) -> str:
    """One line about a case."""
    mark = "" if found.is_right else "  WRONG"
    return (
        f"{found.case.name.ljust(64)} foretold {found.foretold / 2**20:7.1f} MiB  held "
        f"{found.held / 2**20:7.1f} MiB  {100 * found.difference:+6.1f} %{mark}"
    )


def checked(wanted: Iterable[Case]) -> tuple[list[Measured], bool]:
    """Every case, told as it is done, and whether all lie within the bounds."""
    results = []
    for case in wanted:
        results.append(measured(case))
        print(told(results[-1]), flush=True)
    return results, bool(results) and all(found.is_right for found in results)


def main(words: list[str] | None = None) -> int:
    """Measures so many networks; 1 if one is out of bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=60)
    parser.add_argument("--json", type=Path, help="a file to write the results to")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.child:
        done = trained(Case(**json.loads(given.child)), given.folder)
        print(json.dumps(asdict(done)))
        return 0
    results, is_right = checked(cases(given.networks))
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in results], indent=1))
    wrong = sum(not found.is_right for found in results)
    print(f"{len(results)} networks, {wrong} out of bounds")
    return 0 if is_right else 1


if __name__ == "__main__":
    raise SystemExit(main())
