"""Trackio: the run in its local store, shown by `trackio show`.

It keeps its store in TRACKIO_DIR, or where it chooses.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from mirada.training.loggers.logger import Target

__all__ = ["Trackio"]

PROJECT = "mirada"


class Trackio(Target):
    """A run of the project "mirada"."""

    def begin(
        self, folder: Path, identity: str, values: Mapping[str, Any], step: int
    ) -> str:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        import trackio

        self._trackio = trackio
        known = identity or f"{folder.name}-{uuid4().hex[:6]}"
        resume = "allow" if identity else "never"
        trackio.init(
            project=PROJECT,
            name=known,
            config=dict(values),
            resume=resume,
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )
        return known

    def write(self, step: int, values: Mapping[str, float]) -> None:
        self._trackio.log(dict(values), step=step)

    def end(self, *, finished: bool) -> None:
        self._trackio.finish()
