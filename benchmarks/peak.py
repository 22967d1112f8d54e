"""The most this processor multiplies and adds: `python benchmarks/peak.py [--json]`.

What `mirada bench` compares with: see `mirada.engines.peak`. No network can be faster.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mirada.compiler.target import host
from mirada.engines.peak import peak_gflops


def main() -> None:
    """Prints the peak on one thread and on all that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    found = {n: round(peak_gflops(host(), n), 1) for n in range(1, given.threads + 1)}
    if given.json:
        print(json.dumps({"schema": 1, "fp32_gflops": found}))
        return
    for threads, gflops in found.items():
        print(f"{threads} threads: {gflops:.1f} GF/s")


if __name__ == "__main__":
    main()
