"""What computes a run: the engine that its configuration names."""

from mirada import engines
from mirada.engines import Engine
from mirada.training.configuration import Configuration

__all__ = ["engine_for"]


def engine_for(configuration: Configuration) -> Engine:
    """A new engine for a configuration, its first parameters drawn by the seed.

    Raises what `engines.create` does: MemoryLimitError where training does not fit.
    """
    return engines.create(
        configuration.engine,
        configuration.network,
        configuration.recipe,
        configuration.threads,
        isa=configuration.isa,
        exact=configuration.exact,
        precision=configuration.precision,
        device=configuration.device,
        compiled=configuration.compiled,
    )
