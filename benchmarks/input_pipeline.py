"""Images a second from a folder of photos to augmented batches, against PyTorch.

    python benchmarks/input_pipeline.py [--json] [--data DIR] [--copies 5] [--size 96]
        [--photos N]

The folder holds every photo of DIR so many times, each a file of its own: five times
the 600 flowers, 3,000 files, is nearer to what people train on. Random resized crop,
flip and normalisation to float32 batches of 64. The first epoch holds everything from
the folder on, starting worker processes included; later ones find decoded pixels in
mirada's case, and decode again in PyTorch's usual way (Dataset and DataLoader, the best
of 0, 1, 2 and 4 workers). Each runs in a process of its own and has the machine to
itself, turn by turn; each figure is the median of all rounds. `again` is mirada's first
epoch in a new process, from its cache on disk. `--photos N` measures N made photos of
1600x1200 as well.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.child import ROOT, environment
from benchmarks.race import SCHEMA, machine
from mirada.compiler.target import cores

WORKERS = (0, 1, 2, 4)
EPOCHS = 3
PHOTO = (1600, 1200)
SETTLED_SECONDS = 3.0
OURS, AGAIN = "mirada", "mirada again"
FLOWERS = ROOT.parent / "shared" / "data" / "flowers"


def run(module: str, folder: str, size: int, workers: int, cache: str) -> Any:
    """What one side says of itself, from a process of its own."""
    program = f"benchmarks.pipeline.{module}"
    given = (folder, str(size), str(EPOCHS), str(workers))
    found = subprocess.run(
        [sys.executable, "-m", program, *given],
        cwd=ROOT,
        env={**environment(cores()), "MIRADA_CACHE": cache},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(found.stdout.splitlines()[-1])


def measure(folder: str, size: int, rounds: int) -> dict[str, list[Any]]:
    """Every side in turns, every other round backwards."""
    found: dict[str, list[Any]] = defaultdict(list)
    for number in range(rounds):
        turns = [OURS, *(f"pytorch, {workers} workers" for workers in WORKERS)]
        for side in turns if number % 2 == 0 else reversed(turns):
            print(f"round {number}: {side}", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory() as cache:
                if side != OURS:
                    workers = int(side.split()[1])
                    found[side].append(run("pytorch", folder, size, workers, cache))
                    continue
                found[OURS].append(run("ours", folder, size, cores(), cache))
                found[AGAIN].append(run("ours", folder, size, cores(), cache))
    return found


def table(found: dict[str, list[Any]]) -> dict[str, Any]:
    """Images a second, first epoch and later ones, and our share of the best peer's."""
    cold = {side: median(_rates(runs, slice(0, 1))) for side, runs in found.items()}
    later = {side: median(_rates(runs, slice(1, None))) for side, runs in found.items()}
    again = cold.pop(AGAIN)
    later.pop(AGAIN)
    return {
        "images": found[OURS][0]["images"],
        "cold": _rounded(cold),
        "cached": _rounded(later),
        "again": round(again, 1),
        "cold_ratio": round(_ratio(cold), 3),
        "cached_ratio": round(_ratio(later), 3),
    }


def _rates(runs: list[Any], chosen: slice) -> list[float]:
    return [one["images"] / took for one in runs for took in one["seconds"][chosen]]


def _ratio(rates: dict[str, float]) -> float:
    return rates[OURS] / max(rate for side, rate in rates.items() if side != OURS)


def _rounded(rates: dict[str, float]) -> dict[str, float]:
    return {side: round(rate, 1) for side, rate in rates.items()}


def copy_photos(source: Path, folder: Path, copies: int) -> None:
    """Every file of the classes in a folder, so many times under different names."""
    for file in sorted(source.glob("*/*")):
        label = folder / file.parent.name
        label.mkdir(parents=True, exist_ok=True)
        for number in range(copies):
            shutil.copyfile(file, label / f"{number}-{file.name}")
    # Of files that were changed a moment ago, nothing is kept on disk.
    time.sleep(SETTLED_SECONDS)


def make_photos(folder: Path, count: int) -> None:
    """JPEG files of 1600x1200 with smooth shapes and some noise, in two classes."""
    drawn = np.random.default_rng(0)
    for number in range(count):
        small = drawn.integers(0, 256, (30, 40, 3), dtype=np.uint8)
        smooth = Image.fromarray(small).resize(PHOTO, Image.Resampling.BICUBIC)
        noise = drawn.normal(0, 6, (PHOTO[1], PHOTO[0], 1))
        pixels = np.clip(np.asarray(smooth) + noise, 0, 255).astype(np.uint8)
        label = folder / ("odd" if number % 2 else "even")
        label.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(label / f"{number:05}.jpg", quality=90)


def show(name: str, figures: dict[str, Any]) -> None:
    """Prints a table."""
    print(f"{name}: {figures['images']} images; images a second")
    for side in figures["cold"]:
        cold, later = figures["cold"][side], figures["cached"][side]
        print(f"    {side:22} first epoch {cold:9.1f}   later {later:10.1f}")
    print(f"    {AGAIN:22} first epoch {figures['again']:9.1f}")
    print(f"    ratios: {figures['cold_ratio']} cold, {figures['cached_ratio']} cached")


def main() -> None:
    """Measures the folder, and made photos where they are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", default=os.fspath(FLOWERS))
    parser.add_argument("--copies", type=int, default=5)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photos", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy_photos(Path(given.data), Path(folder), given.copies)
        figures = table(measure(folder, given.size, given.rounds))
    photos = None
    if given.photos:
        with tempfile.TemporaryDirectory() as folder:
            make_photos(Path(folder), given.photos)
            time.sleep(SETTLED_SECONDS)
            photos = table(measure(folder, given.size, given.rounds))
    if given.json:
        about = {"schema": SCHEMA, "machine": machine(), "size": given.size}
        about["copies"] = given.copies
        print(json.dumps({**about, **figures, "photos": photos}))
        return
    show(Path(given.data).name, figures)
    if photos is not None:
        show("made photos of 1600x1200", photos)


if __name__ == "__main__":
    main()
