"""The small files of JSON in which the lab keeps what it remembers."""

import json
from pathlib import Path
from typing import Any

from mirada.errors import DataError

__all__ = ["read_kept"]


def read_kept(path: Path, most_bytes: int) -> Any:
    """What a small plain file says; None where it is none, or no JSON."""
    # It comes with NumPy, which the lab's start does not wait for.
    from mirada.data.gate import read_plain

    try:
        return json.loads(read_plain(path, most_bytes))
    except (DataError, ValueError, RecursionError):
        return None
