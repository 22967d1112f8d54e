"""How long compiling takes, cold and from the cache: `python benchmarks/compile.py`.

Seconds from the network's description to the end of its first training step, in a new
process each time, imports not counted.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.child import environment, last_line
from benchmarks.works import network, recipe, sample
from mirada.engines import create
from mirada.errors import MiradaError

__all__ = ["BUDGETS_S", "compile_seconds"]

BUDGETS_S = {
    "lenet5": {"compile_cold_s": 1.0, "compile_cached_s": 0.1},
    "resnet18_cifar": {"compile_cold_s": 10.0},
}
_BATCHES = {"lenet5": 64, "resnet18_cifar": 32}


def compile_seconds(name: str, threads: int = 2) -> dict[str, float | str]:
    """Seconds without and with what the first process left in the cache."""
    found: dict[str, float | str] = {}
    with TemporaryDirectory() as folder:
        settings = {**environment(threads), "MIRADA_CACHE": folder}
        for key in ("compile_cold_s", "compile_cached_s"):
            ran = subprocess.run(
                [sys.executable, __file__, "--once", name, "--threads", str(threads)],
                env=settings,
                capture_output=True,
                text=True,
            )
            if ran.returncode:
                return {"compile_refused": last_line(ran.stderr)}
            found[key] = round(float(ran.stdout), 4)
    return found


def _once(name: str, threads: int) -> float:
    batch = _BATCHES[name]
    images, labels = sample(network(name), batch)
    # Loads LLVM, which is an import and no compilation.
    import mirada.engines.native  # noqa: F401

    start = time.perf_counter()
    engine = create("native", network(name), recipe(batch), threads)
    engine.train_step(images, labels, step=0, learning_rate=0.01)
    return time.perf_counter() - start


def main() -> None:
    """Prints the seconds of each network beside its budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--once", choices=_BATCHES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        try:
            print(_once(given.once, given.threads))
        except MiradaError as error:
            raise SystemExit(str(error)) from None
        return
    found = {name: compile_seconds(name, given.threads) for name in _BATCHES}
    if given.json:
        print(json.dumps({"schema": 1, "seconds": found, "budgets_s": BUDGETS_S}))
        return
    for name, seconds in found.items():
        print(f"{name}: {seconds}, budget {BUDGETS_S[name]}")


if __name__ == "__main__":
    main()
