"""How much memory training takes where the engine does not say, and a refusal.

The native engine knows from its plan what it takes, which is far less, and refuses by
itself; the reference keeps a whole batch in float64.
"""

from mirada.analysis.memory import memory
from mirada.data.limits import available_bytes
from mirada.errors import MemoryLimitError
from mirada.network import SGD, Network, Recipe

__all__ = ["require_training_memory", "training_bytes"]

_DOUBLE, _COPIES = 2, 3


def training_bytes(network: Network, recipe: Recipe) -> int:
    """The bytes of arrays that a run on the reference engine holds, the images apart.

    What `analysis.memory` says of a training step, twice for float64, and three copies
    of the parameters for the best epoch and the checkpoint.

    >>> from mirada.network import Linear
    >>> training_bytes(Network("n", (3,), (Linear(2),)), Recipe(batch_size=1))
    344
    """
    found = memory(network)
    step = found.training(recipe.batch_size, _optimizer_arrays(recipe))
    return _DOUBLE * step + _COPIES * found.parameters


def require_training_memory(
    network: Network, recipe: Recipe, limit: int | None = None
) -> None:
    """Refuses to train on the reference what does not fit in `limit` bytes.

    None stands for the memory that is free.

    Raises MemoryLimitError (`training-memory`, `training-memory-any-batch`).
    """
    free = available_bytes() if limit is None else limit
    needed = training_bytes(network, recipe)
    if needed <= free:
        return
    found = memory(network)
    one = _DOUBLE * (found.kept + found.gradients)
    fits = (free - needed + recipe.batch_size * one) // one
    values: dict[str, object] = {
        "network": network.name,
        "batch": recipe.batch_size,
        "needed": -(-needed // 10**6),
        "free": free // 10**6,
        "fits": fits,
    }
    if fits < 1:
        raise MemoryLimitError(
            "training-memory-any-batch",
            "Training {network!r} needs {needed} MB with batches of {batch}, but "
            "{free} MB are free, and no batch is small enough. Use a smaller network "
            "or smaller images.",
            **values,
        )
    raise MemoryLimitError(
        "training-memory",
        "Training {network!r} needs {needed} MB with batches of {batch}, but {free} MB "
        "are free. A batch of {fits} fits: --batch {fits}.",
        **values,
    )


def _optimizer_arrays(recipe: Recipe) -> int:
    optimizer, average = recipe.optimizer, 1 if recipe.ema else 0
    if isinstance(optimizer, SGD):
        return average + (1 if optimizer.momentum else 0)
    return average + 2
