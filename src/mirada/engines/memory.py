"""Memory: what work will take, refused before any of it is taken."""

from math import prod

from mirada.compiler.plan import plan
from mirada.compiler.program import Program
from mirada.compiler.target import Target
from mirada.data.limits import available_bytes
from mirada.errors import MemoryLimitError
from mirada.network import SGD, Network, Recipe

__all__ = ["refuse_beyond", "refuse_program", "training_bytes"]


def training_bytes(
    network: Network,
    recipe: Recipe,
    batch: int,
    threads: int,
    target: Target,
    precision: str = "float32",
) -> int:
    """The bytes that training on batches of this size takes, images included."""
    program: Program = plan(
        network, recipe, "train", batch, target, precision=precision
    )
    chunks = -(-batch // program.chunk_images)
    arrays = _states(recipe) + bool(recipe.ema) + chunks
    images = 4 * batch * prod(network.input)
    strides = program.strides
    workspace = strides["workspace"] * min(threads, chunks)
    others = strides["packed"] + strides["values"]
    learned = 4 * program.learned * arrays
    return 4 * program.length + learned + images + workspace + others


def _states(recipe: Recipe) -> int:
    """How many numbers the optimizer remembers of each parameter."""
    rule = recipe.optimizer
    return int(rule.momentum > 0) if isinstance(rule, SGD) else 2


def refuse_program(network: Network, count: int, needed: int) -> None:
    """Raises `MemoryLimitError` if a program for `count` images takes too much."""
    limit = available_bytes()
    if needed > limit:
        raise MemoryLimitError(
            "memory-program",
            "Computing {name!r} for {count} images at a time needs {needed:.1f} GiB, "
            "and {limit:.1f} GiB are free. Use a smaller network or a smaller input.",
            name=network.name,
            count=count,
            needed=needed / 2**30,
            limit=limit / 2**30,
        )


def refuse_beyond(
    network: Network,
    recipe: Recipe,
    threads: int,
    target: Target,
    precision: str = "float32",
) -> None:
    """Raises `MemoryLimitError`, with the batch that fits, if memory is too small."""
    limit = available_bytes()

    def bytes_of(batch: int) -> int:
        return training_bytes(network, recipe, batch, threads, target, precision)

    needed = bytes_of(recipe.batch_size)
    if needed <= limit:
        return

    batch = recipe.batch_size // 2
    while batch and bytes_of(batch) > limit:
        batch //= 2
    if batch:
        raise MemoryLimitError(
            "memory-batch",
            "Training {name!r} on batches of {batch} needs {needed:.1f} GiB, and "
            "{limit:.1f} GiB are free. A batch of {fits} fits: --batch {fits}.",
            name=network.name,
            batch=recipe.batch_size,
            needed=needed / 2**30,
            limit=limit / 2**30,
            fits=batch,
        )
    raise MemoryLimitError(
        "memory-network",
        "Training {name!r} needs {needed:.1f} GiB even for one image at a time, and "
        "{limit:.1f} GiB are free. Use a smaller network or a smaller input.",
        name=network.name,
        needed=bytes_of(1) / 2**30,
        limit=limit / 2**30,
    )
