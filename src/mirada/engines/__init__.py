"""Engines: the same network computed in different ways, behind one contract."""

from mirada.engines.engine import Arrays, Engine, StepResult
from mirada.errors import UsageError
from mirada.network import Network, Recipe

__all__ = ["ENGINES", "Arrays", "Engine", "StepResult", "create"]

ENGINES = ("native", "reference")


def create(
    name: str, network: Network, recipe: Recipe, threads: int | None = None
) -> Engine:
    """The engine called `name`; `threads` None takes every core.

    >>> from mirada.network import Linear
    >>> tiny = Network("tiny", (3,), (Linear(2),))
    >>> type(create("reference", tiny, Recipe())).__name__
    'ReferenceEngine'
    """
    # Each engine is imported when it is wanted: LLVM takes a while to load.
    if name == "native":
        from mirada.engines.native import NativeEngine

        return NativeEngine(network, recipe, threads)
    if name == "reference":
        from mirada.engines.reference import ReferenceEngine

        return ReferenceEngine(network, recipe)
    raise UsageError(
        "engine-unknown",
        "There is no engine {name!r}; there are {known}.",
        name=name,
        known=", ".join(ENGINES),
    )
