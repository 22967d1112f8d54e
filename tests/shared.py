"""Real data sets that may lie beside the checkout; tests skip where they do not."""

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """The folder of one data set, or a skip that says which one is missing."""
    path = _SHARED / name
    if not path.exists():
        pytest.skip(f"the data set {name!r} does not lie in ../shared/data")
    return path
