"""LeNet-5 of the lecture (28x28x1): training steps and predictions against PyTorch.

    python benchmarks/lenet.py [--json] [--threads 2] [--rounds 15]

Needs `requirements/bench.txt`; without PyTorch only our own times are printed.
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.race import Row, Work, race, report
from mirada.engines.native import NativeEngine
from mirada.models import lenet5
from mirada.network import Recipe

try:
    import torch

    from benchmarks import torch_lenet
except ImportError:
    torch = None

BATCHES = (32, 64, 256, 1024)


def training_row(batch: int, threads: int, rounds: int) -> Row:
    """One training step at a batch size."""
    images, labels = _batch(batch)
    recipe = Recipe(batch_size=batch)
    engine = NativeEngine(lenet5(), recipe, threads)
    step = iter(range(10**9))

    def ours() -> object:
        return engine.train_step(images, labels, step=next(step), learning_rate=0.01)

    runners: dict[str, Work] = {"ours": ours}
    if torch is not None:
        for last in (False, True):
            for fused in (False, True):
                name = "pytorch-eager" + "-channels-last" * last + "-fused" * fused
                runners[name] = torch_lenet.training(images, labels, last, fused)
    times = race(runners, rounds)
    return Row("lenet5", "train", batch, "fp32", times.pop("ours"), times)


def prediction_row(batch: int, threads: int, rounds: int) -> Row:
    """Predictions called from Python."""
    images, _ = _batch(batch)
    engine = NativeEngine(lenet5(), Recipe(), threads)
    runners: dict[str, Work] = {"ours": lambda: engine.predict(images)}
    if torch is not None:
        for last in (False, True):
            name = "pytorch-eager" + "-channels-last" * last
            runners[name] = torch_lenet.prediction(images, last)
    times = race(runners, rounds)
    return Row("lenet5", "predict", batch, "fp32", times.pop("ours"), times)


def compile_seconds() -> dict[str, float]:
    """Seconds to make an engine and do its first step, without and with the cache."""
    import os

    images, labels = _batch(64)
    found = {}
    before = os.environ.get("MIRADA_CACHE")
    with TemporaryDirectory() as folder:
        os.environ["MIRADA_CACHE"] = folder
        for name in ("compile_cold_s", "compile_cached_s"):
            start = time.perf_counter()
            engine = NativeEngine(lenet5(), Recipe(), 2)
            engine.train_step(images, labels, step=0, learning_rate=0.01)
            found[name] = round(time.perf_counter() - start, 4)
    os.environ.pop("MIRADA_CACHE")
    if before is not None:
        os.environ["MIRADA_CACHE"] = before
    return found


def _batch(count: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    images = draw.standard_normal((count, 1, 28, 28)).astype(np.float32)
    return images, draw.integers(0, 10, count)


def main() -> None:
    """Runs the races and prints them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batches", type=int, nargs="+", default=list(BATCHES))
    given = parser.parse_args()
    if torch is not None:
        torch.set_num_threads(given.threads)
    seconds = compile_seconds()
    rows = [training_row(b, given.threads, given.rounds) for b in given.batches]
    for batch in (1, 64, 1024):
        rows.append(prediction_row(batch, given.threads, given.rounds))
    report(rows, given.json, **seconds)


if __name__ == "__main__":
    main()
