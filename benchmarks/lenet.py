"""LeNet-5 of the lecture (28x28x1): training steps and predictions.

    python benchmarks/lenet.py [--json] [--peers pytorch,onnxruntime] [--mode train]

Needs `requirements/bench.txt`; a peer that is not installed is left out and named.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.compile import compile_seconds
from benchmarks.tournament import main
from benchmarks.works import LENET

if __name__ == "__main__":
    main(LENET, __doc__, **compile_seconds("lenet5"))
