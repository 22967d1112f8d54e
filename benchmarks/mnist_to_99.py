"""Wall time to 99 % of MNIST's test images, against PyTorch's and Keras's examples.

    python benchmarks/mnist_to_99.py [--json] [--data DIR] [--seeds 3]

Each system has a process of its own and the machine to itself, turn by turn: the two
examples with their own networks and recipes, and mirada with the network of each and a
recipe of its own. The clock runs from the images in memory, so it holds the building of
the network, mirada's compilation (its cache is empty), training, and the test after
each epoch. Needs `requirements/bench.txt`; the 70,000 images are not part of mirada.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.child import ROOT, environment
from benchmarks.race import SCHEMA, machine
from mirada.compiler.target import cores
from mirada.data import load

SYSTEMS = {
    "pytorch": ("pytorch",),
    "keras": ("keras",),
    "mirada on pytorch's network": ("ours", "pytorch"),
    "mirada on keras's network": ("ours", "keras"),
}
"""By the name in the table: the module of `to_99`, and the network where it has two."""


def run(system: str, folder: str, seed: int) -> dict[str, Any]:
    """What one system says of itself, from a process of its own."""
    module, *network = SYSTEMS[system]
    program = f"benchmarks.to_99.{module}"
    with tempfile.TemporaryDirectory() as cache:
        found = subprocess.run(
            [sys.executable, "-m", program, folder, str(seed), *network],
            cwd=ROOT,
            env={**environment(cores()), "XDG_CACHE_HOME": cache},
            stdout=subprocess.PIPE,
            check=True,
        )
    answer: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return answer


def measure(folder: str, seeds: int) -> dict[str, list[dict[str, Any]]]:
    """Every system with every seed, the systems in turns."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in SYSTEMS}
    for seed in range(seeds):
        for name in SYSTEMS:
            print(f"{name}, seed {seed}", file=sys.stderr, flush=True)
            found[name].append(run(name, folder, seed))
    return found


def medians(found: dict[str, list[dict[str, Any]]]) -> dict[str, float | None]:
    """The median seconds of each system; None where a seed did not get there."""
    return {
        name: None
        if any(one["seconds"] is None for one in runs)
        else median(one["seconds"] for one in runs)
        for name, runs in found.items()
    }


def ratio(seconds: dict[str, float | None]) -> float | None:
    """The better peer's time over mirada's on the same network."""
    peers = {name: seconds[name] for name in ("pytorch", "keras")}
    known = {name: took for name, took in peers.items() if took is not None}
    if not known:
        return None
    better = min(known, key=known.__getitem__)
    ours = seconds[f"mirada on {better}'s network"]
    return round(known[better] / ours, 2) if ours else None


def main() -> None:
    """Prints the table, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--data", default=ROOT.parent / "shared" / "data" / "mnist", type=Path
    )
    given = parser.parse_args()
    data = load(given.data)
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "images.npy", data.images[..., 0])
        np.save(Path(folder) / "labels.npy", data.labels)
        found = measure(folder, given.seeds)
    seconds = medians(found)
    if given.json:
        plain = {"seconds": seconds, "ratio": ratio(seconds), "runs": found}
        print(json.dumps({"schema": SCHEMA, "machine": machine(), **plain}))
        return
    for name, took in seconds.items():
        epochs = [len(one["accuracies"]) for one in found[name]]
        print(f"{name:30} {took or float('nan'):8.1f} s   epochs {epochs}")
    print(f"better peer over mirada on its network: {ratio(seconds)}")


if __name__ == "__main__":
    main()
