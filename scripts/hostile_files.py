"""Spoiled model files, ONNX files and absurd descriptions, as many as wanted.

    python -m scripts.hostile_files models --cases 500000
    python -m scripts.hostile_files onnx --cases 500000
    python -m scripts.hostile_files descriptions --cases 500000

Each must be refused with a `MiradaError` or be good, within its time, and nothing may
be executed, imported, written or connected to meanwhile. The case that fails is named:
`--first N --cases 1` makes it again. The short form runs with the tests.
"""

import argparse
import resource
import sys
import tempfile
from pathlib import Path

from tests.hostile import descriptions, models, onnx_files

_SECONDS = {"models": 1.0, "onnx": 1.0, "descriptions": 0.2}
_FILES = {"models": models.try_all, "onnx": onnx_files.try_all}
_MOST_BYTES = 256e6


def main() -> None:
    """Prints what came of them; ends with 7 where a bound was broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=sorted(_SECONDS))
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    cases = range(given.first, given.first + given.cases)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if given.what in _FILES:
        with tempfile.TemporaryDirectory() as folder:
            told = _FILES[given.what](Path(folder) / "spoiled", cases)
    else:
        told = descriptions.try_all(cases)
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    print(
        f"{told.cases} {given.what}: {told.refused} refused, the others good; at most "
        f"{told.slowest_seconds:.3f} s and {grown / 1e6:.0f} MB more"
    )
    if told.slowest_seconds > _SECONDS[given.what] or grown > _MOST_BYTES:
        sys.exit(7)


if __name__ == "__main__":
    main()
