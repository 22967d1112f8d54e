"""Larger networks: ResNet-18 for 32x32, ResNet-18 and VGG-11 for 224x224.

    python benchmarks/resnet.py [--json] [--work resnet18_cifar] [--mode train]

Needs `requirements/bench.txt`; a peer that is not installed is left out and named.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.tournament import main
from benchmarks.works import RESNET

if __name__ == "__main__":
    main(RESNET, __doc__)
