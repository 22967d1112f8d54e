"""Golden files: text kept beside a test, rewritten only on request, read in review.

MIRADA_REWRITE_GOLDEN=1 pytest tests/views
"""

import os
from pathlib import Path

__all__ = ["golden"]

REWRITE = "MIRADA_REWRITE_GOLDEN"


def golden(path: Path, text: str) -> None:
    """Passes when the file at `path` holds exactly `text`; rewrites it on request."""
    if os.environ.get(REWRITE) == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.exists(), f"{path.name} is missing; set {REWRITE}=1 to write it"
    kept = path.read_text(encoding="utf-8")
    assert text == kept, f"differs from {path.name}; if meant, set {REWRITE}=1"
