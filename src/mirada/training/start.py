"""Training from Python in one call."""

from pathlib import Path
from typing import Any

from mirada.data import Dataset
from mirada.network import Network
from mirada.training.computing import engine_for
from mirada.training.folder import RunFolder
from mirada.training.loop import train
from mirada.training.plan import Outcome
from mirada.training.resolve import resolve
from mirada.training.watch import Watch
from mirada.training.wishes import Wishes

__all__ = ["start"]


def start(
    network: Network,
    data: Dataset,
    folder: str | Path,
    *,
    watch: Watch | None = None,
    **wishes: Any,
) -> Outcome:
    """Trains a network on data in a new folder; `wishes` are the fields of `Wishes`.

    What is not wished for is chosen from the data. Raises what `resolve`, `RunFolder`
    and `loop.train` do.
    """
    plan = resolve(data, network, Wishes(**wishes))
    engine = engine_for(plan.configuration)
    with RunFolder.new(Path(folder)) as run:
        return train(plan, engine, run, watch)
