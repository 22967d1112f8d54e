"""Small runs for tests: some digits, a small network, the reference engine."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from mirada.data import Augmentation, Dataset, Preprocessing, load
from mirada.engines import Engine, create
from mirada.engines.reference import ReferenceEngine
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Rate,
    ReLU,
)
from mirada.training import Model, Plan, Wishes, resolve
from tests.strategies import lively_parameters

__all__ = [
    "COMPARED",
    "KINDS",
    "engine",
    "few_digits",
    "files",
    "made",
    "network",
    "plan",
    "plan_of",
    "rich_network",
    "source",
]

COMPARED = (
    *("configuration.json", "split.json", "metrics.jsonl", "results.csv"),
    *("best.safetensors", "last.safetensors", "evaluation.json"),
)
"""The files that must be equal, byte for byte, however often a run was stopped."""

KINDS = ("small", "rich", "native", "native rich", "torch rich")
"""Runs that `plan_of` makes: rich ones have all that remembers or draws.

The native rich one begins with the weights of another, some of them frozen or faster.
"""


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


def rich_network(classes: int = 10) -> Network:
    """The same with batch norm, whose running statistics go on too."""
    layers = [Conv2d(4, 3), BatchNorm2d(), ReLU(), MaxPool2d(2), Flatten()]
    return Network("rich", (1, 8, 8), [*layers, Dropout(0.2), Linear(classes)])


def source(classes: Sequence[str] = ("cat", "dog", "hen")) -> Model:
    """A model of the rich network to begin with, of some other classes."""
    own = rich_network(len(classes))
    images = Preprocessing((8, 8), 1, mean=(0.25,), std=(0.5,))
    return Model(own, lively_parameters(own, 3), tuple(classes), images)


def plan(
    *,
    wishes: Wishes | None = None,
    data: Dataset | None = None,
    of: Network | None = None,
    **changes: Any,
) -> Plan:
    """Three epochs of batches of 32; `changes` are those of the configuration."""
    wanted = wishes or Wishes(epochs=3, batch_size=32, threads=1, engine="reference")
    found = resolve(data or few_digits(), of or network(), wanted)
    return replace(found, configuration=replace(found.configuration, **changes))


@cache
def plan_of(kind: str, threads: int = 1) -> Plan:
    """One of `KINDS`, with a checkpoint every three steps."""
    known = [name for name in ("native", "torch") if name in kind]
    name = known[0] if known else "reference"
    if name == "torch":
        threads = 1  # PyTorch's sums are in another order for another number
    wishes = Wishes(
        epochs=3,
        batch_size=32,
        threads=threads,
        engine=name,
        device="cpu" if name == "torch" else None,
    )
    if "rich" not in kind:
        return plan(wishes=wishes, checkpoint_steps=3)
    if name == "native":
        wishes = replace(
            wishes, weights=source(), freeze=("conv1",), rates=(Rate("*.bias", 2.0),)
        )
    return plan(
        wishes=replace(wishes, ema=0.9),
        of=rich_network(),
        checkpoint_steps=3,
        augmentation=rich_augmentation(),
    )


def rich_augmentation() -> Augmentation:
    """Every image is moved, and images are mixed where that is known."""
    from_text = getattr(Augmentation, "from_text", None)
    if from_text is None:
        return Augmentation(shift=1)
    found: Augmentation = from_text("shift 1, rotate 10, mixup 0.2, cutmix 0.5")
    return found


def engine(of: Plan) -> ReferenceEngine:
    """A new reference engine for a plan."""
    return ReferenceEngine(of.configuration.network, of.configuration.recipe)


def made(of: Plan) -> Engine:
    """A new engine for a plan, the one that it names."""
    found = of.configuration
    return create(
        found.engine,
        found.network,
        found.recipe,
        found.threads,
        device=found.device,
    )


def files(folder: Path, names: Sequence[str] = COMPARED) -> dict[str, bytes]:
    """The content of every file that is compared."""
    return {name: (folder / name).read_bytes() for name in names}
