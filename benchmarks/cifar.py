"""The CIFAR network (three blocks of 32, 64 and 128 filters, 32x32 in colour).

    python benchmarks/cifar.py [--json] [--peers pytorch,jax] [--mode train]

Needs `requirements/bench.txt`; a peer that is not installed is left out and named.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.tournament import main
from benchmarks.works import CIFAR

if __name__ == "__main__":
    main(CIFAR, __doc__)
