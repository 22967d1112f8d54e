"""Single layers, forward ("predict") and forward with backward ("backward").

    python benchmarks/layers.py [--json] [--work conv3x3-64-64-32] [--mode backward]

Needs `requirements/bench.txt`; a peer that is not installed is left out and named.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.tournament import main
from benchmarks.works import LAYERS

if __name__ == "__main__":
    main(LAYERS, __doc__)
