"""A small run for tests: some digits, a small network, the reference engine."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from mirada.data import Dataset, load
from mirada.engines.reference import ReferenceEngine
from mirada.network import (
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
)
from mirada.training import Plan, Wishes, resolve

__all__ = ["COMPARED", "engine", "few_digits", "files", "network", "plan"]

COMPARED = (
    *("configuration.json", "split.json", "metrics.jsonl", "results.csv"),
    *("best.safetensors", "last.safetensors", "evaluation.json"),
)
"""The files that must be equal, byte for byte, however often a run was stopped."""


@cache
def few_digits(count: int = 300) -> Dataset:
    """The first digits of those that come with mirada."""
    whole = load("digits")
    images, labels = whole.images[:count].copy(), whole.labels[:count]
    return Dataset.of(images, labels, whole.classes, name="few")


def network(classes: int = 10) -> Network:
    """A convolution, a pooling, dropout and a linear layer for images of 8x8."""
    layers = [Conv2d(4, 3), ReLU(), MaxPool2d(2), Flatten(), Dropout(0.1)]
    return Network("small", (1, 8, 8), [*layers, Linear(classes)])


def plan(
    *, wishes: Wishes | None = None, data: Dataset | None = None, **changes: Any
) -> Plan:
    """Three epochs of batches of 32; `changes` are those of the configuration."""
    wanted = wishes or Wishes(epochs=3, batch_size=32, threads=1, engine="reference")
    found = resolve(data or few_digits(), network(), wanted)
    return replace(found, configuration=replace(found.configuration, **changes))


def engine(of: Plan) -> ReferenceEngine:
    """A new reference engine for a plan."""
    return ReferenceEngine(of.configuration.network, of.configuration.recipe)


def files(folder: Path, names: Sequence[str] = COMPARED) -> dict[str, bytes]:
    """The content of every file that is compared."""
    return {name: (folder / name).read_bytes() for name in names}
