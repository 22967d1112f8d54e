"""How long commands take to answer: `python benchmarks/startup.py [--json]`.

Medians of whole processes, interpreter included, beside the budgets.
"""

import argparse
import json
import subprocess
import sys
import time
from statistics import median

BUDGETS_MS = {
    "--version": 80,
    "--help": 150,
    "summary lenet5": 300,
    "explain lenet5": 300,
    "size 28 --want 14": 300,
    "import mirada": 100,
}


def command(name: str) -> list[str]:
    """The process that a line of the table stands for."""
    if name == "import mirada":
        return [sys.executable, "-c", "import mirada"]
    # What the installed `mirada` script does, without the script's own look-up.
    run = "import sys; from mirada.cli import main; sys.argv[0] = 'mirada'; main()"
    return [sys.executable, "-c", run, *name.split()]


def measure(rounds: int) -> dict[str, float]:
    """The median milliseconds of each command, turn by turn."""
    times: dict[str, list[float]] = {name: [] for name in BUDGETS_MS}
    for _ in range(rounds):
        for name in BUDGETS_MS:
            start = time.perf_counter()
            subprocess.run(command(name), check=True, capture_output=True)
            times[name].append(1e3 * (time.perf_counter() - start))
    return {name: round(median(taken), 1) for name, taken in times.items()}


def main() -> None:
    """Prints the table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    found = measure(given.rounds)
    if given.json:
        print(json.dumps({"schema": 1, "ms": found, "budgets_ms": BUDGETS_MS}))
        return
    for name, ms in found.items():
        print(f"{name:20} {ms:7.1f} ms   (budget {BUDGETS_MS[name]} ms)")


if __name__ == "__main__":
    main()
