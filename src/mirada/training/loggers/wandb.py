"""Weights & Biases: the run in its folder `wandb`, sent only where that is asked for.

Nothing goes over the network unless the environment says WANDB_MODE=online; `wandb
sync` sends it later.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from mirada.errors import Phrase
from mirada.training.loggers.logger import Target

__all__ = ["WeightsAndBiases"]

PROJECT = "mirada"


class WeightsAndBiases(Target):
    """A run of the project "mirada", or of that in WANDB_PROJECT."""

    def begin(
        self, folder: Path, identity: str, values: Mapping[str, Any], step: int
    ) -> str:
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        import wandb

        self._mode = os.environ.get("WANDB_MODE", "offline")
        self._folder = folder
        known = identity or uuid4().hex[:12]
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            dir=str(folder),
            id=known,
            name=folder.name,
            config=dict(values),
            mode=self._mode,
            resume="allow",
        )
        return known

    def write(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=step)

    def end(self, *, finished: bool) -> None:
        self._run.finish(exit_code=0 if finished else 1)

    def notes(self) -> tuple[Phrase, ...]:
        if self._mode != "offline":
            return ()
        text = Phrase(
            "wandb keeps the run in {folder} and sends nothing. Send it with 'wandb "
            "sync', or set WANDB_MODE=online.",
            folder=str(self._folder / "wandb"),
        )
        return (text,)
