"""CIFAR-10 as the speed records have it: seconds to 93 %, and images a second.

    python benchmarks/cifar10_gpu.py [--json] [--device cuda] [--precision bf16]
    python benchmarks/cifar10_gpu.py --device cpu --images 2000 --epochs 1

mirada's torch engine and plain PyTorch (eager) train `cifar10_fast` by its recipe, turn
by turn in one process, from the same filters that make the images white. The clock
runs from the end of the first step and stands still while the 10,000 test images are
answered. The images are those of `--data`, JPEG files of quality 75, so accuracies are
some tenths of a per cent lower than on the original.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.child import ROOT
from benchmarks.cifar10 import pytorch
from benchmarks.cifar10.clock import Clock
from benchmarks.race import SCHEMA, machine
from mirada.data import Dataset, load
from mirada.data.dataset import Part
from mirada.engines import asked_device
from mirada.errors import MiradaError
from mirada.models import RECIPES, build
from mirada.training import Plan, RunFolder, Wishes, resolve, train
from mirada.training.beginning import begin
from mirada.training.computing import engine_for

DATA = ROOT.parent / "shared" / "data" / "cifar10-jpeg" / "cifar10-jpeg.tar.xz"
NAME, GOAL = "cifar10_fast", 0.93
AUGMENTATION = "alternating-flip, shift 2, reflect"
OURS, EAGER = "mirada, torch engine", "PyTorch, eager"

Runs = dict[str, list[dict[str, Any]]]


def read(path: Path, images: int | None) -> Dataset:
    """The images, the tests as validation; of each part the first so many a class."""
    found = load(path)
    assert found.given is not None, "the source says which images are for testing"
    trains = found.given == Part.TRAIN
    kept = np.arange(len(found))
    if images is not None:
        kept = np.sort(
            np.concatenate(
                [
                    np.flatnonzero((found.labels == label) & (trains == part))[
                        : max(1, count // len(found.classes))
                    ]
                    for label in range(len(found.classes))
                    for part, count in ((True, images), (False, images // 5))
                ]
            )
        )
    parts = np.where(trains[kept], Part.TRAIN, Part.VALIDATION).astype(np.uint8)
    pixels = np.asarray(found.images)[kept]
    whole = Dataset.of(pixels, found.labels[kept], found.classes, name="cifar10")
    return replace(whole, given=parts)


def planned(data: Dataset, given: argparse.Namespace, seed: int) -> Plan:
    """The recipe on these images with a seed."""
    recipe = replace(RECIPES[NAME], epochs=given.epochs, batch_size=given.batch)
    return resolve(
        data,
        build(NAME, (data.channels, *data.size), len(data.classes)),
        Wishes(
            recipe=recipe,
            augment=AUGMENTATION,
            seed=seed,
            test=0.0,
            patience=0,
            engine="torch",
            device=given.device,
            precision=given.precision,
        ),
    )


def ours(plan: Plan, given: argparse.Namespace) -> Clock:
    """Mirada's own loop, with its checkpoints and all."""
    clock = Clock(given.device)
    engine = engine_for(plan.configuration)
    with tempfile.TemporaryDirectory() as place, RunFolder.new(Path(place)) as folder:
        train(plan, engine, folder, clock)
    return clock


def eager(plan: Plan, given: argparse.Namespace) -> Clock:
    """Plain PyTorch, from the same parameters."""
    engine = engine_for(plan.configuration)
    begin(engine, plan)
    return pytorch.train(plan, engine.parameters(), given.device, given.precision)


def measure(data: Dataset, given: argparse.Namespace) -> Runs:
    """Both sides in turns, once for each seed."""
    sides: dict[str, Callable[[Plan, argparse.Namespace], Clock]] = {
        OURS: ours,
        EAGER: eager,
    }
    found: Runs = {name: [] for name in sides}
    for seed in range(given.seeds):
        for name, side in sides.items():
            print(f"{name}, seed {seed}", file=sys.stderr, flush=True)
            plan = planned(data, given, seed)
            images = given.epochs * len(plan.split.train) - given.batch
            found[name].append(side(plan, given).said(max(images, 0), GOAL))
    return found


def table(found: Runs) -> list[str]:
    """Medians over the seeds, as lines of Markdown."""
    head = ["", "seconds to 93 %", "seconds", "images/s", "accuracy at the end"]
    lines = [f"| {' | '.join(head)} |", "| --- | --- | --- | --- | --- |"]
    for name, runs in found.items():
        there = [one["seconds_to_goal"] for one in runs]
        cells = [
            "not reached" if None in there else f"{median(there):.2f}",
            f"{median(one['seconds'] for one in runs):.2f}",
            f"{median(one['images_per_second'] for one in runs):,.0f}",
            f"{100 * median(one['accuracies'][-1] for one in runs):.2f} %",
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def device_name(device: str) -> str:
    """What the device is called by its maker."""
    import torch

    if device.startswith("cuda"):
        return str(torch.cuda.get_device_name(device))
    return str(machine().get("processor", device))


def main() -> int:
    """Prints the table, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--data", default=DATA, type=Path)
    parser.add_argument("--images", type=int, help="so many to train on, not all")
    parser.add_argument("--epochs", type=int, default=RECIPES[NAME].epochs)
    parser.add_argument("--batch", type=int, default=RECIPES[NAME].batch_size)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    try:
        asked_device("torch", given.device)  # before the images are read
        found = measure(read(given.data, given.images), given)
    except MiradaError as error:
        print(error)
        return error.exit_code
    about = {"device": device_name(given.device), "precision": given.precision}
    if given.json:
        plain = {"schema": SCHEMA, "machine": machine(), **about, "runs": found}
        print(json.dumps(plain))
    else:
        print(", ".join(about.values()), *table(found), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
