"""The parameters that a run begins with, where they are not drawn by the seed alone."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Engine
from mirada.training.plan import Plan
from mirada.training.whitening import whitened

__all__ = ["begin", "begin_with"]


def begin(engine: Engine, plan: Plan) -> None:
    """Gives a new engine what the plan begins with: inherited, else `whitened`."""
    begin_with(engine, plan.initial or whitened(plan))


def begin_with(engine: Engine, parameters: Mapping[str, NDArray[np.float32]]) -> None:
    """Gives a new engine these of its parameters; its averages begin as they do."""
    if not parameters:
        return
    engine.load_parameters({**engine.parameters(), **parameters})
    state = engine.optimizer_state()
    averages = {f"average.{name}": value for name, value in parameters.items()}
    known = {name: value for name, value in averages.items() if name in state}
    engine.load_optimizer_state({**state, **known})
