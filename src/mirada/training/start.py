"""Training from Python in one call."""

from pathlib import Path
from typing import Any

from mirada import engines
from mirada.data import Dataset
from mirada.network import Network
from mirada.training.folder import RunFolder
from mirada.training.loop import train
from mirada.training.memory import require_training_memory
from mirada.training.plan import Outcome
from mirada.training.resolve import Wishes, resolve
from mirada.training.watch import Watch

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
    configuration = plan.configuration
    recipe = configuration.recipe
    if configuration.engine == "reference":
        require_training_memory(network, recipe)
    engine = engines.create(
        configuration.engine,
        network,
        recipe,
        configuration.threads,
        isa=configuration.isa,
        exact=configuration.exact,
        precision=configuration.precision,
    )
    with RunFolder.new(Path(folder)) as run:
        return train(plan, engine, run, watch)
