"""How much memory training takes, and a refusal before any is taken."""

import math

from mirada.data.limits import available_bytes
from mirada.errors import MemoryLimitError
from mirada.network import SGD, Network, Recipe

__all__ = ["require_training_memory", "training_bytes"]

_ITEM_BYTES = 4
_COPIES = 5
"""Parameters, gradients, and the copies for the best epoch and the checkpoint."""


def training_bytes(network: Network, recipe: Recipe) -> int:
    """The bytes of arrays that training holds at the same time, an upper estimate.

    4 * (P * (5 + optimizer's arrays a parameter) + batch * 2 * A), P the parameters and
    A the numbers all layers give for one image, each kept with its gradient.

    >>> from mirada.network import Linear
    >>> training_bytes(Network("n", (3,), (Linear(2),)), Recipe(batch_size=1))
    232
    """
    fixed = _count(network) * (_COPIES + _optimizer_arrays(recipe))
    return _ITEM_BYTES * (fixed + recipe.batch_size * _numbers_an_image(network))


def require_training_memory(
    network: Network, recipe: Recipe, limit: int | None = None
) -> None:
    """Refuses to train what does not fit in `limit` bytes, None for what is free.

    Raises MemoryLimitError (`training-memory`, `training-memory-any-batch`).
    """
    free = available_bytes() if limit is None else limit
    needed = training_bytes(network, recipe)
    if needed <= free:
        return
    fixed = needed - _ITEM_BYTES * recipe.batch_size * _numbers_an_image(network)
    fits = (free - fixed) // (_ITEM_BYTES * _numbers_an_image(network))
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


def _count(network: Network) -> int:
    return sum(math.prod(p.shape) for p in network.parameters.values())


def _numbers_an_image(network: Network) -> int:
    return 2 * sum(map(math.prod, network.shapes.values()))


def _optimizer_arrays(recipe: Recipe) -> int:
    optimizer = recipe.optimizer
    if isinstance(optimizer, SGD):
        return 1 if optimizer.momentum else 0
    return 2
